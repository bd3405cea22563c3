/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history for other programs: JSON, one proto message a line, or CSV by RFC
 * 4180 with a header. Times are UTC, as RFC 3339 has them. Must never lose a
 * field for how it looks: what is quoted comes back as it was; but what a
 * spreadsheet would run as a formula begins with an apostrophe, since any user
 * may name a build and root opens the table.
 */
#include <time.h>

#include "hale/base.h"

#include "history.h"
#include "proto/json.h"

#define FLUSH_AT (64u * 1024)

static void write_json(void *sink, const char *text, size_t len)
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

static bool json(struct history_export *e, const void *m)
{
	const struct json_sink sink = { write_json, e->out };

	json_print(m, 0, &sink);
	out_raw(e->out, "\n");
	return e->out->len < FLUSH_AT || out_flush(e->out, STDOUT_FILENO) == 0;
}

void history_csv(struct out *o, const char *text)
{
	char one[2] = "";

	bool formula = text[0] && strchr("=+-@\t\r", text[0]);

	if (!text[strcspn(text, ",\"\r\n")]) {
		out_raw(o, formula ? "'" : "");
		out_raw(o, text);
		return;
	}
	out_raw(o, formula ? "\"'" : "\"");
	for (; *text; text++) {
		one[0] = *text;
		out_raw(o, *text == '"' ? "\"\"" : one);
	}
	out_raw(o, "\"");
}

static void csv_text(struct out *o, const char *text)
{
	history_csv(o, text);
	out_raw(o, ",");
}

static void csv_number(struct out *o, uint64_t n)
{
	out_number(o, n);
	out_raw(o, ",");
}

/* A number that nobody measured is an empty field. */
static void csv_known(struct out *o, uint64_t n)
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
	csv_text(o, text);
}

/* Seconds with milliseconds. */
static void csv_seconds(struct out *o, uint64_t ns)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03llu",
		 (unsigned long long)(ns / HALE_NS_PER_S),
		 (unsigned long long)(ns % HALE_NS_PER_S / HALE_NS_PER_MS));
	csv_text(o, text);
}

static const char *outcome(Hale__V1__BuildResult__Outcome o)
{
	static const char *const names[] = { "unknown", "passed", "failed",
					     "refused", "suspect" };

	return (size_t)o < HALE_ARRAY_SIZE(names) ? names[o] : "unknown";
}

static void csv_usage(struct out *o, const Hale__V1__BuildResult *m)
{
	static const Hale__V1__Usage unknown = HALE__V1__USAGE__INIT;
	const Hale__V1__Usage *u =
		m->n_attempts > 0 ? m->attempts[m->n_attempts - 1]->usage
				  : NULL;

	u = u ? u : &unknown;
	csv_seconds(o, u->wall_ns);
	csv_known(o, u->peak_memory_bytes);
	csv_known(o, u->written_bytes);
	csv_known(o, u->disk_bytes);
	csv_known(o, u->inodes);
}

static void csv_command(struct out *o, const Hale__V1__BuildResult *m)
{
	struct out line = { 0 };
	char *text;

	for (size_t i = 0; i < m->n_command; i++) {
		out_raw(&line, i > 0 ? " " : "");
		out_raw(&line, m->command[i]);
	}
	text = strndup(line.text ? line.text : "", line.len);
	csv_text(o, text ? text : "");
	free(text);
	out_done(&line);
}

static void csv_build(struct out *o, const Hale__V1__BuildResult *m)
{
	csv_time(o, m->started_ns);
	csv_time(o, m->ended_ns);
	csv_text(o, m->host);
	csv_text(o, m->repo);
	csv_text(o, outcome(m->outcome));
	csv_text(o, m->cause);
	csv_text(o, m->confidence);
	csv_text(o, m->host_fault ? "yes" : "no");
	csv_number(o, m->status);
	csv_number(o, m->n_attempts);
	csv_text(o, m->strategy);
	csv_usage(o, m);
	csv_known(o, m->cache_hits);
	csv_known(o, m->steps);
	csv_number(o, m->suspects ? m->suspects->files : 0);
	csv_number(o, m->uid);
	csv_text(o, m->id);
	csv_text(o, m->directory);
	csv_command(o, m);
	history_csv(o, m->headline);
	out_raw(o, "\r\n");
}

static void csv_head(struct history_export *e, const char *head)
{
	if (!e->begun)
		out_raw(e->out, head);
	e->begun = true;
}

static bool pass_on(struct history_export *e)
{
	return e->out->len < FLUSH_AT || out_flush(e->out, STDOUT_FILENO) == 0;
}

bool history_export_build(void *data, Hale__V1__BuildResult *m)
{
	struct history_export *e = data;

	if (e->format == HISTORY_JSON)
		return json(e, m);
	csv_head(e, "started,ended,host,repo,outcome,cause,confidence,"
		    "host_fault,status,attempts,strategy,wall_s,memory_bytes,"
		    "written_bytes,disk_bytes,inodes,cache_hits,steps,"
		    "suspect_files,uid,id,directory,command,headline\r\n");
	csv_build(e->out, m);
	return pass_on(e);
}

bool history_export_finding(void *data, Hale__V1__Finding *m)
{
	static const char *const effects[] = { "none", "notes", "warns",
					       "blocks" };
	struct history_export *e = data;
	struct out *o = e->out;

	if (e->format == HISTORY_JSON)
		return json(e, m);
	csv_head(e, "first,last,closed,condition,effect,part,alias,count,"
		    "ended_by,evidence\r\n");
	csv_time(o, m->first_ns);
	csv_time(o, m->last_ns);
	csv_time(o, m->closed_ns);
	csv_text(o, m->condition);
	csv_text(o, effects[(size_t)m->effect < 4 ? m->effect : 0]);
	csv_text(o, m->part ? m->part->id : "");
	csv_text(o, m->part ? m->part->alias : "");
	csv_number(o, m->count);
	csv_text(o, m->closed);
	history_csv(o, m->evidence);
	out_raw(o, "\r\n");
	return pass_on(e);
}

void history_export_group(struct history_export *e,
			  const Hale__V1__HistoryGroup *m)
{
	struct out *o = e->out;

	if (e->format == HISTORY_JSON) {
		json(e, m);
		return;
	}
	csv_head(e, "by,key,builds,passed,suspect,failed,refused,p50_s,p95_s,"
		    "last,cause\r\n");
	csv_text(o, m->by);
	csv_text(o, m->key);
	csv_number(o, m->builds);
	csv_number(o, m->passed);
	csv_number(o, m->suspect);
	csv_number(o, m->failed);
	csv_number(o, m->refused);
	csv_seconds(o, m->median_wall_ns);
	csv_seconds(o, m->p95_wall_ns);
	csv_time(o, m->last_ns);
	history_csv(o, m->cause);
	out_raw(o, "\r\n");
}
