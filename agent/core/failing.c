/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the findings of a disk and the list of its failing sectors. Decides
 * which failures belong into that list, and answers what is known of a disk.
 * Must never say that a list is whole where a finding counts failures that it
 * does not hold. Invariant: after failing_sweep() only disks with an open
 * finding of failed requests have a list.
 */
#include "core.h"
#include "verified.h"

/* What reading back can say something about. */
static bool is_failure(enum hale_condition c)
{
	return c == HALE_DISK_IO_ERROR || c == HALE_DISK_MEDIUM_ERROR;
}

static bool is_open(struct middle *m, const char *part)
{
	static const enum hale_condition failures[] = {
		HALE_DISK_IO_ERROR, HALE_DISK_MEDIUM_ERROR
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(failures); i++) {
		const struct ledger_entry *e =
			ledger_find(&m->ledger, part, failures[i]);

		if (e && e->open)
			return true;
	}
	return false;
}

static bool sees_requests(const struct middle *m, const char *driver)
{
	for (size_t i = 0; i < JOIN_DRIVERS; i++) {
		if (strcmp(m->join.drivers[i].name, driver) == 0)
			return true;
	}
	return false;
}

void failing_heard(struct middle *m, const struct join_said *said,
		   const struct hale_observation *o,
		   const struct hale_observation *event)
{
	const struct join_driver *w = join_witness(&m->join);
	const struct sectors_said failure = {
		said->part, o, w && event->time_ns >= w->began_ns, said->now_ns
	};

	if (event->condition == HALE_AGENT_BLIND &&
	    sees_requests(m, said->driver))
		sectors_lost(&m->sectors, HALE_GAP_LOST, said->now_ns);
	if (!is_failure(event->condition) || !is_open(m, said->part))
		return;
	/* which of the two it is does not matter to a witness of all */
	if (o->join == HALE_JOIN_SUPPRESSED && event->count == 0)
		return;
	sectors_take(&m->sectors, &failure);
	if (o->join == HALE_JOIN_SUPPRESSED)
		sectors_lost(&m->sectors, HALE_GAP_SUPPRESSED, said->now_ns);
}

void failing_sweep(struct middle *m)
{
	for (size_t i = 0; i < SECTORS_DISKS; i++) {
		const char *part = m->sectors.disks[i].failing.part;

		if (part[0] && !is_open(m, part))
			sectors_drop(&m->sectors, part);
	}
}

void middle_failing(struct middle *m, const char *part,
		    struct hale_failing *ret_failing)
{
	const struct hale_failing *f;

	failing_sweep(m);
	f = sectors_of(&m->sectors, part);
	memset(ret_failing, 0, sizeof(*ret_failing));
	if (f)
		*ret_failing = *f;
	else if (is_open(m, part))
		ret_failing->gaps = HALE_GAP_ROOM;
	/* it has no stamp of its own: any disk's change is one */
	if (!f)
		ret_failing->stamp = m->sectors.stamp;
	HALE_SET(ret_failing->part, part);
	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct ledger_entry *e = &m->ledger.entries[i];

		if (e->open && e->at_least &&
		    is_failure((enum hale_condition)e->condition) &&
		    strcmp(e->part, part) == 0)
			ret_failing->gaps |= HALE_GAP_LOST;
	}
}

/* Those at the ends of a path's ways down that are disks themselves. */
static size_t disks_beneath(struct middle *m,
			    const struct hale_scope_path *path,
			    struct hale_disk_target *ret, size_t max)
{
	struct hale_hop *hops = m->hops;
	size_t n = middle_hops(m, path, hops, HALE_ARRAY_SIZE(m->hops));
	size_t found = 0;

	for (size_t i = 0; i < n && found < max; i++) {
		bool twice = false;

		if (strncmp(hops[i].part, "disk/", 5) != 0)
			continue;
		for (size_t k = 0; k < found; k++)
			twice |= strcmp(ret[k].part, hops[i].part) == 0;
		if (twice)
			continue;
		HALE_SET(ret[found].part, hops[i].part);
		found++;
	}
	return found;
}

static size_t disk_named(struct middle *m, const char *name, uint64_t now_ns,
			 struct hale_disk_target *ret)
{
	const struct storage s = middle_storage(m);
	struct name found;

	HALE_SET(found.part, name);
	if (!inventory_by_part(&m->inventory, name))
		naming_resolve(&s, HALE_REF_DISK, name, now_ns, &found);
	if (naming_unresolved(found.part))
		return 0;
	HALE_SET(ret->part, found.part);
	return 1;
}

size_t middle_targets(struct middle *m, const struct hale_target_query *q,
		      uint64_t now_ns, struct hale_disk_target *ret, size_t max)
{
	size_t n, present = 0;

	if (max == 0)
		return 0;
	memset(ret, 0, max * sizeof(*ret));
	n = q->name[0] ? disk_named(m, q->name, now_ns, ret)
		       : disks_beneath(m, q->path, ret, max);
	for (size_t i = 0; i < n; i++) {
		const struct inventory_device *d =
			inventory_by_part(&m->inventory, ret[i].part);

		if (!d || d->until_ns)
			continue;
		ret[present] = ret[i];
		ret[present].major = d->major;
		ret[present].minor = d->minor;
		HALE_SET(ret[present].name,
			 inventory_text(&m->inventory, d, INVENTORY_NAME));
		HALE_SET(ret[present].model,
			 inventory_text(&m->inventory, d, INVENTORY_MODEL));
		HALE_SET(ret[present].serial,
			 inventory_text(&m->inventory, d, INVENTORY_SERIAL));
		present++;
	}
	return present;
}
