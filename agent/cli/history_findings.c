/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale history --findings`: what was wrong with the host, and when it ended.
 */
#include "hale/base.h"

#include "history.h"

bool history_print_finding(void *data, Hale__V1__Finding *m)
{
	struct out *o = data;
	uint64_t now = cli_now_ns();
	char first[20], last[20];

	history_time(first, m->first_ns, now);
	history_time(last, m->closed_ns ? m->closed_ns : m->last_ns, now);
	out_raw(o, "  ");
	history_pad(o, first, 12);
	out_raw(o, "  ");
	out_color(o,
		  m->closed_ns					 ? OUT_PLAIN
		  : m->effect == HALE__V1__EFFECT__EFFECT_BLOCKS ? OUT_RED
								 : OUT_YELLOW,
		  m->condition);
	out_raw(o, "  ");
	if (m->part)
		out_text(o, m->part->alias[0] ? m->part->alias : m->part->id);
	out_raw(o, "  ");
	out_number(o, m->count);
	out_raw(o, " x\n                ");
	out_raw(o, m->closed_ns ? "ended " : "stands, last ");
	out_text(o, last);
	if (m->closed[0]) {
		out_raw(o, ": ");
		out_text(o, m->closed);
	}
	out_raw(o, "\n                ");
	out_text(o, m->evidence);
	out_raw(o, "\n");
	return true;
}
