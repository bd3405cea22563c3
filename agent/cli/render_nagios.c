/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verdict for Nagios and what speaks its language: one line, a bar, numbers
 * (Monitoring Plugins Development Guidelines, "Plugin Output"). A bar inside a
 * text would start the numbers, so there is none.
 */
#include <string.h>

#include "render.h"

int render_nagios_exit(const struct hale_summary *s)
{
	switch (s->fitness) {
	case HALE_FIT:
		return 0;
	case HALE_DEGRADED:
		return s->exit_code == HALE_EXIT_OK ? 1 : 2;
	case HALE_UNFIT:
		return 2;
	case HALE_UNKNOWN:
	case HALE_FITNESS_COUNT:
		break;
	}
	return 3;
}

static void without_bars(struct out *o, size_t from)
{
	for (size_t i = from; i < o->len; i++) {
		if (o->text[i] == '|')
			o->text[i] = '/';
	}
}

static void reason(struct out *o, const struct hale_entry *e, uint64_t now_ns)
{
	if (!e->condition[0]) {
		out_text(o, e->text[0] ? e->text : e->evidence);
		return;
	}
	out_text(o, e->condition);
	out_raw(o, " ");
	out_text(o, e->alias[0] ? e->alias : e->part);
	out_raw(o, " (");
	render_extent(o, e, now_ns);
	out_raw(o, ")");
}

void render_nagios(struct out *o, const struct hale_reply *r, uint64_t now_ns)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL",
					     "UNKNOWN" };
	struct hale_summary s;
	struct hale_entry e;
	size_t from;

	hale_reply_summary(r, &s);
	out_raw(o, "HALE ");
	out_raw(o, words[render_nagios_exit(&s)]);
	out_raw(o, " - ");
	out_raw(o, render_fitness(s.fitness));
	from = o->len;
	for (size_t i = 0; hale_reply_reason(r, i, &e); i++) {
		out_raw(o, i == 0 ? ": " : "; ");
		reason(o, &e, now_ns);
	}
	if (s.scanned || (s.agent && s.note[0])) {
		out_raw(o, "; ");
		out_text(o, s.note);
	}
	without_bars(o, from);
	out_raw(o, " | reasons=");
	out_number(o, s.reasons_total);
	out_raw(o, " parts=");
	out_number(o, s.parts);
	out_raw(o, "\n");
}
