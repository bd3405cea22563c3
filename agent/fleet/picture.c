/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's own word. Decides what of it is news, which verdict it makes and
 * since when that holds by the server's time. Must never take an old word for a
 * new one, nor a host's clock for the time. Invariant: a word that changes
 * nothing but the time leaves the host where it is in the list of changes.
 */
#include <errno.h>

#include "agent/fleet/picture_own.h"

struct picture *picture_new(const struct picture_options *o)
{
	struct picture *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	if (o)
		p->o = *o;
	if (p->o.hosts_max == 0 || p->o.hosts_max > PICTURE_HOSTS_MAX)
		p->o.hosts_max = PICTURE_HOSTS_MAX;
	if (intern_init(&p->words, p->o.seed) < 0) {
		free(p);
		return NULL;
	}
	p->free = p->newest = p->oldest = PICTURE_NONE;
	memset(p->due, 0xff, sizeof(p->due));
	p->order_end_ns = UINT64_MAX;
	p->counts.bytes = sizeof(*p);
	return p;
}

static enum picture_verdict verdict_of(const struct told_state *s)
{
	if (s->agent_silent)
		return PICTURE_UNKNOWN;
	switch (s->fitness) {
	case HALE_FIT:
		return PICTURE_FIT;
	case HALE_DEGRADED:
		return PICTURE_DEGRADED;
	case HALE_UNFIT:
		return PICTURE_UNFIT;
	case HALE_UNKNOWN:
	case HALE_FITNESS_COUNT:
		break;
	}
	return PICTURE_UNKNOWN;
}

/* Since when the host says that its verdict holds, in the server's time: its
 * clock is only set against itself. False: it does not say. */
static bool claimed_since(const struct told_state *s, uint64_t at_ns,
			  uint64_t *ret_ns)
{
	uint64_t age;

	if (s->host_since_ns == 0 || s->host_since_ns > s->host_sent_ns ||
	    s->agent_silent)
		return false;
	age = s->host_sent_ns - s->host_since_ns;
	*ret_ns = age < at_ns ? at_ns - age : 0;
	return true;
}

static uint64_t since(const struct host *h, const struct told_state *s,
		      bool first, uint64_t at_ns)
{
	uint64_t claimed;

	if (!claimed_since(s, at_ns, &claimed) ||
	    (h->verdict == PICTURE_SILENT && !first))
		return at_ns;
	/* before its last word it was told otherwise */
	if (!first && claimed < h->live.heard_ns)
		return h->live.heard_ns < at_ns ? h->live.heard_ns : at_ns;
	return claimed;
}

/* Return: 1 something else than before, 0, -ENOMEM. */
static int take_words(struct picture *p, struct host *h,
		      const struct told_state *s)
{
	const char *why =
		s->agent_silent ? "the agent does not answer" : s->why;
	const int r[] = {
		picture_name(p, h, s->name),
		picture_text(p, &h->why, why),
		picture_text(p, &h->boot, s->boot),
		picture_rows(p, h, s),
	};
	bool known = s->version && *s->version;
	uint32_t version = known ? intern_take(&p->words, "hale", s->version)
				 : INTERN_NONE;
	bool changed = version != h->version;

	intern_drop(&p->words, h->version);
	h->version = version;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(r); i++) {
		if (r[i] < 0)
			return r[i];
		changed |= r[i] > 0;
	}
	return changed;
}

static bool take_numbers(struct host *h, const struct told_state *s)
{
	bool changed = h->findings != s->findings || h->cpus != s->cpus ||
		       h->memory_bytes != s->memory_bytes ||
		       h->dropped != s->dropped;

	h->findings = s->findings;
	h->cpus = s->cpus;
	h->memory_bytes = s->memory_bytes;
	h->dropped = s->dropped;
	return changed;
}

/* An old clock or a far one: what does not fit is as far as fits. */
static int64_t skew(uint64_t host_ns, uint64_t at_ns)
{
	uint64_t by = host_ns > at_ns ? host_ns - at_ns : at_ns - host_ns;

	if (host_ns == 0)
		return 0;
	if (by > INT64_MAX)
		by = INT64_MAX;
	return host_ns > at_ns ? (int64_t)by : -(int64_t)by;
}

static void take_time(struct host *h, const struct told_state *s,
		      uint64_t at_ns)
{
	uint32_t period = s->period_s < LIVENESS_PERIOD_MAX_S
				  ? s->period_s
				  : LIVENESS_PERIOD_MAX_S;

	if (at_ns > h->live.heard_ns)
		h->live.heard_ns = at_ns;
	h->live.period_s = period;
	h->skew_ns = skew(s->host_sent_ns, at_ns);
	h->never = false;
}

static void take_verdict(struct picture *p, uint32_t i,
			 const struct told_state *s, uint64_t at_ns)
{
	struct host *h = picture_host(p, i);
	bool first = h->live.heard_ns == 0 || h->never;
	enum picture_verdict v = verdict_of(s);
	uint64_t silent_ns;

	if (!first && h->verdict != PICTURE_SILENT &&
	    picture_silent(p, h, at_ns, &silent_ns))
		picture_set_verdict(p, i, PICTURE_SILENT, silent_ns);
	h->said = (uint8_t)v;
	if (!first && h->verdict == v)
		return;
	h->since_at_least = first && !claimed_since(s, at_ns, &silent_ns);
	picture_set_verdict(p, i, v, since(h, s, first, at_ns));
}

int64_t picture_state(struct picture *p, const struct told_state *s,
		      uint64_t at_ns)
{
	uint32_t i;
	struct host *h;
	int r = 0, own;

	i = picture_place(p, s->id, &r);
	if (i == PICTURE_NONE)
		return r;
	h = picture_host(p, i);
	if (!liveness_newer(&h->no, &s->no)) {
		p->counts.stale++;
		return -ESTALE;
	}
	take_verdict(p, i, s, at_ns);
	take_time(h, s, at_ns);
	r = take_words(p, h, s);
	own = picture_by_itself(p, h, s, at_ns);
	if (take_numbers(h, s) || r > 0 || own > 0)
		picture_changed(p, i);
	if (!h->waits)
		picture_due(p, i);
	return r < 0 ? r : own < 0 ? own : (int64_t)i;
}

int64_t picture_expect(struct picture *p, const char *id, const char *name,
		       uint64_t at_ns)
{
	uint32_t i;
	struct host *h;
	int r = 0;

	i = picture_place(p, id, &r);
	if (i == PICTURE_NONE)
		return r;
	h = picture_host(p, i);
	if (h->live.heard_ns != 0)
		return i;
	h->never = true;
	h->live.heard_ns = at_ns;
	h->since_at_least = false;
	r = picture_name(p, h, name);
	picture_set_verdict(p, i, PICTURE_UNKNOWN, at_ns);
	picture_due(p, i);
	return r < 0 ? r : (int64_t)i;
}
