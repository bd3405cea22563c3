/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_JUDGE_H
#define HALE_KMSG_JUDGE_H

/*
 * From records to observations: rules, grouping, and what the device fields
 * add. Pure but for the probe's emit; time comes with the records.
 *
 * Observations of this driver: seq is the record's, time its own, value the
 * sector (of 512 bytes, 0 where not said), total the errno (likewise).
 */

#include "hale/driver.h"
#include "hale/rules_group.h"

#include "kmsg_lba.h"
#include "kmsg_record.h"

#define KMSG_JOINED_MAX 2048

/* A fault whose lines may not all be there yet, one for each run of lines. */
struct kmsg_held {
	bool waiting;	   /* @o has not been said */
	bool said;	   /* something was, as @said_condition */
	int proof;	   /* how good @o's evidence is */
	uint64_t since_ns; /* of the first line that waits */
	enum hale_condition said_condition;
	struct hale_observation o;
};

struct kmsg_judge {
	struct hale_group group;
	struct kmsg_held held[HALE_GROUP_SLOTS];
	/* the record before, where it might be the beginning of this one */
	char line[KMSG_JOINED_MAX];
	size_t line_len;
	uint64_t line_seq;
	bool line_matched;
	struct kmsg_blocks blocks; /* last: it outlives a log */
};

/* Takes in the next record of the log. */
void kmsg_judge_record(struct kmsg_judge *j, struct hale_probe *p,
		       const struct hale_rules *rules,
		       const struct kmsg_record *r);

/* A record that an earlier agent has taken in: says nothing, but what the log
 * then leaves out is like the last line of its kind. */
void kmsg_judge_learn(struct hale_group *g, const struct hale_rules *rules,
		      const struct kmsg_record *r);
/* What was learned by @g, of records before any that was taken in. */
void kmsg_judge_teach(struct kmsg_judge *j, const struct hale_group *g);

/* No more is there to read now: says what was held back for a closer line. */
void kmsg_judge_flush(struct kmsg_judge *j, struct hale_probe *p);

/**
 * kmsg_judge_close() - let go of runs of lines that are over
 * @mono_ns: CLOCK_MONOTONIC; UINT64_MAX: all of them.
 *
 * Return: true where some line still waits for what follows it.
 */
bool kmsg_judge_close(struct kmsg_judge *j, struct hale_probe *p,
		      uint64_t mono_ns);

/* A record's time as agent time, never in the future. */
uint64_t kmsg_agent_ns(const struct hale_probe *p, uint64_t mono_ns);

#endif
