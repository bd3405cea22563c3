/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emits the storage map: every mounted superblock, every swap area, and every
 * edge below them, between MAP_BEGIN and MAP_END. What could ask a disk or a
 * server comes after what could not, so that a pass that dies at its deadline
 * has said the most.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/mountinfo.h"

#include "../mounts_line.h"
#include "storage.h"

static void set_text(char *dst, size_t size, const char *text)
{
	hale_print_text(dst, size, text, strlen(text));
}

static void emit_mount(const struct storage *s, const struct mounts_fs *fs)
{
	struct hale_fact f = { .kind = HALE_FACT_MOUNT };
	struct hale_mount *m = &f.u.mount;

	m->major = fs->major;
	m->minor = fs->minor;
	m->read_only = fs->super_ro || fs->emergency_ro;
	m->remote = fs->class == HALE_FSTYPE_REMOTE;
	m->writable = fs->some_rw && fs->class != HALE_FSTYPE_PSEUDO &&
		      (!m->read_only || mounts_forced_ro(fs));
	set_text(m->type, sizeof(m->type), fs->type);
	set_text(m->source, sizeof(m->source), fs->source);
	set_text(m->mountpoint, sizeof(m->mountpoint),
		 s->mounts->rows[fs->mount].path);
	s->p->emit(s->p->sink, &f);
}

/* XFS may keep its log or its real-time data on devices of their own. */
static void xfs_devices(const struct storage *s, const struct mounts_fs *fs)
{
	static const char *const keys[] = { "logdev", "rtdev" };
	const struct storage_dev upper = { fs->major, fs->minor };
	struct storage_dev lower;
	char node[HALE_PATH_MAX];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(keys); i++) {
		if (mounts_line_option(fs->options, keys[i], 0, node,
				       sizeof(node)) > 0 &&
		    storage_dev_of_node(s, node, &lower) == 0)
			storage_layer(s, upper, lower, keys[i], false);
	}
}

static void fs_layers(struct storage *s, const struct mounts_fs *fs)
{
	const struct storage_dev dev = { fs->major, fs->minor };

	switch (fs->class) {
	case HALE_FSTYPE_BLOCK:
		xfs_devices(s, fs);
		break;
	case HALE_FSTYPE_OVERLAY:
		storage_overlay(s, fs);
		break;
	case HALE_FSTYPE_POOL:
		storage_pool(s, fs);
		break;
	case HALE_FSTYPE_OPAQUE:
		storage_unmapped(s, dev, fs->type);
		break;
	case HALE_FSTYPE_MEMORY:
	case HALE_FSTYPE_PSEUDO:
	case HALE_FSTYPE_REMOTE:
		break;
	}
}

/*
 * A swap file or partition; the file's filesystem is what it stands on. One
 * that was set up outside this mount namespace leads nowhere from here.
 */
static void emit_swap(struct storage *s, const char *path, bool file)
{
	struct hale_fact f = { .kind = HALE_FACT_MOUNT };
	struct hale_mount *m = &f.u.mount;
	struct storage_dev dev;
	int r;

	r = file ? storage_path_fs(s, path, &dev)
		 : storage_dev_of_node(s, path, &dev);
	if (r < 0) {
		set_text(s->lost_swap, sizeof(s->lost_swap), path);
		return;
	}
	m->major = dev.major;
	m->minor = dev.minor;
	m->swap = true;
	m->writable = true;
	HALE_SET(m->type, "swap");
	set_text(m->source, sizeof(m->source), path);
	set_text(m->mountpoint, sizeof(m->mountpoint), path);
	s->p->emit(s->p->sink, &f);
}

/* "/dev/sda2   partition 8388604 0 -2", names escaped as in mountinfo. */
static void swap_line(struct storage *s, char *line)
{
	size_t len = strcspn(line, " \t");
	const char *type = line + len + strspn(line + len, " \t");

	if (line[0] != '/' || line[len] == '\0')
		return;
	hale_mountinfo_unescape(line, len + 1, line, len);
	emit_swap(s, line, strncmp(type, "file", 4) == 0);
}

static void swaps(struct storage *s)
{
	/* 32 areas (MAX_SWAPFILES is below that) with long names */
	enum {
		SWAPS_MAX = 32768
	};
	_cleanup_free_ char *text = malloc(SWAPS_MAX);
	char *line = text;
	int r;

	if (!text)
		return;
	r = hale_read_at(s->p->root_fd, "proc/swaps", text, SWAPS_MAX);
	if (r <= 0 && r != -EMSGSIZE)
		return;
	while (line) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		swap_line(s, line);
		line = end;
	}
}

static int block_layers(void *ctx, const char *name)
{
	struct storage *s = ctx;
	struct storage_block b;

	if (storage_block_read(s, name, &b) == 0)
		storage_block_layers(s, &b);
	return 0;
}

void storage_emit_map(struct storage *s)
{
	const struct mounts *m = s->mounts;
	struct hale_fact f = { .kind = HALE_FACT_MAP_BEGIN };

	s->p->emit(s->p->sink, &f);
	for (uint32_t i = 0; i < m->n_fs; i++)
		emit_mount(s, &m->fs[i]);
	storage_each_entry(s->block_fd, ".", STORAGE_BLOCKS_MAX, block_layers,
			   s);
	for (uint32_t i = 0; i < m->n_fs; i++)
		fs_layers(s, &m->fs[i]);
	swaps(s);
	f.kind = HALE_FACT_MAP_END;
	s->p->emit(s->p->sink, &f);
}
