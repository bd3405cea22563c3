/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RESTS_H
#define HALE_RESTS_H

/* What parts rest on beside the storage map. */

#include "hale/observation.h"

/* It rests on a disk of this machine that is mounted elsewhere: in another
 * container, or in another distribution of WSL. */
#define HALE_RESTS_UNMOUNTED "disk/unmounted"

/*
 * A part that rests on another one, or on a filesystem, in a way that no layer
 * tells: the container engine on its data-root, the host on the interface of
 * its default route. What the same driver said of @part and @on or @path
 * before is replaced; @holds false withdraws it, and so does, for a @path, to
 * leave it out when @part is spoken of in a later run.
 */
struct hale_rests {
	bool holds;
	uint32_t major, minor;	  /* of the filesystem, where @on is "" */
	char part[HALE_PART_MAX]; /* "engine/docker", "host" */
	char on[HALE_PART_MAX];	  /* "net/eth0"; "": the filesystem */
	char path[HALE_PATH_MAX]; /* "/var/lib/docker" */
};

#endif
