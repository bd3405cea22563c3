/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would be freed, and what was: for people a table, for programs the
 * message ReclaimReport.
 */
#include "agent/cli/reclaim.h"
#include "hale.pb-c.h"
#include "hale/base.h"
#include "proto/json.h"

static char names[RECLAIM_KIND_COUNT][24] = {
	[RECLAIM_DANGLING] = "dangling images",
	[RECLAIM_BUILD_CACHE] = "build cache",
	[RECLAIM_TOOL_CACHE] = "tool cache",
	[RECLAIM_CONTAINERS] = "ended containers",
	[RECLAIM_IMAGES] = "unused images",
};

static void pad(struct out *o, size_t from, size_t width)
{
	while (o->len < from + width)
		out_raw(o, " ");
	out_raw(o, " ");
}

static void put_name(struct out *o, const struct reclaim_step *s)
{
	size_t from = o->len;

	if (s->engine) {
		out_text(o, s->engine->name);
		out_raw(o, " ");
		out_raw(o, names[s->kind]);
	} else {
		out_text(o, s->cache->path);
	}
	if (s->age_ns > 0) {
		out_raw(o, ", unused for ");
		out_duration(o, s->age_ns);
	}
	pad(o, from, 44);
}

static void put_size(struct out *o, uint64_t bytes)
{
	size_t from = o->len;

	out_size(o, bytes);
	pad(o, from, 9);
}

static void put_count(struct out *o, const char *label, uint64_t n)
{
	out_raw(o, label);
	out_number(o, n);
}

static void put_rooms(struct out *o, const struct reclaim *r)
{
	const char *told = "";

	for (size_t i = 0; i < r->n; i++) {
		const struct reclaim_step *s = &r->steps[i];
		const char *at = s->engine ? s->engine->root : s->cache->path;
		uint64_t room = reclaim_room(s);

		if (room == UINT64_MAX || strcmp(at, told) == 0)
			continue;
		told = at;
		out_raw(o, "available at ");
		out_text(o, at);
		out_raw(o, ": ");
		out_size(o, room);
		out_raw(o, "\n");
	}
}

static void put_silent_engines(struct out *o, const struct reclaim *r)
{
	for (size_t i = 0; i < r->n_engines; i++) {
		if (!r->engines[i].why[0])
			continue;
		out_color(o, OUT_YELLOW, r->engines[i].name);
		out_raw(o, " could not be asked: ");
		out_text(o, r->engines[i].why);
		out_raw(o, "\n");
	}
}

static void finish(struct out *o)
{
	out_flush(o, STDOUT_FILENO);
	out_done(o);
}

void reclaim_show_plan(const struct cli *cli, const struct reclaim *r)
{
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	uint64_t total = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct reclaim_step *s = &r->steps[i];

		put_name(&o, s);
		put_size(&o, s->bytes);
		put_count(&o, "", s->count);
		out_raw(&o, s->count == 1 ? " item" : " items");
		if (s->kept > 0)
			put_count(&o, ", stays: ", s->kept);
		if (s->shared)
			out_raw(&o, ", partly shared");
		out_raw(&o, "\n");
		total += s->bytes;
	}
	put_silent_engines(&o, r);
	if (r->n == 0) {
		out_raw(&o, "nothing to free");
		if (!r->options.aggressive)
			out_raw(&o, "; --aggressive takes more");
		out_raw(&o, "\n");
	} else {
		out_raw(&o, "up to ");
		out_size(&o, total);
		out_raw(&o, " in all\n");
		put_rooms(&o, r);
	}
	finish(&o);
}

void reclaim_show_outcome(const struct cli *cli, const struct reclaim *r)
{
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	uint64_t total = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct reclaim_step *s = &r->steps[i];

		total += s->freed;
		if (s->outcome != RECLAIM_FAILED)
			continue;
		out_color(&o, OUT_RED, "failed: ");
		put_name(&o, s);
		out_text(&o, s->why);
		out_raw(&o, "\n");
	}
	out_raw(&o, "freed ");
	out_size(&o, total);
	for (size_t i = 0; i < r->n; i++) {
		if (r->steps[i].outcome != RECLAIM_ENOUGH)
			continue;
		out_raw(&o, "; the rest stays: enough is available");
		break;
	}
	out_raw(&o, "\n");
	put_rooms(&o, r);
	finish(&o);
}

static void fill(struct reclaim_step *s, Hale__V1__ReclaimStep *m)
{
	static char outcomes[][12] = {
		[RECLAIM_PLANNED] = "planned",
		[RECLAIM_DONE] = "done",
		[RECLAIM_ENOUGH] = "not needed",
		[RECLAIM_FAILED] = "failed",
	};
	uint64_t room = reclaim_room(s);

	hale__v1__reclaim_step__init(m);
	m->what = names[s->kind];
	m->engine = s->engine ? s->engine->name : NULL;
	m->where = s->engine ? s->engine->root : s->cache->path;
	m->unused_s = s->age_ns / HALE_NS_PER_S;
	m->bytes = s->bytes;
	m->count = s->count;
	m->kept = s->kept;
	m->kept_bytes = s->kept_bytes;
	m->freed_bytes = s->freed;
	m->outcome = outcomes[s->outcome];
	m->why = s->why;
	m->available_bytes = room == UINT64_MAX ? 0 : room;
}

int reclaim_show_json(struct reclaim *r)
{
	static Hale__V1__ReclaimStep steps[RECLAIM_STEPS_MAX];
	static Hale__V1__ReclaimStep *list[RECLAIM_STEPS_MAX];
	static char *silent[RECLAIM_ENGINES_MAX];
	Hale__V1__ReclaimReport report = HALE__V1__RECLAIM_REPORT__INIT;

	for (size_t i = 0; i < r->n; i++) {
		fill(&r->steps[i], &steps[i]);
		list[i] = &steps[i];
		report.bytes += r->steps[i].bytes;
		report.freed_bytes += r->steps[i].freed;
	}
	report.steps = list;
	report.n_steps = r->n;
	for (size_t i = 0; i < r->n_engines; i++) {
		if (r->engines[i].why[0])
			silent[report.n_silent++] = r->engines[i].why;
	}
	report.silent = silent;
	return json_print_file(&report.base, 0, stdout) < 0 ? CLI_EXIT_OSERR
							    : 0;
}
