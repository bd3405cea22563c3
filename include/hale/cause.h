/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CAUSE_H
#define HALE_CAUSE_H

/*
 * Why: the words for the cause of a failed build, and the chain from a symptom
 * back to the finding that explains it. Plain values, as in verdict.h.
 */

#include "hale/verdict.h"
#include "hale/victim.h"

/* Why a build failed. The names are those of `hale triage build`: "host-io". */
enum hale_build_cause {
	HALE_CAUSE_UNKNOWN = 0,
	HALE_CAUSE_HOST_IO,
	HALE_CAUSE_HOST_DISK_FULL,
	HALE_CAUSE_HOST_INODES,
	HALE_CAUSE_HOST_MEMORY,
	HALE_CAUSE_HOST_SIGBUS,
	HALE_CAUSE_HOST_READONLY_FS,
	HALE_CAUSE_ENGINE_DOWN,
	HALE_CAUSE_NETWORK,
	HALE_CAUSE_REGISTRY_OUTAGE,
	HALE_CAUSE_AUTH,
	HALE_CAUSE_CACHE,
	HALE_CAUSE_TIMEOUT,
	HALE_CAUSE_INTERACTIVE_STALL,
	HALE_CAUSE_DEPENDENCY,
	HALE_CAUSE_CODE,
	HALE_CAUSE_TOOLCHAIN_CRASH,
	HALE_CAUSE_BUILD_LIMIT, /* a limit that was set for this build */
	HALE_CAUSE_COUNT
};

enum hale_confidence {
	HALE_CONFIDENCE_NONE = 0,
	HALE_CONFIDENCE_POSSIBLE, /* nothing speaks against it */
	HALE_CONFIDENCE_LIKELY,	  /* nearness in time, or text alone */
	HALE_CONFIDENCE_CERTAIN,  /* a mechanism was observed */
	HALE_CONFIDENCE_COUNT
};

/* Can the same command help? */
enum hale_retry {
	HALE_RETRY_NO = 0,
	HALE_RETRY_HERE,
	HALE_RETRY_ELSEWHERE,
	HALE_RETRY_COUNT
};

/* agent/core/cause_words.c. Out of range: the name of 0. */
const char *hale_build_cause_name(enum hale_build_cause c);
const char *hale_confidence_name(enum hale_confidence c);
const char *hale_retry_name(enum hale_retry r);
/* HALE_CAUSE_UNKNOWN where there is no such name; @len bytes. */
enum hale_build_cause hale_build_cause_from_name(const char *name, size_t len);
/* "host-…": the machine is to blame, not the build. */
bool hale_build_cause_is_host(enum hale_build_cause c);
/* What retrying can do about it, by the cause alone. */
enum hale_retry hale_build_cause_retry(enum hale_build_cause c);

/* How a step of a chain follows from the one before it. */
enum hale_relation {
	HALE_RELATION_ROOT = 0,	    /* it is where the chain begins */
	HALE_RELATION_SAME_PART,    /* both are of one part */
	HALE_RELATION_BENEATH,	    /* the earlier part lies beneath it */
	HALE_RELATION_RESTS,	    /* it rests on the earlier part (engine) */
	HALE_RELATION_MAPPED,	    /* the victim had a file of it mapped */
	HALE_RELATION_SAME_PROCESS, /* both are of one process */
	HALE_RELATION_HOST,	    /* the earlier one holds for all here */
	HALE_RELATION_NEAR,	    /* nearness in time, nothing else */
	HALE_RELATION_COUNT
};

/* One step: a finding, or a death. */
struct hale_cause_step {
	enum hale_relation relation;
	enum hale_confidence confidence; /* of this step */
	uint32_t from;	 /* index of the step that it follows from */
	uint32_t redone; /* further ones like it: "and 3 more" */
	bool death;	 /* @finding is the process's, see @victim */
	struct hale_finding finding;
	struct hale_victim victim;
	char text[HALE_EVIDENCE_MAX]; /* how the link is known, for people */
};

#define HALE_CAUSE_STEPS_MAX 12
#define HALE_CAUSE_PATHS_MAX 8

/* A root and what came of it. */
struct hale_cause {
	/* The weakest link of the surest way from the root to what was asked
	 * about: deaths, a subject. Nothing was: as sure as the root is. */
	enum hale_confidence confidence;
	enum hale_build_cause build;	 /* what a failed build would call it */
	uint32_t n_steps, n_steps_total; /* step 0 is the root */
	bool every_build; /* it is under "/" or "/usr", or holds for the host */
	uint32_t n_paths, n_paths_total;
	char headline[HALE_EVIDENCE_MAX]; /* "host drive C: is full (100 %)" */
	char prevents[HALE_EVIDENCE_MAX]; /* what would have; "" */
	/* Of the question those that rest on the root; without, mount points */
	char paths[HALE_CAUSE_PATHS_MAX][HALE_PATH_MAX];
	struct hale_cause_step steps[HALE_CAUSE_STEPS_MAX];
};

#define HALE_CAUSE_VICTIMS_MAX 16

/* What is asked about. */
struct hale_cause_query {
	struct hale_scope_request scope; /* n_paths 0 and !host: everything */
	char subject[HALE_PART_MAX]; /* a part, an alias, a condition, a comm;
				      * "": whatever there is */
	uint64_t since_ns, until_ns; /* agent time; 0: not bounded */
	char cgroup[HALE_PATH_MAX];  /* only deaths within it; "": all */
	uint32_t n_victims;	     /* deaths that the asker saw itself */
	struct hale_victim victims[HALE_CAUSE_VICTIMS_MAX];
};

#endif
