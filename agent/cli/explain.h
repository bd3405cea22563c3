/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_EXPLAIN_H
#define HALE_CLI_EXPLAIN_H

/* `hale explain` on paper: catalogue pages, and causes as text or Markdown. */

#include "hale/condition.h"
#include "hale/hale.h"

#include "agent/lib/store_builds.h"
#include "out.h"

#define EXPLAIN_REPOS_MAX 3

/* What the history knows, of all causes' time. */
struct explain_builds {
	uint32_t n;
	uint64_t ahead_ns; /* agent time less that of the clock, mod 2^64 */
	struct store_build list[STORE_BUILDS_MAX];
};

struct explain_view {
	bool all; /* in full also what a story has a line for */
	uint64_t now_ns;
	const struct explain_builds *builds; /* NULL: nothing is known */
};

/* A condition's page of the catalogue; @markdown: for a ticket. */
void explain_page(struct out *o, enum hale_condition c, bool markdown);
/* All conditions, a line each. */
void explain_names(struct out *o);

/* All that an answer says. */
void explain_text(struct out *o, const struct hale_reply *r,
		  const struct explain_view *v);
void explain_markdown(struct out *o, const struct hale_reply *r,
		      const struct explain_view *v);

/* --- builds that a cause met: explain_builds.c --- */

struct explain_repo {
	const char *name; /* "": of no repository */
	uint32_t failed, refused, suspect;
};

struct explain_met {
	uint32_t n, n_more; /* @n_more: builds of further ones */
	struct explain_repo repos[EXPLAIN_REPOS_MAX];
};

void explain_ask_builds(const char *run_dir, const struct hale_reply *r,
			uint64_t now_ns, struct explain_builds *ret);
void explain_met(const struct explain_view *v, const struct hale_reply *r,
		 size_t cause, struct explain_met *ret);
/* "app: 2 failed, 1 passed, suspect"; @text writes what is not our own */
void explain_say_repo(struct out *o, const struct explain_repo *r,
		      void (*text)(struct out *o, const char *text));

/* --- what both say: explain_story.c --- */

/* One line is enough for it: a note that led to nothing, a disk that nothing
 * stands on, or a program that came to grief by itself. */
bool explain_is_aside(const struct hale_reply *r, size_t cause);
/* How many steps lie between it and its root. */
size_t explain_depth(const struct hale_reply *r, size_t cause, size_t step);
/* "disk.io_error sde"; "cc1 (pid 71) died by SIGBUS, and 2 more like it" */
void explain_what(struct out *o, const struct hale_step_entry *s);
/* "14 in 3 min, last 12 s ago", and how it ended where it did */
void explain_when(struct out *o, const struct hale_step_entry *s,
		  uint64_t now_ns);
/* "every build here", or "" */
const char *explain_whom(const struct hale_cause_entry *c);
/* What to do about a root, and what ends it; never NULL. */
const char *explain_advice(const struct hale_reply *r, size_t cause);
const char *explain_clears(const struct hale_reply *r, size_t cause);

#endif
