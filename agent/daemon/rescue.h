/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RESCUE_H
#define HALE_RESCUE_H

/*
 * RUN/bin/hale: the static command on a filesystem of its own that has no disk
 * and is never paged out, for the day on which the root disk is dead, hung or
 * mounted noexec. tmpfs with noswap (Linux 6.4), else ramfs; mounted exec,
 * nosuid, nodev; read-only once the copy is there. Root's alone to do.
 */

#include <stddef.h>

/* The folder within the run directory. "installed" in it leads to the folder of
 * the helpers of the haled that mounted it: `hale run` starts them. */
#define RESCUE_DIR "bin"

/**
 * rescue_mount() - mount it and copy the command there
 * @run_fd: the run directory, checked with process_dir_wrong(). What an earlier
 * haled left mounted there is taken away first.
 *
 * Reads the installed `hale` from the disk, so it may block: before the loop,
 * or in a child (which must be in the same mount namespace).
 *
 * Return: 0; -EPERM: not root, or not in a container that may mount; -ENOENT:
 * no command is installed; -ENOEXEC: it is not a static one, or others may
 * write to it; -EBUSY: something else is mounted there; -ELOOP or -ENOTDIR: no
 * folder is there; else negative errno of what failed. Nothing stays mounted.
 */
int rescue_mount(int run_fd);

/* Takes it away, also while somebody runs it; does not block. */
void rescue_unmount(int run_fd);

#endif
