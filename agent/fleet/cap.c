/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cap on quarantines. Decides which candidates go out now and which are
 * left in, and says why. Must never refuse an operator, nor take anyone back
 * in. Invariant: no decision of this file lets more of a group be out by
 * judgment than its cap, however often it is asked.
 */
#include "agent/fleet/cap.h"

#include <errno.h>

#include "hale/base.h"

/* Labels are shared words: the same value is the same pointer. */
struct group {
	const char *value; /* NULL: hosts without the label */
	uint32_t hosts, out;
};

struct turn {
	const char *id;
	uint64_t since_ns;
	uint32_t host;
	uint32_t group;
};

/* Who is decided on, in order, and the groups they are of. */
struct line {
	struct turn *turns;
	struct group *groups;
	uint32_t n_turns, n_groups;
};

static const char *group_value(const struct picture *p,
			       const struct cap_options *o, uint32_t host,
			       uint32_t n_labels)
{
	if (!o->label || !*o->label)
		return NULL;
	for (uint32_t i = 0; i < n_labels; i++) {
		struct told_label l = picture_label(p, host, i);

		if (strcmp(l.key, o->label) == 0)
			return l.value;
	}
	return NULL;
}

static uint32_t percent(const struct cap_options *o)
{
	if (o->percent == 0)
		return CAP_PERCENT;
	return o->percent < 100 ? o->percent : 100;
}

static uint32_t cap_of(const struct cap_options *o, const struct group *g)
{
	uint64_t cap = (uint64_t)g->hosts * percent(o) / 100;

	return cap > 0 ? (uint32_t)cap : 1;
}

static struct group *find_group(struct group *groups, uint32_t n,
				const char *value)
{
	for (uint32_t i = 0; i < n; i++)
		if (groups[i].value == value)
			return &groups[i];
	return NULL;
}

/* Counts the hosts of the groups, in one walk. */
static void census(const struct picture *p, const struct cap_options *o,
		   struct group *groups, uint32_t n)
{
	uint32_t cursor = PICTURE_NONE, i;
	struct picture_row row;

	while ((i = picture_changes(p, 0, &cursor)) != PICTURE_NONE) {
		struct group *g;
		bool out;

		if (!picture_row(p, i, &row))
			continue;
		g = find_group(groups, n, group_value(p, o, i, row.n_labels));
		out = row.quarantine != PICTURE_FREE;
		if (!g)
			continue;
		g->out += out;
		g->hosts += out || row.verdict != PICTURE_SILENT;
	}
}

static int compare(const void *va, const void *vb)
{
	const struct turn *a = va, *b = vb;

	if (a->since_ns != b->since_ns)
		return a->since_ns < b->since_ns ? -1 : 1;
	return strcmp(a->id, b->id);
}

static const char *kind(enum picture_quarantine q)
{
	switch (q) {
	case PICTURE_BY_ITSELF:
		return "by itself";
	case PICTURE_AUTOMATIC:
		return "by a judgment";
	case PICTURE_MANUAL:
		return "by an operator";
	case PICTURE_FREE:
		break;
	}
	return "";
}

/* "rack=7", "no rack", "the fleet" */
static void say_group(const struct cap_options *o, const struct group *g,
		      char *ret, size_t size)
{
	if (!o->label || !*o->label)
		snprintf(ret, size, "the fleet");
	else if (g->value)
		snprintf(ret, size, "%s=%s", o->label, g->value);
	else
		snprintf(ret, size, "hosts without %s", o->label);
}

static void say(const struct cap_options *o, const struct group *g,
		const struct picture_row *row, struct cap_decision *d)
{
	char name[CAP_WHY_MAX / 2];

	say_group(o, g, name, sizeof(name));
	if (d->already)
		snprintf(d->why, sizeof(d->why), "it is out already, %s",
			 kind(row->quarantine));
	else if (d->out)
		snprintf(d->why, sizeof(d->why),
			 "%u of %u of %s are out with it (cap %u)",
			 d->group_out, d->group_hosts, name, d->cap);
	else
		snprintf(d->why, sizeof(d->why),
			 "left in: %u of %u of %s are out, the cap is %u (%u "
			 "%%); "
			 "a release makes room",
			 d->group_out, d->group_hosts, name, d->cap,
			 percent(o));
}

static void decide(const struct picture *p, const struct cap_options *o,
		   const struct turn *t, struct group *g,
		   struct cap_decision *d)
{
	struct picture_row row;

	if (!picture_row(p, t->host, &row))
		return;
	*d = (struct cap_decision){ .host = t->host,
				    .group_hosts = g->hosts,
				    .cap = cap_of(o, g) };
	d->already = row.quarantine != PICTURE_FREE;
	d->out = !d->already && g->out < d->cap;
	g->out += d->out;
	d->group_out = g->out;
	say(o, g, &row, d);
}

static uint32_t group_of(struct line *l, const char *value)
{
	uint32_t i = 0;

	while (i < l->n_groups && l->groups[i].value != value)
		i++;
	if (i == l->n_groups)
		l->groups[l->n_groups++] = (struct group){ value, 0, 0 };
	return i;
}

/* Those that are there, in their order. */
static void line_up(const struct picture *p, const struct cap_options *o,
		    const struct cap_candidate *c, uint32_t n, struct line *l)
{
	struct picture_row row;

	for (uint32_t i = 0; i < n; i++) {
		const char *value;

		if (!picture_row(p, c[i].host, &row))
			continue;
		value = group_value(p, o, c[i].host, row.n_labels);
		l->turns[l->n_turns++] =
			(struct turn){ row.id, c[i].since_ns, c[i].host,
				       group_of(l, value) };
	}
	qsort(l->turns, l->n_turns, sizeof(*l->turns), compare);
}

int cap_decide(const struct picture *p, const struct cap_options *o,
	       const struct cap_candidate *c, uint32_t n,
	       struct cap_decision *ret)
{
	_cleanup_free_ struct group *groups = calloc(n + 1, sizeof(*groups));
	_cleanup_free_ struct turn *turns = calloc(n + 1, sizeof(*turns));
	struct line l = { turns, groups, 0, 0 };

	if (!groups || !turns)
		return -ENOMEM;
	line_up(p, o, c, n, &l);
	census(p, o, groups, l.n_groups);
	for (uint32_t i = 0; i < l.n_turns; i++)
		decide(p, o, &turns[i], &groups[turns[i].group], &ret[i]);
	return (int)l.n_turns;
}

bool cap_manual(const struct picture *p, const struct cap_options *o,
		uint32_t host, struct cap_decision *ret)
{
	struct group g = { 0 };
	struct picture_row row;
	char name[CAP_WHY_MAX / 2];

	*ret = (struct cap_decision){ .host = host };
	if (!picture_row(p, host, &row))
		return false;
	g.value = group_value(p, o, host, row.n_labels);
	census(p, o, &g, 1);
	/* a SILENT host is one of its group once it is out */
	if (row.quarantine == PICTURE_FREE && row.verdict == PICTURE_SILENT)
		g.hosts++;
	ret->already = row.quarantine != PICTURE_FREE;
	ret->out = !ret->already;
	ret->group_hosts = g.hosts;
	ret->group_out = g.out + ret->out;
	ret->cap = cap_of(o, &g);
	say_group(o, &g, name, sizeof(name));
	if (ret->group_out <= ret->cap)
		return false;
	snprintf(ret->why, sizeof(ret->why),
		 "%u of %u of %s are out with it: more than the cap of %u, no "
		 "judgment takes out another",
		 ret->group_out, ret->group_hosts, name, ret->cap);
	return true;
}
