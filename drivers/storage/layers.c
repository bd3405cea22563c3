/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says what each block device stands on, one edge at a time and never
 * following one: a cycle in what sysfs says is a cycle in what we say, and the
 * middle's to break. A layer that we cannot see through is said to be so.
 */
#include <errno.h>
#include <limits.h>

#include "array.h"

static void emit_layer(const struct storage *s, const struct hale_layer *layer)
{
	struct hale_fact f = { .kind = HALE_FACT_LAYER, .u.layer = *layer };

	s->p->emit(s->p->sink, &f);
}

void storage_layer(const struct storage *s, struct storage_dev upper,
		   struct storage_dev lower, const char *via, bool redundant)
{
	struct hale_layer layer = {
		.upper_major = upper.major,
		.upper_minor = upper.minor,
		.lower_major = lower.major,
		.lower_minor = lower.minor,
		.redundant = redundant,
	};

	hale_print_text(layer.via, sizeof(layer.via), via, strlen(via));
	emit_layer(s, &layer);
}

void storage_unmapped(const struct storage *s, struct storage_dev upper,
		      const char *via)
{
	struct hale_layer layer = {
		.upper_major = upper.major,
		.upper_minor = upper.minor,
		.unmapped = true,
	};

	hale_print_text(layer.via, sizeof(layer.via), via, strlen(via));
	emit_layer(s, &layer);
}

/* One pass over the slaves of one device. */
struct slaves {
	struct storage *s;
	const struct storage_block *b;
	struct storage_array array;
	unsigned int n;
};

static bool given_up(const struct storage_array *array, struct storage_dev leg)
{
	for (unsigned int i = 0; i < array->n_failed; i++) {
		if (array->failed[i].major == leg.major &&
		    array->failed[i].minor == leg.minor)
			return true;
	}
	return false;
}

static int see_slave(void *ctx, const char *slave)
{
	struct slaves *w = ctx;
	char attr[HALE_PATH_MAX];
	struct storage_dev lower;
	bool redundant = w->array.redundant;

	if (snprintf(attr, sizeof(attr), "slaves/%s/dev", slave) >=
		    (int)sizeof(attr) ||
	    storage_number(w->s, w->b->name, attr, &lower) < 0)
		return 0;
	/* what is spare, faulty or still being filled cannot hurt the array */
	if (given_up(&w->array, lower))
		redundant = true;
	if (w->b->kind == HALE_BLOCK_MD && !redundant)
		redundant = !storage_md_leg_in_use(w->s, w->b->name, slave);
	storage_layer(w->s, w->b->dev, lower, w->array.via, redundant);
	w->n++;
	return 0;
}

static unsigned int slaves(struct storage *s, const struct storage_block *b,
			   const struct storage_array *array)
{
	struct slaves w = { .s = s, .b = b, .array = *array };
	char path[HALE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/slaves", b->name);
	storage_each_entry(s->block_fd, path, STORAGE_SLAVES_MAX, see_slave,
			   &w);
	return w.n;
}

static unsigned int dm_lowers(struct storage *s, const struct storage_block *b,
			      const struct storage_array *array)
{
	struct storage_dev lowers[STORAGE_SLAVES_MAX];
	int n = storage_dm_lowers(s, b, lowers, STORAGE_SLAVES_MAX);

	if (n < 0)
		return slaves(s, b, array);
	for (int i = 0; i < n; i++) {
		bool out = given_up(array, lowers[i]);

		/* device-mapper still names what it has done without since:
		 * nothing rests on a dead leg, whatever became of its disk */
		if (!out || strncmp(array->via, "raid", 4) != 0)
			storage_layer(s, b->dev, lowers[i], array->via,
				      array->redundant || out);
	}
	return (unsigned int)n;
}

/* bcache's caching devices; its backing device is a slave. */
static void bcache_caches(struct storage *s, const struct storage_block *b)
{
	enum {
		CACHES_MAX = 8
	};
	struct storage_dev lower;
	char attr[64];

	for (int i = 0; i < CACHES_MAX; i++) {
		snprintf(attr, sizeof(attr), "bcache/cache/cache%d/../dev", i);
		if (storage_number(s, b->name, attr, &lower) == 0)
			storage_layer(s, b->dev, lower, "bcache-cache", false);
	}
}

static void dm_layers(struct storage *s, const struct storage_block *b)
{
	struct storage_array array = { 0 };
	unsigned int n;

	if (strncmp(b->name, "zd", 2) == 0) {
		storage_unmapped(s, b->dev, "zfs");
		return;
	}
	if (strncmp(b->name, "ublkb", 5) == 0) {
		storage_unmapped(s, b->dev, "ublk");
		return;
	}
	if (strncmp(b->name, "bcache", 6) == 0) {
		HALE_SET(array.via, "bcache");
		bcache_caches(s, b);
		n = slaves(s, b, &array);
	} else {
		storage_dm_read(s, b, &array);
		n = dm_lowers(s, b, &array);
	}
	if (n == 0 && strcmp(array.via, "zero") != 0 &&
	    strcmp(array.via, "error") != 0)
		storage_unmapped(s, b->dev, array.via);
}

static void md_layers(struct storage *s, const struct storage_block *b)
{
	struct storage_array array = { 0 };
	char size[24];

	/* an array that is not running has no size: nothing stands on it */
	if (storage_attr(s, b->name, "size", size, sizeof(size)) > 0 &&
	    strcmp(size, "0") == 0)
		return;
	storage_md_read(s, b->name, &array);
	if (slaves(s, b, &array) == 0)
		storage_unmapped(s, b->dev, array.via);
}

/*
 * The kernel gives the backing file's name as the namespace that set the loop
 * up would call it. A file that is gone by name ("… (deleted)") still has a
 * filesystem; one that we cannot find under this name was set up elsewhere.
 */
static void loop_layer(struct storage *s, const struct storage_block *b)
{
	struct storage_dev lower;
	char path[STORAGE_PATH_MAX];
	int r = storage_attr(s, b->name, "loop/backing_file", path,
			     sizeof(path));

	if (r == -ENOENT)
		return; /* nothing is set up on it */
	if (r > 0 && storage_path_fs(s, path, &lower) == 0)
		storage_layer(s, b->dev, lower, "loop", false);
	else
		storage_unmapped(s, b->dev, "loop");
}

static void partition_layer(struct storage *s, const struct storage_block *b)
{
	struct storage_dev lower;

	/* sysfs: the partition's directory is inside its disk's */
	if (storage_number(s, b->name, "../dev", &lower) == 0 ||
	    (b->parent[0] && storage_number(s, b->parent, "dev", &lower) == 0))
		storage_layer(s, b->dev, lower, "partition", false);
	else
		storage_unmapped(s, b->dev, "partition");
}

void storage_block_layers(struct storage *s, const struct storage_block *b)
{
	struct storage_array plain = { .via = "drbd" };

	switch (b->kind) {
	case HALE_BLOCK_PARTITION:
		partition_layer(s, b);
		break;
	case HALE_BLOCK_LOOP:
		loop_layer(s, b);
		break;
	case HALE_BLOCK_DM:
		dm_layers(s, b);
		break;
	case HALE_BLOCK_MD:
		md_layers(s, b);
		break;
	case HALE_BLOCK_NETWORK:
		slaves(s, b, &plain); /* drbd has a local disk as well */
		break;
	case HALE_BLOCK_DISK:
	case HALE_BLOCK_MEMORY:
	case HALE_BLOCK_OPTICAL:
	case HALE_BLOCK_COUNT:
		break;
	}
}
