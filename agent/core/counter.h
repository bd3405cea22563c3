/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_COUNTER_H
#define HALE_CORE_COUNTER_H

/*
 * Running totals that a source keeps itself (EDAC's ce_count, the device
 * statistics of a btrfs): what they have grown by is what happened. The same
 * errors are often told as events, too, by the log or a tracepoint; whichever
 * comes first is counted, the other is not.
 */

#include "hale/base.h"
#include "hale/memory.h"
#include "hale/observation.h"

#define COUNTERS_MAX                                                           \
	512 /* 64 DIMMs and 32 btrfs devices, and as many                      \
	     * (part, condition) that only have events */
/* Passes for which an event stays good for a growth: one that came while the
 * counter was being read shows in the next reading. */
#define COUNTER_PASSES 2

/* One counter, or what all counters and events of (part, condition) share. */
struct counter_row {
	uint64_t key;	  /* 0: free */
	uint64_t value;	  /* last reading; of a shared row unused */
	uint64_t time_ns; /* of the last reading, or event */
	uint64_t credit[COUNTER_PASSES + 1]; /* shared: events counted that no
					      * growth has answered, by pass */
	uint64_t debt;	  /* shared: growth that no event had told before */
	uint64_t pass_ns; /* shared: time of the last reading */
	bool from_zero;	  /* counts from 0 in every boot */
	bool anew;	  /* and was not yet read in this one */
	bool shared;
};

struct counters {
	struct counter_row rows[COUNTERS_MAX];
};

/**
 * counter_take() - a reading of a counter
 * @part: the part by its identity, for @o->part may be a name of the day.
 * @backdate_ns: a first reading of what began at 0 happened so long ago, at
 *               the latest: nobody knows when.
 * @ret_event: what happened since the last one.
 *
 * Return: false where nothing did that was not told before.
 */
bool counter_take(struct counters *c, const char *part,
		  const struct hale_observation *o, uint64_t backdate_ns,
		  struct hale_observation *ret_event);

/**
 * counter_told() - how many of an EVENT's count a reading has told before
 * They are not to be counted again; the next event is not told this number.
 */
uint32_t counter_told(struct counters *c, const char *part,
		      const struct hale_observation *o);

/* @count of this EVENT were counted: a reading need not tell them. */
void counter_heard(struct counters *c, const char *part,
		   const struct hale_observation *o, uint64_t count);

/* What survives a restart; false past the end. */
bool counter_save(const struct counters *c, size_t i,
		  struct hale_memory_counter *ret_row);
/* -EINVAL: the row makes no sense. */
int counter_load(struct counters *c, const struct hale_memory_counter *row,
		 bool same_boot, uint64_t now_ns);

#endif
