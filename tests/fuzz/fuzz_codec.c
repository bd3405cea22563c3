/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a stranger at the gate's socket, or of a damaged state file: they
 * unpack or they do not, what is read of them is printable and within bounds,
 * what is built of that packs again, and their JSON is valid UTF-8.
 */
#include "hale/base.h"
#include "hale/text.h"

#include "proto/codec.h"
#include "proto/codec_explain.h"
#include "proto/codec_read.h"
#include "proto/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t mem[CODEC_ARENA_UNPACK], build_mem[CODEC_ARENA_BUILD];
static uint8_t wire[CODEC_MESSAGE_MAX];
static const char *why;

static void must(bool holds)
{
	if (!holds)
		abort();
}

#define PRINTABLE(array) must(hale_text_printable((array), sizeof(array)))

/* Every piece that json.c writes begins and ends with a whole character. */
static void utf8_only(void *sink, const char *text, size_t len)
{
	(void)sink;
	while (len > 0) {
		uint32_t c;
		int n = hale_utf8_next(text, len, &c);

		must(n > 0);
		text += n;
		len -= (size_t)n;
	}
}

static void print(const void *m)
{
	const struct json_sink out = { utf8_only, NULL };

	json_print(m, JSON_PRETTY | JSON_DEFAULTS, &out);
}

static void try_check(const Hale__V1__CheckRequest *m)
{
	static struct hale_scope_request req;
	struct codec_arena a = { .mem = build_mem, .size = sizeof(build_mem) };

	if (codec_read_check(m, &req, &why) < 0) {
		must(why && why[0]);
		return;
	}
	must(req.n_paths <= HALE_SCOPE_PATHS_MAX);
	for (uint32_t i = 0; i < req.n_paths; i++) {
		PRINTABLE(req.paths[i].path);
		PRINTABLE(req.paths[i].source);
		PRINTABLE(req.paths[i].mountpoint);
		PRINTABLE(req.paths[i].type);
		must(req.paths[i].avail_bytes <= req.paths[i].total_bytes);
	}
	must(codec_pack(codec_request_check(&a, &req), wire, sizeof(wire)) >=
	     0);
}

static void try_explain(const Hale__V1__ExplainRequest *m)
{
	static struct hale_cause_query q;
	struct codec_arena a = { .mem = build_mem, .size = sizeof(build_mem) };

	if (codec_read_explain(m, &q, &why) < 0) {
		must(why && why[0]);
		return;
	}
	must(q.n_victims <= HALE_CAUSE_VICTIMS_MAX);
	PRINTABLE(q.subject);
	PRINTABLE(q.cgroup);
	for (uint32_t i = 0; i < q.n_victims; i++)
		PRINTABLE(q.victims[i].comm);
	must(codec_pack(codec_request_explain(&a, &q), wire, sizeof(wire)) >=
	     0);
}

static void try_cause(const Hale__V1__Cause *m)
{
	static struct hale_cause c;

	if (codec_read_cause(m, &c, &why) < 0)
		return;
	must(c.n_steps > 0 && c.n_steps <= HALE_CAUSE_STEPS_MAX);
	must(c.n_paths <= HALE_CAUSE_PATHS_MAX);
	PRINTABLE(c.headline);
	for (uint32_t i = 0; i < c.n_steps; i++) {
		must(c.steps[i].from < i || i == 0);
		PRINTABLE(c.steps[i].text);
		PRINTABLE(c.steps[i].victim.comm);
	}
}

static void try_reply(const Hale__V1__Reply *m)
{
	static struct hale_verdict v;
	struct codec_arena a = { .mem = build_mem, .size = sizeof(build_mem) };

	if (m->body_case == HALE__V1__REPLY__BODY_EXPLAIN) {
		for (size_t i = 0; i < m->explain->n_causes; i++)
			try_cause(m->explain->causes[i]);
		return;
	}
	if (m->body_case != HALE__V1__REPLY__BODY_CHECK ||
	    codec_read_verdict(m->check->verdict, &v, &why) < 0)
		return;
	must(v.n_reasons <= HALE_REASONS_MAX);
	for (uint32_t i = 0; i < v.n_reasons; i++) {
		PRINTABLE(v.reasons[i].finding.evidence);
		PRINTABLE(v.reasons[i].path);
	}
	must(codec_pack(codec_reply_check(&a, &v, "h", 0), wire,
			sizeof(wire)) >= 0);
}

static void try_memory(const Hale__V1__Memory *m)
{
	struct hale_memory_row row;

	for (size_t i = 0; i < m->n_rows; i++) {
		if (codec_read_memory_row(m->rows[i], &row, &why) < 0)
			continue;
		PRINTABLE(row.finding.part);
		PRINTABLE(row.finding.evidence);
		must(row.finding.condition != HALE_CONDITION_NONE);
		must(row.finding.first_ns <= row.finding.last_ns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__Request *request;
	Hale__V1__Memory *memory;
	Hale__V1__Reply *reply;

	if (codec_unpack_request(&a, data, size, &request) == 0) {
		print(request);
		if (request->body_case == HALE__V1__REQUEST__BODY_EXPLAIN)
			try_explain(request->explain);
		if (request->body_case == HALE__V1__REQUEST__BODY_CHECK)
			try_check(request->check);
	}
	a.used = 0;
	if (codec_unpack_reply(&a, data, size, &reply) == 0) {
		print(reply);
		try_reply(reply);
	}
	a.used = 0;
	if (codec_unpack_memory(&a, data, size, &memory) == 0) {
		print(memory);
		try_memory(memory);
	}
	return 0;
}
