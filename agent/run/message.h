/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_MESSAGE_H
#define HALE_RUN_MESSAGE_H

/* What the files message*.c share; others use result_message() of result.h. */

#include "agent/run/result.h"
#include "proto/codec.h"

/* Copies in the arena; NULL where it is full. */
char *message_text(struct codec_arena *a, const char *text);
/* Without secrets. */
char *message_safe_text(struct codec_arena *a, const char *text);
/* A command without secrets; @words ends with NULL. */
char **message_words(struct codec_arena *a, char *const *words, size_t *ret_n);

/* message_attempt.c; @last: with the causes and deaths that the watch still
 * holds. */
Hale__V1__Attempt *message_attempt(struct codec_arena *a,
				   const struct run_record *r, bool last);

/* message_verdict.c: without reasons where @reply is NULL. */
Hale__V1__Verdict *message_verdict(struct codec_arena *a,
				   const struct hale_reply *reply);

#endif
