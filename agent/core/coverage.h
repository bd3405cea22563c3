/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_COVERAGE_H
#define HALE_CORE_COVERAGE_H

/* What the drivers can see of this host, and whether they still speak. */

#include "hale/base.h"

#include "middle.h"

#define COVERAGE_MAX 48 /* drivers times the senses that each has */

struct coverage_row {
	struct hale_coverage c;
	uint64_t heard_ns; /* when its driver last said anything */
	bool stale;	   /* a periodic sense that fell silent */
};

struct coverage {
	uint32_t n;
	struct coverage_row rows[COVERAGE_MAX];
};

/* Takes in a coverage fact. Return: true where an answer may change. */
bool coverage_take(struct coverage *cov, const char *driver,
		   const struct hale_coverage *c, uint64_t now_ns);

/* @driver said something. Return: true where a stale sense is back. */
bool coverage_heard(struct coverage *cov, const char *driver, uint64_t now_ns);

/* Return: when the next sense falls silent; *@changed set, not reset. */
uint64_t coverage_age(struct coverage *cov, uint32_t stale_s, uint64_t now_ns,
		      bool *changed);

/* Does any driver have this sense? If not, @ret_story says why. */
bool coverage_has(const struct coverage *cov, enum hale_sense sense,
		  char *ret_story, size_t size);

#endif
