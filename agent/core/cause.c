/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cause engine's door: gathers what may be cause or effect, has each linked
 * to what it follows from, and decides which of the trees that come of it a
 * question is about, and in which order they are told. Changes nothing that
 * another answer rests on. Invariant: the same facts and the same question give
 * the same causes in the same order.
 */
#include <signal.h>

#include "cause.h"

/* --- nodes --- */

const struct ledger_entry *cause_entry(const struct middle *m,
				       const struct cause_node *n)
{
	const struct cause_node *f = n;

	if (cause_is_death(n)) {
		if (n->finding == CAUSE_NONE)
			return NULL;
		f = &m->causes.nodes[n->finding];
	}
	return f->kind == CAUSE_ENDED ? &m->ledger.ended[f->at].e
				      : &m->ledger.entries[f->at];
}

/* What the asker saw of a death adds to what the agent knows of it. */
static void complete(struct hale_victim *v, const struct hale_victim *also)
{
	if (!v->comm[0])
		HALE_SET(v->comm, also->comm);
	if (!v->exe[0])
		HALE_SET(v->exe, also->exe);
	if (!v->cgroup[0])
		HALE_SET(v->cgroup, also->cgroup);
	if (v->signal == 0)
		v->signal = also->signal;
	for (uint32_t i = 0; v->n_files == 0 && i < also->n_files; i++)
		v->files[i] = also->files[i];
	if (v->n_files == 0)
		v->n_files = also->n_files;
	v->witnesses |= also->witnesses;
}

/* "pid 7 (cc1) got SIGBUS, code 4 (…": drivers/trace_event.c */
static void from_finding(const struct ledger_entry *e, struct hale_victim *v)
{
	const char *code = strstr(e->evidence, ", code ");
	const char *pid = strstr(e->evidence, "pid ");
	const char *slash = strchr(e->part, '/');

	v->signal = SIGBUS;
	v->time_ns = e->last_ns;
	if (pid)
		v->pid = (uint32_t)strtoul(pid + 4, NULL, 10);
	if (code) {
		v->code_known = true;
		v->code = (int32_t)strtol(code + 7, NULL, 10);
	}
	HALE_SET(v->comm, slash ? slash + 1 : e->part);
}

void cause_victim(const struct middle *m, const struct cause_node *n,
		  struct hale_victim *ret_victim)
{
	const struct hale_cause_query *q = m->causes.q;

	memset(ret_victim, 0, sizeof(*ret_victim));
	if (n->kind == CAUSE_ASKED) {
		*ret_victim = q->victims[n->at];
	} else if (n->kind == CAUSE_KEPT) {
		*ret_victim = m->victims.entries[n->at].victim;
		if (n->asked_at > 0)
			complete(ret_victim, &q->victims[n->asked_at - 1]);
	} else if (n->condition == CAUSE_DEATH) {
		const struct ledger_entry *e = cause_entry(m, n);

		if (e)
			from_finding(e, ret_victim);
	}
}

static struct cause_node *add_node(struct cause_work *w, enum cause_kind kind,
				   size_t at)
{
	struct cause_node *n = &w->nodes[w->n++];

	*n = (struct cause_node){ .kind = (uint8_t)kind,
				  .at = (uint16_t)at,
				  .parent = CAUSE_NONE,
				  .edge = CAUSE_NONE,
				  .finding = CAUSE_NONE,
				  .twin = CAUSE_NONE };
	return n;
}

static void add_finding(struct cause_work *w, enum cause_kind kind, size_t at,
			const struct ledger_entry *e)
{
	struct cause_node *n = add_node(w, kind, at);
	enum hale_life life =
		hale_condition_info((enum hale_condition)e->condition)->life;

	n->condition = e->condition;
	n->key = text_key(e->part);
	n->first_ns = e->first_ns;
	n->last_ns = e->last_ns;
	if (life == HALE_LIFE_STATE && kind == CAUSE_OPEN)
		n->last_ns = w->now_ns;
}

static void add_findings(struct middle *m)
{
	struct cause_work *w = &m->causes;
	const struct ledger_ended *r;

	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct ledger_entry *e = &m->ledger.entries[i];

		if (ledger_effect(&m->ledger, e) != HALE_EFFECT_NONE)
			add_finding(w, CAUSE_OPEN, i, e);
	}
	for (size_t i = 0; (r = ledger_ended(&m->ledger, i, w->now_ns)) != NULL;
	     i++) {
		add_finding(w, CAUSE_ENDED, (size_t)(r - m->ledger.ended),
			    &r->e);
		w->nodes[w->n - 1].last_ns =
			hale_condition_info((enum hale_condition)r->e.condition)
						->life == HALE_LIFE_STATE
				? r->at_ns
				: r->e.last_ns;
	}
}

static bool is_same_death(const struct hale_victim *a,
			  const struct hale_victim *b)
{
	uint64_t apart = a->time_ns > b->time_ns ? a->time_ns - b->time_ns
						 : b->time_ns - a->time_ns;

	return a->pid == b->pid && apart <= VICTIMS_SAME_NS &&
	       (a->signal == b->signal || a->signal == 0 || b->signal == 0);
}

/* A death that matters whoever asks: of a fault, or for want of memory. */
static bool is_notable(const struct hale_victim *v)
{
	return v->oom || v->signal == SIGBUS || v->signal == SIGSEGV ||
	       v->signal == SIGILL || v->signal == SIGABRT ||
	       v->signal == SIGFPE || v->signal == SIGTRAP ||
	       v->signal == SIGSYS;
}

static bool is_within_group(const char *cgroup, const char *group)
{
	size_t len = strlen(group);

	return len > 0 && strncmp(cgroup, group, len) == 0 &&
	       (cgroup[len] == '\0' || cgroup[len] == '/' ||
		group[len - 1] == '/');
}

static struct cause_node *add_death(struct cause_work *w, enum cause_kind kind,
				    size_t at, const struct hale_victim *v)
{
	struct cause_node *n = add_node(w, kind, at);

	n->condition = CAUSE_DEATH;
	n->first_ns = n->last_ns =
		v->time_ns && v->time_ns < w->now_ns ? v->time_ns : w->now_ns;
	return n;
}

static void add_kept(struct middle *m, const struct hale_victim *v,
		     bool *ret_met)
{
	struct cause_work *w = &m->causes;
	const struct hale_cause_query *q = w->q;
	const struct victims_entry *entry =
		(const struct victims_entry *)((const char *)v -
					       offsetof(struct victims_entry,
							victim));
	struct cause_node *n;
	uint8_t asked = 0;

	for (uint32_t i = 0; i < q->n_victims && asked == 0; i++) {
		if (!ret_met[i] && is_same_death(v, &q->victims[i]))
			asked = (uint8_t)(i + 1);
	}
	if (asked == 0 &&
	    (!is_notable(v) ||
	     (q->cgroup[0] && !is_within_group(v->cgroup, q->cgroup))))
		return;
	n = add_death(w, CAUSE_KEPT, (size_t)(entry - m->victims.entries), v);
	n->asked_at = asked;
	n->asked = asked > 0;
	if (asked > 0)
		ret_met[asked - 1] = true;
}

static void add_deaths(struct middle *m)
{
	struct cause_work *w = &m->causes;
	const struct hale_cause_query *q = w->q;
	bool met[HALE_CAUSE_VICTIMS_MAX] = { false };
	const struct hale_victim *v;

	for (size_t i = 0; (v = victims_at(&m->victims, i)) != NULL; i++)
		add_kept(m, v, met);
	for (uint32_t i = 0; i < q->n_victims; i++) {
		if (!met[i])
			add_death(w, CAUSE_ASKED, i, &q->victims[i])->asked =
				true;
	}
}

/* --- deaths and the findings that count them --- */

static uint64_t process_key(const struct hale_victim *v)
{
	char part[HALE_PART_MAX];

	snprintf(part, sizeof(part), "process/%s", v->comm);
	return text_key(part);
}

static bool counts_deaths(const struct cause_node *n)
{
	return !cause_is_death(n) && (n->condition == HALE_PROCESS_SIGBUS ||
				      n->condition == HALE_PROCESS_CRASHES);
}

/* A death stands for the finding of its process: told once, with its count. */
static void cover(struct middle *m, struct cause_node *death)
{
	struct cause_work *w = &m->causes;
	struct hale_victim v;
	uint64_t key;

	cause_victim(m, death, &v);
	key = process_key(&v);
	for (uint32_t i = 0; i < w->n; i++) {
		struct cause_node *n = &w->nodes[i];

		if (!counts_deaths(n) || n->key != key ||
		    (n->condition == HALE_PROCESS_SIGBUS) !=
			    (v.signal == SIGBUS))
			continue;
		n->covered = true;
		death->finding = (uint16_t)i;
		death->key = key;
	}
}

static void pair_deaths(struct middle *m)
{
	struct cause_work *w = &m->causes;

	for (uint32_t i = 0; i < w->n; i++) {
		if (cause_is_death(&w->nodes[i]))
			cover(m, &w->nodes[i]);
	}
	for (uint32_t i = 0; i < w->n; i++) {
		struct cause_node *n = &w->nodes[i];

		if (n->condition == HALE_PROCESS_SIGBUS && !n->covered) {
			n->condition = CAUSE_DEATH;
			n->first_ns = n->last_ns;
		}
	}
}

/* --- trees --- */

static void find_roots(struct cause_work *w)
{
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t at = i;
		uint8_t depth = 0;

		while (w->nodes[at].parent != CAUSE_NONE &&
		       depth < CAUSE_DEEP_MAX + 1) {
			at = w->nodes[at].parent;
			depth++;
		}
		w->nodes[i].root = (uint16_t)at;
		w->nodes[i].depth = depth;
	}
}

/* Deaths of one program by one cause are one step, told of the latest. */
static void find_twins(struct middle *m)
{
	struct cause_work *w = &m->causes;
	struct hale_victim a, b;

	for (uint32_t i = 0; i < w->n; i++) {
		struct cause_node *n = &w->nodes[i];

		if (!cause_is_death(n))
			continue;
		cause_victim(m, n, &a);
		for (uint32_t k = 0; k < i; k++) {
			struct cause_node *first = &w->nodes[k];

			if (!cause_is_death(first) ||
			    first->twin != CAUSE_NONE ||
			    first->parent != n->parent ||
			    first->own != n->own ||
			    first->confidence != n->confidence)
				continue;
			cause_victim(m, first, &b);
			if (a.signal != b.signal || strcmp(a.comm, b.comm) != 0)
				continue;
			n->twin = (uint16_t)k;
			first->redone++;
			first->asked |= n->asked;
			first->in |= n->in;
			break;
		}
	}
}

static void link_all(struct middle *m)
{
	struct cause_work *w = &m->causes;

	for (uint32_t i = 0; i < w->n; i++) {
		if (w->nodes[i].condition == CAUSE_DEATH)
			cause_link_death(m, i);
	}
	for (uint32_t i = 0; i < w->n; i++) {
		if (w->nodes[i].condition != CAUSE_DEATH &&
		    !w->nodes[i].covered)
			cause_link_finding(m, i);
	}
	find_twins(m);
	find_roots(w);
}

/* --- the question --- */

static void explain(struct middle *m, const struct hale_cause_query *q,
		    uint64_t now_ns)
{
	struct cause_work *w = &m->causes;

	memset(w, 0, offsetof(struct cause_work, rows));
	w->q = q;
	w->now_ns = now_ns;
	cause_rows(w);
	add_findings(m);
	add_deaths(m);
	pair_deaths(m);
	cause_ask(m);
	link_all(m);
	cause_choose(m);
}

void middle_explain(struct middle *m, const struct hale_cause_query *q,
		    uint64_t now_ns, struct hale_verdict *ret_verdict,
		    struct hale_explained *ret_explained)
{
	static const struct hale_scope_request host = { .host = true };
	const struct cause_work *w = &m->causes;
	uint32_t told;

	middle_judge(m, cause_is_scoped(q) ? &q->scope : &host, now_ns,
		     ret_verdict);
	explain(m, q, now_ns);
	told = w->n_chains < EXPLAIN_CAUSES_MAX ? w->n_chains
						: EXPLAIN_CAUSES_MAX;
	*ret_explained =
		(struct hale_explained){ told, w->n_chains, w->n_deaths };
}
