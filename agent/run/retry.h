/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_RETRY_H
#define HALE_RUN_RETRY_H

/*
 * May another attempt help, when, and with which command? Pure, but for
 * strategies_load().
 */

#include "run.h"

/* One way to build; strategies are an ordered list of them. */
struct strategy {
	char *name;
	char **command; /* NULL-terminated; {command}: the words after -- */
	char **cleanup; /* run before it, or NULL */
	uint64_t timeout_ns; /* 0: that of the options */
};

#define STRATEGIES_MAX 16

struct strategies {
	uint32_t n;
	struct strategy strategy[STRATEGIES_MAX];
};

/* "FILE:LINE: what is wrong" in @ret_error on -EINVAL; else negative errno.
 * hale-strategies(5) */
int strategies_load(const char *path, char *const *command,
		    struct strategies *ret, char ret_error[256]);
void strategies_done(struct strategies *s);
/* Moves the one of this name to the front; "" or unknown: nothing. */
void strategies_prefer(struct strategies *s, const char *name);

enum retry_verdict {
	RETRY_STOP = 0, /* what there is is the answer */
	RETRY_AGAIN,	/* the same once more, after @delay_ns */
	RETRY_NEXT,	/* the next strategy, after @delay_ns */
};

struct retry {
	uint32_t left;	 /* of --retry */
	uint32_t failed; /* attempts so far */
	uint32_t strategy, strategies;
};

/* @chance: any random number; jitter is made of it. */
enum retry_verdict retry_next(struct retry *r, const struct run_judgement *j,
			      uint32_t chance, uint64_t *ret_delay_ns);

#endif
