/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_RETRY_H
#define HALE_RUN_RETRY_H

/*
 * May another attempt help, when, and with which command? Pure, but for
 * strategies_load().
 */

#include "agent/run/run.h"

/* One way to build; strategies are an ordered list of them. */
struct strategy {
	char *name;
	char **command; /* NULL-terminated; {command}: the words after -- */
	char **cleanup; /* run before it, but not before the first; or NULL */
	uint64_t timeout_ns;	     /* 0: that of the options */
	uint64_t cleanup_timeout_ns; /* never 0 */
	int line;		     /* of the file */
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
/* The same of a text; @name stands for FILE. */
int strategies_parse(const char *text, const char *name, char *const *command,
		     struct strategies *ret, char ret_error[256]);
void strategies_done(struct strategies *s);
/* Moves the one of this name to the front; "" or unknown: nothing. */
void strategies_prefer(struct strategies *s, const char *name);

/**
 * strategy_cleanup() - run what is to be cleaned before a strategy
 *
 * Its output goes to stderr, its input is empty, its time is bounded. Where it
 * fails, @ret_note is one line for people, else "": the build goes on anyway.
 *
 * Return: 0; or the signal that told hale to end meanwhile, which ended it.
 */
int strategy_cleanup(const struct strategy *s,
		     char ret_note[HALE_EVIDENCE_MAX]);

enum retry_verdict {
	RETRY_STOP = 0, /* what there is is the answer */
	RETRY_AGAIN,	/* the same once more, after @delay_ns */
	RETRY_NEXT,	/* the next strategy, after @delay_ns */
};

struct retry {
	uint32_t left;	 /* of --retry, for all strategies together */
	uint32_t failed; /* attempts so far */
	uint32_t strategy, strategies; /* which one it is, of how many; 0, 0 */
};

/**
 * retry_next() - what to do after an attempt; retry.c has the table
 * @r: counts itself: @left and @failed, and with RETRY_NEXT @strategy.
 * @j: of the attempt that just ended. Not to be asked after an interruption.
 * @chance: any random number; jitter is made of it.
 */
enum retry_verdict retry_next(struct retry *r, const struct run_judgement *j,
			      uint32_t chance, uint64_t *ret_delay_ns);

#endif
