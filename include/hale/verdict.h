/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERDICT_H
#define HALE_VERDICT_H

/*
 * What the middle says: findings, the verdict for a scope, the way from a path
 * down to the metal. Plain values, complete in themselves: outputs encode and
 * print them and ask nothing back. Times are agent time (observation.h).
 */

#include "hale/observation.h"
#include "hale/words.h"

/* The ledger's entry for (part, condition), made readable. */
#define HALE_CLOSED_MAX 64 /* "verified: 14 of 14 sectors read back" */

struct hale_finding {
	enum hale_condition condition;
	enum hale_effect effect; /* now: after life, rate and policy */
	bool at_least;		 /* @count is a lower bound */
	bool muted, withheld;	 /* @evidence, from who asks: kernel_log.h */
	uint64_t count;		 /* since @first_ns */
	uint64_t first_ns, last_ns;
	uint64_t expires_ns;   /* 0: never by itself */
	uint64_t value, total; /* of a measure: bytes or inodes */
	uint64_t closed_ns;    /* 0: it stands; else when it ended, and */
	char closed[HALE_CLOSED_MAX]; /* how: "part replaced" */
	const char *closed_by; /* of a clear: who and why; NULL: nobody */
	char part[HALE_PART_MAX];
	char alias[HALE_NAME_MAX]; /* "sde"; for fs the mount point's device */
	char model[HALE_UUID_MAX + 1];
	char serial[HALE_UUID_MAX + 1];
	char driver[HALE_NAME_MAX];
	char where[HALE_PATH_MAX]; /* of a filesystem: its mount point */
	char evidence[HALE_EVIDENCE_MAX];
};

/* Why a verdict is not FIT (or UNKNOWN): a finding and how the scope meets it.
 */
struct hale_reason {
	struct hale_finding finding; /* condition NONE: a missing sense, whose
				      * story is in @finding.evidence */
	enum hale_effect effect;     /* in this scope: redundancy lessens it */
	bool redundant;		     /* reached only through redundant legs */
	char path[HALE_PATH_MAX];    /* the asked path that rests on it, "" for
				      * host-wide parts */
	char via[HALE_PATH_MAX];     /* "ext4 on sde1" */
};

#define HALE_REASONS_MAX     8
#define HALE_SCOPE_PATHS_MAX 16

struct hale_verdict {
	enum hale_fitness fitness;
	uint64_t as_of_ns;
	uint32_t n_reasons;	  /* worst first */
	uint32_t n_reasons_total; /* with those that did not fit */
	uint32_t n_parts;	  /* how many parts the scope holds */
	struct hale_reason reasons[HALE_REASONS_MAX];
};

/* A path as the client found it in its own mount namespace. */
struct hale_scope_path {
	bool implied;	       /* "/" and "/usr": always in scope */
	bool unresolved;       /* the client could not find its mount */
	uint32_t error;	       /* errno: why; 0: it did not hear in time */
	bool measured;	       /* the four numbers below are there */
	bool read_only;	       /* the mount or superblock, as statvfs says */
	uint32_t major, minor; /* the mount's superblock device */
	uint64_t avail_bytes, total_bytes;
	uint64_t avail_inodes, total_inodes; /* total 0: no limit */
	char path[HALE_PATH_MAX];
	char type[HALE_NAME_MAX];
	char source[HALE_PATH_MAX];
	char mountpoint[HALE_PATH_MAX];
};

/* For people: "PATH: " and why it is unresolved (agent/core/unresolved.c). */
void hale_unresolved_text(const struct hale_scope_path *p, char *ret_text,
			  size_t size);

struct hale_scope_request {
	bool host;	     /* the host's own scope, @paths are ignored */
	bool map_late;	     /* the agent's own: mounts changed after its map */
	bool strict;	     /* DEGRADED counts as not fit (exit code only) */
	bool fresh;	     /* wait until all that may be asked was asked */
	bool container;	     /* the build runs in a container engine: it and
			      * what it rests on are in the scope */
	uint64_t need_bytes; /* 0: no need beyond the thresholds */
	uint64_t need_inodes;
	uint64_t need_memory_bytes;
	uint64_t mem_available_bytes; /* as the client reads it; 0 unknown */
	uint32_t n_paths;
	struct hale_scope_path paths[HALE_SCOPE_PATHS_MAX];
};

/* One step on the way from a path down to the metal. */
struct hale_hop {
	uint32_t depth; /* 0: the filesystem; children follow their parent */
	bool redundant;
	char part[HALE_PART_MAX];   /* "" where it has no identity of its own */
	char name[HALE_NAME_MAX];   /* "sde1", "ata3", "0000:00:1f.2" */
	char via[HALE_NAME_MAX];    /* "ext4", "partition", "raid1", "loop" */
	char detail[HALE_PATH_MAX]; /* model and serial, mount point, source */
};

/* What `hale check` exits with. @strict: DEGRADED is not good enough. */
int hale_exit_code(enum hale_fitness fitness, bool strict);

/* What survives a restart. One row per finding or cleared entry. */
struct hale_memory_row {
	struct hale_finding finding;
	uint64_t cleared_ns;  /* operator's clear; 0: none */
	uint64_t cleared_seq; /* kernel log position at that time */
	uint64_t level_ns;    /* leaky bucket: see decay.h */
	uint64_t seat;	      /* where its disk sat last; 0: not known */
	bool open;
};

#endif
