/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's servers as the console's supply. Decides what of their news is read
 * in one turn, so that a flood of it does not starve the screens. Must never
 * block after fleet_open(). Invariant: what is on the screen is the picture as
 * it was at the end of the last turn.
 */
#include "fleet.h"

#include <errno.h>

#include "hale/base.h"

/* Some 20 ms of work. */
#define BATCH	4000
#define TICK_NS HALE_NS_PER_S
#define DAY_NS	(86400 * HALE_NS_PER_S)
#define SCRATCH ((size_t)4 << 20)

/* --- messages --- */

static void keep(void *data, const struct source_event *e, const void *m)
{
	struct fleet *f = data;
	struct shelf_message put = {
		.id = e->id,
		.received_ns = e->received_ns,
		.bytes = e->bytes,
		.len = e->len,
	};

	(void)m;
	if (e->stream == SOURCE_STATE)
		put.kind = SHELF_STATE;
	else if (e->stream == SOURCE_FINDINGS)
		put.kind = SHELF_FINDING;
	else if (e->stream == SOURCE_BUILDS)
		put.kind = SHELF_BUILD;
	else
		return;
	shelf_put(&f->shelf, &put);
}

static void take(struct fleet *f, const struct source_event *e)
{
	if (e->kind == SOURCE_LOST && !f->down) {
		f->down = true;
		f->down_ns = source_now_ns(f->look.source);
		f->told = false;
	} else if (e->kind == SOURCE_BACK) {
		f->down = false;
		f->told = false;
	} else if (e->kind == SOURCE_TROUBLE) {
		HALE_SET(f->trouble, e->text);
		f->told = false;
	} else if (e->kind == SOURCE_AGAIN && e->stream == SOURCE_FINDINGS) {
		shelf_forget(&f->shelf, SHELF_FINDING);
	} else if (e->kind == SOURCE_AGAIN && e->stream == SOURCE_BUILDS) {
		shelf_forget(&f->shelf, SHELF_BUILD);
	}
	look_take(&f->look, e);
}

/* --- turns --- */

static void show_link(struct fleet *f, struct screen *s)
{
	struct jot out = { 0 };

	if (f->told)
		return;
	jot_print(&out, "{\"up\":%s,\"since\":%llu,\"fleet\":",
		  f->down ? "false" : "true",
		  (unsigned long long)(f->down_ns / HALE_NS_PER_MS));
	jot_string(&out, f->look.settings.name, 64);
	jot_put(&out, ",\"why\":");
	jot_string(&out, f->trouble, sizeof(f->trouble));
	jot_put(&out, "}");
	f->told = !out.lost && screen_say(s, TOPIC_LINK, out.bytes) >= 0;
	jot_done(&out);
}

static uint64_t fleet_turn(void *self, struct screen *s)
{
	struct fleet *f = self;
	struct source_event e;
	uint64_t now;
	int wait, n = 0;

	while (n < BATCH && source_next(f->look.source, &e) > 0) {
		take(f, &e);
		n++;
	}
	now = source_now_ns(f->look.source);
	picture_tick(f->look.picture, now);
	judge_tick(f->look.judge, now);
	fleet_show_hosts(f, s);
	fleet_show_judgments(f, s);
	show_link(f, s);
	look_spoiled(&f->look);
	wait = source_wait_ms(f->look.source);
	if (n == BATCH)
		return 0;
	return wait >= 0 && (uint64_t)wait * HALE_NS_PER_MS < TICK_NS
		       ? (uint64_t)wait * HALE_NS_PER_MS
		       : TICK_NS;
}

static int fleet_fd(void *self)
{
	const struct fleet *f = self;

	return source_fd(f->look.source);
}

static uint64_t fleet_now(void *self)
{
	const struct fleet *f = self;

	return source_now_ns(f->look.source);
}

static int fleet_host(void *self, const char *id, struct supply_host *ret)
{
	return fleet_tell_host(self, id, ret);
}

struct supply fleet_supply(struct fleet *f)
{
	return (struct supply){ .self = f,
				.fd = fleet_fd,
				.now = fleet_now,
				.turn = fleet_turn,
				.host = fleet_host };
}

/* --- begin and end --- */

static int follow(struct fleet *f)
{
	uint64_t now = source_now_ns(f->look.source);
	const struct source_ask all = { .id = NULL };
	const struct source_ask findings = {
		.since_ns = now - FLEET_FINDINGS_DAYS * DAY_NS,
	};
	const struct source_ask builds = {
		.since_ns = now - FLEET_BUILDS_DAYS * DAY_NS,
	};
	int r = look_follow(&f->look, SOURCE_STATE, &all);

	if (r == 0)
		r = look_follow(&f->look, SOURCE_FINDINGS, &findings);
	if (r == 0)
		r = look_follow(&f->look, SOURCE_BUILDS, &builds);
	if (r == 0)
		r = look_follow(&f->look, SOURCE_ORDERS, &all);
	return r;
}

static int allocate(struct fleet *f)
{
	f->scratch = malloc(SCRATCH);
	f->events = calloc(SUPPLY_EVENTS_MAX,
			   sizeof(Hale__Fleet__V1__FindingEvent *));
	f->builds = calloc(SUPPLY_BUILDS_MAX,
			   sizeof(Hale__Fleet__V1__BuildOutcome *));
	if (!f->scratch || !f->events || !f->builds)
		return -ENOMEM;
	return shelf_init(&f->shelf);
}

int fleet_open(struct fleet *f, const struct cli *cli, const char *context)
{
	const struct look_options options = { .context = context };
	int r;

	memset(f, 0, sizeof(*f));
	if (allocate(f) < 0)
		return cli_fail(cli, CLI_EXIT_OSERR, "no memory", NULL);
	r = look_open(&f->look, cli, &options);
	if (r != 0)
		return r;
	f->look.judge = judge_new(f->look.picture, NULL);
	if (!f->look.judge)
		return cli_fail(cli, CLI_EXIT_OSERR, "no memory", NULL);
	f->look.message = keep;
	f->look.data = f;
	r = follow(f);
	return r != 0 ? r : look_past(&f->look);
}

void fleet_close(struct fleet *f)
{
	look_close(&f->look);
	shelf_done(&f->shelf);
	free(f->scratch);
	free((void *)f->events);
	free((void *)f->builds);
}
