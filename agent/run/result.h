/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_RESULT_H
#define HALE_RUN_RESULT_H

/*
 * All that one `hale run` has to tell: to a person, to a file, to the store.
 */

#include "agent/run/again/crash.h"
#include "agent/run/judge/attribute.h"
#include "agent/run/judge/suspects.h"
#include "proto/codec.h"

/* One attempt and what was made of it. */
struct run_record {
	struct run_attempt attempt; /* its tail is gone by the next attempt */
	struct run_text text;
	struct run_host host; /* causes and deaths: only of the last one */
	struct run_judgement judgement;
	struct crash_retest crash;
};

struct run_story {
	const struct run_options *options;
	char id[33]; /* result_make_id(); "": made of the times and the pid */
	const struct watch *watch;
	bool started;
	uint64_t started_ns, ended_ns; /* agent time */
	uint64_t ahead_ns; /* of which reckoning: clock_ahead_ns() */
	uint32_t n;
	struct run_record *records; /* RUN_ATTEMPTS_MAX at most */
	struct suspects suspects;
	struct run_judgement judgement; /* of all of it */
};

/* Random, 32 hex digits. message.c */
void result_make_id(char ret_id[33]);
/* All of it as one message, for --result and the store alike: secrets in the
 * command are masked, what would make it longer than @max bytes is left out.
 * It points into @s and lives in @a (RESULT_ARENA bytes); NULL: no memory.
 * message.c */
#define RESULT_ARENA (512 * 1024)
Hale__V1__BuildResult *result_message(struct codec_arena *a,
				      const struct run_story *s, size_t max);

/* To people, on stderr: only a failure, or a host that got worse. report.c */
void report_print(const struct run_story *s, int fd);
/* Started although the scope is not known to be fit: why that is said. */
void report_doubts(const struct run_story *s, int fd);
/* Not started: why. */
void report_refused(const struct run_story *s, int fd);
/* --result: whole or not at all, by rename. Negative errno. result.c */
int result_write(const struct run_story *s, const char *path);
/* To `haled: ship`, or to the store itself where no agent runs. Never takes
 * longer than a second; what is not stored is said once. store.c */
int store_record(const struct run_story *s);

#endif
