/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of the command line that need the fleet, or its clock, to be
 * understood.
 */
#include <errno.h>
#include <time.h>

#include "hale/base.h"

#include "agent/core/middle.h"
#include "look.h"

bool look_labels(const struct cli *cli, const struct args_list *labels,
		 struct view_filter *f, int *ret_exit)
{
	static char keys[VIEW_LABELS_MAX][TOLD_WORD_MAX];

	for (size_t i = 0; i < labels->n; i++) {
		const char *word = labels->items[i];
		size_t len = strcspn(word, "=");

		if (i == VIEW_LABELS_MAX || len == 0 ||
		    !hale_copy(keys[i], sizeof(keys[i]), word, len)) {
			*ret_exit = cli_fail(cli, HALE_EXIT_USAGE,
					     "--label wants KEY=VALUE, or KEY "
					     "alone, 8 of them at most, not",
					     word);
			return false;
		}
		f->labels[f->n_labels++] =
			(struct told_label){ keys[i], word[len] ? word + len + 1
								: NULL };
	}
	return true;
}

int look_time(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M",
					     "%Y-%m-%dT%H:%M" };
	uint64_t ns;

	if (hale_duration_parse(text, &ns) == 0) {
		*ret_ns = ns < now_ns ? now_ns - ns : 1;
		return 0;
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(forms); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t t;

		if (!end || *end)
			continue;
		tm.tm_isdst = -1;
		t = mktime(&tm);
		if (t <= 0)
			return -EINVAL;
		*ret_ns = (uint64_t)t * HALE_NS_PER_S;
		return 0;
	}
	return -EINVAL;
}

uint32_t look_host(struct look *l, const char *word)
{
	uint32_t host = picture_find(l->picture, word);
	char line[400];

	if (host == PICTURE_NONE)
		host = picture_find_name(l->picture, word);
	if (host != PICTURE_NONE)
		return host;
	snprintf(line, sizeof(line),
		 "%.253s: no host of this fleet was ever heard by that name or "
		 "id; `hale fleet ls` has them all",
		 word);
	cli_fail(l->cli, 0, line, NULL);
	return PICTURE_NONE;
}
