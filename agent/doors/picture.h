/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_PICTURE_H
#define HALE_DOORS_PICTURE_H

/*
 * What the doors show: the agent's last report, the builds that ended since the
 * doors opened, and the doors' own counts. Everything is read only for who
 * shows it; nothing here reads a clock.
 */

#include "hale.pb-c.h"

/* A report of more findings than the ledger holds is cut: hale has 512. */
#define PICTURE_FINDINGS_MAX 512
#define PICTURE_COVERAGE_MAX 512

/* The causes that `hale run` can name, and last "other": any user tells builds,
 * and what he calls a cause is not to become a series. */
#define BUILD_CAUSES   19
#define BUILD_OUTCOMES 5 /* BuildResult.Outcome */

struct build_counts {
	bool known;	   /* a store answers */
	uint64_t since_ns; /* counted from then */
	uint64_t counts[BUILD_OUTCOMES][BUILD_CAUSES];
	uint64_t seconds_ns[BUILD_OUTCOMES]; /* their time in all */
};

const char *build_cause_name(size_t i);
size_t build_cause_index(const char *cause);
const char *build_outcome_name(size_t i);

struct hook_counts {
	const char *name;
	uint64_t delivered, failed, throttled; /* messages */
	uint32_t waiting; /* changes that are still to be told */
};

struct door_counts {
	uint64_t scrapes, refused;     /* HTTP requests */
	uint64_t exported, unexported; /* OTLP */
	uint64_t textfile_errors;
	size_t n_hooks;
	const struct hook_counts *hooks;
};

struct picture {
	bool up; /* the agent answers; else what follows is its last word */
	const char *host, *version, *boot_id;
	uint64_t as_of_ns, started_ns;	  /* ns since the epoch */
	const Hale__V1__Verdict *verdict; /* NULL: none yet */
	size_t n_findings, n_coverage;
	Hale__V1__Finding *const *findings;
	Hale__V1__Coverage *const *coverage;
	const struct build_counts *builds; /* NULL: not asked */
	const struct door_counts *own;	   /* NULL: not shown */
};

/* What the host is, as far as this picture goes: UNKNOWN where the agent does
 * not answer. */
Hale__V1__Fitness picture_fitness(const struct picture *p);
const char *fitness_name(Hale__V1__Fitness f);
const char *effect_name(Hale__V1__Effect e);

/* A report out of the messages that it came in. The texts stay theirs. */
struct report {
	struct picture picture;
	Hale__V1__Finding *findings[PICTURE_FINDINGS_MAX];
	Hale__V1__Coverage *coverage[PICTURE_COVERAGE_MAX];
};

void report_take(struct report *r, Hale__V1__Reply *const *messages, size_t n);

#endif
