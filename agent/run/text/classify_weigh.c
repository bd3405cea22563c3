/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighs what the lines of an output claim. Decides that the heaviest claim
 * wins, wherever it stands, and among equals the deeper cause: a full disk
 * explains a lost connection, never the other way round. The exit status
 * speaks only where the text does not. Must never be sure of a host's fault:
 * text alone is "likely" at most.
 */
#include <string.h>

#include "classify_weigh.h"
#include "hale/base.h"

#define NEAR_END 16 /* lines; tzdata asks in 14 */
#define STALE	 2  /* weight of a question that was answered */
#define SURE	 7  /* weight of what says its cause by name */
#define FAIR	 4

/* Among equally heavy claims the first of these. */
static const enum hale_build_cause depth[] = {
	HALE_CAUSE_HOST_IO,
	HALE_CAUSE_HOST_READONLY_FS,
	HALE_CAUSE_HOST_INODES,
	HALE_CAUSE_HOST_DISK_FULL,
	HALE_CAUSE_HOST_MEMORY,
	HALE_CAUSE_HOST_SIGBUS,
	HALE_CAUSE_BUILD_LIMIT,
	HALE_CAUSE_INTERACTIVE_STALL,
	HALE_CAUSE_ENGINE_DOWN,
	HALE_CAUSE_CACHE,
	HALE_CAUSE_REGISTRY_OUTAGE,
	HALE_CAUSE_AUTH,
	HALE_CAUSE_NETWORK,
	HALE_CAUSE_TOOLCHAIN_CRASH,
	HALE_CAUSE_TIMEOUT,
	HALE_CAUSE_DEPENDENCY,
	HALE_CAUSE_CODE,
};

/* What a status says where no line says more than @below. */
static const struct {
	int status;
	unsigned int below;
	enum hale_build_cause cause;
} statuses[] = {
	{ 124, 6, HALE_CAUSE_TIMEOUT },
	{ 137, 4, HALE_CAUSE_HOST_MEMORY },
	{ 135, 4, HALE_CAUSE_HOST_SIGBUS }, /* SIGBUS is 7 on x86 and ARM */
	{ 139, 4, HALE_CAUSE_TOOLCHAIN_CRASH },
	{ 134, 3, HALE_CAUSE_TOOLCHAIN_CRASH },
	{ 132, 4, HALE_CAUSE_TOOLCHAIN_CRASH },
	{ 143, 2, HALE_CAUSE_TIMEOUT },
	{ 127, 2, HALE_CAUSE_DEPENDENCY },
};

void claims_add(struct claims *claims, enum hale_build_cause cause,
		const struct claim *claim)
{
	struct claim *of = claims->of[cause];

	if (claim->weight > of[0].weight ||
	    (claim->tentative && claim->weight == of[0].weight)) {
		of[1] = of[0];
		of[0] = *claim;
	} else if (claim->weight >= of[1].weight) {
		of[1] = *claim;
	}
}

static unsigned int weight(const struct claim *c, uint64_t lines)
{
	if (c->tentative && lines - c->line > NEAR_END)
		return STALE;
	return c->weight;
}

static enum hale_build_cause heaviest(const struct claims *claims,
				      uint64_t lines, unsigned int *ret_weight)
{
	enum hale_build_cause best = HALE_CAUSE_UNKNOWN;
	unsigned int most = 0;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(depth); i++) {
		unsigned int w = weight(&claims->of[depth[i]][0], lines);

		if (w > most) {
			most = w;
			best = depth[i];
		}
	}
	*ret_weight = most;
	return best;
}

static enum hale_build_cause ask_status(int status, enum hale_build_cause cause,
					unsigned int *weight_io)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(statuses); i++) {
		if (statuses[i].status != status ||
		    *weight_io >= statuses[i].below)
			continue;
		*weight_io = FAIR - 1;
		return statuses[i].cause;
	}
	return cause;
}

static enum hale_confidence confidence(enum hale_build_cause cause,
				       unsigned int w)
{
	if (cause == HALE_CAUSE_UNKNOWN || w < FAIR)
		return HALE_CONFIDENCE_POSSIBLE;
	if (hale_build_cause_is_host(cause))
		return w >= SURE ? HALE_CONFIDENCE_LIKELY
				 : HALE_CONFIDENCE_POSSIBLE;
	return w >= SURE ? HALE_CONFIDENCE_CERTAIN : HALE_CONFIDENCE_LIKELY;
}

static void add_evidence(struct run_text *t, const struct claim *c)
{
	if (c->weight == 0 || t->n_evidence >= RUN_EVIDENCE_MAX)
		return;
	for (uint32_t i = 0; i < t->n_evidence; i++) {
		if (t->evidence[i].line == c->line)
			return;
	}
	t->evidence[t->n_evidence].line =
		c->line > UINT32_MAX ? UINT32_MAX : (uint32_t)c->line;
	HALE_SET(t->evidence[t->n_evidence].text, c->text);
	t->n_evidence++;
}

/* The heaviest claim of another cause, once. */
static void add_others(struct run_text *t, const struct claims *claims)
{
	for (unsigned int w = 9; w > 2; w--) {
		for (size_t i = 0; i < HALE_ARRAY_SIZE(depth); i++) {
			const struct claim *c = &claims->of[depth[i]][0];

			if (c->weight == w && depth[i] != t->cause)
				add_evidence(t, c);
		}
	}
}

void claims_weigh(const struct claims *claims, uint64_t lines, int status,
		  struct run_text *ret)
{
	const struct claim *of;
	unsigned int w = 0;

	*ret = (struct run_text){ .cause = heaviest(claims, lines, &w) };
	ret->cause = ask_status(status, ret->cause, &w);
	ret->confidence = confidence(ret->cause, w);
	ret->retry = hale_build_cause_retry(ret->cause);
	of = claims->of[ret->cause];
	if (of[0].weight) {
		HALE_SET(ret->tool, of[0].tool);
		HALE_SET(ret->crashed, of[0].who);
	}
	add_evidence(ret, &of[0]);
	add_evidence(ret, &of[1]);
	add_others(ret, claims);
}
