/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chain made readable: its steps in an order in which each follows from one
 * before it, and for each the words that say how the link is known. What was
 * asked about is told first where there is no room for all. Decides no link.
 */
#include <signal.h>

#include "cause.h"

static const char *signal_name(uint32_t signal)
{
	static const struct {
		uint32_t signal;
		const char *name;
	} names[] = {
		{ SIGBUS, "SIGBUS" },	{ SIGKILL, "SIGKILL" },
		{ SIGSEGV, "SIGSEGV" }, { SIGILL, "SIGILL" },
		{ SIGABRT, "SIGABRT" }, { SIGFPE, "SIGFPE" },
		{ SIGTRAP, "SIGTRAP" }, { SIGSYS, "SIGSYS" },
		{ SIGTERM, "SIGTERM" }, { SIGINT, "SIGINT" },
		{ SIGPIPE, "SIGPIPE" }, { SIGHUP, "SIGHUP" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		if (names[i].signal == signal)
			return names[i].name;
	}
	return "a signal";
}

static void name_death(const struct middle *m, const struct cause_node *n,
		       char *ret_text, size_t size)
{
	struct hale_victim v;

	cause_victim(m, n, &v);
	snprintf(ret_text, size, "%s (pid %u), dead by %s",
		 v.comm[0] ? v.comm : "a process", v.pid,
		 signal_name(v.signal));
}

void cause_name(const struct middle *m, const struct cause_node *n,
		char *ret_text, size_t size)
{
	const struct ledger_entry *e = cause_entry(m, n);
	const char *slash;
	struct hale_finding f;

	if (n->condition == CAUSE_DEATH) {
		name_death(m, n, ret_text, size);
		return;
	}
	report_finding(m, e, &f);
	slash = strchr(f.part, '/');
	if (strcmp(f.part, "host") == 0)
		snprintf(ret_text, size, "this host");
	else if (f.where[0])
		snprintf(ret_text, size, "%.150s", f.where);
	else if (f.alias[0])
		snprintf(ret_text, size, "%s", f.alias);
	else if (slash && strspn(slash + 1, "0123456789") == strlen(slash + 1))
		snprintf(ret_text, size, "%.*s %s", (int)(slash - f.part),
			 f.part, slash + 1);
	else
		snprintf(ret_text, size, "%s", slash ? slash + 1 : f.part);
}

/* --- how a link is known --- */

static void print_apart(const struct middle *m, const struct cause_node *c,
			const struct cause_node *n, char *ret_text, size_t size)
{
	uint64_t t = c->first_ns > n->first_ns ? n->last_ns : n->first_ns;
	bool after;
	uint64_t s = cause_apart(m, c, t, &after) / HALE_NS_PER_S;

	if (s < 2)
		snprintf(ret_text, size, "at the same time");
	else if (s < 120)
		snprintf(ret_text, size, "%u s apart", (unsigned int)s);
	else if (s < 7200)
		snprintf(ret_text, size, "%u min apart",
			 (unsigned int)(s / 60));
	else
		snprintf(ret_text, size, "%u h apart",
			 (unsigned int)(s / 3600));
}

/* "/usr, ext4 on sde1": where a file of the victim lies. */
static void print_place(const struct middle *m,
			const struct hale_victim_file *f, char *ret_text,
			size_t size)
{
	const struct storage s = middle_storage(m);
	const struct map_mount *mount =
		map_mount_by_number(s.map, f->major, f->minor);
	const struct inventory_device *d =
		inventory_by_number(s.inventory, f->major, f->minor);
	const char *name =
		d ? inventory_text(s.inventory, d, INVENTORY_NAME) : "";

	if (mount)
		snprintf(ret_text, size, "%.80s (%s%s%s)",
			 pool_text(&s.map->text, mount->mountpoint),
			 map_type(s.map, mount), name[0] ? " on " : "", name);
	else
		snprintf(ret_text, size, "%s%s%u:%u", name, name[0] ? ", " : "",
			 f->major, f->minor);
}

static const char *held_name(const struct hale_victim_file *f)
{
	static const char *const names[HALE_HELD_COUNT] = {
		[HALE_HELD_MAPPED] = "a file that it had mapped",
		[HALE_HELD_EXE] = "its program",
		[HALE_HELD_CWD] = "its working directory",
		[HALE_HELD_OPEN] = "a file that it had open",
		[HALE_HELD_PARENT] = "its parent's working directory",
	};

	if (f->faulted)
		return "the file whose page was missing";
	return (unsigned int)f->held < HALE_HELD_COUNT ? names[f->held] : "";
}

static void tell_mapped(const struct middle *m, const struct cause_node *n,
			const char *how, char *ret_text, size_t size)
{
	struct hale_victim v;
	char place[160];

	cause_victim(m, n, &v);
	if (n->held == CAUSE_HELD_SWAP) {
		snprintf(ret_text, size, "a swap area is on it: %s", how);
		return;
	}
	if (n->held == 0 || n->held > v.n_files) {
		snprintf(ret_text, size, "its program is on it: %s", how);
		return;
	}
	print_place(m, &v.files[n->held - 1], place, sizeof(place));
	snprintf(ret_text, size, "%s lies on %s: %s",
		 held_name(&v.files[n->held - 1]), place, how);
}

static void tell_link(const struct middle *m, const struct cause_node *n,
		      char *ret_text, size_t size)
{
	const struct cause_node *c = &m->causes.nodes[n->parent];
	const char *how = cause_edges[n->edge].how;
	char name[HALE_EVIDENCE_MAX], apart[32];

	print_apart(m, c, n, apart, sizeof(apart));
	cause_name(m, c, name, sizeof(name));
	switch ((enum hale_relation)n->relation) {
	case HALE_RELATION_MAPPED:
		tell_mapped(m, n, how, ret_text, size);
		return;
	case HALE_RELATION_BENEATH:
		snprintf(ret_text, size, "it stands on %.80s: %s; %s", name,
			 how, apart);
		return;
	case HALE_RELATION_RESTS:
		snprintf(ret_text, size, "%s on %.80s: %s; %s",
			 n->held == CAUSE_TOOLS ? "its programs stand"
						: "its files stand",
			 name, how, apart);
		return;
	case HALE_RELATION_NEAR:
		snprintf(ret_text, size, "%s: %s", apart, how);
		return;
	case HALE_RELATION_SAME_PART:
	case HALE_RELATION_SAME_PROCESS:
	case HALE_RELATION_HOST:
	case HALE_RELATION_ROOT:
	case HALE_RELATION_COUNT:
		break;
	}
	if (n->held == CAUSE_HELD_SWAP)
		tell_mapped(m, n, how, ret_text, size);
	else
		snprintf(ret_text, size, "%s; %s", how, apart);
}

static const char *own_text(enum cause_own own)
{
	static const char *const texts[CAUSE_OWN_COUNT] = {
		[CAUSE_OWN_SENT] = "the signal's code says that a process sent "
				   "it, or nothing else is known to have",
		[CAUSE_OWN_ALIGNED] = "the signal's code says so",
		[CAUSE_OWN_STACK] = "the signal's code says so",
		[CAUSE_OWN_CUT] = "the file is shorter than its mapping, and "
				  "its filesystem is healthy",
		[CAUSE_OWN_FILTER] = "a filter of system calls ends a program "
				     "by this signal",
		[CAUSE_OWN_CRASH] = "no finding on what it had mapped, none "
				    "at that time",
		[CAUSE_OWN_BLIND] = "hale could not see errors of disks then",
		[CAUSE_OWN_POISON] = "the signal's code says so; no other "
				     "trace of it was seen",
		[CAUSE_OWN_FULL] = "the filesystem had no room left when it "
				   "died",
		[CAUSE_OWN_OOM] = "the kernel said so",
		[CAUSE_OWN_LIMIT] = "the kernel said so",
	};
	const char *text = own < CAUSE_OWN_COUNT ? texts[own] : NULL;

	return text ? text : "";
}

/* --- steps --- */

/* < 0: @a is told before @b. What is needed first, then from the root outwards,
 * then in time. */
static int compare_steps(const struct middle *m, uint32_t a, uint32_t b)
{
	const struct cause_node *x = &m->causes.nodes[a];
	const struct cause_node *y = &m->causes.nodes[b];

	if (x->needed != y->needed)
		return (int)y->needed - (int)x->needed;
	if (x->depth != y->depth)
		return (int)x->depth - (int)y->depth;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	if (x->condition != y->condition)
		return (int)x->condition - (int)y->condition;
	return a < b ? -1 : 1;
}

/* The first HALE_CAUSE_STEPS_MAX of the tree, in their order. */
static uint32_t choose_steps(struct middle *m, uint32_t root, uint32_t *ret_all)
{
	struct cause_work *w = &m->causes;
	uint32_t n = 0, all = 0;

	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t at = n;

		if (w->nodes[i].root != root || w->nodes[i].covered ||
		    w->nodes[i].twin != CAUSE_NONE)
			continue;
		all++;
		while (at > 0 && compare_steps(m, i, w->order[at - 1]) < 0)
			at--;
		if (at == HALE_CAUSE_STEPS_MAX)
			continue;
		if (n < HALE_CAUSE_STEPS_MAX)
			n++;
		memmove(&w->order[at + 1], &w->order[at],
			(n - 1 - at) * sizeof(w->order[0]));
		w->order[at] = (uint16_t)i;
	}
	*ret_all = all;
	return n;
}

static uint32_t place_of(const struct cause_work *w, uint32_t n, uint16_t node)
{
	for (uint32_t i = 0; i < n; i++) {
		if (w->order[i] == node)
			return i;
	}
	return 0;
}

static void tell_finding(const struct middle *m, const struct cause_node *n,
			 struct hale_finding *ret)
{
	const struct cause_node *f =
		n->finding != CAUSE_NONE ? &m->causes.nodes[n->finding] : n;
	const struct ledger_entry *e = cause_entry(m, n);

	if (!e)
		return;
	report_finding(m, e, ret);
	if (f->kind != CAUSE_ENDED)
		return;
	ret->closed_ns = m->ledger.ended[f->at].at_ns;
	HALE_SET(ret->closed, ledger_end_text(m->ledger.ended[f->at].why));
}

static void tell_step(struct middle *m, uint32_t n, uint32_t at,
		      struct hale_cause_step *s)
{
	const struct cause_work *w = &m->causes;
	const struct cause_node *node = &w->nodes[w->order[at]];

	memset(s, 0, sizeof(*s));
	s->death = node->condition == CAUSE_DEATH;
	s->redone = node->redone;
	tell_finding(m, node, &s->finding);
	if (s->death)
		cause_victim(m, node, &s->victim);
	if (node->parent == CAUSE_NONE) {
		s->confidence = s->death
					? (enum hale_confidence)node->confidence
					: HALE_CONFIDENCE_CERTAIN;
		if (s->death)
			HALE_SET(s->text, own_text((enum cause_own)node->own));
		return;
	}
	s->relation = (enum hale_relation)node->relation;
	s->confidence = (enum hale_confidence)node->confidence;
	s->from = place_of(w, n, node->parent);
	tell_link(m, node, s->text, sizeof(s->text));
}

bool middle_cause(struct middle *m, size_t i, struct hale_cause *ret_cause)
{
	const struct cause_work *w = &m->causes;
	uint32_t root, n, all;

	if (i >= w->n_chains || i >= EXPLAIN_CAUSES_MAX)
		return false;
	root = w->chains[i];
	memset(ret_cause, 0, offsetof(struct hale_cause, steps));
	n = choose_steps(m, root, &all);
	for (uint32_t k = 0; k < n; k++)
		tell_step(m, n, k, &ret_cause->steps[k]);
	ret_cause->n_steps = n;
	ret_cause->n_steps_total = all;
	ret_cause->confidence = (enum hale_confidence)w->nodes[root].sure;
	ret_cause->build = cause_build(m, root);
	cause_headline(m, root, ret_cause->headline,
		       sizeof(ret_cause->headline));
	HALE_SET(ret_cause->prevents, cause_prevents(m, root));
	cause_paths(m, root, ret_cause);
	return true;
}
