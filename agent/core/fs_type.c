/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells filesystem types apart by what they stand on and by how they answer.
 * Decides by name where the name says it, else by the superblock's device: a
 * type that we have never heard of and that has no block device is opaque,
 * never harmless; one that is not known to be quick may wait.
 */
#include "hale/fs_type.h"
#include "hale/base.h"

#define IMAGE 1 /* no room in it, by nature */
#define QUICK 2 /* its super.c adds counters up in memory */
#define HANGS 4 /* whoever asks waits for another host or process */

/* Names in place of pointers: nothing to relocate when `hale check` starts. */
struct fs_type {
	char name[19];
	uint8_t class, traits;
};

static const struct fs_type fs_types[] = {
	{ "9p", HALE_FSTYPE_REMOTE, 0 },
	{ "afs", HALE_FSTYPE_REMOTE, 0 },
	{ "autofs", HALE_FSTYPE_PSEUDO, 0 },
	{ "bcachefs", HALE_FSTYPE_POOL, 0 },
	{ "beegfs", HALE_FSTYPE_REMOTE, 0 },
	{ "binder", HALE_FSTYPE_PSEUDO, 0 },
	{ "binfmt_misc", HALE_FSTYPE_PSEUDO, 0 },
	{ "bpf", HALE_FSTYPE_PSEUDO, 0 },
	{ "btrfs", HALE_FSTYPE_POOL, 0 },
	{ "ceph", HALE_FSTYPE_REMOTE, 0 },
	{ "cgroup", HALE_FSTYPE_PSEUDO, 0 },
	{ "cgroup2", HALE_FSTYPE_PSEUDO, 0 },
	{ "cifs", HALE_FSTYPE_REMOTE, 0 },
	{ "coda", HALE_FSTYPE_REMOTE, 0 },
	{ "configfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "cpuset", HALE_FSTYPE_PSEUDO, 0 },
	{ "cramfs", HALE_FSTYPE_BLOCK, IMAGE },
	{ "debugfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "devpts", HALE_FSTYPE_PSEUDO, 0 },
	{ "devtmpfs", HALE_FSTYPE_PSEUDO, QUICK },
	{ "drvfs", HALE_FSTYPE_REMOTE, 0 },
	{ "efivarfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "erofs", HALE_FSTYPE_BLOCK, IMAGE | QUICK },
	{ "exfat", HALE_FSTYPE_BLOCK, QUICK },
	{ "ext2", HALE_FSTYPE_BLOCK, QUICK },
	{ "ext3", HALE_FSTYPE_BLOCK, QUICK },
	{ "ext4", HALE_FSTYPE_BLOCK, QUICK },
	{ "f2fs", HALE_FSTYPE_BLOCK, QUICK },
	{ "fuse.ceph", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.ceph-fuse", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.gcsfuse", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.glusterfs", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.gvfsd-fuse", HALE_FSTYPE_PSEUDO, 0 },
	{ "fuse.juicefs", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.lxcfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "fuse.portal", HALE_FSTYPE_PSEUDO, 0 },
	{ "fuse.rclone", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.s3fs", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.sshfs", HALE_FSTYPE_REMOTE, 0 },
	{ "fuse.vmhgfs-fuse", HALE_FSTYPE_REMOTE, 0 },
	{ "fusectl", HALE_FSTYPE_PSEUDO, 0 },
	{ "glusterfs", HALE_FSTYPE_REMOTE, 0 },
	{ "gpfs", HALE_FSTYPE_REMOTE, 0 },
	{ "hugetlbfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "iso9660", HALE_FSTYPE_BLOCK, IMAGE | QUICK },
	{ "lustre", HALE_FSTYPE_REMOTE, 0 },
	{ "mqueue", HALE_FSTYPE_PSEUDO, 0 },
	{ "ncpfs", HALE_FSTYPE_REMOTE, 0 },
	{ "nfs", HALE_FSTYPE_REMOTE, 0 },
	{ "nfs4", HALE_FSTYPE_REMOTE, 0 },
	{ "nfsd", HALE_FSTYPE_PSEUDO, 0 },
	{ "nsfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "orangefs", HALE_FSTYPE_REMOTE, 0 },
	{ "overlay", HALE_FSTYPE_OVERLAY, 0 },
	{ "overlayfs", HALE_FSTYPE_OVERLAY, 0 },
	{ "pidfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "prl_fs", HALE_FSTYPE_REMOTE, 0 },
	{ "proc", HALE_FSTYPE_PSEUDO, 0 },
	{ "pstore", HALE_FSTYPE_PSEUDO, 0 },
	{ "ramfs", HALE_FSTYPE_MEMORY, QUICK },
	{ "resctrl", HALE_FSTYPE_PSEUDO, 0 },
	{ "romfs", HALE_FSTYPE_BLOCK, IMAGE },
	{ "rootfs", HALE_FSTYPE_MEMORY, QUICK },
	{ "rpc_pipefs", HALE_FSTYPE_PSEUDO, 0 },
	{ "securityfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "selinuxfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "smackfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "smb3", HALE_FSTYPE_REMOTE, 0 },
	{ "smbfs", HALE_FSTYPE_REMOTE, 0 },
	{ "squashfs", HALE_FSTYPE_BLOCK, IMAGE | QUICK },
	{ "sysfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "tmpfs", HALE_FSTYPE_MEMORY, QUICK },
	{ "tracefs", HALE_FSTYPE_PSEUDO, 0 },
	{ "usbfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "vboxsf", HALE_FSTYPE_REMOTE, 0 },
	{ "vfat", HALE_FSTYPE_BLOCK, QUICK },
	{ "virtiofs", HALE_FSTYPE_REMOTE, 0 },
	{ "vmhgfs", HALE_FSTYPE_REMOTE, 0 },
	{ "xenfs", HALE_FSTYPE_PSEUDO, 0 },
	{ "xfs", HALE_FSTYPE_BLOCK, QUICK },
	/* clusters: on a disk of this host, but another one may hold a lock */
	{ "gfs2", HALE_FSTYPE_BLOCK, HANGS },
	{ "ocfs2", HALE_FSTYPE_BLOCK, HANGS },
	/* a process answers; fuseblk is one on a disk of this host */
	{ "fuse", HALE_FSTYPE_BLOCK, HANGS },
	{ "fuseblk", HALE_FSTYPE_BLOCK, HANGS },
};

static const struct fs_type *find(const char *type)
{
	static const struct fs_type unknown = { "", HALE_FSTYPE_BLOCK, 0 };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(fs_types); i++) {
		if (strcmp(fs_types[i].name, type) == 0)
			return &fs_types[i];
	}
	return &unknown;
}

static bool is_process(const char *type)
{
	return strncmp(type, "fuse.", 5) == 0;
}

enum hale_fs_class hale_fs_class(const char *type, uint32_t major)
{
	enum hale_fs_class class = find(type)->class;

	return class == HALE_FSTYPE_BLOCK && !major ? HALE_FSTYPE_OPAQUE
						    : class;
}

bool hale_fs_diskless(const char *type)
{
	enum hale_fs_class class = find(type)->class;

	/* no storage of its own, but fuse.portal passes on files of a disk */
	if (is_process(type))
		return class == HALE_FSTYPE_REMOTE;
	return class == HALE_FSTYPE_MEMORY || class == HALE_FSTYPE_PSEUDO ||
	       class == HALE_FSTYPE_REMOTE;
}

bool hale_fs_image(const char *type)
{
	return find(type)->traits & IMAGE;
}

enum hale_fs_statfs hale_fs_statfs(const char *type)
{
	const struct fs_type *t = find(type);

	if (strcmp(type, "autofs") == 0)
		return HALE_STATFS_NEVER;
	if (t->class == HALE_FSTYPE_REMOTE || t->traits & HANGS ||
	    is_process(type))
		return HALE_STATFS_HANGS;
	return t->traits & QUICK ? HALE_STATFS_QUICK : HALE_STATFS_WAITS;
}
