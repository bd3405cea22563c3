/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filesystems that are mounted from a block device which the host does not
 * have. Whoever saw the disk go has its own finding (sweep.c); this is for an
 * agent that started later. Must not be asked before all devices were listed.
 * Invariant: what it finds ends with the mount, or when the device is listed,
 * for then the filesystem has another name.
 */
#include "core.h"

static bool is_orphan(const struct middle *m, const struct map_mount *mount)
{
	const struct map *map = topology_map(&m->topology);

	return mount->major != 0 && !mount->swap &&
	       strncmp(pool_text(&map->text, mount->source), "/dev/", 5) == 0 &&
	       !inventory_by_number(&m->inventory, mount->major, mount->minor);
}

static bool open_orphan(struct middle *m, const struct map_mount *mount,
			uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	const char *source = pool_text(&s.map->text, mount->source);
	struct hale_observation o = {
		.kind = HALE_OBSERVED_STATE,
		.condition = HALE_DISK_OFFLINE,
		.holds = true,
		.time_ns = now_ns,
	};
	struct ledger_input in = { .o = &o,
				   .driver = m->map_driver,
				   .level = HALE_EFFECT_BLOCKS,
				   .now_ns = now_ns };
	struct name fs;

	naming_filesystem(&s, mount->major, mount->minor, &fs);
	in.part = fs.part;
	in.alias = fs.alias;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%.31s on %.80s is mounted from %.64s, which is not among the "
		 "kernel's devices",
		 map_type(s.map, mount),
		 pool_text(&s.map->text, mount->mountpoint), source);
	return ledger_take(&m->ledger, &in);
}

bool sweep_orphans(struct middle *m, uint64_t now_ns)
{
	const struct map *map = topology_map(&m->topology);
	bool changed = false;

	/* what found no room here may be there; and with no device at all it
	 * is sysfs that is missing */
	if (!m->topology.ready || m->inventory.n == 0 || m->inventory.dropped)
		return false;
	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (is_orphan(m, &map->mounts[i]))
			changed |= open_orphan(m, &map->mounts[i], now_ns);
	}
	return changed;
}
