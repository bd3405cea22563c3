/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order. Decides what stands before what. Must never leave two hosts
 * without an order: pages of one picture fit together, so the id decides last.
 */
#include "agent/fleet/view_own.h"

#include <errno.h>

#include "hale/base.h"

static const char *const key_names[VIEW_KEYS] = {
	[VIEW_WORST] = "worst",	      [VIEW_NAME] = "name",
	[VIEW_SINCE] = "since",	      [VIEW_HEARD] = "heard",
	[VIEW_FINDINGS] = "findings",
};

const char *view_key_name(enum view_key k)
{
	return key_names[k < VIEW_KEYS ? k : VIEW_WORST];
}

int view_key_from_name(const char *name, enum view_key *ret_key)
{
	for (size_t k = 0; k < VIEW_KEYS; k++) {
		if (strcmp(name, key_names[k]) != 0)
			continue;
		*ret_key = (enum view_key)k;
		return 0;
	}
	return -EINVAL;
}

/* What an operator has to see first stands first. */
static uint64_t badness(enum picture_verdict v)
{
	static const uint8_t ranks[PICTURE_VERDICTS] = {
		[PICTURE_UNFIT] = 0,   [PICTURE_SILENT] = 1,
		[PICTURE_UNKNOWN] = 2, [PICTURE_DEGRADED] = 3,
		[PICTURE_FIT] = 4,
	};

	return ranks[v];
}

void view_entry(const struct picture_row *row, uint32_t host, enum view_key key,
		struct view_entry *ret)
{
	*ret = (struct view_entry){ 0, row->name, row->id, host };
	switch (key) {
	case VIEW_WORST:
	case VIEW_KEYS:
		ret->rank = badness(row->verdict);
		break;
	case VIEW_NAME:
		break;
	case VIEW_SINCE:
		ret->rank = UINT64_MAX - row->since_ns;
		break;
	case VIEW_HEARD:
		ret->rank = row->heard_ns;
		break;
	case VIEW_FINDINGS:
		ret->rank = UINT32_MAX - row->findings;
		break;
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two runs of digits by their value, however long; both are passed over. */
static int compare_numbers(const char **a, const char **b)
{
	size_t na = 0, nb = 0;
	int order;

	while (**a == '0' && is_digit((*a)[1]))
		(*a)++;
	while (**b == '0' && is_digit((*b)[1]))
		(*b)++;
	while (is_digit((*a)[na]))
		na++;
	while (is_digit((*b)[nb]))
		nb++;
	if (na != nb)
		return na < nb ? -1 : 1;
	order = memcmp(*a, *b, na);
	*a += na;
	*b += nb;
	return order;
}

static int compare_names(const char *a, const char *b)
{
	while (*a && *b) {
		int order;

		if (is_digit(*a) && is_digit(*b)) {
			order = compare_numbers(&a, &b);
		} else {
			order = (unsigned char)*a - (unsigned char)*b;
			a++;
			b++;
		}
		if (order != 0)
			return order;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

static int compare(const void *va, const void *vb)
{
	const struct view_entry *a = va, *b = vb;
	int order;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	order = compare_names(a->name, b->name);
	return order != 0 ? order : strcmp(a->id, b->id);
}

static int compare_reverse(const void *a, const void *b)
{
	return compare(b, a);
}

void view_sort(struct view_entry *entries, uint32_t n, bool reverse)
{
	qsort(entries, n, sizeof(*entries),
	      reverse ? compare_reverse : compare);
}

uint32_t *view_shrink(struct view_entry *entries, uint32_t n)
{
	uint32_t *hosts = (uint32_t *)(void *)entries, *smaller;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t host = entries[i].host;

		memcpy(&hosts[i], &host, sizeof(host));
	}
	smaller = realloc(hosts, (n + 1) * sizeof(*hosts));
	return smaller ? smaller : hosts;
}
