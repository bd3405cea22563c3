/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a fleet's messages to its picture. Decides what a message is worth: it
 * counts for the host whose subject it came by, and for none if it says another
 * id or cannot be read. Must never let one host's bytes hide another's.
 */
#include "look.h"

#include <errno.h>

#include "hale/base.h"

#include "proto/codec_fleet.h"

int look_open(struct look *l, const struct cli *cli,
	      const struct look_options *o)
{
	char said[SOURCE_SAID_MAX];
	int r;

	memset(l, 0, sizeof(*l));
	l->cli = cli;
	r = settings_load(o->context, &l->settings, said);
	if (r < 0)
		return cli_fail(cli, HALE_EXIT_UNKNOWN, said, NULL);
	l->memory = malloc(2 * (size_t)FLEET_ARENA);
	l->picture = picture_new(NULL);
	if (!l->memory || !l->picture)
		return cli_fail(cli, CLI_EXIT_OSERR, "no memory", NULL);
	r = source_open(&l->settings, &l->source, said);
	if (r < 0)
		return cli_fail(
			cli, r == -EACCES ? CLI_EXIT_NOPERM : HALE_EXIT_UNKNOWN,
			said, NULL);
	return 0;
}

void look_close(struct look *l)
{
	l->source = source_close(l->source);
	judge_free(l->judge);
	picture_free(l->picture);
	free(l->memory);
	l->judge = NULL;
	l->picture = NULL;
	l->memory = NULL;
}

int look_follow(struct look *l, enum source_stream stream,
		const struct source_ask *ask)
{
	int r = source_follow(l->source, stream, ask);

	if (r < 0)
		return cli_fail(l->cli, CLI_EXIT_SOFTWARE, "cannot follow",
				strerrordesc_np(-r));
	l->followed |= 1u << stream;
	l->behind |= 1u << stream;
	return 0;
}

/* --- messages --- */

static void spoil(struct look *l, const struct source_event *e, const char *why)
{
	if (l->spoiled++ > 0)
		return;
	HALE_SET(l->spoiled_id, e->id);
	HALE_SET(l->spoiled_why, why);
}

void look_spoiled(struct look *l)
{
	char line[400];

	if (l->spoiled == 0)
		return;
	snprintf(line, sizeof(line),
		 "%llu message%s left out, the first of %s (%s); if that host "
		 "is not yours to trust: hale fleet revoke %.12s...",
		 (unsigned long long)l->spoiled, l->spoiled == 1 ? "" : "s",
		 l->spoiled_id, l->spoiled_why, l->spoiled_id);
	cli_fail(l->cli, 0, line, NULL);
	l->spoiled = 0;
}

/* What it last said cannot be read: so nobody knows how it is. */
static void spoil_state(struct look *l, const struct source_event *e,
			const char *why)
{
	uint32_t host = picture_find(l->picture, e->id);
	char line[160], name[TOLD_NAME_MAX];
	struct told_state told = { .id = e->id, .name = name, .why = line };
	struct picture_row r;

	spoil(l, e, why);
	HALE_SET(name, e->id);
	if (host != PICTURE_NONE && picture_row(l->picture, host, &r))
		HALE_SET(name, r.name);
	snprintf(line, sizeof(line), "what it says cannot be read: %s", why);
	picture_state(l->picture, &told, e->received_ns);
}

static struct codec_arena arena(struct look *l)
{
	return (struct codec_arena){ .mem = l->memory, .size = FLEET_ARENA };
}

static const void *take_state(struct look *l, const struct source_event *e,
			      const struct fleet_bytes *b)
{
	struct codec_arena a = arena(l);
	Hale__Fleet__V1__HostState *m = NULL;
	struct told_state told;
	char why[FLEET_WHY_MAX] = "";

	if (fleet_read_state(&a, b, &m, why) < 0) {
		spoil_state(l, e, why);
		return NULL;
	}
	told_read_state(m, &l->rows, &told);
	picture_state(l->picture, &told, e->received_ns);
	return m;
}

static const void *take_finding(struct look *l, const struct source_event *e,
				const struct fleet_bytes *b)
{
	struct codec_arena a = arena(l);
	Hale__Fleet__V1__FindingEvent *m = NULL;
	struct told_finding told;
	char why[FLEET_WHY_MAX] = "";

	if (fleet_read_finding(&a, b, &m, why) < 0) {
		spoil(l, e, why);
		return NULL;
	}
	told_read_finding(m, &told);
	if (l->judge)
		judge_finding(l->judge, &told, e->received_ns);
	return m;
}

static const void *take_build(struct look *l, const struct source_event *e,
			      const struct fleet_bytes *b)
{
	struct codec_arena a = arena(l);
	Hale__Fleet__V1__BuildOutcome *m = NULL;
	struct told_build told;
	char why[FLEET_WHY_MAX] = "";

	if (fleet_read_build(&a, b, &m, why) < 0) {
		spoil(l, e, why);
		return NULL;
	}
	if (l->judge && told_read_build(m, &told))
		judge_build(l->judge, &told, e->received_ns);
	return m;
}

/* Whose word it is was proved to the host, or was not: here it is told. */
static const void *take_order(struct look *l, const struct source_event *e,
			      const struct fleet_bytes *b)
{
	struct codec_arena a = arena(l);
	Hale__Fleet__V1__SignedOrder *signed_order = NULL;
	Hale__Fleet__V1__Order *m = NULL;
	struct fleet_bytes inner;
	struct told_order told;
	char why[FLEET_WHY_MAX] = "";

	if (fleet_read_signed(&a, b, &signed_order, why) < 0) {
		spoil(l, e, why);
		return NULL;
	}
	a.mem += FLEET_ARENA; /* what is signed lies in the first half */
	inner = (struct fleet_bytes){ signed_order->order.data,
				      signed_order->order.len, e->id };
	if (fleet_read_order(&a, &inner, &m, why) < 0) {
		spoil(l, e, why);
		return NULL;
	}
	told_read_order(m, false, &told);
	picture_order(l->picture, &told, e->received_ns);
	return m;
}

static void take_message(struct look *l, const struct source_event *e)
{
	const struct fleet_bytes b = { e->bytes, e->len, e->id };
	const void *m = NULL;

	switch (e->stream) {
	case SOURCE_STATE:
		m = take_state(l, e, &b);
		break;
	case SOURCE_FINDINGS:
		m = take_finding(l, e, &b);
		break;
	case SOURCE_BUILDS:
		m = take_build(l, e, &b);
		break;
	case SOURCE_ORDERS:
		m = take_order(l, e, &b);
		break;
	case SOURCE_STREAMS:
		break;
	}
	if (m && l->message)
		l->message(l->data, e, m);
}

/* A fleet whose streams were made before there were orders has none. */
static void take_trouble(struct look *l, const struct source_event *e)
{
	cli_fail(l->cli, 0, e->text, NULL);
	if (e->final && e->stream == SOURCE_ORDERS)
		l->behind &= ~(1u << SOURCE_ORDERS);
	else if (e->final)
		l->fatal = HALE_EXIT_UNKNOWN;
}

void look_take(struct look *l, const struct source_event *e)
{
	uint64_t now = source_now_ns(l->source);

	switch (e->kind) {
	case SOURCE_MESSAGE:
		take_message(l, e);
		return;
	case SOURCE_CAUGHT_UP:
		l->behind &= ~(1u << e->stream);
		return;
	case SOURCE_CAME:
		picture_connected(l->picture, e->id, e->received_ns);
		return;
	case SOURCE_WENT:
		picture_disconnected(l->picture, e->id, e->received_ns);
		return;
	case SOURCE_LOST:
		cli_fail(l->cli, 0, "no server is reached any more; trying on",
			 NULL);
		picture_fed(l->picture, false, now);
		return;
	case SOURCE_BACK:
		cli_fail(l->cli, 0, "a server is reached again", NULL);
		picture_fed(l->picture, true, now);
		return;
	case SOURCE_TROUBLE:
		take_trouble(l, e);
		return;
	case SOURCE_AGAIN:
	case SOURCE_NOTHING:
		return;
	}
}

int look_past(struct look *l)
{
	struct source_event e;

	while (l->behind && !l->fatal) {
		if (source_await(l->source, LOOK_PATIENCE_MS, &e) == 0)
			return cli_fail(l->cli, HALE_EXIT_UNKNOWN,
					"the servers' streams do not answer; "
					"is there a majority of servers?",
					NULL);
		look_take(l, &e);
	}
	picture_tick(l->picture, source_now_ns(l->source));
	if (l->judge)
		judge_tick(l->judge, source_now_ns(l->source));
	return l->fatal;
}
