/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_COVERAGE_H
#define HALE_CORE_COVERAGE_H

/*
 * What the drivers can see of this host, and whether they still speak. A row
 * is about one sense of one driver, or about one part within that; what is
 * told of a part goes when two rows of the whole sense follow each other and
 * it was not said again between them.
 */

#include "hale/base.h"

#include "middle.h"

/* Two dozen drivers with a sense or two each, and as many parts again: a shelf
 * of disks behind a controller. 350 bytes each. */
#define COVERAGE_MAX	     128
#define COVERAGE_PARTS_MAX   64
#define COVERAGE_DRIVERS_MAX 40

struct coverage_driver {
	char name[HALE_NAME_MAX];
	uint64_t heard_ns; /* when it last said anything */
	uint32_t period_s; /* 0: it speaks when something happens */
	bool stale;	   /* it missed its periods */
};

struct coverage_row {
	uint64_t since_ns;
	uint8_t driver;	     /* in coverage.drivers */
	uint8_t sense;	     /* enum hale_sense */
	uint8_t sight;	     /* enum hale_sight */
	bool said;	     /* of a part: since the last row of the whole */
	bool resumed;	     /* only the core before this one heard it */
	uint16_t unsaid;     /* of a whole: parts that found no room … */
	uint16_t unsaid_now; /* … until the last row of the whole, and since */
	char part[HALE_PART_MAX];
	char why[128], remedy[128];
};

struct coverage {
	uint32_t n, n_parts, n_drivers;
	bool full;	 /* a sense of some driver found no room */
	uint64_t due_ns; /* what coverage_age() said last; 0: nobody is due */
	struct coverage_driver drivers[COVERAGE_DRIVERS_MAX];
	struct coverage_row rows[COVERAGE_MAX];
};

/* Takes in a coverage fact. Return: true where an answer may change. */
bool coverage_take(struct coverage *cov, const char *driver,
		   const struct hale_coverage *c, uint64_t now_ns);

/* @driver said something. Return: true where a stale sense is back. */
bool coverage_heard(struct coverage *cov, const char *driver, uint64_t now_ns);

/**
 * coverage_age() - who missed three of its periods?
 * @stale_s: but nobody sooner than this; 0: nobody ever.
 *
 * Return: when the next sense falls silent; *@changed set, not reset.
 */
uint64_t coverage_age(struct coverage *cov, uint32_t stale_s, uint64_t now_ns,
		      bool *changed);

/* Whoever spoke for @driver is gone, and another begins: what was said counts
 * until that one says it anew, as if it were resumed. */
void coverage_doubt(struct coverage *cov, const char *driver);

/* Drops one row that was resumed and that nobody has said since; @ret: of the
 * whole sense as now blind. false: there is none. */
bool coverage_unsaid(struct coverage *cov, struct hale_coverage *ret);

/* Does any driver have this sense? If not, @ret_story says why, and what to do
 * about it. */
bool coverage_has(const struct coverage *cov, enum hale_sense sense,
		  char *ret_story, size_t size);

/* Has a driver other than @but this sense, without a word against @part? */
bool coverage_sees(const struct coverage *cov, enum hale_sense sense,
		   const char *part, const char *but);

/* "disk_health: sdc: behind a USB bridge; install smartmontools" */
void coverage_tell(const struct hale_coverage *c, char *ret_story, size_t size);

/* Rows as they stand, and one for each sense with parts left out. */
bool coverage_get(const struct coverage *cov, size_t i,
		  struct hale_coverage *ret);

#endif
