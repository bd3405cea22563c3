/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_SCOPE_H
#define HALE_CORE_SCOPE_H

/*
 * Which findings a scope meets, and how: one walk from each of its paths and
 * swap areas marks them. verdict.c makes the marks into an answer.
 */

#include "core.h"

/* One judgment on its way. */
struct judgment {
	struct middle *m;
	const struct hale_scope_request *req;
	struct hale_verdict *verdict; /* of the caller, filled as it goes */
	uint64_t now_ns;
	uint32_t disks; /* met on any way */
	bool missing;	/* something needed for an answer is not known */
};

/* Marks what stands under the request's paths, or the host's own. */
void scope_mark(struct judgment *j);
/* The same of one path; it must live as long as the judgment. */
void scope_mark_path(struct judgment *j, const struct hale_scope_path *p);

/* scope_aside.c: are the container engines in this scope? Marks what they stand
 * on; and what an entry of kind SCOPE_ASIDE means here. */
bool scope_has_engines(const struct judgment *j);
void scope_mark_engines(struct judgment *j);
enum hale_effect scope_aside_effect(const struct judgment *j,
				    const struct ledger_entry *e);

/* scope_blind.c: what a required sense cannot see of the walk in m->closure. */
void scope_mark_blind(struct judgment *j, const struct mark *where);

/* Kinds of parts by where they count. */
enum scope_kind {
	SCOPE_STORAGE, /* disk/ fs/ array/: where a way leads to them */
	SCOPE_BUS,     /* pci/ usb/: where a disk of the scope is behind them */
	SCOPE_ASIDE,   /* net/ gpu/ process/ engine/: see scope_aside.c */
	SCOPE_HOST,    /* everything else: memory, CPU, kernel, host */
};

enum scope_kind scope_kind_of(const char *part);

/* Worsens an entry's mark; the first path that meets it so is named. */
void scope_raise(struct mark *mark, enum hale_effect effect, bool redundant,
		 const struct mark *where);

/* Is a finding about what stands on this node; @key: text_key() of its part. By
 * its id; by a token of the device's path, as buses and unresolved names are.
 */
bool scope_meets(const struct closure_node *n, const struct ledger_entry *e,
		 uint64_t key);
bool scope_token_meets(const struct middle *m, const struct closure_node *n,
		       const struct ledger_entry *e);

/* Which nodes of m->closure cannot work by themselves. */
void scope_mark_bad(struct middle *m);

/* A reason that is no finding: what is not known about a path. verdict.c */
void verdict_missing(struct judgment *j, const struct mark *where,
		     const char *story);

/* A finding of this answer only, from the request's own numbers. */
void verdict_judge_path(struct judgment *j, const struct hale_scope_path *path);

#endif
