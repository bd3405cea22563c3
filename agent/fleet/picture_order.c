/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quarantines. Decides which of an operator's or a judgment's words holds for a
 * host: the one issued last, whichever came last. Must never end what a host
 * says of itself: only the host can. Invariant: an order that was obeyed,
 * overruled or has ended is not taken again.
 */
#include <errno.h>

#include "agent/fleet/picture_own.h"

void picture_quarantine_drop(struct picture *p, struct quarantine **q)
{
	if (!*q)
		return;
	picture_text(p, &(*q)->why, "");
	intern_drop(&p->words, (*q)->who);
	p->counts.bytes -= sizeof(**q);
	free(*q);
	*q = NULL;
}

/* In place of *q. */
static int put(struct picture *p, struct quarantine **q,
	       const struct quarantine *head, const char *who, const char *why)
{
	struct quarantine *made = malloc(sizeof(*made));

	if (!made)
		return -ENOMEM;
	p->counts.bytes += sizeof(*made);
	*made = *head;
	made->why = NULL;
	made->who = intern_take(&p->words, who, "");
	picture_quarantine_drop(p, q);
	*q = made;
	return picture_text(p, &made->why, why) < 0 ? -ENOMEM : 1;
}

static bool is_out(const struct host *h)
{
	return h->order || h->by_itself;
}

static void count_out(struct picture *p, const struct host *h, bool was)
{
	p->counts.quarantined += is_out(h) ? 1 : 0;
	p->counts.quarantined -= was ? 1 : 0;
}

static bool same(const struct picture *p, const struct quarantine *q,
		 const struct told_state *s, enum picture_quarantine kind)
{
	const char *why = s->quarantine_why ? s->quarantine_why : "";

	return q && q->kind == kind &&
	       q->who == intern_find(&p->words, s->quarantine_who, "") &&
	       strcmp(q->why ? q->why : "", why) == 0;
}

int picture_by_itself(struct picture *p, struct host *h,
		      const struct told_state *s, uint64_t at_ns)
{
	struct quarantine head = { .since_ns = at_ns };
	bool was = is_out(h);
	int r;

	head.kind = s->quarantined_itself ? PICTURE_BY_ITSELF : PICTURE_MANUAL;
	if (!s->quarantined) {
		if (!h->by_itself)
			return 0;
		picture_quarantine_drop(p, &h->by_itself);
		count_out(p, h, was);
		return 1;
	}
	if (same(p, h->by_itself, s, head.kind))
		return 0;
	if (h->by_itself)
		head.since_ns = h->by_itself->since_ns;
	r = put(p, &h->by_itself, &head, s->quarantine_who, s->quarantine_why);
	count_out(p, h, was);
	return r;
}

int64_t picture_order(struct picture *p, const struct told_order *o,
		      uint64_t at_ns)
{
	struct quarantine head = { at_ns, o->until_ns, PICTURE_MANUAL, 0,
				   NULL };
	uint32_t i = picture_find(p, o->id);
	struct host *h;
	bool was;
	int r = 0;

	if (i == PICTURE_NONE)
		return -ENOENT;
	h = picture_host(p, i);
	if (o->issued_ns <= h->order_ns && h->order_ns != 0) {
		p->counts.stale++;
		return -ESTALE;
	}
	was = is_out(h);
	h->order_ns = o->issued_ns;
	head.kind = o->automatic ? PICTURE_AUTOMATIC : PICTURE_MANUAL;
	if (o->quarantine)
		r = put(p, &h->order, &head, o->who, o->why);
	else
		picture_quarantine_drop(p, &h->order);
	if (o->quarantine && o->until_ns != 0 && o->until_ns < p->order_end_ns)
		p->order_end_ns = o->until_ns;
	count_out(p, h, was);
	picture_changed(p, i);
	return r < 0 ? r : (int64_t)i;
}

bool picture_order_ended(struct picture *p, struct host *h, uint64_t now_ns)
{
	bool was = is_out(h);

	if (!h->order || h->order->until_ns == 0)
		return false;
	if (h->order->until_ns > now_ns) {
		if (h->order->until_ns < p->order_end_ns)
			p->order_end_ns = h->order->until_ns;
		return false;
	}
	picture_quarantine_drop(p, &h->order);
	count_out(p, h, was);
	return true;
}
