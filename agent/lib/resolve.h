/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_RESOLVE_H
#define HALE_LIB_RESOLVE_H

/*
 * Which mounts do these paths stand on? Asked in the caller's own mount
 * namespace, and never hanging, whatever state the filesystems are in.
 */

#include "hale/verdict.h"

/* A cached lookup takes microseconds, an uncached one on a busy disk some ten
 * milliseconds; what is not back then is as good as hung. */
#define RESOLVE_DEADLINE_MS 200

/* All zero for normal use; the rest lets tests take the older kernels' way. */
struct resolve_how {
	uint32_t deadline_ms; /* 0: RESOLVE_DEADLINE_MS */
	bool no_statmount;    /* as before Linux 6.13: mountinfo is read */
	bool no_openat2;      /* as before Linux 5.12: always a child */
	bool no_statx;	      /* as before Linux 5.8: mount id from fdinfo */
};

/**
 * resolve_paths() - find the mounts of @n paths
 * @names: as a person writes them, of any length.
 * @paths: .path (for people) and .implied are set by the caller. On return
 *         each is either .unresolved (and has .error), or has device, type,
 * source and mount point; where its type is local and it did answer in time, it
 * is also .measured: bytes and inodes available to users.
 * @n: at most HALE_SCOPE_PATHS_MAX.
 *
 * A path that does not exist yet stands on its nearest existing ancestor.
 *
 * Return: 0, -ENOMEM.
 */
int resolve_paths(const struct resolve_how *how, const char *const *names,
		  struct hale_scope_path *paths, size_t n);

/**
 * resolve_request() - a check's paths as given, or the default ones, resolved
 * @given: NULL or @n of them: the working directory and $TMPDIR or /tmp.
 *         "/" and "/usr" are added as implied, where they stand on no mount
 *         that another path has.
 *
 * @req: only paths and their number are set; no more of it is touched than
 *       there are paths.
 *
 * Return: 0, -ENOMEM, -E2BIG: too many paths, -EINVAL: an empty one.
 */
int resolve_request(const struct resolve_how *how, const char *const *given,
		    size_t n, struct hale_scope_request *req);

#endif
