/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the store before a build. Decides which options are worth it:
 * --like, --best-first and --progress. Must never keep a build waiting for a
 * store that hangs, nor refuse one for what is not known. Needs that the user
 * gave himself count more than what was learned.
 */
#include "learn.h"

#include <errno.h>

#include "hale/base.h"
#include "hale/hale.h"
#include "hale/repo.h"

#include "agent/lib/store_ask.h"

#define ANSWER_MS 250

static void say_unknown(const char *repo, const struct store_needs *n, int r)
{
	if (r < 0)
		dprintf(STDERR_FILENO,
			"hale run: --like: not known what builds need: %s\n",
			r == -ENOENT ? "no history is kept here"
				     : strerrordesc_np(-r));
	else if (n->builds < STORE_NEEDS_FEW)
		dprintf(STDERR_FILENO,
			"hale run: --like: n = %u, too few builds of %s to "
			"say what they need\n",
			n->builds, repo);
}

static int name_repo(const struct run_options *o, char ret[HALE_REPO_MAX])
{
	const char *given =
		o->like && strcmp(o->like, ".") != 0 ? o->like : o->repo;

	if (given)
		return hale_repo_name(given, ret) ? 0 : -EINVAL;
	return hale_repo_find(".", ret);
}

static void raise(uint64_t *need, uint64_t learned)
{
	if (*need == 0)
		*need = learned;
}

void learn(struct run_options *o, struct learned *ret)
{
	struct store_needs n = { .builds = 0 };
	char repo[HALE_REPO_MAX] = "";
	int r;

	*ret = (struct learned){ .expected_ns = 0 };
	if (!o->like && !o->best_first && !o->progress)
		return;
	r = name_repo(o, repo);
	if (r == 0)
		r = store_needs(o->run_dir ? o->run_dir : HALE_RUN_DIR, repo,
				ANSWER_MS, &n);
	if (o->like && !o->quiet)
		say_unknown(repo, &n, r);
	if (r < 0)
		return;
	ret->expected_ns = n.wall_ns;
	HALE_SET(ret->strategy, n.strategy);
	if (!o->like)
		return;
	raise(&o->need_bytes, n.disk_bytes);
	raise(&o->need_inodes, n.inodes);
	raise(&o->need_memory_bytes, n.memory_bytes);
}
