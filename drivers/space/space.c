/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver space: how much room each mounted filesystem has, and whether the
 * kernel has taken it out of use. Each filesystem is asked once, however often
 * it is mounted. Local ones first; before each, the part is named by the fact
 * "fs.hung no longer holds", so that the host knows which one we sat in if we
 * do not come back. Servers are asked last and from processes of their own.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/mman.h>

#include "space.h"

/* Of the deadline of 1.5 s, what servers may use. */
#define REMOTE_MS 800

/* A child of an earlier run is still in there. */
static bool is_skipped(const struct space *sp, const struct mounts_fs *fs)
{
	char part[HALE_PART_MAX];

	snprintf(part, sizeof(part), "%u:%u", fs->major, fs->minor);
	return hale_skips(sp->p, part);
}

static void local(const struct space *sp, enum hale_fs_class class)
{
	for (uint32_t i = 0; i < sp->mounts->n_fs; i++) {
		const struct mounts_fs *fs = &sp->mounts->fs[i];
		struct space_answer answer;

		if (fs->class != class || !space_has_room(fs) ||
		    space_is_remote(fs) || is_skipped(sp, fs))
			continue;
		space_state(sp, fs, HALE_FS_HUNG, false, "");
		space_ask(sp, fs, &answer);
		space_say(sp, fs, &answer);
	}
}

static void kept(const struct space *sp)
{
	for (uint32_t i = 0; i < sp->mounts->n_fs; i++) {
		const struct mounts_fs *fs = &sp->mounts->fs[i];

		if (space_matters(fs))
			space_say_kept(sp, fs);
	}
}

static void coverage(const struct space *sp)
{
	const struct mounts *m = sp->mounts;
	char why[128];

	if (m->n_lost == 0 && m->n_bad == 0) {
		hale_emit_coverage(sp->p, HALE_SENSE_FS_STATE, HALE_SIGHT_LIVE,
				   "", "");
		return;
	}
	snprintf(why, sizeof(why),
		 "%u mounts did not fit, %u could not be read", m->n_lost,
		 m->n_bad);
	hale_emit_coverage(sp->p, HALE_SENSE_FS_STATE, HALE_SIGHT_PARTIAL, why,
			   "");
}

static int space_sample(struct hale_probe *p)
{
	struct mounts *m;
	struct space sp = { .p = p };
	int r = mounts_new(p->root_fd, &m);

	if (r < 0)
		return r;
	sp.mounts = m;
	kept(&sp);
	local(&sp, HALE_FSTYPE_BLOCK);
	local(&sp, HALE_FSTYPE_POOL);
	local(&sp, HALE_FSTYPE_MEMORY);
	local(&sp, HALE_FSTYPE_OPAQUE);
	coverage(&sp);
	space_ask_remote(&sp, REMOTE_MS);
	mounts_free(m);
	return 0;
}

static void space_remove(struct hale_probe *p)
{
	struct space_state *state = p->state;

	if (state->lock_fd > 0)
		close(state->lock_fd);
	state->lock_fd = -1;
}

static int space_probe(struct hale_probe *p)
{
	struct space_state *state = p->state;

	state->lock_fd = memfd_create("hale-space", MFD_CLOEXEC);
	if (state->lock_fd < 0)
		return -errno;
	return 0;
}

HALE_DRIVER(space) = {
	.name = "space",
	.about = "free space and inodes, read-only and hung filesystems",
	.state_size = sizeof(struct space_state),
	.period_ms = 30 * 1000,
	.deadline_ms = 1500,
	.senses = 1 << HALE_SENSE_FS_STATE,
	/* mounts below folders of others */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH,
	.may_block = true,
	.scans = true,
	.probe = space_probe,
	.sample = space_sample,
	.remove = space_remove,
};
