/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_STORY_H
#define HALE_RUN_STORY_H

/*
 * One `hale run` from its first look at the host to the last: what happens in
 * which order once an attempt is over. The caller launches; this judges.
 */

#include "result.h"

/* Its times, its id, room for RUN_ATTEMPTS_MAX records. 0, -ENOMEM. */
int story_begin(struct run_story *s, const struct run_options *o,
		struct watch *w);

/**
 * story_add() - one attempt is over: look at the host, and judge
 * @a: copied; with what its scope's filesystems lost filled in.
 * @text: what its output says; NULL: it was not looked at.
 *
 * Return: its record, the story's; NULL: there is no more room.
 */
struct run_record *story_add(struct run_story *s, struct watch *w,
			     const struct run_attempt *a,
			     const struct run_text *text);

/* No further attempt comes: the judgement of all of it, and the suspects. */
void story_end(struct run_story *s, struct watch *w);
/* The scope is unfit, or not known to be fit: nothing was started. */
void story_refuse(struct run_story *s, const struct hale_reply *reply);
void story_done(struct run_story *s);

#endif
