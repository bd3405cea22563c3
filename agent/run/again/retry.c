/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May another attempt help, and when? Decides by the cause alone, in the table
 * below: the same command again for what passes by itself (the network, a
 * registry, an engine that restarts), another strategy for what another way
 * goes around, and nothing at all where the answer is known: broken code, a
 * crashed compiler (a second try that passes would hide bad memory), a prompt
 * that nobody answers. Must never try again here what is this host's fault:
 * that belongs elsewhere. Invariant: each answer but RETRY_STOP uses up a
 * retry or a strategy, so that it ends.
 */
#include "retry.h"

#include "hale/base.h"

#define MS(n) ((n)*HALE_NS_PER_MS)
#define S(n)  ((n)*HALE_NS_PER_S)

struct advice {
	/* What the same once more waits for: never less than the floor, which
	 * is about what a lost packet, a restart of an engine, or a limit of
	 * requests a minute (429) needs to be over. */
	uint64_t floor_ns, base_ns, cap_ns;
	bool next;	 /* another strategy may go around it */
	bool next_first; /* … and is better than the same once more */
};

static const struct advice table[HALE_CAUSE_COUNT] = {
	/* nobody knows that it is the code: another way is worth its time */
	[HALE_CAUSE_UNKNOWN] = { MS(500), S(1), S(60), true, true },
	[HALE_CAUSE_ENGINE_DOWN] = { S(1), S(2), S(60), true, false },
	[HALE_CAUSE_NETWORK] = { MS(500), S(1), S(60), true, false },
	[HALE_CAUSE_REGISTRY_OUTAGE] = { S(5), S(10), S(300), true, false },
	/* a cache that may be read and not written, as from a fork */
	[HALE_CAUSE_AUTH] = { MS(500), S(1), S(60), true, true },
	[HALE_CAUSE_CACHE] = { MS(500), S(1), S(60), true, true },
	/* strategies have times of their own; the same takes as long again */
	[HALE_CAUSE_TIMEOUT] = { MS(500), S(1), S(60), true, true },
	/* a stale layer names a version that is gone: without a cache it is
	 * looked up anew */
	[HALE_CAUSE_DEPENDENCY] = { MS(500), S(1), S(60), true, true },
	/* fewer jobs need less */
	[HALE_CAUSE_BUILD_LIMIT] = { MS(500), S(1), S(60), true, true },
	/* of no other is there a second way: host-…, interactive-stall, code,
	 * toolchain-crash */
};

/* Full jitter above the floor: many builds that failed in one moment must not
 * come back in one moment. */
static uint64_t delay_of(const struct advice *a, uint32_t failed,
			 uint32_t chance)
{
	uint64_t window = a->base_ns;

	for (uint32_t i = 1; i < failed && window < a->cap_ns; i++)
		window *= 2;
	if (window > a->cap_ns)
		window = a->cap_ns;
	/* in ms, so that the product stays below 2^64 */
	window = (window - a->floor_ns) / HALE_NS_PER_MS;
	return a->floor_ns + (window * chance >> 32) * HALE_NS_PER_MS;
}

static const struct advice *advice_of(const struct run_judgement *j)
{
	if (j->status == 0 || j->host_fault ||
	    j->retry == HALE_RETRY_ELSEWHERE ||
	    hale_build_cause_is_host(j->cause) ||
	    (unsigned int)j->cause >= HALE_CAUSE_COUNT)
		return NULL;
	return &table[j->cause];
}

static enum retry_verdict again(struct retry *r, const struct advice *a,
				uint32_t chance, uint64_t *ret_delay_ns)
{
	r->left--;
	*ret_delay_ns = delay_of(a, r->failed, chance);
	return RETRY_AGAIN;
}

enum retry_verdict retry_next(struct retry *r, const struct run_judgement *j,
			      uint32_t chance, uint64_t *ret_delay_ns)
{
	const struct advice *a = advice_of(j);
	bool may_again, may_next;

	r->failed++;
	if (!a || r->failed >= RUN_ATTEMPTS_MAX)
		return RETRY_STOP;
	/* what the text says of this very failure counts, not its kind */
	may_again = j->retry == HALE_RETRY_HERE && r->left > 0 && a->cap_ns > 0;
	may_next = a->next && r->strategy + 1 < r->strategies;
	if (may_again && !(may_next && a->next_first))
		return again(r, a, chance, ret_delay_ns);
	if (!may_next)
		return RETRY_STOP;
	r->strategy++;
	*ret_delay_ns = a->next_first ? 0 : delay_of(a, r->failed, chance);
	return RETRY_NEXT;
}
