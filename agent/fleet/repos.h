/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_REPOS_H
#define HALE_FLEET_REPOS_H

/*
 * How the last builds of each repository ended, and on which hosts: what a
 * host's peers are known by. A repository is a hash here, and nothing else.
 */

#include <stdbool.h>
#include <stdint.h>

#define REPOS_MAX     65536 /* the one not built for longest makes room */
#define REPO_ATTEMPTS 32    /* the last of a repository */
/* Of these, failures of one host: who fails fastest must not push out all that
 * the others passed. */
#define REPO_FAILURES_EACH 3

struct repo_attempt {
	uint32_t host, at_s, ms; /* when it ended; how long it took */
	bool ok;
};

struct repo {
	uint64_t hash;
	uint32_t next;	       /* in its bucket */
	uint32_t newer, older; /* by last build */
	uint32_t n;
	struct repo_attempt at[REPO_ATTEMPTS]; /* the oldest first */
};

struct repos {
	struct repo **all;
	uint32_t *buckets;
	uint32_t n, size, newest, oldest;
};

/* -ENOMEM. repos_done() of a zeroed one does nothing. */
int repos_init(struct repos *r);
void repos_done(struct repos *r);
/* One more build of it. -ENOMEM. */
int repos_add(struct repos *r, uint64_t hash, const struct repo_attempt *a);
/* NULL: none is known. */
const struct repo *repos_find(const struct repos *r, uint64_t hash);
/* A host that is no more. */
void repos_forget(struct repos *r, uint32_t host);

#endif
