/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_RECLAIM_H
#define HALE_CLI_RECLAIM_H

/*
 * `hale reclaim`: a plan of steps, each of which frees one kind of thing that
 * nothing uses. reclaim_engine.c knows container engines, reclaim_cache.c the
 * folders that the configuration names, reclaim_plan.c decides what is done,
 * reclaim_show.c tells.
 */

#include "agent/cli/args.h"
#include "hale/observation.h"

#define RECLAIM_STEPS_MAX   96
#define RECLAIM_CACHES_MAX  32
#define RECLAIM_ENGINES_MAX 4

enum reclaim_kind {
	RECLAIM_DANGLING = 0, /* images that have no name any more */
	RECLAIM_BUILD_CACHE,
	RECLAIM_TOOL_CACHE,
	RECLAIM_CONTAINERS, /* that have ended; aggressive */
	RECLAIM_IMAGES,	    /* that no container uses; aggressive */
	RECLAIM_KIND_COUNT
};

enum reclaim_outcome {
	RECLAIM_PLANNED = 0,
	RECLAIM_DONE,
	RECLAIM_ENOUGH, /* not needed: there is room */
	RECLAIM_FAILED, /* @why */
};

struct reclaim_engine {
	char name[HALE_NAME_MAX];    /* "docker" */
	char socket[HALE_PATH_MAX];  /* of its API */
	char root[HALE_PATH_MAX];    /* its data-root; "": not known */
	char why[HALE_EVIDENCE_MAX]; /* why it could not be asked; "" */
};

struct reclaim_cache {
	char path[HALE_PATH_MAX];
	uint64_t age_ns; /* what was not used for so long may go */
};

struct reclaim_step {
	enum reclaim_kind kind;
	struct reclaim_engine *engine; /* NULL: a cache's */
	struct reclaim_cache *cache;
	uint64_t age_ns; /* not used for so long; 0: any age */
	uint64_t bytes;	 /* frees at most so many */
	uint64_t count, kept, kept_bytes;
	bool shared; /* part of @bytes may be shared with what stays */
	enum reclaim_outcome outcome;
	uint64_t freed; /* as the engine or the walk counted */
	char why[HALE_EVIDENCE_MAX];
};

struct reclaim_options {
	bool dry_run, yes, aggressive;
	uint64_t until_free; /* bytes; 0: all that may go */
	const char *path;    /* only what lies on its filesystem; NULL */
	const char *config;
};

struct reclaim {
	struct reclaim_options options;
	uint64_t now_ns; /* CLOCK_REALTIME */
	size_t n_engines, n_caches, n;
	struct reclaim_engine engines[RECLAIM_ENGINES_MAX];
	struct reclaim_cache caches[RECLAIM_CACHES_MAX];
	struct reclaim_step steps[RECLAIM_STEPS_MAX];
};

/* [reclaim] and [engine] of hale.conf(5). -EINVAL, said in @ret_error. */
int reclaim_config(struct reclaim *r, char ret_error[HALE_EVIDENCE_MAX]);

/* Adds a step, or NULL where there is no room for more. */
struct reclaim_step *reclaim_add(struct reclaim *r, enum reclaim_kind kind);
/* The ages at which what is old goes first; @usual: where none is asked to be
 * freed. Descending; returns how many, 4 at most. */
size_t reclaim_ages(const struct reclaim_options *o, uint64_t usual_ns,
		    uint64_t ret_ages[4]);
/* Takes out what lies elsewhere than --path, and what would free nothing. */
void reclaim_sort_out(struct reclaim *r);
/* Bytes available at the step's place; UINT64_MAX: not known. */
uint64_t reclaim_room(const struct reclaim_step *s);

void reclaim_engines(struct reclaim *r);
int reclaim_engine_do(struct reclaim_step *s);

void reclaim_caches(struct reclaim *r);
int reclaim_cache_do(struct reclaim_step *s, uint64_t now_ns);
/* May this folder be emptied at all? @ret_why: why not. */
bool reclaim_cache_fit(const char *path, char ret_why[HALE_EVIDENCE_MAX]);

/* reclaim_open.c: inodes of files that some process holds open or mapped, as
 * far as the caller may see. */
struct reclaim_open;
struct reclaim_open *reclaim_open_new(void);
struct reclaim_open *reclaim_open_free(struct reclaim_open *o);
bool reclaim_open_has(const struct reclaim_open *o, uint64_t inode);

void reclaim_show_plan(const struct cli *cli, const struct reclaim *r);
void reclaim_show_outcome(const struct cli *cli, const struct reclaim *r);
int reclaim_show_json(struct reclaim *r);

#endif
