/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle's side of deaths: takes in what the witnesses say of them and,
 * when all have spoken, holds each against the crash history. Decides whether
 * the host had a reason for it at that time. Counts no deaths: that is for the
 * observations beside. Invariant: each death is judged once.
 */
#include "core.h"
#include "memory.h"

/* By then the process has been looked at, and has ended, core dump aside. */
#define SETTLE_NS (3 * HALE_NS_PER_S)
/* What a host was short of, or failed with, explains deaths around it. */
#define AROUND_NS (600 * HALE_NS_PER_S)

bool middle_look(struct middle *m, const struct hale_victim *told,
		 uint64_t now_ns)
{
	return victims_look(&m->victims, told, now_ns);
}

const struct hale_victim *middle_late(struct middle *m, uint64_t now_ns)
{
	return victims_late(&m->victims, now_ns);
}

static bool is_reason(const struct middle *m, const struct ledger_entry *e,
		      const struct hale_victim *v)
{
	bool shortage = e->condition == HALE_MEMORY_OOM ||
			e->condition == HALE_MEMORY_LIMIT;
	uint64_t first = e->first_ns > AROUND_NS ? e->first_ns - AROUND_NS : 0;

	if (!e->open || e->condition == HALE_MEMORY_SUSPECT ||
	    v->time_ns < first)
		return false;
	if (shortage)
		return v->time_ns <= e->last_ns + AROUND_NS;
	return ledger_effect(&m->ledger, e) == HALE_EFFECT_BLOCKS;
}

static bool is_explained(const struct middle *m, const struct hale_victim *v)
{
	for (uint32_t i = 0; i < m->ledger.n; i++) {
		if (is_reason(m, &m->ledger.entries[i], v))
			return true;
	}
	return false;
}

/* One user's processes are no proof against all: then it gates nobody. */
static bool suspect(struct middle *m, const struct crashes_suspicion *s,
		    uint64_t now_ns)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_MEMORY_SUSPECT,
				      .count = 1,
				      .value = s->signs,
				      .time_ns = now_ns,
				      .part = "host" };
	const struct ledger_input in = { .o = &o,
					 .part = "host",
					 .alias = "",
					 .driver = "victim",
					 .level = s->single ? HALE_EFFECT_NOTES
							    : HALE_EFFECT_WARNS,
					 .now_ns = now_ns };
	uint64_t hours = (now_ns - s->since_ns) / (3600 * HALE_NS_PER_S) + 1;

	snprintf(o.evidence, sizeof(o.evidence),
		 "build tools crashed %s within %u h, without another reason: "
		 "%.110s",
		 s->retested ? "here, and not when run again on the same input,"
			     : "in unrelated jobs",
		 (unsigned int)hours, s->names);
	if (s->single) {
		size_t len = strlen(o.evidence);

		snprintf(o.evidence + len, sizeof(o.evidence) - len,
			 " (all of uid %u)", s->uid);
	}
	return ledger_take(&m->ledger, &in);
}

/* What a test of the memory, or an operator, has ended is not told again. */
static uint64_t over_until(struct middle *m)
{
	const struct ledger_entry *e =
		ledger_find(&m->ledger, "host", HALE_MEMORY_SUSPECT);
	uint64_t cleared_ns = e ? e->cleared_ns : 0;

	if ((e && e->open) || m->crashes.raised_ns < cleared_ns)
		return cleared_ns;
	return m->crashes.raised_ns;
}

static bool weigh(struct middle *m, const struct crashes_death *d,
		  uint64_t now_ns)
{
	struct crashes_death death = *d;
	struct crashes_suspicion s;

	death.over_ns = over_until(m);
	if (!crashes_take(&m->crashes, &death, now_ns) ||
	    !crashes_judge(&m->crashes, &m->policy.builders, death.over_ns,
			   now_ns, &s))
		return false;
	m->crashes.raised_ns = now_ns;
	return suspect(m, &s, now_ns);
}

uint64_t middle_judge_deaths(struct middle *m, uint64_t now_ns, bool *changed)
{
	uint64_t due = victims_age(&m->victims, now_ns);

	for (uint32_t i = 0; i < m->victims.n; i++) {
		struct victims_entry *e =
			&m->victims.entries[m->victims.order[i]];
		const struct crashes_death d = {
			.victim = &e->victim,
			.explained = is_explained(m, &e->victim),
		};

		if (e->judged)
			continue;
		if (now_ns < e->heard_ns + SETTLE_NS) {
			if (e->heard_ns + SETTLE_NS < due)
				due = e->heard_ns + SETTLE_NS;
			continue;
		}
		e->judged = true;
		*changed |= weigh(m, &d, now_ns);
	}
	return due;
}

bool middle_retested(struct middle *m, const struct middle_teller *teller,
		     uint64_t now_ns)
{
	const struct hale_victim *v;

	for (size_t i = 0; (v = victims_at(&m->victims, i)); i++) {
		const struct crashes_death d = {
			.victim = v,
			.explained = is_explained(m, v),
			.retested = true,
			.trusted = teller->trusted,
		};

		if (v->pid != teller->pid ||
		    (!teller->trusted &&
		     !(v->uid_known && v->uid == teller->uid)))
			continue;
		/* also where it raises nothing yet: it is to be kept */
		weigh(m, &d, now_ns);
		m->generation++;
		return true;
	}
	return false;
}

bool middle_save_crash(const struct middle *m, size_t i,
		       struct hale_memory_crash *ret_row)
{
	return crashes_save(&m->crashes, i, ret_row);
}

int middle_load_crash(struct middle *m, const struct hale_memory_crash *row,
		      uint64_t now_ns)
{
	return crashes_load(&m->crashes, row, now_ns);
}
