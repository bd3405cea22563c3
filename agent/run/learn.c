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
#include "agent/run/again/aside.h"
#include "proto/codec.h"

#define ANSWER_MS 250
#define NEEDS_MAX 1024

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

/* Where no agent keeps a store the user's own one knows; hale-ship reads it. */
static int own_needs(const struct run_options *o, const char *repo,
		     struct store_needs *ret)
{
	char path[STORE_PATH_MAX], program[STORE_PATH_MAX];
	char *const command[] = { codec_borrow("hale-ship"),
				  codec_borrow("--needs"),
				  codec_borrow(repo),
				  codec_borrow("--store"),
				  path,
				  NULL };
	uint8_t bytes[NEEDS_MAX];
	const struct aside a = { .command = command,
				 .program = program,
				 .timeout_ns = ANSWER_MS * HALE_NS_PER_MS,
				 .output = (char *)bytes,
				 .room = sizeof(bytes) };
	struct aside_end end;
	Hale__V1__Needs *m;

	if (store_own_path(o->state_dir, path) < 0 || access(path, R_OK) < 0 ||
	    !o->exec_dir ||
	    snprintf(program, sizeof(program), "%s/hale-ship", o->exec_dir) >=
		    (int)sizeof(program))
		return -ENOENT;
	aside_run(&a, &end);
	if (end.error < 0 || end.timed_out || end.wait_status != 0)
		return -ENOENT;
	m = hale__v1__needs__unpack(NULL, end.used, bytes);
	if (!m)
		return -EBADMSG;
	store_needs_take(m, ret);
	hale__v1__needs__free_unpacked(m, NULL);
	return 0;
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
	if (r == -ENOENT)
		r = own_needs(o, repo, &n);
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
