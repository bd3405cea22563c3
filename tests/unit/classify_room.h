/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_ROOM_H
#define CLASSIFY_ROOM_H

/* What the tests of build output share: one compiled set, one verdict. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/run/text/classify.h"
#include "hale/base.h"

static struct classify *room_classify(void)
{
	static struct classify *c;
	char error[256];

	if (!c && classify_new(NULL, 0, error, &c) < 0)
		fail_msg("%s", error);
	classify_begin(c, 1);
	return c;
}

static void room_judge(const char *output, int status, struct run_text *ret)
{
	struct classify *c = room_classify();

	classify_put(c, output, strlen(output));
	classify_end(c, status, ret);
}

/* One row: an output, the exit status (-1: not known), the cause. */
struct room_row {
	const char *cause, *output;
	int status;
};

static void room_check(const struct room_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct run_text t;

		room_judge(rows[i].output, rows[i].status, &t);
		if (strcmp(hale_build_cause_name(t.cause), rows[i].cause) != 0)
			fail_msg("%s, not %s: %s",
				 hale_build_cause_name(t.cause), rows[i].cause,
				 rows[i].output);
	}
}

#endif
