/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What builds usually need, asked of the store before a check. Decides that
 * what the user says himself counts more than what was learned, and that
 * nothing known is nothing needed: an empty history never refuses a build. Must
 * not wait for a store that hangs.
 */
#include "like.h"

#include <errno.h>

#include "hale/base.h"

/* The gate's own patience: a store that is slower says nothing. */
#define ANSWER_MS 250

static void note(struct like *like, int r)
{
	const char *why = r == -ENOENT	    ? "no history is kept here"
			  : r == -ETIMEDOUT ? "the history does not answer"
					    : strerrordesc_np(-r);

	if (r < 0)
		snprintf(like->note, sizeof(like->note),
			 "--like: not known what builds need: %s", why);
	else if (like->needs.builds == 0)
		snprintf(like->note, sizeof(like->note),
			 "--like: no build of %.80s has passed here yet",
			 like->repo);
	else if (like->needs.builds < STORE_NEEDS_FEW)
		snprintf(like->note, sizeof(like->note),
			 "--like: n = %u, too few builds of %.80s to say",
			 like->needs.builds, like->repo);
}

static bool raise(uint64_t *need, uint64_t learned)
{
	if (*need > 0 || learned == 0)
		return false;
	*need = learned;
	return true;
}

void like_apply(const struct cli *cli, const char *repo,
		struct hale_check_options *o, struct like *like)
{
	int r;

	memset(like, 0, sizeof(*like));
	r = strcmp(repo, ".") == 0	       ? hale_repo_find(".", like->repo)
	    : hale_repo_name(repo, like->repo) ? 0
					       : -EINVAL;
	if (r < 0) {
		snprintf(like->note, sizeof(like->note),
			 "--like: the working directory is in no repository "
			 "with a remote named origin");
		return;
	}
	r = store_needs(cli->run_dir ? cli->run_dir : HALE_RUN_DIR, like->repo,
			ANSWER_MS, &like->needs);
	note(like, r);
	if (r < 0)
		return;
	like->disk = raise(&o->need_bytes, like->needs.disk_bytes);
	like->inodes = raise(&o->need_inodes, like->needs.inodes);
	like->memory = raise(&o->need_memory_bytes, like->needs.memory_bytes);
}

static void put_amount(struct out *o, const char *condition, uint64_t n)
{
	if (strcmp(condition, "fs.inodes_full") == 0) {
		out_number(o, n);
		out_raw(o, " inodes");
	} else {
		out_size(o, n);
	}
}

/* What of the needs this reason is about; 0: none of those learned. */
static uint64_t need_of(const struct like *like, const struct hale_entry *e)
{
	if (strcmp(e->driver, "check") != 0)
		return 0;
	if (like->disk && strcmp(e->condition, "fs.full") == 0)
		return like->needs.disk_bytes;
	if (like->inodes && strcmp(e->condition, "fs.inodes_full") == 0)
		return like->needs.inodes;
	if (like->memory && strcmp(e->condition, "memory.pressure") == 0)
		return like->needs.memory_bytes;
	return 0;
}

static void explain(const struct like *like, const struct hale_entry *e,
		    uint64_t need, struct out *o)
{
	bool memory = strcmp(e->condition, "memory.pressure") == 0;

	out_raw(o, "builds of ");
	out_text(o, like->repo);
	out_raw(o, " usually need ");
	put_amount(o, e->condition, need);
	out_raw(o, memory ? " of memory here" : " here");
	if (!memory) {
		out_raw(o, "; ");
		put_amount(o, e->condition, e->value);
		out_raw(o, " are free on ");
		out_text(o, e->path[0] ? e->path : e->where);
		out_raw(o, " (");
		out_text(o, e->alias[0] ? e->alias : e->part);
		out_raw(o, ")");
	}
	out_raw(o, "\n");
}

void like_explain(const struct like *like, const struct hale_reply *r,
		  struct out *o)
{
	struct hale_entry e;

	if (like->note[0]) {
		out_text(o, like->note);
		out_raw(o, "\n");
	}
	for (size_t i = 0; hale_reply_reason(r, i, &e); i++) {
		uint64_t need = need_of(like, &e);

		if (need > 0)
			explain(like, &e, need, o);
	}
}
