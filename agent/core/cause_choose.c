/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a question is about, and which causes answer it. Decides by time, scope
 * and subject; then orders: what the machine did before what programs did to
 * themselves, the surest first, what blocks, what stands, the latest.
 * Invariant: a death that the asker saw itself is in some cause.
 */
#include "cause.h"

/* --- before links --- */

static bool in_time(const struct cause_work *w, const struct cause_node *n)
{
	const struct hale_cause_query *q = w->q;

	return n->last_ns >= q->since_ns &&
	       (q->until_ns == 0 || n->first_ns <= q->until_ns);
}

static const char *behind_slash(const char *part)
{
	const char *slash = strchr(part, '/');

	return slash ? slash + 1 : part;
}

static bool is_named(const struct middle *m, const struct cause_node *n,
		     const char *subject)
{
	const struct ledger_entry *e = cause_entry(m, n);
	struct hale_finding f;
	struct hale_victim v;

	cause_victim(m, n, &v);
	if (v.comm[0] && strcmp(v.comm, subject) == 0)
		return true;
	if (!e)
		return false;
	report_finding(m, e, &f);
	return strcmp(hale_condition_info(f.condition)->name, subject) == 0 ||
	       strcmp(f.part, subject) == 0 || strcmp(f.alias, subject) == 0 ||
	       strcmp(f.where, subject) == 0 ||
	       (f.serial[0] && strcmp(f.serial, subject) == 0) ||
	       strcmp(behind_slash(f.part), subject) == 0;
}

/* What ended has no mark of the verdict's: looked at by its part. */
static void look_under_paths(struct middle *m)
{
	const struct hale_scope_request *req = &m->causes.q->scope;

	cause_ground_clear(m);
	for (uint32_t i = 0; i < req->n_paths; i++) {
		if (!req->paths[i].unresolved)
			cause_ground_device(m, req->paths[i].major,
					    req->paths[i].minor);
	}
}

static bool in_scope(const struct middle *m, uint32_t i)
{
	const struct cause_work *w = &m->causes;
	const struct cause_node *n = &w->nodes[i];
	const struct ledger_entry *e = cause_entry(m, n);

	if (cause_is_death(n))
		return n->asked || w->q->cgroup[0] ||
		       (w->q->n_victims == 0 && !cause_is_scoped(w->q));
	if (!cause_is_scoped(w->q))
		return true;
	if (n->kind == CAUSE_OPEN)
		return m->marks[n->at].effect > HALE_EFFECT_NONE;
	return w->q->scope.host || w->way[i] == CAUSE_CARRIES ||
	       scope_kind_of(e->part) == SCOPE_HOST;
}

void cause_ask(struct middle *m)
{
	struct cause_work *w = &m->causes;

	look_under_paths(m);
	for (uint32_t i = 0; i < w->n; i++) {
		struct cause_node *n = &w->nodes[i];

		n->in = n->asked || (in_time(w, n) && in_scope(m, i));
		if (w->q->subject[0] && is_named(m, n, w->q->subject))
			n->asked = true;
	}
}

/* --- after them --- */

/* Does this node make its tree an answer? */
static bool answers(const struct cause_work *w, const struct cause_node *n)
{
	bool about = !w->q->subject[0] || n->asked;

	return n->in && about && !n->covered && n->twin == CAUSE_NONE;
}

/* What leads from the root to what was asked about must be told. */
static void need(struct cause_work *w, uint32_t i)
{
	for (uint32_t deep = 0; deep <= CAUSE_DEEP_MAX; deep++) {
		w->nodes[i].needed = true;
		if (w->nodes[i].parent == CAUSE_NONE)
			return;
		i = w->nodes[i].parent;
	}
}

/* Of the way from its root to @i the weakest link. */
static enum hale_confidence weakest(const struct cause_work *w, uint32_t i)
{
	uint8_t confidence = HALE_CONFIDENCE_CERTAIN;

	for (uint32_t deep = 0; deep <= CAUSE_DEEP_MAX; deep++) {
		const struct cause_node *n = &w->nodes[i];
		bool linked =
			n->parent != CAUSE_NONE || n->condition == CAUSE_DEATH;

		if (linked && n->confidence < confidence)
			confidence = n->confidence;
		if (n->parent == CAUSE_NONE)
			break;
		i = n->parent;
	}
	return (enum hale_confidence)confidence;
}

/* By what the tree is an answer: what was asked about, if anything was. A root
 * that lies outside of the question's time or scope answers only by what came
 * of it. Kept in the root's own link, which a finding has none of. */
static void rate_root(struct cause_work *w, uint32_t root)
{
	enum hale_confidence best = HALE_CONFIDENCE_NONE;
	bool asked = false;

	for (uint32_t i = 0; i < w->n; i++)
		asked |= w->nodes[i].root == root && w->nodes[i].asked &&
			 answers(w, &w->nodes[i]);
	for (uint32_t i = 0; i < w->n; i++) {
		const struct cause_node *n = &w->nodes[i];

		if (n->root != root || (asked && !n->asked) || !answers(w, n))
			continue;
		if (asked)
			need(w, i);
		if (weakest(w, i) > best)
			best = weakest(w, i);
	}
	w->nodes[root].needed = true;
	w->nodes[root].sure = (uint8_t)best;
}

static bool is_own(const struct cause_node *n)
{
	return n->condition == CAUSE_DEATH && n->own != CAUSE_OWN_POISON &&
	       n->own != CAUSE_OWN_FULL && n->own != CAUSE_OWN_OOM &&
	       n->own != CAUSE_OWN_LIMIT;
}

static enum hale_effect effect_of(const struct middle *m,
				  const struct cause_node *n)
{
	const struct ledger_entry *e = cause_entry(m, n);

	return e ? ledger_effect(&m->ledger, e) : HALE_EFFECT_NONE;
}

static int descending(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

/* < 0: @a is told before @b. */
static int compare(const struct middle *m, uint32_t a, uint32_t b)
{
	const struct cause_node *x = &m->causes.nodes[a];
	const struct cause_node *y = &m->causes.nodes[b];
	const struct ledger_entry *ex = cause_entry(m, x);
	const struct ledger_entry *ey = cause_entry(m, y);
	int order = (int)is_own(x) - (int)is_own(y);

	if (order == 0)
		order = descending(x->sure, y->sure);
	if (order == 0)
		order = descending(effect_of(m, x), effect_of(m, y));
	if (order == 0)
		order = (int)(x->kind == CAUSE_ENDED) -
			(int)(y->kind == CAUSE_ENDED);
	if (order == 0)
		order = descending(x->last_ns, y->last_ns);
	if (order == 0)
		order = (int)x->condition - (int)y->condition;
	if (order == 0 && ex && ey)
		order = strcmp(ex->part, ey->part);
	return order ? order : (a < b ? -1 : 1);
}

/* Counted always, kept where it is among the first. */
static void add_chain(struct middle *m, uint32_t root)
{
	struct cause_work *w = &m->causes;
	uint32_t n = w->n_chains < EXPLAIN_CAUSES_MAX ? w->n_chains
						      : EXPLAIN_CAUSES_MAX;
	uint32_t at = n;

	w->n_chains++;
	while (at > 0 && compare(m, root, w->chains[at - 1]) < 0)
		at--;
	if (at == EXPLAIN_CAUSES_MAX)
		return;
	if (n == EXPLAIN_CAUSES_MAX)
		n--;
	memmove(&w->chains[at + 1], &w->chains[at],
		(n - at) * sizeof(w->chains[0]));
	w->chains[at] = (uint16_t)root;
}

void cause_choose(struct middle *m)
{
	struct cause_work *w = &m->causes;
	bool told[CAUSE_NODES_MAX] = { false };

	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t root = w->nodes[i].root;

		w->n_deaths += cause_is_death(&w->nodes[i]) && w->nodes[i].in;
		if (told[root] || !answers(w, &w->nodes[i]))
			continue;
		told[root] = true;
		rate_root(w, root);
		add_chain(m, root);
	}
}

bool middle_death(struct middle *m, size_t i, struct hale_victim *ret_victim)
{
	const struct cause_work *w = &m->causes;

	for (uint32_t k = 0; k < w->n; k++) {
		const struct cause_node *n = &w->nodes[k];

		if (!cause_is_death(n) || !n->in || i-- > 0)
			continue;
		cause_victim(m, n, ret_victim);
		return true;
	}
	return false;
}
