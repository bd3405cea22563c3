/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds for a finding the one that it follows from. Decides by the table: of
 * all that fit in relation and time the surest, then the row that stands first,
 * then the nearest in time. What is not known about time or place never links.
 * Invariant: links make trees; one that would close a circle is not made.
 */
#include "cause.h"

#define COMMIT_S 30 /* dirty pages wait so long: vm.dirty_expire_centisecs */

static bool lists(const enum hale_condition *list, size_t n,
		  enum hale_condition c)
{
	for (size_t i = 0; i < n && list[i] != HALE_CONDITION_NONE; i++) {
		if (list[i] == c)
			return true;
	}
	return false;
}

static bool joins(const struct cause_edge *row, enum hale_condition from,
		  enum hale_condition to)
{
	return lists(row->from, HALE_ARRAY_SIZE(row->from), from) &&
	       lists(row->to, HALE_ARRAY_SIZE(row->to), to);
}

static void note_row(struct cause_work *w, uint8_t row)
{
	const struct cause_edge *e = &cause_edges[row];

	for (size_t f = 0; f < HALE_ARRAY_SIZE(e->from) && e->from[f]; f++) {
		for (size_t t = 0; t < HALE_ARRAY_SIZE(e->to) && e->to[t];
		     t++) {
			uint8_t *last = &w->last_rows[e->from[f]][e->to[t]];

			w->rows[e->from[f]][e->to[t]] = (uint8_t)(row + 1);
			if (*last == 0)
				*last = (uint8_t)(row + 1);
		}
	}
}

/* From the last row to the first. Most pairs have none, few have two. */
void cause_rows(struct cause_work *w)
{
	memset(w->rows, 0, sizeof(w->rows));
	memset(w->last_rows, 0, sizeof(w->last_rows));
	for (size_t i = cause_n_edges; i-- > 0;)
		note_row(w, (uint8_t)i);
}

size_t cause_row(const struct cause_work *w, enum hale_condition from,
		 enum hale_condition to, size_t row)
{
	uint8_t first = w->rows[from][to];

	if (first == 0)
		return cause_n_edges;
	if (row <= (size_t)first - 1)
		return (size_t)first - 1;
	while (row < w->last_rows[from][to] &&
	       !joins(&cause_edges[row], from, to))
		row++;
	return row < w->last_rows[from][to] ? row : cause_n_edges;
}

/* --- time --- */

/* A state holds from its first to its last moment, whatever was looked at. */
static bool holds_between(const struct cause_node *c)
{
	return c->condition < HALE_CONDITION_COUNT &&
	       hale_condition_info((enum hale_condition)c->condition)->life ==
		       HALE_LIFE_STATE;
}

/* Of events between the first and the last only their number is known: one may
 * have been half of their usual distance away. */
static uint64_t nearest_event(const struct middle *m,
			      const struct cause_node *c, uint64_t t_ns)
{
	const struct ledger_entry *e = cause_entry(m, c);
	uint64_t usual = e && e->count > 1 ? (c->last_ns - c->first_ns) /
						     (2 * (e->count - 1))
					   : UINT64_MAX;
	uint64_t near = t_ns - c->first_ns;

	if (c->last_ns - t_ns < near)
		near = c->last_ns - t_ns;
	return usual < near ? usual : near;
}

uint64_t cause_apart(const struct middle *m, const struct cause_node *c,
		     uint64_t t_ns, bool *ret_after)
{
	*ret_after = t_ns < c->first_ns;
	if (*ret_after)
		return c->first_ns - t_ns;
	if (t_ns > c->last_ns)
		return t_ns - c->last_ns;
	return holds_between(c) ? 0 : nearest_event(m, c, t_ns);
}

static bool is_within(const struct cause_edge *row, uint64_t apart_ns,
		      bool after)
{
	uint32_t s = after ? row->after_s : row->before_s;

	return s == UINT32_MAX || apart_ns <= s * HALE_NS_PER_S;
}

/*
 * For how long after its end something may still bring about what is seen
 * later. A want that is over hurts nobody: its end is noticed by a measure,
 * late already; a suspicion that was cleared says nothing of what comes after.
 * A write that a disk lost is missed at the next commit, within
 * half a minute; a device that was gone, by all that had it in use, until it
 * is mounted anew: then the row's own time counts.
 */
static uint32_t lingers_s(enum hale_condition c)
{
	static const enum hale_condition wants[] = {
		HALE_FS_FULL,	    HALE_FS_INODES_FULL,  HALE_ARRAY_POOL_LOW,
		HALE_MEMORY_OOM,    HALE_MEMORY_PRESSURE, HALE_IO_PRESSURE,
		HALE_LIMIT_PIDS,    HALE_LIMIT_FILES,	  HALE_LIMIT_CONNTRACK,
		HALE_NET_LINK_DOWN, HALE_MEMORY_SUSPECT,
	};

	if (c == HALE_DISK_OFFLINE || c == HALE_ARRAY_FAILED)
		return UINT32_MAX;
	return lists(wants, HALE_ARRAY_SIZE(wants), c) ? 0 : COMMIT_S;
}

/* Had it ended before the effect began? */
static bool was_over(const struct middle *m, const struct cause_node *c,
		     const struct cause_node *e)
{
	uint64_t end_ns;
	uint32_t s;

	if (c->kind != CAUSE_ENDED || cause_is_death(c))
		return false;
	s = lingers_s((enum hale_condition)c->condition);
	end_ns = m->ledger.ended[c->at].at_ns;
	return s != UINT32_MAX && e->first_ns > end_ns + s * HALE_NS_PER_S;
}

/* An effect that lasts has one beginning, which alone is to be explained; of
 * one that is told again and again the last time may have its own cause. */
bool cause_in_time(const struct middle *m, const struct cause_edge *row,
		   const struct cause_node *c, const struct cause_node *e,
		   uint64_t *ret_ns)
{
	bool after_first, after_last;
	uint64_t first = cause_apart(m, c, e->first_ns, &after_first);
	uint64_t last = cause_apart(m, c, e->last_ns, &after_last);
	bool fits_first = is_within(row, first, after_first);
	bool fits_last = !holds_between(e) && is_within(row, last, after_last);

	if ((!fits_first && !fits_last) || was_over(m, c, e))
		return false;
	*ret_ns = fits_first && (!fits_last || first < last) ? first : last;
	return true;
}

/* --- relation --- */

static const char *behind_slash(const char *part)
{
	const char *slash = strchr(part, '/');

	return slash ? slash + 1 : "";
}

/* Does the text of @e begin with the process that @c is? A command's name is
 * cut to 15 bytes. */
static bool names_process(const struct middle *m, const struct cause_node *c,
			  const struct ledger_entry *e)
{
	struct hale_victim v;
	size_t len;

	cause_victim(m, c, &v);
	len = strlen(v.comm);
	if (len == 0 || v.signal == 0)
		return false;
	if (e->condition == HALE_ENGINE_DOWN)
		return strcmp(v.comm, "dockerd") == 0 &&
		       strcmp(e->part, "engine/docker") == 0;
	return strncmp(e->evidence, v.comm, len) == 0;
}

enum hale_relation cause_relation(enum cause_needs needs)
{
	switch (needs) {
	case CAUSE_SAME_PART:
	case CAUSE_STORE:
		return HALE_RELATION_SAME_PART;
	case CAUSE_BENEATH:
	case CAUSE_LEG:
	case CAUSE_SAME_BUS:
	case CAUSE_BESIDE:
		return HALE_RELATION_BENEATH;
	case CAUSE_RESTS:
		return HALE_RELATION_RESTS;
	case CAUSE_PROCESS:
		return HALE_RELATION_SAME_PROCESS;
	case CAUSE_MAPPED:
		return HALE_RELATION_MAPPED;
	case CAUSE_NEAR:
	case CAUSE_SHORT:
		return HALE_RELATION_NEAR;
	case CAUSE_REMOTE:
	case CAUSE_HOST:
	case CAUSE_CRASH:
		break;
	}
	return HALE_RELATION_HOST;
}

/* The node in hand, and whether it is known what lies beneath it. */
struct hand {
	struct middle *m;
	uint32_t i;
	const struct ledger_entry *e;
	bool looked, known;
};

static enum cause_way way_to(struct hand *h, uint32_t from)
{
	if (!h->looked)
		h->known = cause_ground_of(h->m, &h->m->causes.nodes[h->i]);
	h->looked = true;
	return h->known ? (enum cause_way)h->m->causes.way[from] : CAUSE_AWAY;
}

static bool is_related(struct hand *h, const struct cause_edge *row,
		       uint32_t from)
{
	const struct cause_node *c = &h->m->causes.nodes[from];
	const struct ledger_entry *part = cause_entry(h->m, c);
	bool same = part && c->key == h->m->causes.nodes[h->i].key &&
		    strcmp(part->part, h->e->part) == 0;

	switch (row->needs) {
	case CAUSE_SAME_PART:
		return same;
	case CAUSE_BENEATH:
		return !same && way_to(h, from) == CAUSE_CARRIES &&
		       !cause_ground_bears(h->m, h->e, c);
	case CAUSE_LEG:
		return !same && way_to(h, from) != CAUSE_AWAY &&
		       !cause_ground_bears(h->m, h->e, c);
	case CAUSE_RESTS:
		return way_to(h, from) >= CAUSE_TOOLS;
	case CAUSE_PROCESS:
		return names_process(h->m, c, h->e);
	case CAUSE_SAME_BUS:
		return part && strcmp(behind_slash(part->part),
				      behind_slash(h->e->part)) == 0;
	case CAUSE_BESIDE:
		return !same && part && cause_is_one_store(part, h->e);
	case CAUSE_REMOTE:
		return cause_is_remote(h->m, &h->m->causes.nodes[h->i]);
	case CAUSE_STORE:
		return part && cause_names_store(part, h->e);
	case CAUSE_HOST:
		return true;
	case CAUSE_MAPPED:
	case CAUSE_NEAR:
	case CAUSE_CRASH:
	case CAUSE_SHORT:
		break;
	}
	return false;
}

/* A plugin whose file is there, and that dies when it is read in. */
static enum hale_confidence
confidence_of(struct hand *h, const struct cause_edge *row, uint32_t from)
{
	if (row->needs != CAUSE_RESTS)
		return row->confidence;
	if (way_to(h, from) == CAUSE_TOOLS)
		return HALE_CONFIDENCE_LIKELY;
	return h->e->condition == HALE_ENGINE_PLUGIN_BROKEN &&
			       strstr(h->e->evidence, "(/")
		       ? HALE_CONFIDENCE_CERTAIN
		       : row->confidence;
}

/* --- choosing --- */

bool cause_may_follow(const struct cause_work *w, uint32_t i, uint32_t from)
{
	uint32_t at = from;

	for (uint32_t deep = 0; deep < CAUSE_DEEP_MAX; deep++) {
		if (at == i)
			return false;
		if (w->nodes[at].parent == CAUSE_NONE)
			return true;
		at = w->nodes[at].parent;
	}
	return false; /* deeper than any machine: not one more */
}

struct choice {
	enum hale_confidence confidence;
	size_t row;
	uint64_t apart_ns;
	uint32_t from;
};

static int compare_entries(const struct middle *m, uint32_t a, uint32_t b)
{
	const struct ledger_entry *x = cause_entry(m, &m->causes.nodes[a]);
	const struct ledger_entry *y = cause_entry(m, &m->causes.nodes[b]);
	int order = x && y ? strcmp(x->part, y->part) : 0;

	return order ? order : (a < b ? -1 : 1);
}

static bool is_better(const struct middle *m, const struct choice *a,
		      const struct choice *b)
{
	if (b->from == CAUSE_NONE || a->confidence != b->confidence)
		return b->from == CAUSE_NONE || a->confidence > b->confidence;
	if (a->row != b->row)
		return a->row < b->row;
	if (a->apart_ns != b->apart_ns)
		return a->apart_ns < b->apart_ns;
	return compare_entries(m, a->from, b->from) < 0;
}

static void consider(struct hand *h, uint32_t from, struct choice *best)
{
	const struct cause_work *w = &h->m->causes;
	const struct cause_node *c = &w->nodes[from], *e = &w->nodes[h->i];
	enum hale_condition a = (enum hale_condition)c->condition;
	enum hale_condition b = (enum hale_condition)e->condition;

	for (size_t r = cause_row(w, a, b, 0); r < cause_n_edges;
	     r = cause_row(w, a, b, r + 1)) {
		const struct cause_edge *row = &cause_edges[r];
		struct choice now = { .row = r, .from = from };

		if (!cause_in_time(h->m, row, c, e, &now.apart_ns) ||
		    !is_related(h, row, from))
			continue;
		now.confidence = confidence_of(h, row, from);
		if (is_better(h->m, &now, best) &&
		    cause_may_follow(w, h->i, from))
			*best = now;
	}
}

void cause_link_finding(struct middle *m, uint32_t i)
{
	struct cause_work *w = &m->causes;
	struct cause_node *n = &w->nodes[i];
	struct hand h = { .m = m, .i = i, .e = cause_entry(m, n) };
	struct choice best = { .from = CAUSE_NONE };

	for (uint32_t from = 0; from < w->n; from++) {
		if (from != i && !w->nodes[from].covered)
			consider(&h, from, &best);
	}
	if (best.from == CAUSE_NONE)
		return;
	n->parent = (uint16_t)best.from;
	n->edge = (uint16_t)best.row;
	n->confidence = (uint8_t)best.confidence;
	n->relation = (uint8_t)cause_relation(cause_edges[best.row].needs);
	if (n->relation == HALE_RELATION_RESTS)
		n->held = (uint8_t)way_to(&h, best.from);
}
