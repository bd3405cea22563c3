/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HALE_EXPLAIN_H
#define HALE_HALE_EXPLAIN_H

/*
 * libhale: why; include hale/hale.h. A cause is a root and what came of it, as
 * steps: step 0 is the root, each further one follows from one before it.
 */

#include "hale/reply.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All of it narrows; zero: whatever there is, on all of this host. */
struct hale_explain_options {
	size_t size;		  /* sizeof(the struct) */
	const char *subject;	  /* a part, an alias, a condition, a process */
	const char *const *paths; /* a build's scope, as hale_check() has it */
	size_t n_paths;
	bool host;		     /* the host's own scope, no paths */
	bool container;		     /* as in hale_check() */
	uint64_t since_ns, until_ns; /* ns since the epoch; 0: no bound */
	const char *cgroup; /* deaths within it only, from cgroup v2's root */
};

struct hale_cause_entry {
	const char *headline;	/* "host drive C: is full (100 %)" */
	const char *confidence; /* "certain", "likely", "possible" */
	const char *build;	/* what a failed build calls it: "host-io" */
	const char *prevents;	/* what would have prevented it; "" */
	bool every_build;	/* it is in the scope of every build here */
	size_t n_steps, n_paths;
	uint32_t steps_total, paths_total; /* with those that were left out */
};

/* A process that died by a signal. */
struct hale_death_entry {
	uint64_t time_ns;
	uint32_t pid, signal;
	bool code_known, dumped;	 /* @dumped: it left a core dump */
	int32_t code;			 /* si_code of sigaction(2) */
	const char *comm, *exe, *cgroup; /* "": not known, or not yours */
	const char *file; /* whose mapping failed; "": not known */
};

struct hale_step_entry {
	const char *relation;	/* "root", "same part", "beneath", "rests on",
				 * "mapped", "same process", "host", "near" */
	const char *confidence; /* of this step */
	const char *text;	/* how the link is known */
	size_t from;		/* index of the step that it follows from */
	uint32_t redone;	/* further ones like it */
	bool death;
	bool has_finding; /* else @finding is empty */
	struct hale_entry finding;
	struct hale_death_entry victim; /* of a death */
};

/* Index from 0; false past the end. */
bool hale_reply_cause(const struct hale_reply *r, size_t i,
		      struct hale_cause_entry *ret);
bool hale_reply_cause_step(const struct hale_reply *r, size_t cause, size_t i,
			   struct hale_step_entry *ret);
/* Of the question's paths those that rest on the root; where it had none,
 * mount points. NULL past the end. */
const char *hale_reply_cause_path(const struct hale_reply *r, size_t cause,
				  size_t i);
/* Deaths in that time and scope, explained or not, the latest first. */
bool hale_reply_death(const struct hale_reply *r, size_t i,
		      struct hale_death_entry *ret);

#ifdef __cplusplus
}
#endif

#endif
