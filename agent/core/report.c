/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as outputs read them: with today's names of their parts, in the
 * order of what matters. Changes nothing but its own cache of that order, and
 * writes no text of its own.
 */
#include "core.h"

static const struct map_mount *mount_of(const struct middle *m,
					const char *part)
{
	const struct map *map = topology_map(&m->topology);
	uint64_t key = text_key(part);

	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (m->mount_keys[i] == key && !map->mounts[i].swap)
			return &map->mounts[i];
	}
	return NULL;
}

static void name_fs(const struct middle *m, struct hale_finding *f)
{
	const struct storage s = middle_storage(m);
	const struct map_mount *mount = mount_of(m, f->part);
	struct name fs;

	if (!mount)
		return;
	HALE_SET(f->where, pool_text(&s.map->text, mount->mountpoint));
	naming_filesystem(&s, mount->major, mount->minor, &fs);
	if (fs.alias[0])
		HALE_SET(f->alias, fs.alias);
	else
		HALE_SET(f->alias, pool_text(&s.map->text, mount->source));
}

static void name_device(const struct middle *m, struct hale_finding *f)
{
	const struct inventory *inv = &m->inventory;
	const struct inventory_device *d = inventory_by_part(inv, f->part);

	if (!d)
		return;
	HALE_SET(f->alias, inventory_text(inv, d, INVENTORY_NAME));
	HALE_SET(f->model, inventory_text(inv, d, INVENTORY_MODEL));
	HALE_SET(f->serial, inventory_text(inv, d, INVENTORY_SERIAL));
}

void report_finding(const struct middle *m, const struct ledger_entry *e,
		    struct hale_finding *ret_finding)
{
	struct hale_memory_row row;
	uint64_t keep_ns = m->policy.expires_ns[e->condition];

	ledger_save(&m->ledger, e, &row);
	*ret_finding = row.finding;
	if (keep_ns)
		ret_finding->expires_ns = e->last_ns + keep_ns;
	if (strncmp(e->part, "fs/", 3) == 0)
		name_fs(m, ret_finding);
	else
		name_device(m, ret_finding);
}

static bool before(const struct ledger *l, uint16_t a, uint16_t b)
{
	const struct ledger_entry *x = &l->entries[a], *y = &l->entries[b];
	enum hale_effect ex = ledger_effect(l, x), ey = ledger_effect(l, y);

	if (ex != ey)
		return ex > ey;
	return x->last_ns > y->last_ns;
}

static void sort_findings(struct middle *m)
{
	const struct ledger *l = &m->ledger;

	m->n_order = 0;
	for (uint16_t i = 0; i < l->n; i++) {
		uint32_t at = m->n_order;

		if (ledger_effect(l, &l->entries[i]) == HALE_EFFECT_NONE)
			continue;
		while (at > 0 && before(l, i, m->order[at - 1])) {
			m->order[at] = m->order[at - 1];
			at--;
		}
		m->order[at] = i;
		m->n_order++;
	}
	m->ordered_at = l->touched;
}

bool middle_finding(struct middle *m, size_t i, uint64_t now_ns,
		    struct hale_finding *ret_finding)
{
	(void)now_ns; /* effects are as of the last fact or tick */
	if (m->ordered_at != m->ledger.touched)
		sort_findings(m);
	if (i >= m->n_order)
		return false;
	report_finding(m, &m->ledger.entries[m->order[i]], ret_finding);
	return true;
}

bool middle_closed(struct middle *m, size_t i, uint64_t now_ns,
		   struct hale_finding *ret_finding)
{
	const struct ledger_ended *r = ledger_ended(&m->ledger, i, now_ns);

	if (!r)
		return false;
	report_finding(m, &r->e, ret_finding);
	ret_finding->closed_ns = r->at_ns;
	HALE_SET(ret_finding->closed,
		 r->how[0] ? r->how : ledger_end_text(r->why));
	return true;
}

static void loss_row(const char *what, uint64_t n, struct hale_coverage *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sense = HALE_SENSE_STORAGE_MAP;
	ret->sight = HALE_SIGHT_PARTIAL;
	HALE_SET(ret->driver, "core");
	snprintf(ret->why, sizeof(ret->why), "%llu %s left out: no room",
		 (unsigned long long)n, what);
}

bool middle_coverage(const struct middle *m, size_t i,
		     struct hale_coverage *ret_coverage)
{
	const struct map *map = topology_map(&m->topology);
	const struct {
		const char *what;
		uint64_t n;
	} losses[] = {
		{ "devices", m->inventory.dropped },
		{ "mounts", map->dropped_mounts },
		{ "layers", map->dropped_layers },
	};

	for (size_t k = 0; k < HALE_ARRAY_SIZE(losses); k++) {
		if (losses[k].n > 0 && i-- == 0) {
			loss_row(losses[k].what, losses[k].n, ret_coverage);
			return true;
		}
	}
	return coverage_get(&m->coverage, i, ret_coverage);
}
