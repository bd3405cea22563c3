/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From messages to what the picture is told. Decides which line says why a host
 * is what it is, and since when by the host's own clock. Must never look
 * behind a message that its reader did not pass. Invariant: what a message does
 * not say stays "not known".
 */
#include "agent/fleet/told_read.h"

#include "hale/base.h"

static enum hale_effect effect(Hale__V1__Effect e)
{
	return (unsigned int)e < HALE_EFFECT_COUNT ? (enum hale_effect)e
						   : HALE_EFFECT_NONE;
}

static struct told_order_no order_no(uint64_t spool, uint64_t seq)
{
	return (struct told_order_no){ spool, seq };
}

static const char *part_id(const Hale__V1__Finding *f)
{
	return f->part ? f->part->id : "";
}

/* The whole of what a reason is about, if it was sent. */
static const Hale__V1__Finding *whole(const Hale__V1__HostReport *r,
				      const Hale__V1__Finding *f)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (strcmp(r->findings[i]->condition, f->condition) == 0 &&
		    strcmp(part_id(r->findings[i]), part_id(f)) == 0)
			return r->findings[i];
	return f;
}

static void say_finding(const Hale__V1__Finding *f, char *ret, size_t size)
{
	const char *name = part_id(f), *where = "";

	if (f->part && *f->part->alias)
		name = f->part->alias;
	if (f->part && *f->part->where)
		where = f->part->where;
	snprintf(ret, size, "%s %s%s%s%s%s%s", f->condition, name,
		 *where ? " (" : "", where, *where ? ")" : "",
		 *f->evidence ? ": " : "", f->evidence);
}

static void say_why(const Hale__V1__HostReport *r, char *ret, size_t size)
{
	const Hale__V1__Verdict *v = r->verdict;
	const Hale__V1__Reason *worst;
	char more[48] = "";
	size_t len;

	ret[0] = '\0';
	if (!v || v->n_reasons == 0)
		return;
	worst = v->reasons[0];
	if (v->reasons_total > 1)
		snprintf(more, sizeof(more), ", and %u more",
			 v->reasons_total - 1);
	size -= strlen(more);
	if (worst->finding)
		say_finding(whole(r, worst->finding), ret, size);
	else
		snprintf(ret, size, "%s", worst->text);
	len = strlen(ret);
	snprintf(ret + len, sizeof(more), "%s", more);
}

/* The first of the findings that make the verdict. */
static uint64_t verdict_since(const Hale__V1__HostReport *r)
{
	const Hale__V1__Verdict *v = r->verdict;
	uint64_t first = 0;

	for (size_t i = 0; v && i < v->n_reasons; i++) {
		const Hale__V1__Reason *reason = v->reasons[i];
		uint64_t at;

		if (!reason->finding || reason->effect != v->reasons[0]->effect)
			continue;
		at = whole(r, reason->finding)->first_ns;
		if (at != 0 && (first == 0 || at < first))
			first = at;
	}
	return first;
}

static void read_report(const Hale__V1__HostReport *r, struct told_rows *rows,
			struct told_state *ret)
{
	ret->name = r->host;
	ret->boot = r->boot_id;
	ret->version = r->version;
	if (r->verdict &&
	    (unsigned int)r->verdict->fitness < HALE_FITNESS_COUNT)
		ret->fitness = (enum hale_fitness)r->verdict->fitness;
	if (ret->fitness == HALE_UNFIT || ret->fitness == HALE_DEGRADED)
		ret->host_since_ns = verdict_since(r);
	say_why(r, rows->why, sizeof(rows->why));
	for (size_t i = 0; i < r->n_findings && i < TOLD_OPEN_MAX; i++) {
		const Hale__V1__Finding *f = r->findings[i];

		rows->open[ret->n_open++] =
			(struct told_open){ f->condition, part_id(f),
					    effect(f->effect), f->first_ns };
	}
}

static void read_rows(const Hale__Fleet__V1__HostState *m,
		      struct told_rows *rows, struct told_state *ret)
{
	for (size_t i = 0; i < m->n_labels && i < TOLD_LABELS_MAX; i++)
		rows->labels[ret->n_labels++] =
			(struct told_label){ m->labels[i]->key,
					     m->labels[i]->value };
	for (size_t i = 0; i < m->n_models && i < TOLD_DISKS_MAX; i++)
		rows->disks[ret->n_disks++] =
			(struct told_disk){ m->models[i]->part,
					    m->models[i]->model,
					    m->models[i]->firmware };
}

void told_read_state(const Hale__Fleet__V1__HostState *m,
		     struct told_rows *rows, struct told_state *ret)
{
	const Hale__Fleet__V1__Quarantine *q = m->quarantine;

	*ret = (struct told_state){
		.id = m->id,
		.no = order_no(m->spool_id, m->seq),
		.host_sent_ns = m->sent_ns,
		.period_s = m->heartbeat_s,
		.agent_silent = m->agent_silent,
		.findings = m->findings_total,
		.why = rows->why,
		.labels = rows->labels,
		.disks = rows->disks,
		.open = rows->open,
		.quarantined = q != NULL,
		.quarantined_itself = q && q->own,
		.quarantine_who = q ? q->who : "",
		.quarantine_why = q ? q->reason : "",
	};
	rows->why[0] = '\0';
	if (m->report)
		read_report(m->report, rows, ret);
	if (m->capacity) {
		ret->cpus = m->capacity->cpus;
		ret->memory_bytes = m->capacity->memory_bytes;
	}
	if (m->spool)
		ret->dropped =
			m->spool->findings_dropped + m->spool->builds_dropped;
	read_rows(m, rows, ret);
}

void told_read_finding(const Hale__Fleet__V1__FindingEvent *m,
		       struct told_finding *ret)
{
	const Hale__V1__Finding *f = m->finding;
	bool closed = m->what == HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED;

	*ret = (struct told_finding){
		.id = m->id,
		.no = order_no(m->spool_id, m->seq),
		.condition = f->condition,
		.part = part_id(f),
		.effect = effect(f->effect),
		.opened =
			m->what == HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED,
		.closed = closed,
		.host_at_ns = m->at_ns,
	};
	if (closed && f->closed_ns != 0)
		ret->host_at_ns = f->closed_ns;
	else if (ret->opened && f->first_ns != 0)
		ret->host_at_ns = f->first_ns;
}

bool told_read_build(const Hale__Fleet__V1__BuildOutcome *m,
		     struct told_build *ret)
{
	uint64_t ns =
		m->ended_ns > m->started_ns ? m->ended_ns - m->started_ns : 0;

	*ret = (struct told_build){
		.id = m->id,
		.no = order_no(m->spool_id, m->seq),
		.repo = m->repo.data,
		.repo_len = m->repo.len,
		.cause = m->cause,
		.duration_ms = ns / HALE_NS_PER_MS,
		.host_ended_ns = m->ended_ns,
	};
	switch (m->outcome) {
	case HALE__V1__BUILD_RESULT__OUTCOME__PASSED:
	case HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT:
		ret->ok = true;
		return true;
	case HALE__V1__BUILD_RESULT__OUTCOME__FAILED:
		return true;
	case HALE__V1__BUILD_RESULT__OUTCOME__REFUSED:
	case HALE__V1__BUILD_RESULT__OUTCOME__UNKNOWN_OUTCOME:
	case _HALE__V1__BUILD_RESULT__OUTCOME_IS_INT_SIZE:
		break;
	}
	return false;
}

void told_read_order(const Hale__Fleet__V1__Order *m, bool automatic,
		     struct told_order *ret)
{
	*ret = (struct told_order){
		.id = m->id,
		.quarantine =
			m->action == HALE__FLEET__V1__ORDER__ACTION__QUARANTINE,
		.automatic = automatic,
		.who = m->who,
		.why = m->reason,
		.issued_ns = m->issued_ns,
		.until_ns = m->until_ns,
	};
}
