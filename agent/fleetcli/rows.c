/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's hosts as lines. Decides what a line of 80 columns has room for: the
 * verdict and the whole name always, the reason as long as it is, on lines of
 * its own if need be. Must never cut either. Pure.
 */
#include "rows.h"

#include <errno.h>
#include <time.h>

#include "hale/base.h"

#include "agent/cli/history_columns.h"

#define VERDICT_COLUMNS 9 /* "DEGRADED" */
#define SINCE_COLUMNS	8 /* ">59 min" */
#define HOST_MIN	4
#define HOST_MAX	36 /* a longer name has a line of its own */
#define WHY_MIN		28
#define INDENT		4

int rows_format_from_name(const char *name, enum rows_format *ret)
{
	static const char *const names[] = { "text", "json", "csv" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum rows_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

enum out_color rows_color(enum picture_verdict v)
{
	static const enum out_color colors[PICTURE_VERDICTS] = {
		[PICTURE_UNKNOWN] = OUT_YELLOW,	 [PICTURE_FIT] = OUT_GREEN,
		[PICTURE_DEGRADED] = OUT_YELLOW, [PICTURE_UNFIT] = OUT_RED,
		[PICTURE_SILENT] = OUT_RED,
	};

	return (unsigned int)v < PICTURE_VERDICTS ? colors[v] : OUT_PLAIN;
}

static void spaces(struct out *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out_raw(o, " ");
}

static char *finish(struct out *o)
{
	char *text = strndup(o->text ? o->text : "", o->len);

	out_done(o);
	return text;
}

/* --- why --- */

static void put_until(struct out *o, uint64_t until_ns)
{
	time_t t = (time_t)(until_ns / HALE_NS_PER_S);
	char text[32] = "";
	struct tm tm;

	if (until_ns > 0 && localtime_r(&t, &tm))
		strftime(text, sizeof(text), " until %d %b %H:%M", &tm);
	out_raw(o, text);
}

static void put_quarantine(struct out *o, const struct picture_row *r)
{
	static const char *const by[] = {
		[PICTURE_FREE] = "",
		[PICTURE_BY_ITSELF] = "quarantined itself",
		[PICTURE_AUTOMATIC] = "quarantined by the fleet",
		[PICTURE_MANUAL] = "quarantined by ",
	};

	out_raw(o, by[r->quarantine]);
	if (r->quarantine == PICTURE_MANUAL)
		out_text(o, r->quarantine_who);
	put_until(o, r->quarantine_until_ns);
	if (r->quarantine_why[0]) {
		out_raw(o, ": ");
		out_text(o, r->quarantine_why);
	}
}

/* A host in quarantine has that for a reason, too. */
void rows_why(struct out *o, const struct picture_row *r)
{
	bool apart = r->quarantine != PICTURE_FREE;

	if (apart)
		put_quarantine(o, r);
	if (!r->why[0] || (apart && r->quarantine_why[0] &&
			   strstr(r->why, r->quarantine_why)))
		return;
	out_raw(o, apart ? "; " : "");
	out_text(o, r->why);
}

/* --- lines --- */

void rows_layout(const struct picture *p, const uint32_t *hosts, size_t n,
		 size_t width, struct rows_layout *ret)
{
	size_t most = HOST_MIN;
	struct picture_row r;

	for (size_t i = 0; i < n; i++) {
		size_t columns = picture_row(p, hosts[i], &r)
					 ? history_columns(r.name)
					 : 0;

		most = columns > most ? columns : most;
	}
	ret->width = width;
	ret->host = most < HOST_MAX ? most : HOST_MAX;
}

static size_t why_column(const struct rows_layout *l)
{
	return VERDICT_COLUMNS + 1 + l->host + 1 + SINCE_COLUMNS + 2;
}

void rows_text_head(struct out *o, const struct rows_layout *l)
{
	history_pad(o, "VERDICT", VERDICT_COLUMNS + 1);
	history_pad(o, "HOST", l->host + 1);
	out_raw(o, "   SINCE  WHY\n");
}

static void put_since(struct out *o, const struct picture_row *r,
		      uint64_t now_ns)
{
	struct out age = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t used;

	out_raw(&age, r->since_at_least ? ">" : "");
	out_duration(&age, now_ns > r->since_ns ? now_ns - r->since_ns : 0);
	text = finish(&age);
	used = text ? strlen(text) : 0;
	spaces(o, used < SINCE_COLUMNS ? SINCE_COLUMNS - used : 0);
	out_raw(o, text ? text : "");
}

/* Up to @columns of it, to the end of a word where there is one. */
static size_t piece(const char *text, size_t columns)
{
	size_t end = 0, space = 0, used = 0;

	while (text[end] && used < columns) {
		if (text[end] == ' ')
			space = end;
		end++;
		while (((unsigned char)text[end] & 0xc0) == 0x80)
			end++;
		used++;
	}
	if (!text[end])
		return end;
	return space > 0 && text[end] != ' ' ? space : end;
}

static void put_wrapped(struct out *o, const char *text, size_t column,
			size_t width)
{
	while (*text) {
		size_t n =
			width > 0 ? piece(text, width - column) : strlen(text);
		char line[512];

		hale_copy(line, sizeof(line), text, n);
		out_text(o, line);
		text += n;
		text += strspn(text, " ");
		if (!*text)
			break;
		out_raw(o, "\n");
		spaces(o, column);
	}
}

/* A name that is too long, or a column too far right: below it. */
static size_t go_to_why(struct out *o, const struct rows_layout *l)
{
	size_t column = why_column(l);

	if (l->width == 0 || column + WHY_MIN <= l->width) {
		out_raw(o, "  ");
		return column;
	}
	out_raw(o, "\n");
	spaces(o, INDENT);
	return INDENT;
}

void rows_text(struct out *o, const struct rows_layout *l,
	       const struct picture_row *r, uint64_t now_ns)
{
	const char *verdict = picture_verdict_name(r->verdict);
	bool longer = history_columns(r->name) > l->host;
	_cleanup_free_ char *why = NULL;
	struct out text = { 0 };

	out_color(o, rows_color(r->verdict), verdict);
	spaces(o, VERDICT_COLUMNS + 1 - strlen(verdict));
	history_pad(o, r->name, l->host);
	if (longer && l->width > 0) {
		out_raw(o, "\n");
		spaces(o, VERDICT_COLUMNS + 1 + l->host);
	}
	out_raw(o, " ");
	put_since(o, r, now_ns);
	rows_why(&text, r);
	why = finish(&text);
	if (why && why[0])
		put_wrapped(o, why, go_to_why(o, l), l->width);
	out_raw(o, "\n");
}

/* --- the sum --- */

void rows_count(struct out *o, uint64_t n)
{
	char rest[8];

	if (n < 1000) {
		out_number(o, n);
		return;
	}
	rows_count(o, n / 1000);
	snprintf(rest, sizeof(rest), ",%03u", (unsigned int)(n % 1000));
	out_raw(o, rest);
}

void rows_summary(struct out *o, const struct picture_counts *c, size_t shown)
{
	static const enum picture_verdict order[] = {
		PICTURE_FIT, PICTURE_DEGRADED, PICTURE_UNFIT, PICTURE_UNKNOWN,
		PICTURE_SILENT
	};
	bool any = false;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(order); i++) {
		if (c->by_verdict[order[i]] == 0)
			continue;
		out_raw(o, any ? ", " : "");
		rows_count(o, c->by_verdict[order[i]]);
		out_raw(o, " ");
		out_color(o, rows_color(order[i]),
			  picture_verdict_name(order[i]));
		any = true;
	}
	if (c->quarantined > 0) {
		out_raw(o, "; ");
		rows_count(o, c->quarantined);
		out_raw(o, " in quarantine");
	}
	if (shown < c->hosts) {
		out_raw(o, "; shown: ");
		rows_count(o, shown);
	}
	out_raw(o, any ? "\n" : "no hosts\n");
}
