/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates the appearance of a disk by the birth of its node in devtmpfs, which
 * the kernel makes with the disk (drivers/base/devtmpfs.c). It is how an agent
 * that starts later tells the log lines of this disk from those of one that had
 * its name before. Says nothing (0) where it cannot be sure.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "storage.h"

/* Disks that came with the boot: nobody had their names before, and what the
 * log says while they are probed is already about them. */
#define BOOT_NS ((int64_t)(10 * HALE_NS_PER_S))
/* The kernel makes /dev/null this soon after its clock starts, at most: if it
 * is further off, the wall clock was set since. */
#define NULL_NS ((int64_t)(10 * HALE_NS_PER_S))

static bool born(const struct storage *s, const char *name, int64_t *ret_ns)
{
	char path[HALE_NAME_MAX + 8];
	struct statx st;

	snprintf(path, sizeof(path), "dev/%s", name);
	if (statx(s->p->root_fd, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC,
		  STATX_BTIME, &st) < 0 ||
	    !(st.stx_mask & STATX_BTIME) || st.stx_btime.tv_sec < 0 ||
	    st.stx_btime.tv_sec >= INT64_MAX / (int64_t)HALE_NS_PER_S)
		return false;
	*ret_ns = st.stx_btime.tv_sec * (int64_t)HALE_NS_PER_S +
		  st.stx_btime.tv_nsec;
	return true;
}

uint64_t storage_birth_ns(int64_t node_ns, int64_t null_ns,
			  const struct hale_probe *p)
{
	int64_t off = null_ns - p->boot_to_agent_ns;

	/* by the wall clock, or where that was set, by its distance to boot */
	if (off < -NULL_NS || off > NULL_NS)
		node_ns = p->boot_to_agent_ns + (node_ns - null_ns);
	if (node_ns < p->boot_to_agent_ns + BOOT_NS ||
	    (uint64_t)node_ns > p->now_ns)
		return 0;
	return (uint64_t)node_ns;
}

uint64_t storage_birth(const struct storage *s, const struct storage_block *b)
{
	const struct mounts_fs *dev = mounts_by_path(s->mounts, "/dev/null");
	int64_t node_ns, null_ns;

	if (!dev || strcmp(dev->type, "devtmpfs") != 0 ||
	    !born(s, b->name, &node_ns) || !born(s, "null", &null_ns))
		return 0;
	return storage_birth_ns(node_ns, null_ns, s->p);
}
