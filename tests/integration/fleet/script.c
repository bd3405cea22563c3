/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a script as messages of hosts, good ones and such as no reader may
 * take. Decides only what a line means.
 */
#include <errno.h>
#include <stdio.h>

#include "hale/base.h"

#include "hosts.h"

struct line {
	char word[12], one[48], two[80], three[80], rest[256];
};

static Hale__V1__Fitness fitness_of(const char *word)
{
	return strcmp(word, "UNFIT") == 0      ? HALE__V1__FITNESS__UNFIT
	       : strcmp(word, "DEGRADED") == 0 ? HALE__V1__FITNESS__DEGRADED
	       : strcmp(word, "FIT") == 0      ? HALE__V1__FITNESS__FIT
					       : HALE__V1__FITNESS__UNKNOWN;
}

static ssize_t state(const struct line *in, struct said *s, void *buf)
{
	s->fitness = fitness_of(in->one);
	s->condition = in->two[0] ? in->two : NULL;
	s->part = in->three;
	s->evidence = in->rest;
	return host_state(s, buf);
}

static ssize_t forge(const struct line *in, const struct said *s, void *buf)
{
	struct said other = *s;

	other.host = (uint32_t)strtoul(in->one, NULL, 10);
	other.fitness = HALE__V1__FITNESS__FIT;
	return host_state(&other, buf);
}

static ssize_t finding(const struct line *in, struct said *s, void *buf)
{
	s->fitness = HALE__V1__FITNESS__UNFIT;
	s->condition = in->two;
	s->part = in->three;
	s->evidence = in->rest;
	return host_finding(s, strcmp(in->one, "closed") == 0, buf);
}

ssize_t host_line(const char *text, struct said *s, enum fleet_kind *ret_kind,
		  void *buf)
{
	struct line in = { .word = "" };

	if (sscanf(text, "%11s %u %47s %79s %79s %255[^\n]", in.word, &s->host,
		   in.one, in.two, in.three, in.rest) < 3)
		return -EINVAL;
	*ret_kind = FLEET_STATE;
	if (strcmp(in.word, "state") == 0)
		return state(&in, s, buf);
	if (strcmp(in.word, "forge") == 0)
		return forge(&in, s, buf);
	if (strcmp(in.word, "garbage") == 0)
		return snprintf(buf, FLEET_STATE_MAX, "%s", in.one);
	*ret_kind = FLEET_FINDING;
	if (strcmp(in.word, "finding") == 0)
		return finding(&in, s, buf);
	*ret_kind = FLEET_BUILD;
	if (strcmp(in.word, "build") == 0)
		return host_build(s, in.one, in.two, buf);
	return -EINVAL;
}
