/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of the hardware or of the storage map means for findings.
 * Decides which parts are absent or replaced, which disks were lost under a
 * filesystem, and whose findings those of an unknown name really are. Closes
 * nothing on absence alone: a pulled disk is still a dying disk. Invariant:
 * after it the flags of all entries agree with inventory and map.
 */
#include "core.h"

#define SWEEP_DRIVER "storage map"

static bool key_among(const uint64_t *keys, uint32_t n, uint64_t key)
{
	for (uint32_t i = 0; i < n; i++) {
		if (keys[i] == key)
			return true;
	}
	return false;
}

void sweep_mounts(struct middle *m)
{
	const struct storage s = middle_storage(m);

	for (uint32_t i = 0; i < s.map->n_mounts; i++) {
		const struct map_mount *mount = &s.map->mounts[i];
		struct name fs;

		m->mount_keys[i] = 0;
		if (mount->swap)
			continue;
		naming_filesystem(&s, mount->major, mount->minor, &fs);
		m->mount_keys[i] = text_key(fs.part);
	}
}

/* A filesystem that is on a present device is there, mounted or not. */
static bool fs_on_device(const struct middle *m, const char *part)
{
	const struct storage s = middle_storage(m);

	for (uint32_t i = 0; i < m->inventory.n; i++) {
		const struct inventory_device *d = &m->inventory.devices[i];
		struct name fs;

		if (d->until_ns)
			continue;
		naming_filesystem(&s, d->major, d->minor, &fs);
		if (strcmp(fs.part, part) == 0)
			return true;
	}
	return false;
}

static bool disk_in_use(const struct middle *m,
			const struct inventory_device *d)
{
	const struct map *map = topology_map(&m->topology);

	if (map_uses(map, d->major, d->minor))
		return true;
	for (uint32_t i = 0; i < m->inventory.n; i++) {
		const struct inventory_device *p = &m->inventory.devices[i];

		if (p->kind == HALE_BLOCK_PARTITION &&
		    inventory_by_number(&m->inventory, p->major, p->minor) ==
			    p &&
		    inventory_disk_of(&m->inventory, p) == d &&
		    map_uses(map, p->major, p->minor))
			return true;
	}
	return false;
}

/* Gone from the kernel's tree, and something still stands on it. */
static bool is_lost(const struct middle *m, const struct inventory_device *d)
{
	return d->until_ns != 0 && m->topology.ready &&
	       inventory_by_number(&m->inventory, d->major, d->minor) == d &&
	       disk_in_use(m, d);
}

/* Some instance of it is, even where the disk itself is back elsewhere. */
static bool part_lost(const struct middle *m, const char *part)
{
	for (uint32_t i = 0; i < m->inventory.n; i++) {
		const struct inventory_device *d = &m->inventory.devices[i];
		const char *its =
			inventory_text(&m->inventory, d, INVENTORY_PART);

		if (strcmp(its, part) == 0 && is_lost(m, d))
			return true;
	}
	return false;
}

static void flag_disk(const struct middle *m, struct ledger_entry *e)
{
	const struct inventory_device *d =
		inventory_by_part(&m->inventory, e->part);

	if (!d) {
		/* never seen in this run: news may come before its device */
		e->absent = e->loaded && strncmp(e->part, "disk/", 5) == 0;
		e->replaced |= e->absent && m->inventory.listed_ns != 0 &&
			       inventory_seated(&m->inventory, e->seat);
		return;
	}
	HALE_SET(e->model, inventory_text(&m->inventory, d, INVENTORY_MODEL));
	HALE_SET(e->serial, inventory_text(&m->inventory, d, INVENTORY_SERIAL));
	e->absent = d->until_ns != 0 && !is_lost(m, d);
	e->seat = inventory_seat(&m->inventory, d);
	e->replaced = e->absent && inventory_seated(&m->inventory, e->seat);
}

static void flag_fs(const struct middle *m, struct ledger_entry *e)
{
	const struct map *map = topology_map(&m->topology);

	e->absent =
		m->topology.ready &&
		!key_among(m->mount_keys, map->n_mounts, text_key(e->part)) &&
		!fs_on_device(m, e->part);
}

/* A state of a filesystem that is no longer mounted cannot hold, nor can one
 * be short of room that nobody writes to. */
static bool is_moot(const struct middle *m, const struct ledger_entry *e)
{
	const struct map *map = topology_map(&m->topology);
	enum hale_condition c = (enum hale_condition)e->condition;
	uint64_t key = text_key(e->part);

	if (!m->topology.ready ||
	    hale_condition_info(c)->life != HALE_LIFE_STATE)
		return false;
	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (m->mount_keys[i] == key)
			return map->mounts[i].read_only &&
			       !map->mounts[i].writable &&
			       (c == HALE_FS_FULL || c == HALE_FS_INODES_FULL);
	}
	return true;
}

static bool is_fs(const struct ledger_entry *e)
{
	return strncmp(e->part, "fs/", 3) == 0;
}

static bool flag_entry(struct middle *m, struct ledger_entry *e,
		       uint64_t now_ns)
{
	bool absent = e->absent, replaced = e->replaced;

	if (is_fs(e))
		flag_fs(m, e);
	else if (strncmp(e->part, "disk/", 5) == 0 ||
		 strncmp(e->part, "array/", 6) == 0)
		flag_disk(m, e);
	if (e->replaced && !replaced)
		ledger_end(&m->ledger, e, LEDGER_REPLACED, now_ns);
	return e->absent != absent || e->replaced != replaced;
}

static bool sweep_flags(struct middle *m, uint64_t now_ns)
{
	bool changed = false;

	for (uint32_t i = m->ledger.n; i-- > 0;) {
		struct ledger_entry *e = &m->ledger.entries[i];

		if (!e->open || naming_unresolved(e->part))
			continue;
		if (is_fs(e) && is_moot(m, e))
			changed |= ledger_close(&m->ledger, e);
		else
			changed |= flag_entry(m, e, now_ns);
	}
	return changed;
}

static enum hale_ref ref_of(const char *part)
{
	if (strncmp(part, "fs/", 3) == 0)
		return HALE_REF_FS;
	return strncmp(part, "array/", 6) == 0 ? HALE_REF_ARRAY : HALE_REF_DISK;
}

/* Lines that came before their device was known find it now, if it is old
 * enough to have said the first of them. */
static bool sweep_unresolved(struct middle *m)
{
	const struct storage s = middle_storage(m);
	bool changed = false;

	for (uint32_t i = m->ledger.n; i-- > 0;) {
		const struct ledger_entry *e = &m->ledger.entries[i];
		const char *token = naming_unresolved(e->part);
		struct name found;
		char from[HALE_PART_MAX];

		if (!token)
			continue;
		naming_resolve(&s, ref_of(e->part), token, e->first_ns, &found);
		if (naming_unresolved(found.part))
			continue;
		HALE_SET(from, e->part);
		changed |= ledger_rename(&m->ledger, from, found.part);
		sectors_rename(&m->sectors, from, found.part);
		if (i > m->ledger.n)
			i = m->ledger.n;
	}
	return changed;
}

static bool open_offline(struct middle *m, const struct inventory_device *d,
			 uint64_t now_ns)
{
	struct hale_observation o = {
		.kind = HALE_OBSERVED_STATE,
		.condition = HALE_DISK_OFFLINE,
		.holds = true,
		.time_ns = d->until_ns,
	};
	const char *part = inventory_text(&m->inventory, d, INVENTORY_PART);
	const char *name = inventory_text(&m->inventory, d, INVENTORY_NAME);
	const struct ledger_input in = {
		&o, part, name, SWEEP_DRIVER, HALE_EFFECT_BLOCKS, false, now_ns
	};
	struct ledger_entry *e;
	bool changed;

	e = ledger_find(&m->ledger, part, HALE_DISK_OFFLINE);
	if (e && e->open) {
		e->lost = true;
		return false;
	}
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s is gone from the kernel's devices, and still in use",
		 name);
	changed = ledger_take(&m->ledger, &in);
	e = ledger_find(&m->ledger, part, HALE_DISK_OFFLINE);
	if (e)
		e->lost = e->open;
	return changed;
}

static bool sweep_lost(struct middle *m, uint64_t now_ns)
{
	bool changed = false;

	for (uint32_t i = 0; i < m->inventory.n; i++) {
		const struct inventory_device *d = &m->inventory.devices[i];

		if (inventory_text(&m->inventory, d, INVENTORY_PART)[0] &&
		    is_lost(m, d))
			changed |= open_offline(m, d, now_ns);
	}
	for (uint32_t i = m->ledger.n; i-- > 0;) {
		struct ledger_entry *e = &m->ledger.entries[i];

		if (!e->lost || part_lost(m, e->part))
			continue;
		ledger_end(&m->ledger, e, LEDGER_OVER, now_ns);
		changed |= ledger_close(&m->ledger, e);
	}
	return changed;
}

bool sweep(struct middle *m, uint64_t now_ns)
{
	bool changed;

	sweep_mounts(m);
	changed = sweep_unresolved(m);
	changed |= sweep_lost(m, now_ns);
	changed |= sweep_flags(m, now_ns);
	if (changed)
		m->ledger.touched++;
	return changed;
}

/* "disk/loop0" of before was another loop0, and so was what was on it. */
static bool forget_namesake(struct middle *m,
			    const struct inventory_change *change)
{
	char fs[HALE_PART_MAX];
	uint32_t n;

	snprintf(fs, sizeof(fs), "fs/%s", change->name);
	n = ledger_forget(&m->ledger, change->part, change->since_ns);
	n += ledger_forget(&m->ledger, fs, change->since_ns);
	return n > 0;
}

bool sweep_device(struct middle *m, const struct inventory_change *change,
		  uint64_t now_ns)
{
	struct ledger_entry *e;
	bool changed = false;

	if (change->renamed[0]) {
		changed = ledger_rename(&m->ledger, change->renamed,
					change->part);
		sectors_rename(&m->sectors, change->renamed, change->part);
	}
	if (change->appeared || change->vanished)
		sectors_touch(&m->sectors, change->part, now_ns);
	if (change->appeared && change->named)
		changed |= forget_namesake(m, change);
	e = ledger_find(&m->ledger, change->part, HALE_DISK_OFFLINE);
	if (change->appeared && e && !e->lost &&
	    e->last_ns < change->since_ns) {
		ledger_end(&m->ledger, e, LEDGER_OVER, now_ns);
		changed |= ledger_close(&m->ledger, e);
	}
	return sweep(m, now_ns) || changed;
}

/* Read-only although some mount of it asks for writing: not by choice. */
static bool is_forced(const struct map_mount *mount)
{
	return mount && mount->read_only && mount->writable;
}

/* A superblock turned read-only by itself, or was made writable again, while
 * we looked. What it was before that, the filesystem's own driver tells. */
static bool sweep_writable(struct middle *m, const struct map *old,
			   const struct map_mount *mount, uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	const struct map_mount *before =
		map_mount_by_number(old, mount->major, mount->minor);
	struct hale_observation o = {
		.kind = HALE_OBSERVED_STATE,
		.condition = HALE_FS_READONLY,
		.holds = is_forced(mount),
		.time_ns = now_ns,
	};
	struct ledger_input in = { .o = &o,
				   .driver = SWEEP_DRIVER,
				   .level = HALE_EFFECT_BLOCKS,
				   .now_ns = now_ns };
	struct name fs;

	if (!before || mount->swap || is_forced(before) == is_forced(mount))
		return false;
	naming_filesystem(&s, mount->major, mount->minor, &fs);
	in.part = fs.part;
	in.alias = fs.alias;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%.31s on %.128s is mounted rw, its superblock is read-only",
		 map_type(s.map, mount),
		 pool_text(&s.map->text, mount->mountpoint));
	return ledger_take(&m->ledger, &in);
}

/*
 * Devices are listed before every map. A loop that was not, and that nothing
 * stands on, is no longer set up: its node stays, and nobody says so.
 */
static bool sweep_loops(struct middle *m, uint64_t now_ns)
{
	struct inventory *inv = &m->inventory;
	bool changed = false;

	for (uint32_t i = 0; i < inv->n; i++) {
		struct inventory_device *d = &inv->devices[i];
		struct inventory_change change;

		if (d->kind != HALE_BLOCK_LOOP || d->until_ns ||
		    d->seen == inv->pass ||
		    map_uses(topology_map(&m->topology), d->major, d->minor))
			continue;
		inventory_end(inv, d, now_ns, &change);
		changed = true;
	}
	inventory_pass(inv, now_ns);
	return changed;
}

bool sweep_map(struct middle *m, uint64_t now_ns)
{
	const struct map *map = topology_map(&m->topology);
	const struct map *old = topology_old_map(&m->topology);
	bool changed = sweep_loops(m, now_ns);

	changed |= sweep(m, now_ns);

	for (uint32_t i = 0; i < map->n_mounts; i++)
		changed |= sweep_writable(m, old, &map->mounts[i], now_ns);
	return changed;
}
