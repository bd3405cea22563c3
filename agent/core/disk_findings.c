/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a disk's reading to findings. Decides which conditions it opens, proves
 * or ends. Must never end one because a reading says less than those before
 * it, and knows nothing of a disk that was left asleep. Invariant: a condition
 * that a whole reading gives no reason for does not hold after it.
 */
#include "core.h"

/* Which counter of a disk's link errors: the other witnesses tell events. */
#define COUNTER_CRC 1

/* All reasons of a condition, one after the other: "a; b". */
static bool prove(const struct hale_disk_assessment *a, enum hale_condition c,
		  char ret_text[HALE_EVIDENCE_MAX])
{
	size_t len = 0;
	bool any = false;

	ret_text[0] = '\0';
	for (uint32_t i = 0; i < a->n_reasons; i++) {
		int n;

		if (a->reasons[i].condition != c)
			continue;
		n = snprintf(ret_text + len, HALE_EVIDENCE_MAX - len, "%s%s",
			     any ? "; " : "", a->reasons[i].text);
		any = true;
		len += n > 0 ? (size_t)n : 0;
		if (len >= HALE_EVIDENCE_MAX)
			break;
	}
	return any;
}

/* What the states of one reading have in common. */
struct looked {
	const struct hale_disk_reading *d;
	struct hale_disk_assessment a;
	bool whole; /* what it gives no reason for does not hold */
	struct name name;
	struct ledger_input in;
};

static bool take_state(struct middle *m, const struct looked *l,
		       enum hale_condition c)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = c,
				      .time_ns = l->d->time_ns };
	struct ledger_input in = l->in;

	o.holds = prove(&l->a, c, o.evidence);
	if (!l->whole && !o.holds &&
	    (c != HALE_DISK_HOT ||
	     !hale_disk_knows(l->d, HALE_DISK_TEMPERATURE)))
		return false;
	/* only of failing does the log tell as well, and may tell it late */
	in.level = o.holds || c == HALE_DISK_SMART_FAILING ? HALE_EFFECT_BLOCKS
							   : HALE_EFFECT_NONE;
	in.o = &o;
	return ledger_take(&m->ledger, &in);
}

static bool take_states(struct middle *m, const struct looked *l)
{
	static const enum hale_condition states[] = {
		HALE_DISK_SMART_FAILING,
		HALE_DISK_SMART_PREFAIL,
		HALE_DISK_WORN_OUT,
		HALE_DISK_HOT,
	};
	bool changed = false;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(states); i++)
		changed |= take_state(m, l, states[i]);
	return changed;
}

/* Only growth is news: what the cable spoiled years ago is not. */
static bool take_link(struct middle *m, const char *driver,
		      const struct hale_disk_reading *d,
		      const struct hale_disk_counts *counts, uint64_t now_ns)
{
	uint64_t n = counts->count[HALE_DISK_COUNT_CRC];
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = HALE_DISK_LINK_ERROR,
				      .ref = d->ref,
				      .holds = true, /* over reboots */
				      .counter = COUNTER_CRC,
				      .value = n,
				      .total = UINT64_MAX,
				      .time_ns = d->time_ns };

	if ((counts->known >> HALE_DISK_COUNT_CRC & 1) == 0)
		return false;
	HALE_SET(o.part, d->part);
	snprintf(o.evidence, sizeof(o.evidence),
		 "%llu transfers corrupted on the cable over the disk's life "
		 "(interface CRC errors)",
		 (unsigned long long)n);
	return middle_counter(m, driver, &o, now_ns);
}

/* Beside the counters, what else it has told: see readings_whole(). */
static void note_told(const struct hale_disk_reading *d,
		      struct hale_disk_counts *c)
{
	static const enum hale_disk_value told[] = {
		HALE_DISK_PASSED,	  HALE_DISK_CRITICAL_WARNING,
		HALE_DISK_ENDURANCE_USED, HALE_DISK_SPARE,
		HALE_DISK_ERROR_LOG_UNC,  HALE_DISK_SELF_TEST_FAILED,
		HALE_DISK_SCAN_ERRORS,
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(told); i++)
		c->known |= (uint32_t)hale_disk_knows(d, told[i])
			    << (HALE_DISK_COUNTS + i);
	c->known |= (uint32_t)(d->n_attributes > 0)
		    << (HALE_DISK_COUNTS + HALE_ARRAY_SIZE(told));
}

bool disk_findings(struct middle *m, const char *driver,
		   const struct hale_disk_reading *reading, uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	const struct hale_disk_counts *before = NULL;
	struct hale_disk_reading d = *reading;
	struct hale_disk_counts counts;
	struct looked l = { .d = &d };
	bool changed, known;

	if (d.time_ns == 0 || d.time_ns > now_ns)
		d.time_ns = now_ns;
	naming_resolve(&s, d.ref, d.part, d.time_ns, &l.name);
	known = !naming_unresolved(l.name.part);
	if (known)
		before = readings_before(&m->readings, l.name.part);
	hale_disk_judge(&d, before, &l.a);
	if (l.a.worst == HALE_DISK_UNREAD)
		return false;
	hale_disk_count(&d, &counts);
	note_told(&d, &counts);
	l.whole = readings_whole(&counts, before);
	l.in = (struct ledger_input){ .part = l.name.part,
				      .alias = l.name.alias,
				      .driver = driver,
				      .now_ns = now_ns };
	changed = take_states(m, &l);
	changed |= take_link(m, driver, &d, &counts, now_ns);
	if (known)
		readings_keep(&m->readings, l.name.part, &counts);
	return changed;
}
