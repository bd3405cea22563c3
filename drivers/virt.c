/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver virt: what is under a disk that is no hardware. A build on a
 * virtual disk fails when the drive that holds its file is full, while the
 * filesystem on it shows plenty of room; where that drive can be seen from
 * inside, it is measured, and where it cannot, that is said. Decides what can
 * be seen; must never claim that a store has room because it is not visible.
 *
 * Observations of this driver: a measure's value is the room in the store.
 */
#include <errno.h>
#include <linux/capability.h>

#include "virt/virt.h"

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_BACKING, sight, why, remedy);
}

/* "KVM guest: the store under vda, vdb cannot be seen from inside" */
static void cover_guest(struct hale_probe *p, const char *kind)
{
	struct virt_disks disks;
	char names[48] = "", why[128];
	size_t at = 0;

	virt_find_disks(p->root_fd, NULL, &disks);
	for (uint32_t i = 0; i < disks.n && at < sizeof(names) / 2; i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%.8s",
				       i ? ", " : "", disks.name[i]);
	snprintf(why, sizeof(why),
		 "%.24s: the store under %s cannot be seen from inside", kind,
		 names[0] ? names : "its disks");
	cover(p, HALE_SIGHT_PARTIAL, why,
	      "watch it on the host, or share its folder and set "
	      "[virt] host_drive; writes that fail are seen");
}

static void look_at_drive(struct hale_probe *p, const char *kind,
			  const char *path)
{
	/* in WSL all its own disks are files of Windows; elsewhere only who
	 * named the drive knows, and means all that are virtual */
	bool wsl = kind && strcmp(kind, VIRT_WSL) == 0;
	struct virt_disks disks;
	struct virt_drive drive;
	struct virt_room room;
	char why[128];
	int r;

	if (!virt_find_drive(p->root_fd, path, &drive)) {
		snprintf(why, sizeof(why), "%.80s is not mounted",
			 path ? path : "drive C: of Windows");
		cover(p, HALE_SIGHT_BLIND, why,
		      path ? "mount it, or correct [virt] host_drive"
			   : "mount it, or set [virt] host_drive");
		return;
	}
	r = virt_ask_drive(p, &drive, &room);
	if (r < 0 || room.total_bytes == 0) {
		snprintf(why, sizeof(why), "%.80s: %.40s", drive.path,
			 r < 0 ? strerror(-r) : "it does not say its size");
		cover(p, HALE_SIGHT_BLIND, why, "");
		return;
	}
	virt_find_disks(p->root_fd, wsl ? "Msft" : NULL, &disks);
	virt_say_drive(p, &drive, &room, &disks, wsl ? "WSL" : "guest");
	cover(p, HALE_SIGHT_LIVE, "", "");
}

static int virt_sample(struct hale_probe *p)
{
	const char *kind = virt_kind(p->root_fd);
	const char *path = hale_option(p, "host_drive");
	struct mounts *m;
	int r = mounts_new(p->root_fd, &m);

	if (r < 0)
		return r;
	/* what is local first: a host's drive may hang */
	virt_look_at_loops(p, m);
	mounts_free(m);
	if (path || (kind && strcmp(kind, VIRT_WSL) == 0))
		look_at_drive(p, kind, path);
	else if (kind)
		cover_guest(p, kind);
	else
		cover(p, HALE_SIGHT_LIVE, "", "");
	return 0;
}

static int virt_check(const struct hale_probe *p,
		      char ret_error[HALE_CHECK_ERROR_MAX])
{
	const char *path = hale_option(p, "host_drive");

	if (!path || path[0] == '/')
		return 0;
	snprintf(ret_error, HALE_CHECK_ERROR_MAX,
		 "host_drive = %.100s: expected where it is mounted, an "
		 "absolute path",
		 path);
	return -EINVAL;
}

HALE_DRIVER(virt) = {
	.name = "virt",
	.about = "the store under virtual disks, loop devices and WSL",
	/* A build that writes 100 MB/s fills 2 GiB in 20 s, but then the
	 * failed write tells; this is for those that come after. */
	.period_ms = 2 * 60 * 1000,
	.deadline_ms = 1500,
	.senses = 1U << HALE_SENSE_BACKING,
	/* the files under loop devices */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH,
	.may_block = true,
	.scans = true,
	.sample = virt_sample,
	.check = virt_check,
};
