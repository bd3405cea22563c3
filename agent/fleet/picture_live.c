/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is SILENT. Decides when a host's silence counts, and files each host
 * under the second in which that would be: a heartbeat moves nothing, the host
 * is put further ahead when its second comes. Must never count a silence that
 * is the reader's own. Invariant: the picture is the same however seldom it is
 * ticked; a verdict SILENT holds since its deadline, not since the tick.
 */
#include <errno.h>

#include "agent/fleet/picture_own.h"

static uint64_t deadline(const struct picture *p, const struct host *h)
{
	struct liveness l = h->live;

	if (l.period_s == 0)
		l.period_s = p->o.period_s;
	/* who could not be heard then has its time from the day it can be */
	if (l.heard_ns < p->fed_ns && h->verdict != PICTURE_SILENT)
		l.heard_ns = p->fed_ns;
	return liveness_deadline(&l);
}

bool picture_silent(const struct picture *p, const struct host *h,
		    uint64_t now_ns, uint64_t *ret_since_ns)
{
	*ret_since_ns = deadline(p, h);
	return p->fed_ns != UINT64_MAX && now_ns > *ret_since_ns;
}

void picture_set_verdict(struct picture *p, uint32_t i, enum picture_verdict v,
			 uint64_t since_ns)
{
	struct host *h = picture_host(p, i);

	p->counts.by_verdict[h->verdict]--;
	p->counts.by_verdict[v]++;
	h->verdict = (uint8_t)v;
	h->since_ns = since_ns;
	picture_changed(p, i);
}

void picture_unlink_due(struct picture *p, uint32_t i)
{
	struct host *h = picture_host(p, i);

	if (!h->waits)
		return;
	if (h->due_before != PICTURE_NONE)
		picture_host(p, h->due_before)->due_next = h->due_next;
	else
		p->due[h->slot] = h->due_next;
	if (h->due_next != PICTURE_NONE)
		picture_host(p, h->due_next)->due_before = h->due_before;
	h->waits = false;
}

static void link_due(struct picture *p, uint32_t i, uint64_t second)
{
	struct host *h = picture_host(p, i);
	uint32_t *slot = &p->due[second % WHEEL_SLOTS];

	h->slot = (uint16_t)(second % WHEEL_SLOTS);
	h->due_before = PICTURE_NONE;
	h->due_next = *slot;
	if (*slot != PICTURE_NONE)
		picture_host(p, *slot)->due_before = i;
	*slot = i;
	h->waits = true;
}

/* The second after the one of its deadline; at most once round the wheel, and
 * never one that was looked at. */
static uint64_t due_second(const struct picture *p, const struct host *h)
{
	uint64_t second = deadline(p, h) / HALE_NS_PER_S + 1;

	if (second <= p->looked_s)
		return p->looked_s + 1;
	if (second >= p->looked_s + WHEEL_SLOTS)
		return p->looked_s + WHEEL_SLOTS - 1;
	return second;
}

void picture_due(struct picture *p, uint32_t i)
{
	struct host *h = picture_host(p, i);

	picture_unlink_due(p, i);
	if (h->verdict != PICTURE_SILENT)
		link_due(p, i, due_second(p, h));
}

static void look_at(struct picture *p, uint32_t i, uint64_t now_ns)
{
	struct host *h = picture_host(p, i);
	uint64_t since;

	if (picture_silent(p, h, now_ns, &since)) {
		picture_unlink_due(p, i);
		picture_set_verdict(p, i, PICTURE_SILENT, since);
		h->since_at_least = false;
		return;
	}
	picture_due(p, i);
}

static void look_at_slot(struct picture *p, uint64_t second, uint64_t now_ns)
{
	uint32_t i = p->due[second % WHEEL_SLOTS], next;

	for (; i != PICTURE_NONE; i = next) {
		next = picture_host(p, i)->due_next;
		look_at(p, i, now_ns);
	}
}

/* Orders that end are few: they are looked for among all hosts, but only when
 * one is due. */
static void end_orders(struct picture *p, uint64_t now_ns)
{
	if (now_ns < p->order_end_ns)
		return;
	p->order_end_ns = UINT64_MAX;
	for (uint32_t i = 0; i < p->n_places; i++) {
		struct host *h = picture_there(p, i);

		if (h && picture_order_ended(p, h, now_ns))
			picture_changed(p, i);
	}
}

void picture_tick(struct picture *p, uint64_t now_ns)
{
	uint64_t second, first;

	if (now_ns <= p->counts.now_ns)
		return;
	p->counts.now_ns = now_ns;
	second = now_ns / HALE_NS_PER_S;
	first = p->looked_s + 1;
	if (second >= first + WHEEL_SLOTS)
		first = second - WHEEL_SLOTS + 1; /* all slots, once */
	p->looked_s = second;
	for (; first <= second; first++)
		look_at_slot(p, first, now_ns);
	end_orders(p, now_ns);
}

void picture_fed(struct picture *p, bool fed, uint64_t now_ns)
{
	bool was = p->fed_ns != UINT64_MAX;

	if (fed == was)
		return;
	p->fed_ns = fed ? now_ns : UINT64_MAX;
	for (uint32_t i = 0; i < p->n_places; i++)
		if (picture_there(p, i))
			picture_due(p, i);
}

/* What a server said of a connection, in the order of its own time. */
static int64_t link_word(struct picture *p, const char *id, uint64_t at_ns,
			 bool gone)
{
	uint32_t i = picture_find(p, id);
	struct host *h;
	bool was;

	if (i == PICTURE_NONE)
		return -ENOENT;
	h = picture_host(p, i);
	if (at_ns < h->link_ns) {
		p->counts.stale++;
		return -ESTALE;
	}
	was = h->live.gone_ns != 0;
	h->link_ns = at_ns;
	h->live.gone_ns = gone ? at_ns : 0;
	if (was != gone)
		picture_changed(p, i);
	picture_due(p, i);
	return i;
}

int64_t picture_connected(struct picture *p, const char *id, uint64_t at_ns)
{
	return link_word(p, id, at_ns, false);
}

int64_t picture_disconnected(struct picture *p, const char *id, uint64_t at_ns)
{
	return link_word(p, id, at_ns, true);
}
