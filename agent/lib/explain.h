/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_EXPLAIN_H
#define HALE_LIB_EXPLAIN_H

/*
 * Why, for hale's own programs: the question with what they saw themselves, and
 * the answer as the structs that the agent reasons with.
 */

#include "hale/cause.h"
#include "hale/hale.h"

#include "hale.pb-c.h"

/* @q: its scope's paths are resolved already (resolve.h). 0, -ENOMEM. */
int explain_ask(struct hale *h, const struct hale_cause_query *q,
		struct hale_reply **ret_reply);

/* What had died as @pid, by the agent's own answer, was run again on the same
 * input, and it went otherwise. As hale_clear(). */
int explain_retested(struct hale *h, uint32_t pid,
		     struct hale_reply **ret_reply);

/* The unpacked answer, the reply's; NULL: it is an answer to something else. */
const Hale__V1__ExplainReply *explain_reply(const struct hale_reply *r);
/* Index from 0; false past the end. A cause that cannot be read is an empty
 * one, whose confidence is NONE. */
bool explain_cause(const struct hale_reply *r, size_t i,
		   struct hale_cause *ret_cause);
bool explain_death(const struct hale_reply *r, size_t i,
		   struct hale_victim *ret_victim);

#endif
