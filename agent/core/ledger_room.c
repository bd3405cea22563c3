/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger is bounded, and what it leaves out is itself a finding. Decides
 * which entry makes room for a new one: closed before open, harmless before
 * harmful, old before new; an entry never gives way to one that matters less.
 * What (part, condition) was settled is kept here too, in a table that forgets
 * its oldest. Invariant: the entry that counts the losses is never evicted.
 */
#include "ledger.h"
#include "pool.h"

#define LOSS_PART    "host"
#define SETTLED_WAYS 8 /* slots looked at for one key */

static bool is_loss(const struct ledger_entry *e)
{
	return e->condition == HALE_AGENT_BLIND &&
	       strcmp(e->part, LOSS_PART) == 0;
}

static struct ledger_entry *entry_new(struct ledger *l, const char *part,
				      enum hale_condition c)
{
	struct ledger_entry *e = &l->entries[l->n++];

	memset(e, 0, sizeof(*e));
	e->condition = (uint16_t)c;
	HALE_SET(e->part, part);
	return e;
}

/* How much an entry matters; that its part is not here now changes nothing. */
static enum hale_effect worth(const struct ledger *l,
			      const struct ledger_entry *e)
{
	struct ledger_entry here = *e;

	here.absent = false;
	return ledger_effect(l, &here);
}

/* The entry to lose first, or NULL where all matter more than @effect. */
static struct ledger_entry *least(struct ledger *l, enum hale_effect effect)
{
	struct ledger_entry *worst = NULL;
	enum hale_effect rank = effect;

	for (uint32_t i = 0; i < l->n; i++) {
		struct ledger_entry *e = &l->entries[i];
		enum hale_effect its = worth(l, e);

		if (is_loss(e) || its > rank)
			continue;
		if (worst && its == rank && e->last_ns >= worst->last_ns)
			continue;
		worst = e;
		rank = its;
	}
	return worst;
}

static void evict(struct ledger *l, struct ledger_entry *e)
{
	e->cleared_ns = 0;
	ledger_close(l, e);
}

/* One more is lost: said as a finding, whose own place is made if need be. */
static void count_loss(struct ledger *l, uint64_t now_ns)
{
	struct ledger_entry *e = ledger_find(l, LOSS_PART, HALE_AGENT_BLIND);

	l->dropped++;
	if (!e) {
		if (l->n == LEDGER_MAX)
			evict(l, least(l, HALE_EFFECT_BLOCKS));
		e = entry_new(l, LOSS_PART, HALE_AGENT_BLIND);
	}
	if (!e->open) {
		e->open = true;
		e->level = HALE_EFFECT_BLOCKS;
		e->count = 0;
		e->first_ns = now_ns;
	}
	e->count++;
	e->last_ns = now_ns;
	HALE_SET(e->driver, "core");
	snprintf(e->evidence, sizeof(e->evidence),
		 "%llu findings left out: the ledger holds %d",
		 (unsigned long long)l->dropped, LEDGER_MAX);
	l->touched++;
}

struct ledger_entry *ledger_room(struct ledger *l, const char *part,
				 enum hale_condition c, uint64_t now_ns)
{
	/* twice, where the entry that counts the losses takes the first place
	 */
	while (l->n == LEDGER_MAX) {
		struct ledger_entry *out = least(l, l->policy->effect[c]);
		bool harmless = out && !out->open;

		if (out)
			evict(l, out);
		if (!harmless)
			count_loss(l, now_ns);
		if (!out)
			return NULL;
	}
	return entry_new(l, part, c);
}

static uint64_t settled_key(const char *part, enum hale_condition c)
{
	uint64_t key =
		text_key(part) + (uint64_t)c * UINT64_C(0x9e3779b97f4a7c15);

	return key ? key : 1;
}

void ledger_settle(struct ledger *l, const char *part, enum hale_condition c,
		   uint64_t time_ns)
{
	uint64_t key = settled_key(part, c);
	struct settled *oldest = NULL;

	for (uint64_t i = 0; i < SETTLED_WAYS; i++) {
		struct settled *s = &l->settled[(key + i) % SETTLED_MAX];

		if (s->key == key) {
			if (s->time_ns < time_ns)
				s->time_ns = time_ns;
			return;
		}
		if (!oldest || s->time_ns < oldest->time_ns)
			oldest = s;
	}
	*oldest = (struct settled){ key, time_ns };
}

uint64_t ledger_settled(const struct ledger *l, const char *part,
			enum hale_condition c)
{
	uint64_t key = settled_key(part, c);

	for (uint64_t i = 0; i < SETTLED_WAYS; i++) {
		const struct settled *s = &l->settled[(key + i) % SETTLED_MAX];

		if (s->key == key)
			return s->time_ns;
	}
	return 0;
}
