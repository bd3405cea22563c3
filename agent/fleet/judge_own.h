/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_JUDGE_OWN_H
#define HALE_FLEET_JUDGE_OWN_H

/* What the files of the judge share; for no one else. All pure. */

#include "agent/fleet/judge_state.h"

/* judge_cause.c: conditions, causes of builds, and silence as one list. */
#define CAUSE_NONE 0
uint16_t cause_of_condition(const char *name);
uint16_t cause_of_build(const char *name);
uint16_t cause_of_silence(void);
uint16_t cause_end(void); /* all are below */
const char *cause_name(uint16_t cause);
bool cause_of_disk(uint16_t cause); /* the disk's own death or illness */

/* judge_kept.c. It was found (again); of @own its @held_ns is of no meaning. */
void kept_hold(struct judge *j, const struct judgment *found,
	       const struct kept_own *own);
void kept_done(struct judge *j);
void kept_end(struct judge *j, uint32_t n);
/* Is @host of its group? */
bool kept_has_host(const struct judge *j, uint32_t n, uint32_t host);

/* judge_tally.c */
int tally_init(struct tally *t, const struct picture *p);
void tally_done(struct tally *t);
void tally_clear(struct tally *t);
void tally_add(struct tally *t, const struct picture *p, uint32_t host,
	       bool models);
void tally_group(const struct tally *t, const struct picture *p, uint32_t word,
		 struct judgment_group *ret);

/* judge_common.c, judge_blackhole.c, judge_outlier.c */
void judge_common(struct judge *j);
/* Was a failure of that time a common one? Then it is not the host's. */
bool judge_was_common(const struct judge *j, uint32_t host, uint16_t cause,
		      uint64_t at_ns);
/* Is it one that began today? Then it says nothing of what is usual. */
bool judge_is_outage(const struct judge *j, uint32_t host, uint16_t cause);
int judge_streak(struct judge *j, uint32_t host, const struct told_build *b,
		 uint64_t at_ns);
void judge_black_holes(struct judge *j);
void judge_streak_drop(struct judge *j, uint32_t host);
int judge_disk(struct judge *j, uint32_t host, const struct told_finding *f,
	       uint64_t at_ns);
void judge_outliers(struct judge *j);
void judge_disks_done(struct judge *j);

#endif
