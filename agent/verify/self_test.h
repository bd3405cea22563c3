/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_SELF_TEST_H
#define HALE_VERIFY_SELF_TEST_H

/*
 * A disk's own test: ATA through SAT, SCSI, NVMe. The pages are read here and
 * not by the driver smart's code, which gathers a disk's history for its
 * health; what is asked here is how the test that runs now stands.
 */

#include <stddef.h>

#include "reader.h"

enum self_test_state {
	SELF_TEST_UNKNOWN = 0, /* it does not say */
	SELF_TEST_RUNNING,
	SELF_TEST_PASSED,
	SELF_TEST_FAILED_NOW, /* by the medium, mechanics or electronics */
	SELF_TEST_ABORTED,
};

struct self_test {
	enum self_test_state state;
	uint32_t done_percent; /* while it runs; 0 where not told */
	bool lba_known;
	uint64_t lba; /* of the first failure, in logical blocks */
	/* of the newest result: */
	uint8_t code;  /* 1 short, 2 extended; 0: it does not say */
	uint32_t mark; /* of the log: another one when a result is added */
};

/* Pure; from self_test_pages.c. Pages come from firmware: any bytes. */

/* SMART READ DATA (ACS-4, 9.5 of ATA-7: byte 363), 512 bytes. */
void ata_self_test_read(const uint8_t *data, struct self_test *ret);
/* Has it self-tests at all? byte 367 */
bool ata_self_test_offered(const uint8_t *data);
/* SMART self-test log (06h), 512 bytes: which the newest one was, and where it
 * failed. */
void ata_self_test_where(const uint8_t *log, struct self_test *t);
/* Log page 10h (SPC-5 7.3.21), @len bytes of it: its newest entry. */
int scsi_self_test_read(const uint8_t *page, size_t len, struct self_test *ret);
/* NVMe log page 06h (Base 1.4, 5.14.1.6): 564 bytes. */
void nvme_self_test_read(const uint8_t *page, struct self_test *ret);

/* Is this the result of the test that began after @before was asked? @ran: it
 * has been seen to run. */
bool self_test_is_news(const struct self_test *now,
		       const struct self_test *before, bool ran);
/* A pass of another kind of test than was begun is none. */
void self_test_match(struct self_test *t, bool extended);

/* How it is asked; all return 0, -EOPNOTSUPP: it has none, or -EIO. */
struct self_test_way {
	int (*start)(int fd, bool extended);
	int (*ask)(int fd, struct self_test *ret);
	void (*stop)(int fd);
	/* 0 awake, 1 asleep: does not need to be known. */
	bool (*asleep)(int fd);
};

/* self_test_ways.c; NULL: what this disk is has no self-test. */
const struct self_test_way *self_test_way(const struct reader_device *d);

/* What came of it. */
struct self_test_end {
	struct self_test t;
	bool started;
	int error; /* -EOPNOTSUPP: none; -EBUSY: another one runs */
};

/* 0, -EINTR, -ETIME: then it was stopped. */
int self_test_run(struct verify *v, const struct reader_device *d,
		  bool extended, struct self_test_end *ret_end);
/* Does it sleep? Never wakes it; false where it cannot be told. */
bool self_test_asleep(struct verify *v, const struct reader_device *d);

#endif
