/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section [crashes]: whose crashes speak for the host. Decides what names a
 * user. A name that no user has is told and left out, never taken for
 * everybody: a CI service may be installed later. Invariant: text alone is
 * judged when the file is read; accounts are looked up in config_resolve().
 */
#include <errno.h>
#include <pwd.h>

#include "hale/base.h"

#include "agent/daemon/config.h"

#define BLANKS ", \t"

/* "1000", "100000-165535"; -EINVAL: a name, or nothing. */
static int parse_range(const char *text, uint32_t *ret_first,
		       uint32_t *ret_last)
{
	unsigned long long first, last;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	first = last = strtoull(text, &end, 10);
	if (end[0] == '-' && end[1] >= '0' && end[1] <= '9')
		last = strtoull(end + 1, &end, 10);
	/* -1 is nobody: setresuid(2) */
	if (*end || last < first || last >= UINT32_MAX)
		return -EINVAL;
	*ret_first = (uint32_t)first;
	*ret_last = (uint32_t)last;
	return 0;
}

/* As useradd(8) lets them be; not a number that is none. */
static bool is_name(const char *text)
{
	return (text[0] < '0' || text[0] > '9') && text[0] != '-' &&
	       !strpbrk(text, "/:*\"'");
}

/* The next word of @at into @ret_word, which holds a name; -EINVAL: too long;
 * 0: there is none. */
static int next_word(const char **at, char ret_word[HALE_NAME_MAX])
{
	size_t len;

	*at += strspn(*at, BLANKS);
	len = strcspn(*at, BLANKS);
	if (!hale_copy(ret_word, HALE_NAME_MAX, *at, len))
		return -EINVAL;
	*at += len;
	return len > 0;
}

int config_set_builders(struct config *config, const char *value)
{
	const char *at = value;
	char word[HALE_NAME_MAX];
	uint32_t first, last, n = 0;
	int r;

	while ((r = next_word(&at, word)) > 0) {
		if (parse_range(word, &first, &last) < 0 && !is_name(word))
			return -EINVAL;
		if (++n > HALE_UID_RANGES_MAX)
			return -EINVAL;
	}
	if (r < 0 || n == 0 || !HALE_SET(config->builders, value))
		return -EINVAL;
	return 0;
}

void config_resolve_builders(struct config *config)
{
	struct hale_uids *u = &config->policy.builders;
	const char *at = config->builders;
	char word[HALE_NAME_MAX];

	u->n = 0;
	config->unknown_builder[0] = '\0';
	while (u->n < HALE_UID_RANGES_MAX && next_word(&at, word) > 0) {
		uint32_t first, last;
		const struct passwd *p;

		if (parse_range(word, &first, &last) < 0) {
			p = getpwnam(word);
			if (!p && !config->unknown_builder[0])
				HALE_SET(config->unknown_builder, word);
			if (!p)
				continue;
			first = last = p->pw_uid;
		}
		u->ranges[u->n].first = first;
		u->ranges[u->n++].last = last;
	}
}
