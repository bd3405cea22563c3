/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many dying processes are looked at. Decides by user first and then for
 * all together, so that one user's storm is paid by that user. Invariant: over
 * any stretch of time there are at most BURST + time / EACH looks, of each user
 * and of all.
 */
#include "agent/daemon/looks.h"

/* What was paid for lies ahead of now, by a burst at most. */
static bool may_pay(uint64_t paid_ns, uint64_t now_ns, uint64_t each_ns,
		    uint64_t burst)
{
	return paid_ns <= now_ns ||
	       paid_ns - now_ns + each_ns <= burst * each_ns;
}

static void pay(uint64_t *paid_ns, uint64_t now_ns, uint64_t each_ns)
{
	*paid_ns = (*paid_ns > now_ns ? *paid_ns : now_ns) + each_ns;
}

/* Its own row, or that of who owes least; one that still owes is not free. */
static struct looks_user *user_of(struct looks *l, uint32_t uid,
				  uint64_t now_ns)
{
	struct looks_user *least = &l->users[0];

	for (size_t i = 0; i < LOOKS_USERS; i++) {
		struct looks_user *u = &l->users[i];

		if (u->uid == uid && u->paid_ns != 0)
			return u;
		if (u->paid_ns < least->paid_ns)
			least = u;
	}
	if (least->paid_ns > now_ns)
		return NULL;
	*least = (struct looks_user){ .uid = uid };
	return least;
}

bool looks_add(struct looks *l, const struct hale_victim *v, uint32_t uid,
	       uint64_t now_ns)
{
	struct looks_user *u = user_of(l, uid, now_ns);

	if (!u || l->n == LOOKS_MAX ||
	    !may_pay(u->paid_ns, now_ns, LOOKS_EACH_NS, LOOKS_BURST) ||
	    !may_pay(l->paid_ns, now_ns, LOOKS_ALL_EACH_NS, LOOKS_ALL_BURST))
		return false;
	pay(&u->paid_ns, now_ns, LOOKS_EACH_NS);
	pay(&l->paid_ns, now_ns, LOOKS_ALL_EACH_NS);
	l->waiting[l->n++] = *v;
	return true;
}
