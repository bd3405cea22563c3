/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts faults, not lines. Decides which lines of a log belong to one fault:
 * same family of rules, same part, close in time, and steps that go on rather
 * than begin anew. It holds a fixed number of runs, never looks at a clock and
 * never makes a count larger than the lines (and what the kernel says it left
 * out) allow.
 */
#include <string.h>

#include "agent/rules/capture.h"
#include "hale/rules_group.h"

#define STEP_FAULT 5

static bool over(const struct hale_group_slot *s, uint64_t now_ns)
{
	return now_ns > s->last_ns &&
	       now_ns - s->last_ns > HALE_GROUP_WINDOW_NS;
}

/* nvme0 is the controller of nvme0n1; sda1 lies on sda */
static bool same_disk(const char *a, const char *b)
{
	size_t la = capture_device_base(a, strlen(a));
	size_t lb = capture_device_base(b, strlen(b));

	if (la == lb && memcmp(a, b, la) == 0)
		return true;
	if (strncmp(a, "nvme", 4) != 0)
		return false;
	return (la < lb && memcmp(a, b, la) == 0 && b[la] == 'n') ||
	       (lb < la && memcmp(a, b, lb) == 0 && a[lb] == 'n');
}

static bool same_part(const struct hale_group_slot *s,
		      const struct hale_match *m)
{
	if (s->part_kind != m->part_kind)
		return false;
	if (strcmp(s->part, m->part) == 0 ||
	    (s->alias[0] && strcmp(s->alias, m->part) == 0))
		return true;
	if (m->family && (!s->part[0] || !m->part[0]))
		return true;
	return m->family && m->part_kind == HALE_MATCH_DISK &&
	       same_disk(s->part, m->part);
}

static bool same_condition(const struct hale_group_slot *s,
			   const struct hale_match *m)
{
	return s->condition == m->condition || s->weak || m->weak;
}

static struct hale_group_slot *find(struct hale_group *g,
				    const struct hale_match *m)
{
	struct hale_group_slot *best = NULL;

	for (unsigned int i = 0; i < HALE_GROUP_SLOTS; i++) {
		struct hale_group_slot *s = &g->slots[i];

		if (!s->used || over(s, g->now_ns) || s->family != m->family ||
		    !same_part(s, m))
			continue;
		if (m->family ? !same_condition(s, m)
			      : s->condition != m->condition)
			continue;
		if (!best || s->last_ns >= best->last_ns)
			best = s;
	}
	return best;
}

static bool is_ata(const char *part)
{
	return strncmp(part, "ata", 3) == 0;
}

/*
 * libata reports a command before sd does, and names its port: the one port
 * that just failed a command and the disk that now says the same are one.
 */
static struct hale_group_slot *find_port(struct hale_group *g,
					 const struct hale_match *m)
{
	struct hale_group_slot *found = NULL;

	if (!m->family || m->part_kind != HALE_MATCH_DISK ||
	    strncmp(m->part, "sd", 2) != 0)
		return NULL;
	for (unsigned int i = 0; i < HALE_GROUP_SLOTS; i++) {
		struct hale_group_slot *s = &g->slots[i];

		if (!s->used || over(s, g->now_ns) || s->family != m->family ||
		    !is_ata(s->part) || !s->pending || !same_condition(s, m))
			continue;
		if (found)
			return NULL; /* two ports: nobody can say which */
		found = s;
	}
	if (found) {
		if (!found->alias[0])
			memcpy(found->alias, found->part, sizeof(found->alias));
		memcpy(found->part, m->part, sizeof(found->part));
	}
	return found;
}

/* A free slot, or the one that was quiet for longest. */
static struct hale_group_slot *open_slot(struct hale_group *g,
					 const struct hale_match *m)
{
	struct hale_group_slot *s = &g->slots[0];

	for (unsigned int i = 0; i < HALE_GROUP_SLOTS && s->used; i++) {
		struct hale_group_slot *other = &g->slots[i];

		if (!other->used || other->last_ns < s->last_ns)
			s = other;
	}
	*s = (struct hale_group_slot){ .used = true,
				       .weak = m->weak,
				       .tentative = true,
				       .family = m->family,
				       .condition = m->condition,
				       .part_kind = m->part_kind,
				       .order = ++g->order };
	memcpy(s->part, m->part, sizeof(s->part));
	return s;
}

static bool only_warns(enum hale_condition c)
{
	return hale_condition_info(c)->effect != HALE_EFFECT_BLOCKS;
}

/*
 * A request that failed for good is more than the timeout or the bad link that
 * led to it: neither takes the other's place. Does @m belong beside this run?
 */
static bool stands_beside(const struct hale_group_slot *s,
			  const struct hale_match *m)
{
	if (m->weak && m->step == STEP_FAULT)
		return !s->weak && only_warns(s->condition);
	return s->failed && !m->weak && only_warns(m->condition);
}

/* The run that goes on beside @s, of the line's own condition. */
static struct hale_group_slot *beside(struct hale_group *g,
				      struct hale_group_slot *s,
				      const struct hale_match *m)
{
	if (!s || !stands_beside(s, m))
		return s;
	if (m->step == STEP_FAULT && s->pending)
		s->pending--;
	for (unsigned int i = 0; i < HALE_GROUP_SLOTS; i++) {
		struct hale_group_slot *o = &g->slots[i];

		if (o->used && !over(o, g->now_ns) && o->family == m->family &&
		    o->condition == m->condition && same_part(o, m))
			return o;
	}
	return NULL;
}

/* How many new faults a line of a family stands for. */
static uint64_t new_faults(struct hale_group_slot *s,
			   const struct hale_match *m, bool opened)
{
	uint8_t before = s->step;

	if (m->tentative)
		return 0;
	if (!m->family || !m->step)
		return m->count;
	if (m->step > STEP_FAULT)
		return opened ? m->count : 0;
	s->step = m->step;
	if (m->step == STEP_FAULT) {
		if (!s->pending)
			return m->count;
		s->pending--;
		return 0;
	}
	if (s->pending > 0 && m->step > before && before < STEP_FAULT)
		return 0;
	s->pending++;
	return m->count;
}

/* A closer condition or a name takes the place of a weak or missing one. */
static void refine(struct hale_group_slot *s, const struct hale_match *m)
{
	if (s->weak && !m->weak) {
		s->weak = false;
		s->condition = m->condition;
	}
	s->tentative = s->tentative && m->tentative;
	if (!s->part[0])
		memcpy(s->part, m->part, sizeof(s->part));
	if (!s->alias[0])
		memcpy(s->alias, m->alias, sizeof(s->alias));
}

/*
 * A USB device that leaves and a disk that fails in the same moment: the one
 * is most likely the way to the other, so the USB device's finding names it.
 */
static void relate(struct hale_group *g, const struct hale_group_slot *s)
{
	struct hale_group_slot *usb = NULL;
	const struct hale_group_slot *disk = NULL;

	for (unsigned int i = 0; i < HALE_GROUP_SLOTS; i++) {
		struct hale_group_slot *o = &g->slots[i];

		if (!o->used || over(o, g->now_ns))
			continue;
		if (o->part_kind == HALE_MATCH_USB && !o->alias[0])
			usb = o;
		if (o->part_kind == HALE_MATCH_DISK &&
		    strncmp(o->part, "sd", 2) == 0)
			disk = o;
	}
	if (usb && disk && (s == usb || s == disk))
		memcpy(usb->alias, disk->part, sizeof(usb->alias));
}

static void report(struct hale_group *g, const struct hale_group_slot *s,
		   const struct hale_match *m, struct hale_grouped *ret)
{
	*ret = (struct hale_grouped){ .condition = s->condition,
				      .part_kind = s->part_kind,
				      .tentative = m->tentative,
				      .slot = (unsigned int)(s - g->slots) };
	memcpy(ret->part, m->part[0] && !is_ata(m->part) ? m->part : s->part,
	       sizeof(ret->part));
}

static void add_fault(struct hale_group *g, const struct hale_match *m,
		      struct hale_grouped *ret)
{
	struct hale_group_slot *s = find(g, m);
	bool opened;
	uint64_t n;

	s = s ? s : find_port(g, m);
	s = beside(g, s, m);
	opened = !s;
	s = s ? s : open_slot(g, m);
	refine(s, m);
	s->failed |= m->weak && m->step == STEP_FAULT;
	n = new_faults(s, m, opened);
	s->count += n;
	s->last_ns = g->now_ns;
	relate(g, s);
	report(g, s, m, ret);
	ret->count = n;
	ret->opened = opened;
}

static struct hale_group_limiter *limiter(struct hale_group *g, uint8_t id)
{
	return id > 0 && id <= HALE_GROUP_LIMITERS ? &g->limiters[id - 1]
						   : NULL;
}

static void learn(struct hale_group *g, const struct hale_match *m,
		  enum hale_condition condition)
{
	struct hale_group_limiter *l = limiter(g, m->limiter);

	if (!l)
		return;
	/* what follows from a fault is no fault of its own, printed or not */
	l->state = m->kind == HALE_MATCH_BENIGN || m->step > STEP_FAULT
			   ? HALE_LIMITER_BENIGN
			   : HALE_LIMITER_FAULT;
	l->family = m->family;
	l->condition = condition;
	l->part_kind = m->part_kind;
	memcpy(l->part, m->part, sizeof(l->part));
}

/* What was left out is taken to be like what was last let through. */
static bool add_suppressed(struct hale_group *g, const struct hale_match *m,
			   struct hale_grouped *ret)
{
	const struct hale_group_limiter *l = limiter(g, m->limiter);
	struct hale_match like;

	if (!l || l->state != HALE_LIMITER_FAULT)
		return false;
	like = *m;
	like.kind = HALE_MATCH_FAULT;
	like.family = l->family;
	like.condition = l->condition;
	like.part_kind = l->part_kind;
	like.step = 0;
	memcpy(like.part, l->part, sizeof(like.part));
	add_fault(g, &like, ret);
	ret->at_least = true;
	return true;
}

bool hale_group_add(struct hale_group *g, const struct hale_match *m,
		    uint64_t now_ns, struct hale_grouped *ret)
{
	if (now_ns > g->now_ns)
		g->now_ns = now_ns;
	switch (m->kind) {
	case HALE_MATCH_FAULT:
		add_fault(g, m, ret);
		learn(g, m, ret->condition);
		return true;
	case HALE_MATCH_BENIGN:
		learn(g, m, HALE_CONDITION_NONE);
		return false;
	case HALE_MATCH_SUPPRESSED:
		return add_suppressed(g, m, ret);
	case HALE_MATCH_END:
	case HALE_MATCH_APPEARS:
	case HALE_MATCH_DEPARTS:
		return false;
	}
	return false;
}

int hale_group_close(struct hale_group *g, uint64_t now_ns,
		     struct hale_group_slot *ret_slot)
{
	struct hale_group_slot *first = NULL;
	unsigned int used = 0;

	for (unsigned int i = 0; i < HALE_GROUP_SLOTS; i++) {
		struct hale_group_slot *s = &g->slots[i];

		used += s->used;
		if (s->used && (!first || s->order < first->order))
			first = s;
	}
	if (!first || (used < HALE_GROUP_SLOTS && !over(first, now_ns)))
		return -1;
	*ret_slot = *first;
	first->used = false;
	return (int)(first - g->slots);
}
