/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CGROUP_FILE_H
#define HALE_RUN_CGROUP_FILE_H

/* The files of cgroups, for cgroup*.c only. */

#include "cgroup.h"

#define CGROUP_TEXT_MAX 2048
#define CGROUP_NAME_MAX (HALE_PATH_MAX + 64)

/* The beginning of a file, terminated. Negative errno. */
int cgroup_file_read(int at, const char *name, char ret[CGROUP_TEXT_MAX]);
int cgroup_file_write(int at, const char *name, const char *text);
/* "a/b/FILE" of the group that the first @len bytes of the path name. */
bool cgroup_file_name(const struct cgroup *c, size_t len, const char *file,
		      char ret[CGROUP_NAME_MAX]);
/* The number behind @key ("oom "), which begins a line of the group's file;
 * UINT64_MAX: it says none. */
uint64_t cgroup_file_count(const struct cgroup *c, size_t len, const char *file,
			   const char *key);
/* memory.events oom_kill of the nearest group that counts memory. */
uint64_t cgroup_kills(const struct cgroup *c);

#endif
