/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPLY_H
#define HALE_REPLY_H

/*
 * libhale: what an answer says; include hale/hale.h. Times are nanoseconds
 * since the epoch, sizes bytes; texts are never NULL, live as long as their
 * reply, and may hold what a terminal should not be given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hale/words.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hale_reply; /* one whole answer */

/* What every reply has. */
struct hale_summary {
	enum hale_fitness fitness;
	int exit_code; /* what `hale check` exits with */
	int error;     /* errno: refused or failed, @note says why; or 0 */
	bool agent;    /* an agent answered */
	bool scanned;  /* none did; looked once, just now */
	const char *host, *note, *version, *path;
	uint64_t as_of_ns, started_ns, generation;
	uint32_t reasons_total; /* with those the agent left out */
	uint32_t parts;		/* in scope */
	uint32_t affected;	/* findings cleared */
	size_t n_reasons, n_findings, n_coverage, n_hops, n_causes, n_deaths;
	uint32_t causes_total; /* with those that were left out */
	/* Of a report: control requests of who may not, and the last one. */
	uint64_t refused, refused_ns;
	uint32_t refused_uid;
};

/* A finding, and as a reason how the scope meets it. */
struct hale_entry {
	const char *condition; /* "disk.medium_error"; "": a missing sense */
	enum hale_effect effect;
	bool at_least, muted; /* @count is a lower bound */
	bool redundant;	      /* reached through redundant legs only */
	uint64_t count, first_ns, last_ns, expires_ns, value, total;
	const char *part, *alias, *model, *serial, *where, *driver;
	const char *evidence, *meaning, *advice, *clears;
	const char *path, *via, *text; /* of a reason */
	const char *closed;	       /* "": it stands; "part replaced" */
	uint64_t closed_ns;
	const char *closed_by; /* of a clear: who and why, or "" */
	bool withheld; /* evidence is, from who asks: the kernel's own words */
};

struct hale_sense_entry {
	const char *driver, *sense, *why, *remedy;
	enum hale_sight sight;
	uint64_t since_ns;
	const char *part;  /* "sdc"; "": the sense as a whole */
	uint32_t period_s; /* measured so often; 0: seen as it happens */
};

struct hale_hop_entry {
	uint32_t depth; /* children follow their parent */
	const char *name, *via, *detail, *part, *model, *serial;
	bool redundant;
	size_t n_findings;
};

/* Returns NULL; NULL is fine. */
struct hale_reply *hale_reply_free(struct hale_reply *r);
void hale_reply_summary(const struct hale_reply *r, struct hale_summary *ret);
/* Index from 0; false past the end. */
bool hale_reply_reason(const struct hale_reply *r, size_t i,
		       struct hale_entry *ret);
bool hale_reply_finding(const struct hale_reply *r, size_t i,
			struct hale_entry *ret);
/* Those that ended in the last hour, the newest first. */
bool hale_reply_closed(const struct hale_reply *r, size_t i,
		       struct hale_entry *ret);
bool hale_reply_sense(const struct hale_reply *r, size_t i,
		      struct hale_sense_entry *ret);
bool hale_reply_hop(const struct hale_reply *r, size_t i,
		    struct hale_hop_entry *ret);
bool hale_reply_hop_finding(const struct hale_reply *r, size_t hop, size_t i,
			    struct hale_entry *ret);
/* As proto3 JSON, one line; free(*ret_text). */
int hale_reply_json(const struct hale_reply *r, char **ret_text);

#ifdef __cplusplus
}
#endif

#endif
