/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process had mapped, and what lies beneath that. Decides how much a
 * file, a swap area or mere nearness in time can say: the page that was missing
 * says all, a file that was merely open little. A full filesystem hurts only
 * who writes. Must never blame what the process is known not to have touched.
 */
#include "cause_case.h"

/* A full filesystem hurts who writes through a mapping, nobody who merely reads
 * or runs a file of it. */
static enum hale_confidence full_at_most(const struct case_of *k,
					 const struct hale_victim_file *f,
					 const struct cause_node *c)
{
	const struct ledger_entry *e = cause_entry(k->m, c);
	bool seen = k->v.witnesses & (HALE_WITNESS_PROC | HALE_WITNESS_CORE);

	if (!e || e->level != HALE_EFFECT_BLOCKS || f->held == HALE_HELD_EXE)
		return HALE_CONFIDENCE_NONE;
	if (seen && !f->full)
		return HALE_CONFIDENCE_POSSIBLE;
	if (f->faulted || (f->held == HALE_HELD_MAPPED && k->v.code_known))
		return HALE_CONFIDENCE_CERTAIN;
	return HALE_CONFIDENCE_LIKELY;
}

static enum hale_confidence file_at_most(const struct case_of *k,
					 const struct hale_victim_file *f,
					 const struct cause_node *c)
{
	bool direct = f->held != HALE_HELD_OPEN && f->held != HALE_HELD_PARENT;
	enum hale_confidence most =
		direct ? HALE_CONFIDENCE_CERTAIN : HALE_CONFIDENCE_LIKELY;

	if (c->condition == HALE_FS_FULL)
		most = full_at_most(k, f, c);
	/* it may have been cut by what failed, or by its owner */
	return k->cut ? cause_at_most(most, HALE_CONFIDENCE_LIKELY) : most;
}

/* A file that was short when its reader died was not cut by what failed only
 * then. Log and death are told by different ways: that may be a second. */
static bool came_too_late(const struct case_of *k, const struct cause_node *c)
{
	return k->cut &&
	       c->first_ns > k->m->causes.nodes[k->i].first_ns + HALE_NS_PER_S;
}

static void weigh_way(struct case_of *k, const struct hale_victim_file *f,
		      uint8_t held)
{
	struct cause_work *w = &k->m->causes;

	for (uint32_t i = 0; i < w->n; i++) {
		struct blame how = { .held = held };

		if (w->way[i] != CAUSE_CARRIES ||
		    came_too_late(k, &w->nodes[i]))
			continue;
		how.confidence = file_at_most(k, f, &w->nodes[i]);
		if (how.confidence != HALE_CONFIDENCE_NONE)
			cause_weigh(k, i, CAUSE_MAPPED, &how);
	}
}

void cause_weigh_file(struct case_of *k, uint32_t n)
{
	const struct hale_victim_file *f = &k->v.files[n];

	if ((k->faulted && !f->faulted) || (f->major == 0 && f->minor == 0))
		return;
	cause_ground_clear(k->m);
	cause_ground_device(k->m, f->major, f->minor);
	weigh_way(k, f, (uint8_t)(n + 1));
}

/* Only the name of its program is known: as the host's own mounts have it. */
void cause_weigh_exe(struct case_of *k)
{
	const struct map *map = topology_map(&k->m->topology);
	const struct map_mount *mount;
	struct hale_victim_file f = { .held = HALE_HELD_EXE };

	if (k->v.n_files > 0 || k->v.exe[0] != '/' ||
	    cause_is_contained(k->v.cgroup))
		return;
	mount = map_mount_by_path(map, k->v.exe);
	if (!mount)
		return;
	cause_ground_clear(k->m);
	cause_ground_device(k->m, mount->major, mount->minor);
	weigh_way(k, &f, 0);
}

/* A page that cannot be swapped in ends its process by SIGBUS as well
 * (do_swap_page() in mm/memory.c). */
void cause_weigh_swap(struct case_of *k)
{
	const struct map *map = topology_map(&k->m->topology);
	const struct blame how = { .held = CAUSE_HELD_SWAP,
				   .confidence = HALE_CONFIDENCE_LIKELY };

	cause_ground_clear(k->m);
	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (map->mounts[i].swap)
			cause_ground_device(k->m, map->mounts[i].major,
					    map->mounts[i].minor);
	}
	for (uint32_t i = 0; i < k->m->causes.n; i++) {
		if (k->m->causes.way[i] == CAUSE_CARRIES)
			cause_weigh(k, i, CAUSE_MAPPED, &how);
	}
}

/* The verdict marked what this host, or the question's scope, stands on. */
static bool stands_on(const struct middle *m, const struct cause_node *n)
{
	return n->kind == CAUSE_OPEN &&
	       m->marks[n->at].effect > HALE_EFFECT_NONE;
}

/* Less than likely where its files were seen elsewhere, or where it is not even
 * known which disk that was. */
static enum hale_confidence near_at_most(const struct case_of *k,
					 const struct cause_node *c)
{
	bool seen = k->v.witnesses & (HALE_WITNESS_PROC | HALE_WITNESS_CORE);
	const struct ledger_entry *e = cause_entry(k->m, c);

	if ((seen && k->v.n_files > 0) || !e || naming_unresolved(e->part))
		return HALE_CONFIDENCE_POSSIBLE;
	return HALE_CONFIDENCE_LIKELY;
}

/* What else failed at that moment, of what builds here stand on. */
void cause_weigh_near(struct case_of *k)
{
	const struct cause_work *w = &k->m->causes;

	for (uint32_t i = 0; i < w->n; i++) {
		struct blame how = { .confidence =
					     near_at_most(k, &w->nodes[i]) };

		if (stands_on(k->m, &w->nodes[i]))
			cause_weigh(k, i, CAUSE_NEAR, &how);
	}
}
