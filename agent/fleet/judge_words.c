/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgments for people. Decides how they read: what happened, with both
 * numbers; what they share; what hale does about it; how sure that is. Must
 * never say more than was tested.
 */
#include <stdarg.h>

#include "agent/fleet/judge_own.h"

const char *judgment_kind_name(enum judgment_kind k)
{
	static const char *const names[JUDGMENT_KINDS] = {
		[JUDGMENT_COMMON_CAUSE] = "common-cause",
		[JUDGMENT_BLACK_HOLE] = "black-hole",
		[JUDGMENT_OUTLIER] = "outlier",
	};

	return k < JUDGMENT_KINDS ? names[k] : "";
}

__attribute__((format(printf, 2, 3))) static void
add(char text[JUDGE_WORDS_MAX], const char *format, ...)
{
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + len, JUDGE_WORDS_MAX - len, format, ap);
	va_end(ap);
}

/* " of rack=7", " of disk model X", " of the fleet" */
static void add_group(char *text, const struct judgment_group *g)
{
	if (g->key[0] == '\0')
		add(text, "the fleet");
	else if (strcmp(g->key, "disk model") == 0)
		add(text, "disk model %s", g->value);
	else
		add(text, "%s=%s", g->key, g->value);
}

static void say_common(const struct judgment *g, char *text)
{
	add(text, "%s on %u of %u hosts of ", g->cause, g->group.failed,
	    g->group.of);
	add_group(text, &g->group);
	if (g->group.others_of > 0)
		add(text, " (others: %u of %u)", g->group.others_failed,
		    g->group.others_of);
	for (uint32_t i = 0; i < g->n_shared; i++) {
		add(text, i == 0 ? "; they share " : ", ");
		add_group(text, &g->shared[i]);
		add(text, " (%u of %u)", g->shared[i].failed, g->shared[i].of);
	}
}

static void say_black_hole(const struct picture *p, const struct judgment *g,
			   char *text)
{
	struct picture_row row;
	const char *name = "a host";

	if (picture_row(p, g->host, &row))
		name = *row.name ? row.name : row.id;
	add(text,
	    "%s failed %u builds of %u repositories in a row, fast, and passed "
	    "none; since then %u other %s passed the same repositories",
	    name, g->failures, g->repos, g->peers,
	    g->peers == 1 ? "host" : "hosts");
}

static void say_outlier(const struct judgment *g, char *text)
{
	add(text, "%s: %u of %u failed in 30 days (others: %u of %u)",
	    g->group.value, g->group.failed, g->group.of,
	    g->group.others_failed, g->group.others_of);
}

void judgment_words(const struct picture *p, const struct judgment *g,
		    char ret_text[JUDGE_WORDS_MAX])
{
	ret_text[0] = '\0';
	switch (g->kind) {
	case JUDGMENT_COMMON_CAUSE:
		say_common(g, ret_text);
		break;
	case JUDGMENT_BLACK_HOLE:
		say_black_hole(p, g, ret_text);
		break;
	case JUDGMENT_OUTLIER:
		say_outlier(g, ret_text);
		break;
	case JUDGMENT_KINDS:
		break;
	}
}

/* Where to look first, by what failed. */
static const char *where_to_look(const char *cause)
{
	static const struct {
		const char *cause, *look;
	} rows[] = {
		{ "silent", "power, the network, or the fleet's own servers" },
		{ "registry-outage", "the registry" },
		{ "network", "the network, DNS, proxies" },
		{ "auth", "credentials that expired" },
		{ "engine-down", "what was rolled out to the engines" },
		{ "dependency", "the package mirror" },
		{ "code", "a commit that they all build" },
		{ "clock.unsynced", "the time servers" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].cause, cause) == 0)
			return rows[i].look;
	return "what was changed there: image, configuration, power, cooling";
}

void judgment_advice(const struct judgment *g, char ret_text[JUDGE_WORDS_MAX])
{
	ret_text[0] = '\0';
	switch (g->kind) {
	case JUDGMENT_COMMON_CAUSE:
		add(ret_text,
		    "not the fault of any one host: nobody is quarantined for "
		    "it; look at %s",
		    where_to_look(g->cause));
		break;
	case JUDGMENT_BLACK_HOLE:
		add(ret_text,
		    "quarantine it, as far as the cap allows; "
		    "`hale explain` there says what it saw; `hale fleet "
		    "release` lets it back in");
		break;
	case JUDGMENT_OUTLIER:
		add(ret_text, "keep only copies on disks of that model; look "
			      "for a firmware update, plan their "
			      "replacement");
		break;
	case JUDGMENT_KINDS:
		break;
	}
}

/* 2^10 is a little over 10^3. */
static uint32_t decimals(uint32_t bits)
{
	return (uint32_t)((uint64_t)bits * 30103 / 100000);
}

void judgment_proof(const struct judgment *g, char ret_text[JUDGE_WORDS_MAX])
{
	static const char *const tests[JUDGMENT_KINDS] = {
		[JUDGMENT_COMMON_CAUSE] = "binomial test against the usual "
					  "rate of the last 30 days",
		[JUDGMENT_BLACK_HOLE] = "exact test against the same "
					"repositories on its peers",
		[JUDGMENT_OUTLIER] = "Fisher's exact test against all other "
				     "disks",
	};
	const char *test = g->kind < JUDGMENT_KINDS ? tests[g->kind] : "";

	ret_text[0] = '\0';
	add(ret_text, "%s: by chance less than once in 10^%u", test,
	    decimals(g->bits));
}
