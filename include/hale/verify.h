/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_H
#define HALE_VERIFY_H

/*
 * Active tests: which sectors of a disk are known to have failed, what
 * `hale verify` did about them, and what that is worth. Sectors are of 512
 * bytes and of the whole disk, as the kernel's log and block_rq_error count
 * them, whatever the disk's own blocks are.
 */

#include "hale/observation.h"

#define HALE_SECTOR_SIZE  512
#define HALE_RANGES_MAX	  64 /* kept of one disk */
#define HALE_OUTCOME_TEXT 240

/* Where failed requests began. A request may have reached beyond @last, by what
 * the disk's queue takes in one (max_sectors_kb). */
struct hale_sector_range {
	uint64_t first, last;
	bool written; /* some of them were no reads, or it is not known */
};

/* Why the failing sectors that are known are not all there are; bits. */
enum hale_sector_gap {
	HALE_GAP_UNPLACED = 1 << 0,   /* errors that named no sector */
	HALE_GAP_SUPPRESSED = 1 << 1, /* the log left lines out */
	HALE_GAP_LOST = 1 << 2,	      /* records were lost or overrun */
	HALE_GAP_ROOM = 1 << 3,	      /* more ranges, or disks, than are kept */
};
#define HALE_GAPS_ALL 0xfu

/* Which sectors of one disk have failed since its findings opened. */
struct hale_failing {
	char part[HALE_PART_MAX];
	uint64_t stamp; /* another one whenever something was added */
	uint32_t gaps;	/* 0: these are all */
	uint32_t n;
	struct hale_sector_range ranges[HALE_RANGES_MAX];
};

/* What survives a restart of it. */
struct hale_memory_sectors {
	struct hale_failing failing; /* .part "": no row */
	uint32_t unplaced;	     /* errors that named no sector yet */
};

enum hale_tested {
	HALE_TESTED_NOTHING = 0,
	HALE_TESTED_DISK,
	HALE_TESTED_MEMORY,
	HALE_TESTED_COUNT
};

enum hale_self_test {
	HALE_SELF_TEST_NONE = 0, /* not run, not finished or not to be had */
	HALE_SELF_TEST_SHORT,	 /* passed */
	HALE_SELF_TEST_EXTENDED, /* passed: it reads the whole surface */
	HALE_SELF_TEST_FAILED,
	HALE_SELF_TEST_COUNT
};

/* What was done, and seen. */
struct hale_verification {
	enum hale_tested tested;
	bool bad; /* something failed */
	/* of a disk */
	char part[HALE_PART_MAX];	/* id or alias */
	uint64_t stamp;			/* of the list that was read back */
	uint64_t sectors, sectors_good; /* of that list */
	uint64_t bytes_read, bytes_total;
	bool full;    /* all of the disk was read */
	bool stalled; /* it took a read and never answered */
	enum hale_self_test self_test;
	bool partial; /* even its extended self-test reads not all of it */
	/* of memory: @bytes_read tested, of @bytes_total of the host */
	uint32_t passes;
	char evidence[HALE_EVIDENCE_MAX]; /* of what is bad */
};

#endif
