/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SMALL_FS_H
#define HALE_SMALL_FS_H

/*
 * A filesystem of memory with a bound of its own, below the run directory,
 * which is one without: whoever fills it fills nothing else. Root's alone to
 * do, in the supervisor's mount namespace. Nothing here blocks.
 */

#include <stdbool.h>

struct small_fs {
	const char *size, *inodes, *mode; /* as tmpfs(5) has them */
	bool stays;			  /* it is never paged out: Linux 6.4 */
};

/* A tmpfs that nobody has mounted: a descriptor for fsmount(2), or negative
 * errno. */
int small_fs_new(const struct small_fs *what);
/* A parameter of one that is being made; @value NULL: a flag. */
int small_fs_set(int fs, const char *key, const char *value);
int small_fs_create(int fs);

/* Is this folder in memory, so that its files outlive processes, and no more?
 */
bool small_fs_holds(int dir_fd);

/* Is one mounted at the folder @name of @run_fd? 1: something that we might
 * have mounted; 0: nothing; -EBUSY: something else; negative errno: no folder.
 */
int small_fs_is_there(int run_fd, const char *name);
/* @mount: of fsmount(2). 0 or negative errno. */
int small_fs_put(int run_fd, const char *name, int mount);
/* All that is_there() may be, also while somebody uses it. 0 or negative
 * errno. */
int small_fs_take_away(int run_fd, const char *name);

#endif
