/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_MOUNTINFO_H
#define HALE_MOUNTINFO_H

/*
 * One line of /proc/<pid>/mountinfo (kernel: fs/proc_namespace.c,
 * show_mountinfo; Documentation/filesystems/proc.rst, 3.5), taken apart where
 * it lies: agent/core/mountinfo.c. Who reads the file differs: libhale wants a
 * few mounts without allocating, the drivers want all of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of the line, still with its \040 escapes. */
struct hale_mountinfo_text {
	const char *at;
	size_t len;
};

struct hale_mountinfo {
	uint32_t id;
	uint32_t major, minor; /* of the superblock */
	struct hale_mountinfo_text root, mountpoint;
	struct hale_mountinfo_text flags; /* of this mount, "rw,noatime" */
	struct hale_mountinfo_text type;
	struct hale_mountinfo_text source;  /* may be empty */
	struct hale_mountinfo_text options; /* of the superblock */
};

/* @line: @len bytes without the newline. False: not a mountinfo line, and
 * *@ret_mount is untouched. */
bool hale_mountinfo_parse(const char *line, size_t len,
			  struct hale_mountinfo *ret_mount);

/**
 * hale_mountinfo_unescape() - undo \ooo escapes
 * @dst: @size bytes, terminated, cut where too small. It may be @src itself.
 */
void hale_mountinfo_unescape(char *dst, size_t size, const char *src,
			     size_t len);

#endif
