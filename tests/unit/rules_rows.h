/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TEST_RULES_ROWS_H
#define HALE_TEST_RULES_ROWS_H

/*
 * A table of kernel lines and what the built-in rules say that they mean. The
 * lines are written after the kernel's format strings, across its versions.
 */
#include <errno.h>

#include "rules_built_in.h"

struct row {
	const char *text, *means; /* "" nothing, or a benign rule */
};

static void say(const struct hale_match *m, char *buf, size_t size)
{
	const char *name = hale_condition_info(m->condition)->name;

	switch (m->kind) {
	case HALE_MATCH_BENIGN:
		snprintf(buf, size, "%s", "");
		break;
	case HALE_MATCH_SUPPRESSED:
		snprintf(buf, size, "suppressed %u", (unsigned int)m->count);
		break;
	case HALE_MATCH_APPEARS:
		snprintf(buf, size, "%s %s",
			 m->weak    ? "announces"
			 : m->fresh ? "sets up"
				    : "appears",
			 m->part);
		break;
	case HALE_MATCH_DEPARTS:
		snprintf(buf, size, "departs %s", m->part);
		break;
	case HALE_MATCH_END:
		snprintf(buf, size, "end %s %s", name, m->part);
		break;
	case HALE_MATCH_FAULT:
		snprintf(buf, size, "%s %s%s%s", name,
			 m->part[0] ? hale_match_part_name(m->part_kind) : "",
			 m->part[0] ? "/" : "", m->part);
		break;
	}
}

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct hale_match m;
		char said[160] = "";
		size_t len = strlen(rows[i].text);

		if (hale_rules_match(rules, rows[i].text, len, &m))
			say(&m, said, sizeof(said));
		if (strcmp(said, rows[i].means) != 0)
			fail_msg("%s\n  means \"%s\", not \"%s\"", rows[i].text,
				 said, rows[i].means);
	}
}

#define CHECK(rows) check(rows, HALE_ARRAY_SIZE(rows))

#endif
