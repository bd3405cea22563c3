/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's hosts for other programs: JSON, an object a line, with names as
 * proto3 JSON has them; CSV by RFC 4180 with a header. Must never lose a field
 * for how it looks. Pure.
 */
#include <time.h>

#include "hale/base.h"

#include "agent/cli/cli.h"
#include "agent/cli/history.h"
#include "proto/json.h"
#include "rows.h"

static void write_out(void *sink, const char *text, size_t len)
{
	char piece[256];

	while (len > 0) {
		size_t n = len < sizeof(piece) - 1 ? len : sizeof(piece) - 1;

		memcpy(piece, text, n);
		piece[n] = '\0';
		out_raw(sink, piece);
		text += n;
		len -= n;
	}
}

/* --- JSON --- */

static void put_name(struct out *o, const char *name)
{
	bool first = o->len == 0 || o->text[o->len - 1] == '{';

	out_raw(o, first ? "\"" : ",\"");
	out_raw(o, name);
	out_raw(o, "\":");
}

static void put_string(struct out *o, const char *text)
{
	const struct json_sink sink = { write_out, o };

	json_print_string(text, strlen(text), &sink);
}

void rows_json_text(struct out *o, const char *name, const char *value)
{
	if (!value[0])
		return;
	put_name(o, name);
	put_string(o, value);
}

/* 64 bits are a string, as in proto3 JSON: a double would round them. */
void rows_json_number(struct out *o, const char *name, uint64_t value)
{
	if (value == 0)
		return;
	put_name(o, name);
	out_raw(o, "\"");
	out_number(o, value);
	out_raw(o, "\"");
}

static void json_small(struct out *o, const char *name, uint32_t value)
{
	if (value == 0)
		return;
	put_name(o, name);
	out_number(o, value);
}

static void json_true(struct out *o, const char *name, bool value)
{
	if (!value)
		return;
	put_name(o, name);
	out_raw(o, "true");
}

static void json_labels(struct out *o, const struct picture *p, uint32_t index,
			uint32_t n)
{
	if (n == 0)
		return;
	put_name(o, "labels");
	out_raw(o, "{");
	for (uint32_t i = 0; i < n; i++) {
		struct told_label l = picture_label(p, index, i);

		out_raw(o, i > 0 ? "," : "");
		put_string(o, l.key);
		out_raw(o, ":");
		put_string(o, l.value);
	}
	out_raw(o, "}");
}

static void json_open(struct out *o, const struct picture *p, uint32_t index,
		      uint32_t n)
{
	if (n == 0)
		return;
	put_name(o, "conditions");
	out_raw(o, "[");
	for (uint32_t i = 0; i < n; i++) {
		out_raw(o, i > 0 ? "," : "");
		put_string(o, picture_condition(p, index, i));
	}
	out_raw(o, "]");
}

static const char *const quarantines[] = {
	[PICTURE_FREE] = "",
	[PICTURE_BY_ITSELF] = "itself",
	[PICTURE_AUTOMATIC] = "automatic",
	[PICTURE_MANUAL] = "operator",
};

static void json_quarantine(struct out *o, const struct picture_row *r)
{
	if (r->quarantine == PICTURE_FREE)
		return;
	put_name(o, "quarantine");
	out_raw(o, "{");
	rows_json_text(o, "by", quarantines[r->quarantine]);
	rows_json_text(o, "who", r->quarantine_who);
	rows_json_text(o, "reason", r->quarantine_why);
	rows_json_number(o, "sinceNs", r->quarantine_ns);
	rows_json_number(o, "untilNs", r->quarantine_until_ns);
	out_raw(o, "}");
}

void rows_json(struct out *o, const struct picture *p, uint32_t index)
{
	struct picture_row r;
	struct out line = { 0 };

	if (!picture_row(p, index, &r))
		return;
	out_raw(&line, "{");
	rows_json_text(&line, "id", r.id);
	rows_json_text(&line, "host", r.name);
	rows_json_text(&line, "verdict", picture_verdict_name(r.verdict));
	rows_json_text(&line, "said", picture_verdict_name(r.said));
	rows_json_text(&line, "why", r.why);
	rows_json_number(&line, "sinceNs", r.since_ns);
	json_true(&line, "sinceAtLeast", r.since_at_least);
	rows_json_number(&line, "heardNs", r.heard_ns);
	json_small(&line, "findings", r.findings);
	json_open(&line, p, index, r.n_open);
	json_labels(&line, p, index, r.n_labels);
	json_small(&line, "cpus", r.cpus);
	rows_json_number(&line, "memoryBytes", r.memory_bytes);
	rows_json_number(&line, "dropped", r.dropped);
	rows_json_text(&line, "version", r.version);
	rows_json_text(&line, "bootId", r.boot);
	json_quarantine(&line, &r);
	out_raw(&line, "}\n");
	out_append(o, &line);
	out_done(&line);
}

/* --- CSV --- */

static void csv(struct out *o, const char *text)
{
	history_csv(o, text);
	out_raw(o, ",");
}

static void csv_number(struct out *o, uint64_t n)
{
	if (n > 0)
		out_number(o, n);
	out_raw(o, ",");
}

static void csv_time(struct out *o, uint64_t ns)
{
	time_t t = (time_t)(ns / HALE_NS_PER_S);
	char text[32] = "";
	struct tm tm;

	if (ns > 0 && gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	csv(o, text);
}

static void csv_labels(struct out *o, const struct picture *p, uint32_t index,
		       uint32_t n)
{
	struct out all = { 0 };
	char *text;

	for (uint32_t i = 0; i < n; i++) {
		struct told_label l = picture_label(p, index, i);

		out_raw(&all, i > 0 ? " " : "");
		out_raw(&all, l.key);
		out_raw(&all, "=");
		out_raw(&all, l.value);
	}
	text = strndup(all.text ? all.text : "", all.len);
	csv(o, text ? text : "");
	free(text);
	out_done(&all);
}

void rows_csv_head(struct out *o)
{
	out_raw(o, "host,verdict,why,since,heard,findings,labels,cpus,"
		   "memory_bytes,dropped,quarantine,quarantine_who,"
		   "quarantine_why,quarantine_until,version,boot_id,id\r\n");
}

void rows_csv(struct out *o, const struct picture *p, uint32_t index)
{
	struct picture_row r;

	if (!picture_row(p, index, &r))
		return;
	csv(o, r.name);
	csv(o, picture_verdict_name(r.verdict));
	csv(o, r.why);
	csv_time(o, r.since_ns);
	csv_time(o, r.heard_ns);
	out_number(o, r.findings);
	out_raw(o, ",");
	csv_labels(o, p, index, r.n_labels);
	csv_number(o, r.cpus);
	csv_number(o, r.memory_bytes);
	csv_number(o, r.dropped);
	csv(o, quarantines[r.quarantine]);
	csv(o, r.quarantine_who);
	csv(o, r.quarantine_why);
	csv_time(o, r.quarantine_until_ns);
	csv(o, r.version);
	csv(o, r.boot);
	history_csv(o, r.id);
	out_raw(o, "\r\n");
}
