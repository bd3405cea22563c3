/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a log amounts to: findings of one part and condition put together,
 * their effect by the catalogue, and the two ways to print them. Decides that
 * a rate condition is a note until its rate is passed. It never says FIT: a
 * log without faults proves nothing about what it does not hold.
 */
#include <inttypes.h>
#include <string.h>

#include "agent/cli/triage.h"
#include "hale/base.h"
#include "hale/text.h"

/* "3 / 1h": limit and window of the catalogue's rates; 0: no rate */
static uint64_t rate_parse(const char *text, uint64_t *ret_window_ns)
{
	static const struct {
		const char *unit;
		uint64_t s;
	} units[] = {
		{ "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }
	};
	char *end;
	uint64_t limit = strtoull(text, &end, 10), n;

	end += strspn(end, " /");
	n = strtoull(end, &end, 10);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		*ret_window_ns = n * units[i].s * HALE_NS_PER_S;
		return limit;
	}
	return 0;
}

/* A bucket that leaks @limit in a window; true while it runs over. */
static bool rate_account(struct triage_entry *e, uint64_t count,
			 uint64_t elapsed_ns)
{
	uint64_t window_ns = 0, limit, drop;

	limit = rate_parse(hale_condition_info(e->f.condition)->rate,
			   &window_ns);
	if (limit == 0)
		return true;
	drop = window_ns / limit;
	e->level_ns -= elapsed_ns < e->level_ns ? elapsed_ns : e->level_ns;
	/* no more than twice full, so that it can run dry again */
	for (; count > 0 && e->level_ns <= 2 * window_ns; count--)
		e->level_ns += drop;
	return e->level_ns > window_ns;
}

static enum hale_effect effect(enum hale_condition c, bool risen)
{
	const struct hale_condition_info *info = hale_condition_info(c);

	if (info->life == HALE_LIFE_RATE && !risen)
		return HALE_EFFECT_NOTES;
	return info->effect;
}

static void put_json_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
	if (!text[0])
		return;
	fprintf(out, ", \"%s\": ", name);
	put_json_string(out, text);
}

/* "disk/sda"; "host" where the log names no part */
static void part_id(const struct triage_finding *f, char *buf, size_t size)
{
	const char *kind = hale_match_part_name(f->part_kind);

	if (f->part[0] && f->part_kind != HALE_MATCH_HOST)
		snprintf(buf, size, "%s/%s", kind, f->part);
	else
		snprintf(buf, size, "host");
}

static void put_json(FILE *out, const struct triage_finding *f,
		     enum hale_effect e)
{
	char part[HALE_RULES_PART_MAX + 16];

	part_id(f, part, sizeof(part));
	fprintf(out, "{\"line\": %" PRIu64, f->line);
	put_member(out, "condition", hale_condition_info(f->condition)->name);
	put_member(out, "part", part);
	put_member(out, "effect", hale_effect_name(e));
	fprintf(out, ", \"count\": %" PRIu64, f->count);
	put_member(out, "text", f->text);
	put_member(out, "time", f->first);
	put_member(out, "alias", f->alias);
	fputs("}\n", out);
}

static struct triage_entry *find(struct triage_report *r,
				 enum hale_condition condition,
				 enum hale_match_part kind, const char *part)
{
	for (size_t i = 0; i < r->n; i++) {
		struct triage_finding *f = &r->entries[i].f;

		if (f->condition == condition && f->part_kind == kind &&
		    strcmp(f->part, part) == 0)
			return &r->entries[i];
	}
	return NULL;
}

/* Adds a finding to what is known of its part and condition. */
static struct triage_entry *account(struct triage_report *r,
				    const struct triage_finding *f)
{
	struct triage_entry *e = find(r, f->condition, f->part_kind, f->part);
	uint64_t elapsed_ns = 0;

	if (!e && r->n == TRIAGE_ENTRIES)
		return NULL;
	if (!e) {
		e = &r->entries[r->n++];
		*e = (struct triage_entry){ .f = *f };
	} else {
		elapsed_ns = f->now_ns - e->f.now_ns;
		e->f.count += f->count;
		e->f.at_least |= f->at_least;
		e->f.now_ns = f->now_ns;
		memcpy(e->f.last, f->last, sizeof(e->f.last));
		e->ended = false;
	}
	if (rate_account(e, f->count, elapsed_ns))
		e->risen = true;
	return e;
}

void triage_report_add(struct triage_report *r, const struct triage_finding *f)
{
	struct triage_entry *e = account(r, f);

	if (!e)
		r->lost++;
	if (r->format == TRIAGE_JSON)
		put_json(r->out, f, effect(f->condition, !e || e->risen));
}

void triage_report_end(struct triage_report *r, const struct hale_match *m)
{
	struct triage_entry *e = find(r, m->condition, m->part_kind, m->part);

	if (e)
		e->ended = true;
}

static enum hale_effect entry_effect(const struct triage_entry *e)
{
	return effect(e->f.condition, e->risen);
}

static int worst_first(const void *a, const void *b)
{
	const struct triage_entry *x = a, *y = b;
	enum hale_effect ex = entry_effect(x), ey = entry_effect(y);

	if (ex != ey)
		return ex < ey ? 1 : -1;
	if (x->ended != y->ended)
		return x->ended ? 1 : -1;
	return (x->f.line > y->f.line) - (x->f.line < y->f.line);
}

static void print_times(FILE *out, const struct triage_finding *f)
{
	if (f->at_least)
		fprintf(out, "at least %" PRIu64, f->count);
	else if (f->count == 1)
		fputs("once", out);
	else
		fprintf(out, "%" PRIu64 " times", f->count);
	if (!f->first[0])
		fprintf(out, ", from line %" PRIu64, f->line);
	else if (strcmp(f->first, f->last) == 0)
		fprintf(out, ", at %s", f->first);
	else
		fprintf(out, ", first %s, last %s", f->first, f->last);
}

static void print_entry(FILE *out, const struct triage_entry *e)
{
	const struct hale_condition_info *info =
		hale_condition_info(e->f.condition);
	char part[HALE_RULES_PART_MAX + 16];

	part_id(&e->f, part, sizeof(part));
	fprintf(out, "%-6s  %s  %s", hale_effect_name(entry_effect(e)),
		info->name, part);
	if (e->f.alias[0])
		fprintf(out, "  (%s)", e->f.alias);
	fputs("\n        ", out);
	print_times(out, &e->f);
	fputs(e->ended ? "; over, says the log\n" : "\n", out);
	fprintf(out, "        %s\n", e->f.text);
	fprintf(out, "        %s. %s.\n", info->meaning, info->advice);
}

static void print_verdict(const struct triage_report *r, uint64_t lines)
{
	size_t n[HALE_EFFECT_COUNT] = { 0 };

	for (size_t i = 0; i < r->n; i++)
		n[entry_effect(&r->entries[i])]++;
	if (n[HALE_EFFECT_BLOCKS])
		fputs("UNFIT", r->out);
	else if (n[HALE_EFFECT_WARNS])
		fputs("DEGRADED", r->out);
	else
		fputs("no fault", r->out);
	fprintf(r->out,
		"  %zu that block builds, %zu that warn, %zu to note, in "
		"%" PRIu64 " lines\n",
		n[HALE_EFFECT_BLOCKS], n[HALE_EFFECT_WARNS],
		n[HALE_EFFECT_NOTES], lines);
	if (r->lost)
		fprintf(r->out,
			"%" PRIu64 " findings more than the table holds "
			"(%d) are not listed\n",
			r->lost, TRIAGE_ENTRIES);
}

void triage_report_print(struct triage_report *r, uint64_t lines)
{
	if (r->format == TRIAGE_JSON)
		return;
	qsort(r->entries, r->n, sizeof(r->entries[0]), worst_first);
	for (size_t i = 0; i < r->n; i++)
		print_entry(r->out, &r->entries[i]);
	print_verdict(r, lines);
}
