/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_KEPT_H
#define TESTS_UNIT_KEPT_H

/*
 * A core of a real middle, its vault, and the core that comes after it. For
 * cmocka programs: kept_setup() and kept_teardown() around each test.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/running.h"
#include "agent/daemon/keep.h"

struct kept {
	struct vault super, vault; /* one file, as either side has it */
	struct hale_clock clock;
	struct keep keep;
	struct middle *middle;
	struct keep_memory mem;
	struct loop loop;
	uint32_t told, told_now; /* saves, and those of controls */
};
extern struct kept kept;

int kept_setup(void **state);
int kept_teardown(void **state);
void kept_new_core(void);
void kept_end_core(void);
/* The core ends, and the next one takes over. */
void kept_succeed(void);

uint64_t kept_now(void);
void kept_say(const char *driver, struct hale_fact f);
/* A failed read of sector 4711; @seq 0: by its tracepoint. */
void kept_fault(const char *driver, const char *disk, uint64_t seq);
void kept_position(uint64_t seq);
/* A host that sees all that it needs, "/" on sda1. */
void kept_host(void);
enum hale_fitness kept_verdict(void);
uint64_t kept_count_of(const char *part);

#endif
