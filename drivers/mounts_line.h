/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_MOUNTS_LINE_H
#define DRIVERS_MOUNTS_LINE_H

/*
 * /proc/<pid>/mountinfo (kernel: fs/proc_namespace.c, show_mountinfo; proc(5)),
 * one line a mount. Shared by the drivers storage and space.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An overlay's options name each layer: 500 layers of 120 bytes still fit. */
#define MOUNTS_LINE_MAX 65536

struct mounts_line {
	uint32_t id;
	uint32_t major, minor; /* of the superblock */
	bool mount_ro;	       /* this mount's own flag */
	bool super_ro;
	bool cut;   /* the line was longer than MOUNTS_LINE_MAX */
	char *root; /* these point into the line, unescaped… */
	char *mountpoint;
	char *type;
	char *source;
	const char *options; /* …but these are raw, see mounts_line_option() */
};

/**
 * mounts_line_parse() - take one line apart, in place
 * @line: terminated, without its newline; is written to.
 *
 * Return: 0, or -EINVAL where it is not such a line.
 */
int mounts_line_parse(char *line, struct mounts_line *ret_line);

/**
 * mounts_line_option() - the value of one superblock option, unescaped
 * @options: comma-separated, as in mounts_line.options.
 * @nth: 0 for the first option of that name, 1 for the second…
 *
 * Return: length of the value (0: a flag), -ENOENT, or -EMSGSIZE.
 */
int mounts_line_option(const char *options, const char *key, unsigned int nth,
		       char *buf, size_t size);
bool mounts_line_has_option(const char *options, const char *key);

/**
 * mounts_line_each() - read a file of such lines
 * @dirfd, @path: as openat(2).
 * @see: called for each line that parses; a negative return ends the reading.
 *
 * Return: how many lines did not parse, what @see said, or negative errno.
 */
int mounts_line_each(int dirfd, const char *path,
		     int (*see)(void *ctx, const struct mounts_line *line),
		     void *ctx);

#endif
