/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TREE_PROC_H
#define HALE_RUN_TREE_PROC_H

/*
 * Files of /proc/PID as text to numbers (Documentation/filesystems/proc.rst).
 * Pure, but for the reading.
 */

#include "tree.h"

/* The whole of a small file below @dir_fd, terminated. Its length, or negative
 * errno. */
int tree_read(int dir_fd, const char *path, char *buf, size_t size);
/* Where a link below @dir_fd leads to, terminated; negative errno. */
int tree_link(int dir_fd, const char *path, char *buf, size_t size);
/* The field of this number, from 0, between blanks; "" where there is none. */
const char *tree_field(const char *line, int number);
/* /proc/PID/stat: all members but those of I/O and exe. -EINVAL. */
int tree_parse_stat(const char *text, struct tree_process *ret);
/* What stat says, from one to another. */
void tree_copy_stat(struct tree_process *to, const struct tree_process *from);
/* /proc/PID/io. What is not there stays as it is. */
void tree_parse_io(const char *text, struct tree_process *ret);

#endif
