/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TESTS_FAKE_KMSG_H
#define HALE_TESTS_FAKE_KMSG_H

/*
 * A kernel log that a test plays to the kmsg driver; link with kmsg-wraps of
 * tests/Makefile.inc. Each test runs between fake_setup() and fake_teardown().
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "hale/driver.h"

#define FAKE_SAID_MAX 256

extern const struct hale_driver kmsg_driver;
extern struct hale_probe probe;

extern struct fake_kmsg {
	size_t n, next; /* records there are, and were read */
	int fd, open_err;
	/* hale_probe.logs, after fake_logs(), and what each has read */
	int logs[HALE_LOGS];
	size_t at[HALE_LOGS];
	time_t timer_s; /* what the driver's timer was set to */
} fake_kmsg;

extern struct fake_said {
	struct hale_observation observations[FAKE_SAID_MAX];
	struct hale_coverage coverage[HALE_SENSE_COUNT];
	struct hale_bearer bearers[FAKE_SAID_MAX];
	size_t n_observations, n_coverage, n_bearers;
	uint64_t count, position;
} said;

int fake_setup(void **state);
int fake_teardown(void **state);

/* What the next reads return. A record's time is 1 s and @seq ms. */
void fake_log_error(int err);
void fake_log_record(unsigned int prio, uint64_t seq, const char *text);
void fake_log_medium_error(unsigned int prio, uint64_t seq);
/* tests/fixtures/kmsg/<name>: lines after a blank belong to the one before. */
void fake_log_fixture(const char *name);

/* Two descriptors of the log that an earlier core has left: the first stands
 * behind @at0 records, the other behind @at1. */
void fake_logs(size_t at0, size_t at1);
/* The next core: another state, the same descriptors. */
void fake_next_core(uint64_t resume_seq);

/* Below the driver's root. */
void fake_make_dir(const char *path);
void fake_write_file(const char *path, const char *text);

void fake_start(void); /* probe, and the first sample */
void fake_sample(void);

/* The first that was said; one of no condition where there is none. */
const struct hale_observation *fake_find(enum hale_condition c);
bool fake_has(enum hale_condition c);
enum hale_sight fake_sight(enum hale_sense s);

#endif
