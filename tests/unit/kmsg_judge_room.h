/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KMSG_JUDGE_ROOM_H
#define KMSG_JUDGE_ROOM_H

/* Lines into the judge, and what it said of them: for the tests of both. */

#include "rules_built_in.h"

#include "drivers/kmsg_judge.h"

#define SAID_MAX 64

static struct kmsg_judge judge;
static struct hale_observation said[SAID_MAX];
static struct hale_bearer bearers[SAID_MAX];
static struct hale_victim chosen; /* the last one */
static size_t n_said, n_bearers, n_chosen;
static uint64_t seq, now_ms;

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	assert_true(hale_fact_valid(f));
	if (f->kind == HALE_FACT_BEARER) {
		assert_true(n_bearers < SAID_MAX);
		bearers[n_bearers++] = f->u.bearer;
		return;
	}
	if (f->kind == HALE_FACT_VICTIM) {
		chosen = f->u.victim;
		n_chosen++;
		return;
	}
	assert_int_equal(f->kind, HALE_FACT_OBSERVATION);
	assert_true(n_said < SAID_MAX);
	said[n_said++] = f->u.observation;
}

static struct hale_probe probe = { .emit = emit,
				   .now_ns = 1000 * HALE_NS_PER_S,
				   .mono_to_agent_ns = 5 };

static int reset(void **state)
{
	(void)state;
	memset(&judge, 0, sizeof(judge));
	memset(said, 0, sizeof(said));
	n_said = n_bearers = n_chosen = 0;
	seq = 100;
	now_ms = 1000;
	return 0;
}

static void line_of(const char *device, bool fragment, const char *text)
{
	struct kmsg_record r = { .seq = ++seq,
				 .time_ns = now_ms * HALE_NS_PER_MS,
				 .fragment = fragment,
				 .text = text,
				 .len = strlen(text) };

	HALE_SET(r.device, device);
	kmsg_judge_record(&judge, &probe, rules, &r);
}

static void line(const char *text)
{
	line_of("", false, text);
}

#endif
