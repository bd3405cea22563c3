/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_MIDDLE_H
#define HALE_MIDDLE_H

/*
 * The middle: facts in, verdicts out. Ledger, decay, inventory, topology and
 * verdict behind one door, used alike by the agent and by the scan without an
 * agent. Pure: no system call, no clock, no logging; `now_ns` is agent time.
 * All memory is taken by middle_new(); nothing grows afterwards.
 */

#include "hale/fact.h"
#include "hale/verdict.h"

#include "uids.h"

#include "parse.h"

/* Absolute and relative bound; the smaller of the two counts. */
struct hale_threshold {
	uint64_t bytes;
	uint32_t permille;
};

struct hale_policy {
	enum hale_effect effect[HALE_CONDITION_COUNT];
	struct hale_rate rate[HALE_CONDITION_COUNT];
	uint64_t expires_ns[HALE_CONDITION_COUNT]; /* 0: never */
	struct hale_threshold space_blocks, space_warns;
	struct hale_threshold inodes_block, inodes_warn; /* .bytes: inodes */
	uint32_t required_senses; /* 1 << HALE_SENSE_… */
	uint32_t stale_s; /* a periodic sense older than this is missing */
	struct hale_uids builders; /* whose crashes speak for the host */
	bool host_scope_set;	   /* [scope] host = given */
	bool containers;	   /* the host's scope holds its engines, too */
	uint32_t n_host_paths;
	char host_paths[HALE_SCOPE_PATHS_MAX][HALE_PATH_MAX];
};

/* The catalogue's and DESIGN's defaults. */
void hale_policy_default(struct hale_policy *ret_policy);

struct middle;

/* -ENOMEM only. @policy is copied. */
int middle_new(const struct hale_policy *policy, struct middle **ret_m);
struct middle *middle_free(struct middle *m);
void middle_set_policy(struct middle *m, const struct hale_policy *policy);

/**
 * middle_fact() - take in one valid fact
 * @driver: who said it; kept in findings and coverage.
 *
 * Return: true where a verdict may have changed (see middle_generation()).
 */
bool middle_fact(struct middle *m, const char *driver,
		 const struct hale_fact *f, uint64_t now_ns);

/**
 * middle_tick() - let time pass: expiry, decay, staleness
 *
 * Return: agent time at which the next one is due; UINT64_MAX: none.
 */
uint64_t middle_tick(struct middle *m, uint64_t now_ns);

/* Grows whenever an answer given before may now be another. */
uint64_t middle_generation(const struct middle *m);

/* How far the kernel log was taken in (FACT_POSITION), 0: not at all. */
uint64_t middle_position(const struct middle *m);

/* Does the storage map know the filesystem of this path? Numbers are given out
 * again: it must be of the type that the map has, too. */
bool middle_knows(const struct middle *m, const struct hale_scope_path *path);

void middle_judge(struct middle *m, const struct hale_scope_request *req,
		  uint64_t now_ns, struct hale_verdict *ret_verdict);

/* Did the client measure another room, of a filesystem that the map knows, than
 * the agent's own last measure had? Then that is worth a new one. */
bool middle_doubts_room(struct middle *m, const struct hale_scope_request *req);

/* Folders of this namespace where container engines keep their data; texts are
 * the middle's, until its next fact. */
size_t middle_engine_paths(const struct middle *m, const char **ret,
			   size_t max);

/* The way from one path down; returns how many hops were written. */
size_t middle_hops(struct middle *m, const struct hale_scope_path *path,
		   struct hale_hop *ret_hops, size_t max);

/* Index from 0; false past the end. Worst effect first, then latest. */
bool middle_finding(struct middle *m, size_t i, uint64_t now_ns,
		    struct hale_finding *ret_finding);
/* How one ended that an operator ended. */
#define MIDDLE_CLEARED "cleared by an operator"
/* Likewise those that ended in the last hour, the newest first. */
bool middle_closed(struct middle *m, size_t i, uint64_t now_ns,
		   struct hale_finding *ret_finding);
bool middle_coverage(const struct middle *m, size_t i,
		     struct hale_coverage *ret_coverage);

/**
 * middle_clear() - an operator's word: this is over
 * @part: a part id or an alias ("sde"); @condition NONE: all of the part's.
 *
 * What happened up to @now_ns is forgotten and does not come back when a log
 * is read again. Return: how many findings were cleared.
 */
uint32_t middle_clear(struct middle *m, const char *part,
		      enum hale_condition condition, uint64_t now_ns);

bool middle_save(const struct middle *m, size_t i,
		 struct hale_memory_row *ret_row);
/* @same_boot: the rows were saved in this boot. Invalid rows: -EINVAL. */
int middle_load(struct middle *m, const struct hale_memory_row *row,
		bool same_boot, uint64_t now_ns);

#endif
