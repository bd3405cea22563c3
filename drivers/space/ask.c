/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks one filesystem how much room it has, and turns the answer into facts.
 * A mount point may lie hidden under another mount, so what was opened is held
 * against the mount that was meant; a number of the wrong filesystem must
 * never come out. An answer that is not there is unreadable, not zero.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "space.h"

/* Mount points to try: bind mounts of one filesystem can be thousands. */
enum {
	TRIES = 8
};

bool space_is_remote(const struct mounts_fs *fs)
{
	return fs->class == HALE_FSTYPE_REMOTE ||
	       (fs->class == HALE_FSTYPE_OPAQUE &&
		strncmp(fs->type, "fuse", 4) == 0);
}

bool space_matters(const struct mounts_fs *fs)
{
	switch (fs->class) {
	case HALE_FSTYPE_PSEUDO:
	case HALE_FSTYPE_OVERLAY: /* its upper layer's numbers */
		return false;
	case HALE_FSTYPE_BLOCK:
	case HALE_FSTYPE_MEMORY:
	case HALE_FSTYPE_REMOTE:
	case HALE_FSTYPE_POOL:
	case HALE_FSTYPE_OPAQUE:
		break;
	}
	return !hale_fs_image(fs->type);
}

bool space_has_room(const struct mounts_fs *fs)
{
	/* what one mounts ro may well be full */
	return space_matters(fs) && (!fs->super_ro || mounts_forced_ro(fs));
}

/* Is this descriptor's filesystem the one that is meant? */
static bool is_meant(const struct space *sp, int fd, const struct mounts_fs *fs)
{
	const struct mounts_fs *found;
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID,
		  &st) < 0)
		return false;
	if (st.stx_mask & STATX_MNT_ID) {
		found = mounts_by_id(sp->mounts, st.stx_mnt_id);
		return found == fs;
	}
	/* before kernel 5.8; a btrfs gives its subvolume's device here */
	return (st.stx_dev_major == fs->major &&
		st.stx_dev_minor == fs->minor) ||
	       fs->class == HALE_FSTYPE_POOL;
}

static int open_fs(const struct space *sp, const struct mounts_fs *fs)
{
	uint32_t row = fs->mount + 1;

	for (int i = 0; i < TRIES && row; i++) {
		const struct mounts_row *r = &sp->mounts->rows[row - 1];
		int fd = openat(sp->p->root_fd, r->path[1] ? r->path + 1 : ".",
				O_PATH | O_CLOEXEC);

		if (fd >= 0 && is_meant(sp, fd, fs))
			return fd;
		if (fd < 0 && errno != ENOENT && errno != EACCES)
			return -errno;
		if (fd >= 0)
			close(fd);
		row = r->next;
	}
	return -ENOENT;
}

static uint64_t times(uint64_t blocks, uint64_t size)
{
	uint64_t bytes;

	return __builtin_mul_overflow(blocks, size, &bytes) ? UINT64_MAX
							    : bytes;
}

void space_ask(const struct space *sp, const struct mounts_fs *fs,
	       struct space_answer *ret_answer)
{
	struct space_answer a = { 0 };
	_cleanup_fd_ int fd = open_fs(sp, fs);
	struct statvfs v;

	if (fd < 0) {
		a.error = -fd;
	} else if (fstatvfs(fd, &v) < 0) {
		a.error = errno;
	} else {
		a.avail_bytes = times(v.f_bavail, v.f_frsize);
		a.total_bytes = times(v.f_blocks, v.f_frsize);
		a.free_inodes = v.f_favail;
		a.total_inodes = v.f_files;
	}
	*ret_answer = a;
}

static void name_part(const struct mounts_fs *fs, struct hale_observation *o)
{
	o->ref = HALE_REF_FS;
	snprintf(o->part, sizeof(o->part), "%u:%u", fs->major, fs->minor);
}

static void say_measure(const struct space *sp, const struct mounts_fs *fs,
			enum hale_metric metric, uint64_t value, uint64_t total)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_MEASURE,
				      .metric = metric,
				      .time_ns = sp->p->now_ns,
				      .value = value,
				      .total = total };

	name_part(fs, &o);
	hale_emit_observation(sp->p, &o);
}

void space_state(const struct space *sp, const struct mounts_fs *fs,
		 enum hale_condition condition, bool holds,
		 const char *evidence)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = condition,
				      .holds = holds,
				      .count = holds,
				      .time_ns = sp->p->now_ns };

	name_part(fs, &o);
	hale_print_text(o.evidence, sizeof(o.evidence), evidence,
			strlen(evidence));
	hale_emit_observation(sp->p, &o);
}

static void say_unreadable(const struct space *sp, const struct mounts_fs *fs,
			   int error)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_MEASURE,
				      .metric = HALE_METRIC_FS_BYTES,
				      .quality = HALE_QUALITY_UNREADABLE,
				      .time_ns = sp->p->now_ns,
				      .value = (uint64_t)error };

	name_part(fs, &o);
	snprintf(o.evidence, sizeof(o.evidence), "statvfs: %s",
		 strerrordesc_np(error) ? strerrordesc_np(error) : "failed");
	hale_emit_observation(sp->p, &o);
	/* XFS says EIO when it has shut down, ext4 ESHUTDOWN, and a checksum
	 * that is wrong is EUCLEAN: no question of access */
	if (error == EIO || error == ESHUTDOWN || error == EUCLEAN)
		space_state(sp, fs, HALE_FS_ERROR, true, o.evidence);
}

void space_say(const struct space *sp, const struct mounts_fs *fs,
	       const struct space_answer *a)
{
	if (a->error) {
		/* hidden under another mount, or unmounted since: nobody can
		 * build there */
		if (a->error != ENOENT)
			say_unreadable(sp, fs, a->error);
		return;
	}
	if (a->total_bytes) /* a tmpfs may be without limit */
		say_measure(sp, fs, HALE_METRIC_FS_BYTES, a->avail_bytes,
			    a->total_bytes);
	say_measure(sp, fs, HALE_METRIC_FS_INODES, a->free_inodes,
		    a->total_inodes);
}
