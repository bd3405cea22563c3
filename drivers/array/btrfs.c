/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a mounted btrfs says of its devices (fs/btrfs/sysfs.c): which are
 * missing, and how many errors each has had. Those numbers are kept on the disk
 * for years, until somebody resets them: only what they grow by is news.
 */
#include <fcntl.h>

#include "array.h"

enum {
	POOLS_MAX = 256,
};

struct btrfs {
	struct array *a;
	int fd; /* sys/fs/btrfs */
	const char *uuid;
	char device[HALE_NAME_MAX]; /* one of its devices: names it */
	struct array_state state;
};

/* fs/btrfs/volumes.h, enum btrfs_dev_stat_values: all are told by the log as
 * errors of the filesystem, so they are here, too. */
static const char *const stats[] = { "write_errs", "read_errs", "flush_errs",
				     "corruption_errs", "generation_errs" };

static void see_device(void *ctx, const char *name)
{
	struct btrfs *b = ctx;

	if (!b->device[0])
		HALE_SET(b->device, name);
}

static bool read_stat(const char *text, const char *stat, uint64_t *ret)
{
	const char *at = strstr(text, stat);
	const size_t len = strlen(stat);
	char *end;

	if (!at || (at > text && at[-1] != '\n') || at[len] != ' ' ||
	    at[len + 1] < '0' || at[len + 1] > '9')
		return false;
	*ret = strtoull(at + len + 1, &end, 10);
	return *end == '\n' || *end == '\0';
}

static void say_stat(const struct btrfs *b, const char *id, uint32_t nth,
		     uint64_t value)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = HALE_FS_ERROR,
				      .ref = HALE_REF_FS,
				      .holds = true, /* kept on the disk */
				      .time_ns = b->a->p->now_ns,
				      .value = value,
				      .total = UINT64_MAX };

	o.counter = (uint32_t)(strtoul(id, NULL, 10) & 0xffffff) << 4 | nth;
	HALE_SET(o.part, b->device);
	snprintf(o.evidence, sizeof(o.evidence),
		 "btrfs device %.20s (of %s): %s %llu", id, b->device,
		 stats[nth], (unsigned long long)value);
	hale_emit_observation(b->a->p, &o);
}

static void see_info(void *ctx, const char *id)
{
	struct btrfs *b = ctx;
	char path[128], text[256];
	uint64_t value;

	if (id[strspn(id, "0123456789")])
		return;
	b->state.members++;
	snprintf(path, sizeof(path), "%s/devinfo/%.20s/missing", b->uuid, id);
	if (hale_read_at(b->fd, path, text, sizeof(text)) > 0 &&
	    text[0] == '1') {
		snprintf(path, sizeof(path), "device %.20s", id);
		array_list(b->state.lacks, sizeof(b->state.lacks), path,
			   "missing");
		b->state.lost++;
	}
	snprintf(path, sizeof(path), "%s/devinfo/%.20s/error_stats", b->uuid,
		 id);
	if (hale_read_at(b->fd, path, text, sizeof(text)) <= 0 ||
	    strncmp(text, "invalid", 7) == 0)
		return;
	for (uint32_t i = 0; i < HALE_ARRAY_SIZE(stats); i++) {
		if (read_stat(text, stats[i], &value))
			say_stat(b, id, i, value);
	}
}

/* "0b6c…-…": other entries ("features") are no filesystems. */
static void see_fs(void *ctx, const char *name)
{
	struct btrfs *b = ctx;
	char path[64];

	if (strlen(name) != 36 || name[8] != '-')
		return;
	b->uuid = name;
	b->device[0] = '\0';
	b->state = (struct array_state){ .ref = HALE_REF_FS };
	snprintf(path, sizeof(path), "%s/devices", name);
	array_each(b->fd, path, ARRAY_MEMBERS_MAX, see_device, b);
	if (!b->device[0])
		return;
	snprintf(path, sizeof(path), "%s/devinfo", name);
	array_each(b->fd, path, ARRAY_MEMBERS_MAX, see_info, b);
	if (b->state.members == 0)
		return; /* before Linux 5.6 */
	HALE_SET(b->state.part, b->device);
	snprintf(b->state.name, sizeof(b->state.name), "btrfs of %s",
		 b->device);
	HALE_SET(b->state.level, name);
	array_say(b->a, &b->state);
}

void array_btrfs(struct array *a)
{
	struct btrfs b = { .a = a };

	b.fd = openat(a->p->root_fd, "sys/fs/btrfs",
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b.fd < 0)
		return;
	array_each(b.fd, ".", POOLS_MAX, see_fs, &b);
	close(b.fd);
}
