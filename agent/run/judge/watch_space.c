/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How near the scope's filesystems came to their end while a build ran. A tick
 * asks only those whose statfs adds numbers up in memory, through files that
 * were opened before; the rest is measured before and after, by libhale, with
 * a deadline. Decides when one counts as full.
 */
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include "hale/base.h"
#include "hale/fs_type.h"

#include "agent/lib/lookup.h"
#include "agent/lib/resolve.h"
#include "watch_own.h"

/* Less than this is as good as nothing: a compiler's next object file. What
 * caught the write that failed is often removed before anyone can look. */
#define NOTHING_BYTES  (16 * HALE_MIB)
#define NOTHING_INODES 16
/* So little explains a failure that says so itself (DESIGN: fs.full). */
#define LITTLE_BYTES (2 * HALE_GIB)
#define LITTLE_SHARE 50 /* a 50th: 2 % */
/* So little, where there was more when the build began. */
#define LEFT_SHARE 20 /* 5 % */
/* ext4 gives its last 2 % out to nobody (s_resv_clusters; 16 MiB at most), and
 * a little more is lost to its own bookkeeping. */
#define EXT4_SHARE 40
/* A tmpfs that is so empty is fresh. */
#define FRESH_SHARE 20

static void least(uint64_t *kept, uint64_t now)
{
	if (now < *kept)
		*kept = now;
}

/* A tmpfs that nobody had written to, and that is none of those which all of a
 * host shares: whatever fills it is this build. */
static bool is_own(const struct hale_scope_path *p)
{
	static const char *const shared[] = { "/", "/tmp", "/var/tmp", "/run",
					      "/dev/shm" };

	if (strcmp(p->type, "tmpfs") != 0 ||
	    p->avail_bytes < p->total_bytes - p->total_bytes / FRESH_SHARE)
		return false;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(shared); i++) {
		if (strcmp(p->mountpoint, shared[i]) == 0)
			return false;
	}
	return p->mountpoint[0] == '/';
}

/* Their pages count as I/O of who makes them dirty (account_page_dirtied(),
 * mm/page-writeback.c); a tmpfs, FUSE and ZFS go other ways. */
static bool is_counted(const char *type)
{
	static const char *const types[] = { "ext4", "xfs",    "btrfs", "ext3",
					     "ext2", "f2fs",   "vfat",	"exfat",
					     "jfs",  "overlay" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(types); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

static void take(struct watch_fs *f, const struct hale_scope_path *p)
{
	if (p->unresolved || !p->measured || p->read_only)
		return;
	if (!f->measured) {
		f->first_bytes = f->avail_bytes = p->avail_bytes;
		f->first_inodes = f->avail_inodes = p->avail_inodes;
		f->own = is_own(p);
	}
	f->measured = true;
	f->ext4 = strcmp(p->type, "ext4") == 0;
	f->counted = is_counted(p->type);
	f->total_bytes = p->total_bytes;
	f->total_inodes = p->total_inodes;
	least(&f->avail_bytes, p->avail_bytes);
	least(&f->avail_inodes, p->avail_inodes);
}

static void resolve(struct watch *w)
{
	memset(w->found, 0, sizeof(w->found));
	for (size_t i = 0; i < w->n_seen; i++)
		HALE_SET(w->found[i].path, w->paths[i]);
	if (resolve_paths(NULL, (const char *const *)w->paths, w->found,
			  w->n_seen) < 0)
		memset(w->found, 0, sizeof(w->found));
}

static bool seen(const struct watch *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (w->found[i].major == w->found[n].major &&
		    w->found[i].minor == w->found[n].minor)
			return true;
	}
	return false;
}

/* From the caches alone: nothing here may wait. */
static void open_fs(struct watch_fs *f, const struct hale_scope_path *p)
{
	_cleanup_free_ char *buf = malloc(LOOKUP_NAME_MAX);
	char self[32];

	f->fd = f->sync_fd = -1;
	if (!buf || p->unresolved ||
	    hale_fs_statfs(p->type) != HALE_STATFS_QUICK)
		return;
	f->fd = lookup_nearest(f->path, true, buf);
	if (f->fd < 0)
		return;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
	f->sync_fd = open(self, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void watch_space_begin(struct watch *w)
{
	watch_space_done(w);
	resolve(w);
	for (size_t i = 0; i < w->n_seen; i++) {
		struct watch_fs *f = &w->fs[w->n_fs];

		if (seen(w, i))
			continue;
		w->n_fs++;
		*f = (struct watch_fs){ .path = w->paths[i] };
		open_fs(f, &w->found[i]);
		take(f, &w->found[i]);
	}
}

void watch_space_tick(struct watch *w)
{
	for (size_t i = 0; i < w->n_fs; i++) {
		struct watch_fs *f = &w->fs[i];
		struct statfs st;
		uint64_t unit;

		if (f->fd < 0 || !f->measured || fstatfs(f->fd, &st) < 0)
			continue;
		unit = (uint64_t)(st.f_frsize ? st.f_frsize : st.f_bsize);
		least(&f->avail_bytes, st.f_bavail * unit);
		least(&f->avail_inodes, st.f_ffree);
	}
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static enum hale_confidence full_bytes(const struct watch_fs *f, uint64_t avail)
{
	uint64_t total = f->total_bytes;
	uint64_t left = lesser(total / LEFT_SHARE, LITTLE_BYTES);
	uint64_t share = f->ext4 ? EXT4_SHARE : 1000;

	if (avail <= lesser(total / share, NOTHING_BYTES))
		return HALE_CONFIDENCE_CERTAIN;
	if (avail <= lesser(total / LITTLE_SHARE, LITTLE_BYTES) ||
	    (avail <= left && f->first_bytes > left))
		return HALE_CONFIDENCE_LIKELY;
	return HALE_CONFIDENCE_NONE;
}

static enum hale_confidence full_inodes(uint64_t avail, uint64_t total)
{
	if (total == 0) /* without a limit */
		return HALE_CONFIDENCE_NONE;
	if (avail <= NOTHING_INODES)
		return HALE_CONFIDENCE_CERTAIN;
	return avail <= total / LITTLE_SHARE ? HALE_CONFIDENCE_LIKELY
					     : HALE_CONFIDENCE_NONE;
}

/* @s becomes @now where that is fuller. */
static void fullest(struct run_space *s, const struct run_space *now,
		    const char *path)
{
	if (now->full <= s->full)
		return;
	*s = *now;
	HALE_SET(s->path, path);
}

static void end_one(const struct watch_fs *f, struct run_host *ret)
{
	struct run_space bytes = { .own = f->own,
				   .avail = f->avail_bytes,
				   .total = f->total_bytes };
	struct run_space inodes = { .own = f->own,
				    .avail = f->avail_inodes,
				    .total = f->total_inodes };

	bytes.full = full_bytes(f, bytes.avail);
	bytes.before = full_bytes(f, f->first_bytes) >= bytes.full;
	inodes.full = full_inodes(inodes.avail, inodes.total);
	inodes.before =
		full_inodes(f->first_inodes, inodes.total) >= inodes.full;
	fullest(&ret->bytes, &bytes, f->path);
	fullest(&ret->inodes, &inodes, f->path);
}

void watch_space_end(struct watch *w, struct run_host *ret)
{
	watch_space_tick(w);
	resolve(w);
	for (size_t i = 0; i < w->n_fs; i++) {
		struct watch_fs *f = &w->fs[i];

		for (size_t k = 0; k < w->n_seen; k++) {
			if (f->path == w->paths[k])
				take(f, &w->found[k]);
		}
		if (f->measured)
			end_one(f, ret);
	}
}

/* Of @lost the build's own share. What an engine, or a server that outlives the
 * build, writes for it is no process of its own: then all that was lost may
 * have been needed. An eighth more is for what a filesystem adds. */
static uint64_t own_share(const struct watch *w, const struct run_usage *u,
			  uint64_t lost)
{
	uint64_t own = u->dirtied_bytes + u->dirtied_bytes / 8 + HALE_MIB;

	return w->container || u->dirtied_bytes == 0 ? lost : lesser(lost, own);
}

/* Of all filesystems together; what others took meanwhile is in it where it
 * cannot be told from what the build did. */
void watch_usage(const struct watch *w, struct run_usage *usage)
{
	uint64_t bytes = 0, counted = 0, inodes = 0;
	bool measured = false;

	for (size_t i = 0; i < w->n_fs; i++) {
		const struct watch_fs *f = &w->fs[i];

		if (!f->measured)
			continue;
		measured = true;
		*(f->counted ? &counted : &bytes) +=
			f->first_bytes - f->avail_bytes;
		inodes += f->first_inodes - f->avail_inodes;
	}
	if (!measured)
		return;
	usage->disk_bytes = bytes + own_share(w, usage, counted);
	usage->inodes = inodes;
}

/* An engine's disk is measured twice a minute; what filled it may be gone. */
bool watch_lacks_room(const struct hale_reply *reply)
{
	struct hale_entry e;

	for (size_t i = 0; hale_reply_reason(reply, i, &e); i++) {
		if (e.effect == HALE_EFFECT_BLOCKS &&
		    (strcmp(e.condition, "fs.full") == 0 ||
		     strcmp(e.condition, "fs.inodes_full") == 0))
			return true;
	}
	return false;
}

void watch_space_done(struct watch *w)
{
	for (size_t i = 0; i < w->n_fs; i++) {
		hale_cleanup_fd(&w->fs[i].fd);
		hale_cleanup_fd(&w->fs[i].sync_fd);
	}
	w->n_fs = 0;
}
