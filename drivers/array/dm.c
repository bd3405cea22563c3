/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays and pools of device-mapper, by what their targets say of themselves:
 * raid, mirror, multipath, thin pools, vdo. All questions go to the kernel's
 * own tables and open no device. A leg is named as people know it: the LVM
 * volume, and the disk beneath it.
 */
#include <sys/sysmacros.h>

#include "array.h"

struct dm {
	struct array *a;
	const char *block; /* "dm-3" */
	char name[96];	   /* "vg/root" */
	uint32_t major, minor;
};

static void undouble(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		to[n++] = from[i];
		if (from[i] == '-' && i + 1 < len && from[i + 1] == '-')
			i++;
	}
	to[n] = '\0';
}

/* LVM doubles the dashes of names, and puts one between group and volume. */
void array_dm_print_name(const char *uuid, const char *name, char *text,
			 size_t size)
{
	char group[64], volume[64];
	const char *dash = name;

	hale_print_text(text, size, name, strlen(name));
	if (strncmp(uuid, "LVM-", 4) != 0)
		return;
	while ((dash = strchr(dash, '-')) && dash[1] == '-')
		dash += 2;
	if (!dash || dash == name || !dash[1])
		return;
	undouble(name, (size_t)(dash - name), group, sizeof(group));
	undouble(dash + 1, strlen(dash + 1), volume, sizeof(volume));
	/* what LVM has put under the volume of that name */
	dash = strrchr(volume, '-');
	if (dash &&
	    (strcmp(dash, "-tpool") == 0 || strcmp(dash, "-vpool") == 0))
		volume[dash - volume] = '\0';
	snprintf(text, size, "%s/%s", group, volume);
}

static bool identify(struct array *a, const char *block, struct dm *ret)
{
	char number[32], name[160] = "", uuid[160] = "";

	*ret = (struct dm){ .a = a, .block = block };
	if (array_attr(a, block, "dev", number, sizeof(number)) <= 0 ||
	    !dm_number(number, &ret->major, &ret->minor))
		return false;
	array_attr(a, block, "dm/name", name, sizeof(name));
	array_attr(a, block, "dm/uuid", uuid, sizeof(uuid));
	array_dm_print_name(uuid, name[0] ? name : block, ret->name,
			    sizeof(ret->name));
	return true;
}

static void say_legs(const struct dm *dm, const struct dm_legs *legs,
		     const char *lacks)
{
	struct array_state s = { .ref = HALE_REF_ARRAY,
				 .members = legs->n,
				 .lost = legs->lost };

	HALE_SET(s.part, dm->block);
	HALE_SET(s.name, dm->name);
	HALE_SET(s.level, legs->level);
	HALE_SET(s.lacks, lacks);
	s.failed = legs->lost > legs->bears;
	/* which halves make a pair is not told; the kernel fails it itself */
	if (strncmp(legs->level, "raid10", 6) == 0)
		s.failed = legs->lost > legs->n / 2;
	if (legs->all > 0 && legs->done < legs->all &&
	    legs->all < UINT64_MAX / 100)
		snprintf(s.sync, sizeof(s.sync), "%u %% in sync",
			 (unsigned int)(legs->done * 100 / legs->all));
	array_say(dm->a, &s);
}

static void only_slave(void *ctx, const char *name)
{
	char *slave = ctx;

	if (slave[0])
		hale_copy(slave, HALE_NAME_MAX, "?", 1);
	else
		hale_copy(slave, HALE_NAME_MAX, name, strlen(name));
}

/* "8:16" to "sdb", "253:4" to "vg/root_rimage_1 on sdb1" */
static void name_leg(struct array *a, const char *dev, char *text, size_t size)
{
	char block[HALE_NAME_MAX], slave[HALE_NAME_MAX] = "", path[64];
	struct dm leg;
	size_t used;

	array_block_name(a, dev, block, sizeof(block));
	hale_copy(text, size, block, strlen(block));
	if (strncmp(block, "dm-", 3) != 0 || !identify(a, block, &leg))
		return;
	hale_copy(text, size, leg.name, strlen(leg.name));
	snprintf(path, sizeof(path), "%s/slaves", block);
	array_each(a->block_fd, path, 16, only_slave, slave);
	used = strlen(text);
	if (slave[0] && slave[0] != '?')
		snprintf(text + used, size - used, " on %s", slave);
}

/* The table names the devices of the legs; only a raid's is asked for. */
static void raid(const struct dm *dm, const struct dm_target *target)
{
	struct array *a = dm->a;
	struct dm_walk walk = { .answer = &a->table };
	struct dm_target row = { .params = "" };
	struct dm_legs legs;
	char lacks[160] = "", dev[24], who[128];

	if (!dm_status_raid(target->params, &legs))
		return;
	if (legs.lost &&
	    dm_ask_table(a->dm_fd, dm->major, dm->minor, false, &a->table))
		dm_next(&walk, &row);
	for (uint32_t i = 0; i < legs.n && legs.lost; i++) {
		if (!(legs.dead >> i & 1))
			continue;
		snprintf(who, sizeof(who), "leg %u", i);
		if (dm_table_raid_leg(row.params, i, dev, sizeof(dev)))
			name_leg(a, dev, who, sizeof(who));
		array_list(lacks, sizeof(lacks), who, "dead");
	}
	say_legs(dm, &legs, lacks);
}

struct paths {
	struct array *a;
	char lacks[160];
};

static void see_path(void *ctx, const char *dev, bool failed)
{
	struct paths *paths = ctx;
	char name[HALE_NAME_MAX];

	if (!failed)
		return;
	array_block_name(paths->a, dev, name, sizeof(name));
	array_list(paths->lacks, sizeof(paths->lacks), name, "failed");
}

static void multipath(const struct dm *dm, const struct dm_target *target)
{
	struct paths paths = { .a = dm->a };
	struct dm_legs legs;

	if (dm_status_multipath(target->params, see_path, &paths, &legs))
		say_legs(dm, &legs, paths.lacks);
}

static void mirror(const struct dm *dm, const struct dm_target *target)
{
	struct dm_legs legs;

	if (dm_status_mirror(target->params, &legs))
		say_legs(dm, &legs, "");
}

static void take_promises(const struct array *a, uint32_t major, uint32_t minor,
			  struct array_pool *pool)
{
	for (unsigned int i = 0; i < a->n_promises; i++) {
		if (a->promises[i].major != major ||
		    a->promises[i].minor != minor)
			continue;
		pool->promised_bytes = a->promises[i].sectors * 512;
		pool->mapped_bytes = a->promises[i].mapped * 512;
	}
}

/* The numbers of a pool, whose status is in the answer @a->status. */
static bool read_pool(struct array *a, uint32_t major, uint32_t minor,
		      const char *status, struct array_pool *ret_pool)
{
	struct dm_walk walk = { .answer = &a->table };
	struct dm_target row;
	struct array_pool pool = { .promised_known = a->promises_whole,
				   .warn_percent = a->warn_percent };

	if (!dm_status_thin_pool(status, &pool.state))
		return false;
	if (!dm_ask_table(a->dm_fd, major, minor, false, &a->table) ||
	    !dm_next(&walk, &row) ||
	    !dm_table_thin_pool(row.params, &pool.block_bytes))
		pool.promised_known = false;
	take_promises(a, major, minor, &pool);
	*ret_pool = pool;
	return true;
}

static void say_pool(const struct dm *dm, struct array_pool *pool)
{
	struct array_pool_judgment j;
	const struct {
		enum hale_condition condition;
		const char *evidence;
	} said[] = {
		{ HALE_ARRAY_FAILED, j.failed },
		{ HALE_VIRT_BACKING_FULL, j.full },
		{ HALE_ARRAY_POOL_LOW, j.low },
	};

	HALE_SET(pool->name, dm->name);
	pool->warn_percent = dm->a->warn_percent;
	array_pool_judge(pool, &j);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(said); i++)
		array_say_condition(dm->a, HALE_REF_ARRAY, dm->block,
				    said[i].condition, said[i].evidence);
}

static void thin_pool(const struct dm *dm, const struct dm_target *target)
{
	struct array_pool pool;

	if (read_pool(dm->a, dm->major, dm->minor, target->params, &pool))
		say_pool(dm, &pool);
}

/* A volume is a disk whose store is its pool. What its failed writes have left
 * behind in the log is over when the pool has room. */
static void thin(const struct dm *dm, const struct dm_target *target)
{
	struct array *a = dm->a;
	struct dm_walk table = { .answer = &a->table };
	struct dm_walk status = { .answer = &a->status };
	struct dm_target row;
	struct array_pool pool;
	struct array_pool_judgment j;
	uint32_t major, minor;

	(void)target;
	if (!dm_ask_table(a->dm_fd, dm->major, dm->minor, false, &a->table) ||
	    !dm_next(&table, &row) ||
	    !dm_table_thin(row.params, &major, &minor) ||
	    !dm_ask_table(a->dm_fd, major, minor, true, &a->status) ||
	    !dm_next(&status, &row) ||
	    !read_pool(a, major, minor, row.params, &pool))
		return;
	HALE_SET(pool.name, dm->name);
	array_pool_judge(&pool, &j);
	array_say_condition(a, HALE_REF_DISK, dm->block, HALE_VIRT_BACKING_FULL,
			    j.full[0] ? "its thin pool is full" : "");
}

static void vdo(const struct dm *dm, const struct dm_target *target)
{
	struct array_pool pool = { .block_bytes = 4096 };

	if (dm_status_vdo(target->params, &pool.state))
		say_pool(dm, &pool);
}

static const struct {
	const char *type;
	void (*look)(const struct dm *dm, const struct dm_target *target);
} kinds[] = {
	{ "raid", raid },	    { "mirror", mirror },
	{ "multipath", multipath }, { "thin-pool", thin_pool },
	{ "thin", thin },	    { "vdo", vdo },
};

void array_dm(struct array *a, const char *name)
{
	struct dm_walk walk = { .answer = &a->status };
	struct dm_target target;
	struct dm dm;

	if (a->dm_fd < 0 || !identify(a, name, &dm) || !array_turn_to(a, name))
		return;
	if (!dm_ask_table(a->dm_fd, dm.major, dm.minor, true, &a->status)) {
		a->n_blind_dm++;
		return;
	}
	/* what has several targets is a volume of pieces, none of these */
	if (!dm_next(&walk, &target) || a->status.head.target_count != 1)
		return;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		if (strcmp(target.type, kinds[i].type) == 0)
			kinds[i].look(&dm, &target);
	}
}

static void add_promise(struct array *a, uint32_t major, uint32_t minor,
			uint64_t sectors, uint64_t mapped)
{
	unsigned int i = 0;

	while (i < a->n_promises &&
	       (a->promises[i].major != major || a->promises[i].minor != minor))
		i++;
	if (i == ARRAY_POOLS_MAX) {
		a->promises_whole = false;
		return;
	}
	if (i == a->n_promises)
		a->promises[a->n_promises++] =
			(struct array_promise){ .major = major,
						.minor = minor };
	a->promises[i].sectors += sectors;
	a->promises[i].mapped += mapped;
}

void array_dm_promises(struct array *a, const char *name)
{
	struct dm_walk status = { .answer = &a->status };
	struct dm_walk table = { .answer = &a->table };
	struct dm_target now, row;
	uint32_t major, minor;
	uint64_t has = 0;
	struct dm dm;

	a->n_dm++;
	if (a->dm_fd < 0 || !identify(a, name, &dm) || hale_skips(a->p, name) ||
	    !dm_ask_table(a->dm_fd, dm.major, dm.minor, true, &a->status) ||
	    !dm_next(&status, &now) || strcmp(now.type, "thin") != 0)
		return;
	if (!dm_ask_table(a->dm_fd, dm.major, dm.minor, false, &a->table) ||
	    !dm_next(&table, &row) ||
	    !dm_table_thin(row.params, &major, &minor)) {
		a->promises_whole = false;
		return;
	}
	dm_status_thin(now.params, &has);
	add_promise(a, major, minor, now.length > has ? now.length - has : 0,
		    has);
}
