/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statmount(2), which neither libc nor the headers of the distributions we
 * build on know yet: layout and numbers are those of include/uapi/linux/mount.h
 * of Linux 6.15. Nothing is believed: a text's offset has to lie in what the
 * kernel says it wrote, and what is missing sends the caller to mountinfo.
 */
#include "statmount.h"

#include <errno.h>
#include <sys/syscall.h>

#include "hale/base.h"

#ifndef SYS_statmount
#define SYS_statmount 457 /* on every architecture but alpha */
#endif

#define WANT_SB_BASIC	0x1u
#define WANT_MNT_POINT	0x10u
#define WANT_FS_TYPE	0x20u
#define WANT_FS_SUBTYPE 0x100u
#define WANT_SB_SOURCE	0x200u

struct request {
	uint32_t size, spare;
	uint64_t id, want;
};

struct answer {
	uint32_t size, options;
	uint64_t mask; /* of what was asked for, what is there */
	uint32_t sb_major, sb_minor;
	uint64_t sb_magic;
	uint32_t sb_flags;
	uint32_t fs_type; /* this and below: offsets into text */
	uint64_t id, parent_id;
	uint32_t old_id, old_parent_id;
	uint64_t attributes, propagation, peer_group, master, from;
	uint32_t root, mountpoint;
	uint64_t namespace;
	uint32_t fs_subtype, sb_source;
	uint64_t later[48];
	char text[];
};

_Static_assert(sizeof(struct answer) == 512, "the kernel's struct statmount");

/* A text of the answer, or "" where its place is none. */
static const char *text(const struct answer *a, uint32_t offset)
{
	size_t size = a->size - sizeof(*a);

	if (offset >= size || !memchr(a->text + offset, 0, size - offset))
		return "";
	return a->text + offset;
}

/* As mountinfo has it: "fuse.sshfs" is a type and a subtype. */
static void set_type(struct hale_scope_path *p, const struct answer *a)
{
	const char *sub =
		a->mask & WANT_FS_SUBTYPE ? text(a, a->fs_subtype) : "";
	size_t len;

	HALE_SET(p->type, text(a, a->fs_type));
	len = strlen(p->type);
	if (sub[0] && len + 2 < sizeof(p->type)) {
		p->type[len] = '.';
		hale_copy(p->type + len + 1, sizeof(p->type) - len - 1, sub,
			  strlen(sub));
	}
}

int statmount_find(uint64_t unique_id, void *buf,
		   struct hale_scope_path *ret_path)
{
	const uint64_t needed =
		WANT_SB_BASIC | WANT_MNT_POINT | WANT_FS_TYPE | WANT_SB_SOURCE;
	struct request q = { .size = sizeof(q),
			     .id = unique_id,
			     .want = needed | WANT_FS_SUBTYPE };
	const struct answer *a = buf;

	if (syscall(SYS_statmount, &q, buf, STATMOUNT_BUFFER, 0) < 0)
		return -errno;
	if (a->size < sizeof(*a) || a->size > STATMOUNT_BUFFER ||
	    (a->mask & needed) != needed || !text(a, a->mountpoint)[0] ||
	    !text(a, a->fs_type)[0])
		return -EOPNOTSUPP;
	ret_path->major = a->sb_major;
	ret_path->minor = a->sb_minor;
	set_type(ret_path, a);
	HALE_SET(ret_path->source, text(a, a->sb_source));
	HALE_SET(ret_path->mountpoint, text(a, a->mountpoint));
	return 0;
}
