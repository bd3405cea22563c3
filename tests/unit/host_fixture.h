/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

/*
 * A host with a loop of its own, and a sink that remembers: what the tests of
 * drivers in the loop and of those in children share.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/host.h"

#define BLOCK_ERRORS (1U << HALE_SENSE_BLOCK_ERRORS)
#define FS_STATE     (1U << HALE_SENSE_FS_STATE)
#define STORAGE_MAP  (1U << HALE_SENSE_STORAGE_MAP)

#define SAID_MAX 512

/* What the sink saw, in order. */
struct said {
	char driver[HALE_NAME_MAX];
	struct hale_fact fact;
};
extern struct said said[SAID_MAX];
extern size_t n_said;

extern struct loop loop;
extern struct host *host;

/* Index of the first such fact, or -1. */
int find(enum hale_fact_kind kind, const char *driver);
/* The last that was said of a driver's whole sense; NULL: nothing. */
const struct hale_coverage *coverage(const char *driver, enum hale_sense sense);
bool is_blind(const char *driver, enum hale_sense sense);
bool is_live(const char *driver, enum hale_sense sense);

/* A sink. */
void remember_fact(void *data, const char *driver, const struct hale_fact *f,
		   uint64_t now_ns);

/* For drivers: facts that a test recognises. */
void say_number(struct hale_probe *p, uint64_t n);
void live(struct hale_probe *p, enum hale_sense sense);
void say_hung(struct hale_probe *p, const char *fs, bool holds);

int host_setup_test(void **state);
int host_teardown_test(void **state);
void start(const struct hale_driver *const *drivers);
void turn_until_settled(void);

#define BLOCKING(name_, senses_, sample_)                                      \
	{                                                                      \
		.name = name_, .senses = senses_, .may_block = true,           \
		.deadline_ms = 300, .sample = sample_                          \
	}

/* Turns the loop until something is so, or fails after ten seconds. */
#define TURN_UNTIL(condition)                                                  \
	do {                                                                   \
		uint64_t end_ = clock_boot_ns() + 10 * HALE_NS_PER_S;          \
		while (!(condition) && clock_boot_ns() < end_)                 \
			assert_int_equal(loop_once(&loop, 20), 0);             \
		assert_true(condition);                                        \
	} while (0)

#endif
