/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue on paper: one condition's page, or the names of all. All of its
 * text is hale's own. Asks nobody.
 */
#include <string.h>

#include "explain.h"

static void field(struct out *o, const char *label, const char *text,
		  bool markdown)
{
	size_t from = o->len;

	if (!text[0])
		return;
	out_raw(o, markdown ? "- **" : "  ");
	out_raw(o, label);
	if (markdown)
		out_raw(o, ":** ");
	while (!markdown && o->len < from + 15)
		out_raw(o, " ");
	out_text(o, text);
	out_raw(o, "\n");
}

static const char *life_text(const struct hale_condition_info *info)
{
	switch (info->life) {
	case HALE_LIFE_STATE:
		return "holds while it is measured so";
	case HALE_LIFE_LATCHED:
		return "stays until something clears it";
	case HALE_LIFE_RATE:
		return "counts, and takes effect above a rate";
	}
	return "";
}

void explain_page(struct out *o, enum hale_condition c, bool markdown)
{
	const struct hale_condition_info *info = hale_condition_info(c);

	if (markdown) {
		out_raw(o, "## `");
		out_raw(o, info->name);
		out_raw(o, "`\n\n");
	} else {
		out_color(o, OUT_BOLD, info->name);
		out_raw(o, "\n");
	}
	field(o, "means", info->meaning, markdown);
	field(o, "effect", hale_effect_name(info->effect), markdown);
	field(o, "life", life_text(info), markdown);
	field(o, "above", info->rate, markdown);
	field(o, "expires", info->expires, markdown);
	field(o, "to do", info->advice, markdown);
	field(o, "clears when", info->clears, markdown);
}

void explain_names(struct out *o)
{
	for (size_t i = 1; i < HALE_CONDITION_COUNT; i++) {
		const struct hale_condition_info *info =
			hale_condition_info((enum hale_condition)i);
		size_t from = o->len;

		out_raw(o, info->name);
		while (o->len < from + 24)
			out_raw(o, " ");
		out_raw(o, info->meaning);
		out_raw(o, "\n");
	}
}
