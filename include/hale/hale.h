/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HALE_H
#define HALE_HALE_H

/*
 * libhale: is this machine fit to build on? Functions that can fail return 0
 * or a negative errno; that means misuse or no memory only. What the world
 * does (no agent, a silent agent, a path that hangs) is an answer: UNKNOWN,
 * with the reason. Nothing here waits longer than about 2.5 s, but for wait_ms,
 * fresh and hale_watch(); globals are left alone; one handle is one thread's.
 * What may hang is done by short-lived children: SIGCHLD may be seen, but there
 * is nothing to wait for. libhale(3) has an example.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hale/explain.h"
#include "hale/reply.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hale; /* who is asked */

#define HALE_RUN_DIR	     "/run/hale"
#define HALE_CHECK_PATHS_MAX 14 /* "/" and "/usr" come on top */

/* @size is sizeof(the struct): members may be appended. Zero is the default. */
struct hale_options {
	size_t size;
	const char *run_dir;  /* holds gate.sock; NULL: HALE_RUN_DIR */
	const char *exec_dir; /* holds hale-scan; NULL: never scan */
	uint32_t answer_ms;   /* a longer silence is blindness; 0: 250 */
};

struct hale_check_options {
	size_t size;
	const char *const *paths; /* none: working directory and $TMPDIR */
	size_t n_paths;
	uint64_t need_bytes, need_inodes; /* available, on each path */
	uint64_t need_memory_bytes;
	uint32_t wait_ms; /* ask again until fit, or this long */
	bool strict;	  /* DEGRADED: exit code 75 */
	bool host;	  /* the host's own scope, no paths */
	bool container;	  /* the build runs in a container engine: it and its
			   * data-root are in the scope as well */
	bool fresh;	  /* the agent asks the hardware first: up to 6 s */
};

/* Never connects by itself. @o: NULL for all defaults. -EINVAL, -ENOMEM. */
int hale_open(const struct hale_options *o, struct hale **ret_hale);
/* Returns NULL; NULL is fine. */
struct hale *hale_close(struct hale *h);

/* May builds run? Finds the paths' filesystems in the caller's namespace. */
int hale_check(struct hale *h, const struct hale_check_options *o,
	       struct hale_reply **ret_reply);
/* The host's verdict and findings, with @coverage also what is seen. */
int hale_status(struct hale *h, bool coverage, struct hale_reply **ret_reply);
/* The way from @path down to the metal. */
int hale_scope(struct hale *h, const char *path, struct hale_reply **ret_reply);
/* Why: causes of what is found, or of what @o asks about. NULL: all there is.
 */
int hale_explain(struct hale *h, const struct hale_explain_options *o,
		 struct hale_reply **ret_reply);
/* An operator's word that it is over; @condition "": all of the part's. */
int hale_clear(struct hale *h, const char *part, const char *condition,
	       const char *reason, struct hale_reply **ret_reply);
/**
 * hale_watch() - the next report; the first comes at once, others on change
 * @timeout_ms: -1 waits for ever.
 * Return: also -ETIME: no change; -ENOTCONN: no agent, call again later.
 */
int hale_watch(struct hale *h, int timeout_ms, struct hale_reply **ret_reply);

#ifdef __cplusplus
}
#endif

#endif
