/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_JUDGE_STATE_H
#define HALE_FLEET_JUDGE_STATE_H

/* What the judge remembers; for its own files only. */

#include "agent/fleet/exact.h"
#include "agent/fleet/intern.h"
#include "agent/fleet/judge.h"
#include "agent/fleet/liveness.h"
#include "agent/fleet/picture_words.h"
#include "agent/fleet/recent.h"
#include "agent/fleet/repos.h"
#include "hale/base.h"

/* Less than one in 10^9 that nothing is behind it. A fleet of 10,000 hosts asks
 * some million such questions a month: one false answer in centuries. */
#define JUDGE_BITS 30

#define JUDGE_DAYS   30 /* what is remembered for base rates and disks */
#define JUDGE_DAY_NS (86400 * HALE_NS_PER_S)

/* A failure of a build, as long as none has passed since. */
struct streak_failure {
	uint64_t repo;
	uint32_t at_s, ms;
	uint16_t cause;
};
/* Failures kept; ten settle it where there is something to settle. */
#define STREAK_KEPT 16

struct streak {
	uint32_t n;	   /* kept; the oldest first */
	uint64_t failures; /* in all */
	bool suspect;	   /* enough of them not to be anyone's peer */
	bool was_out;	   /* in quarantine when it was looked at last */
	struct streak_failure kept[STREAK_KEPT];
};

/* What the judge keeps of a host, by its index. */
struct judged_host {
	struct streak *streak; /* NULL: its last build passed */
	struct liveness_order builds, findings;
};

/* A disk that failed. */
struct failed_disk {
	uint64_t part, at_ns;
	uint32_t host;
	uint32_t word; /* its model, held; INTERN_NONE: not known yet */
	uint16_t cause;
	bool excused; /* by a common cause */
};
#define FAILED_DISKS_MAX 65536

/* How many hosts of a question have each word, while it is asked. */
struct tally {
	uint32_t *hosts; /* by word */
	bool *model;
	uint32_t *seen; /* words that any of them has */
	uint32_t n_seen, end;
};

struct judge {
	struct picture *p;
	struct judge_options o;
	struct recent recent;
	struct repos repos;
	struct judged_host *hosts;
	uint32_t n_hosts;
	uint32_t *suspects; /* who is looked at again */
	uint32_t n_suspects, size_suspects;
	struct failed_disk *disks;
	uint32_t n_disks, size_disks;
	bool disks_changed;
	uint64_t disks_judged_ns;
	uint64_t now_ns, from_ns; /* from: what it was fed goes back to */
	uint64_t picture_change;  /* silences up to there are known */
	struct peaks *peaks;	  /* judge_ask.c */
	struct judgment kept[JUDGE_KEPT]; /* the newest first */
	struct kept_own {
		uint64_t held_ns;   /* it was found true last */
		uint64_t newest_ns; /* its newest failure */
		uint32_t word;
		uint16_t cause;
	} own[JUDGE_KEPT];
	uint32_t n_kept;
	uint64_t numbers, change;
};

#endif
