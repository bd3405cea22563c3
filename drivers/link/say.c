/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of the interfaces that the host's traffic goes through. Decides
 * of which one each fact is true: a link is lost where there is no interface
 * beneath, errors are those of hardware (a tunnel counts unreachable peers as
 * errors), and only what a default route names can be down. All numbers are the
 * kernel's own totals; what they have grown by is for the middle to find.
 */
#include <errno.h>

#include "link.h"

/* Queues whose file is read: a card has one a processor at most. */
#define QUEUES_MAX 256
/* Interfaces of a host that do not carry it, as far as is looked once. */
#define OLDER_MAX 64
/* Which counter of a part and condition it is. */
enum {
	COUNT_RECEIVED = 0,
	COUNT_SENT = 1
};
static int number(const struct hale_probe *p, const char *path, uint64_t *ret)
{
	char text[24], *end;
	uint64_t n;
	int r = hale_read_at(p->root_fd, path, text, sizeof(text));

	if (r <= 0)
		return r < 0 ? r : -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9')
		return -EINVAL;
	*ret = n;
	return 0;
}

/* ", 1000 Mb/s full duplex"; a virtual card has no speed. */
static void describe_speed(const struct hale_probe *p, const struct link_if *i,
			   char *text, size_t size)
{
	char path[64], duplex[16];
	uint64_t mbits;

	text[0] = '\0';
	snprintf(path, sizeof(path), "sys/class/net/%s/speed", i->name);
	if (number(p, path, &mbits) < 0 || mbits == 0 || mbits > 10000000)
		return;
	snprintf(path, sizeof(path), "sys/class/net/%s/duplex", i->name);
	if (hale_read_at(p->root_fd, path, duplex, sizeof(duplex)) <= 0)
		duplex[0] = '\0';
	snprintf(text, size, ", %llu Mb/s%s", (unsigned long long)mbits,
		 strcmp(duplex, "half") == 0   ? " half duplex"
		 : strcmp(duplex, "full") == 0 ? " full duplex"
					       : "");
}

static struct hale_observation about(const struct hale_probe *p,
				     const struct link_if *i,
				     enum hale_condition condition)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = condition,
				      .time_ns = p->now_ns,
				      .total = UINT64_MAX };

	snprintf(o.part, sizeof(o.part), "net/%s", i->name);
	return o;
}

static bool is_down(const struct link_if *i)
{
	return i->operstate == IF_OPER_DOWN ||
	       i->operstate == IF_OPER_LOWERLAYERDOWN;
}

static void say_flaps(struct hale_probe *p, const struct link_if *i)
{
	struct hale_observation o = about(p, i, HALE_NET_LINK_FLAP);
	char speed[64];

	describe_speed(p, i, speed, sizeof(speed));
	o.value = i->downs;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s has lost its link %u time%s since it is there; now %s%s",
		 i->name, i->downs, i->downs == 1 ? "" : "s",
		 is_down(i) ? "down" : "up", speed);
	hale_emit_observation(p, &o);
}

static void say_errors(struct hale_probe *p, const struct link_if *i)
{
	const struct link_stats *s = &i->stats;
	struct hale_observation o = about(p, i, HALE_NET_ERRORS);
	uint64_t damaged = s->rx_crc_errors + s->rx_frame_errors;
	char speed[64];

	describe_speed(p, i, speed, sizeof(speed));
	o.counter = COUNT_RECEIVED;
	/* not every card adds up its own */
	o.value = s->rx_errors > damaged ? s->rx_errors : damaged;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s: %llu receive errors in all (%llu by checksum, %llu by "
		 "framing)%s",
		 i->name, (unsigned long long)o.value,
		 (unsigned long long)s->rx_crc_errors,
		 (unsigned long long)s->rx_frame_errors, speed);
	hale_emit_observation(p, &o);
	o.counter = COUNT_SENT;
	o.value = s->tx_errors;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s: %llu send errors in all (%llu by carrier)%s", i->name,
		 (unsigned long long)o.value,
		 (unsigned long long)s->tx_carrier_errors, speed);
	hale_emit_observation(p, &o);
}

static void say_timeouts(struct hale_probe *p, const struct link_if *i)
{
	struct hale_observation o = about(p, i, HALE_NET_TX_TIMEOUT);
	char path[96];
	uint64_t n;
	bool any = false;

	for (uint32_t q = 0; q < i->tx_queues && q < QUEUES_MAX; q++) {
		snprintf(path, sizeof(path),
			 "sys/class/net/%s/queues/tx-%u/tx_timeout", i->name,
			 q);
		if (number(p, path, &n) < 0)
			continue;
		o.value += n;
		any = true;
	}
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s: its send queues have timed out %llu time%s since it is "
		 "there",
		 i->name, (unsigned long long)o.value, o.value == 1 ? "" : "s");
	if (any)
		hale_emit_observation(p, &o);
}

static void say_down(struct hale_probe *p, const char *name, bool down)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_NET_LINK_DOWN,
				      .holds = down,
				      .count = down,
				      .time_ns = p->now_ns };

	snprintf(o.part, sizeof(o.part), "net/%s", name);
	if (down)
		snprintf(o.evidence, sizeof(o.evidence),
			 "%s carries the default route and has no link", name);
	hale_emit_observation(p, &o);
}

static void say_rests(struct hale_probe *p, const char *name, bool holds)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };
	struct hale_rests *r = &f.u.rests;

	r->holds = holds;
	HALE_SET(r->part, "host");
	snprintf(r->on, sizeof(r->on), "net/%s", name);
	p->emit(p->sink, &f);
}

static bool picked(const struct link_pick *picks, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(picks[i].i->name, name) == 0)
			return true;
	}
	return false;
}

/* Cards, and what is made of them for a host: not a bridge, nor a container's.
 */
static bool could_carry(const struct link_if *i)
{
	return !i->loopback &&
	       (!i->kind[0] || strcmp(i->kind, "bond") == 0 ||
		strcmp(i->kind, "team") == 0 || strcmp(i->kind, "vlan") == 0);
}

/* An agent before this one may have called another interface down. */
static void take_back_older(struct hale_probe *p, const struct link_world *w,
			    const struct link_pick *picks, uint32_t n)
{
	const struct link_state *s = p->state;
	uint32_t left = OLDER_MAX;

	for (uint32_t i = 0; !s->memory->begun && i < w->n_ifs && left; i++) {
		const struct link_if *other = &w->ifs[i];

		if (!could_carry(other) || picked(picks, n, other->name))
			continue;
		say_down(p, other->name, false);
		left--;
	}
	s->memory->begun = true;
}

/* What carried the host before, and no longer does. A host that has lost its
 * last default route is still best explained by the interface that had it. */
static void take_back(struct hale_probe *p, const struct link_pick *picks,
		      uint32_t n)
{
	const struct link_state *s = p->state;
	struct link_memory *m = s->memory;

	for (uint32_t i = 0; i < m->n_names && i < LINK_PICKS_MAX; i++) {
		m->names[i][IFNAMSIZ - 1] = '\0';
		if (picked(picks, n, m->names[i]))
			continue;
		say_down(p, m->names[i], false);
		say_rests(p, m->names[i], false);
	}
	for (uint32_t i = 0; i < n; i++)
		HALE_SET(m->names[i], picks[i].i->name);
	m->n_names = n;
}

static void cover(struct hale_probe *p, const struct link_world *w,
		  const struct link_pick *picks, uint32_t n)
{
	const char *why = "", *remedy = "";
	bool guest = false;

	for (uint32_t i = 0; i < n; i++)
		guest |= strcmp(picks[i].i->kind, "veth") == 0;
	if (n == 0)
		why = "there is no default route, so no interface to watch";
	else if (w->lost)
		why = "there are too many network interfaces to see all";
	else if (guest)
		why = "a container's network: the host's own cards are not "
		      "seen",
		remedy = "run haled in the host's network namespace";
	hale_emit_coverage(p, HALE_SENSE_NETWORK,
			   why[0] ? HALE_SIGHT_PARTIAL : HALE_SIGHT_LIVE, why,
			   remedy);
}

void link_say(struct hale_probe *p, const struct link_world *w,
	      const struct link_pick *picks, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++) {
		const struct link_if *i = picks[k].i;

		say_rests(p, i->name, true);
		if (picks[k].top)
			say_down(p, i->name, is_down(i));
		if (!picks[k].bottom)
			continue;
		say_flaps(p, i);
		if (i->kind[0])
			continue;
		say_errors(p, i);
		say_timeouts(p, i);
	}
	if (n > 0) {
		take_back_older(p, w, picks, n);
		take_back(p, picks, n);
	}
	cover(p, w, picks, n);
}
