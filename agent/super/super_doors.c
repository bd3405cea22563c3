/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors' process: what it is told. What it does it reads itself, from the
 * configuration's file, which is opened here and handed over unread, since root
 * alone may be able to. Invariant: as of any such program (super_program.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/super/super.h"

#define NAME	  "haled: doors"
#define OOM_SCORE "0"

struct words {
	char *argv[16];
	int n;
	char dir[CONFIG_VALUE_MAX + 64];
};

static void add(struct words *w, const char *name, const char *value)
{
	w->argv[w->n++] = (char *)(uintptr_t)name;
	if (value)
		w->argv[w->n++] = (char *)(uintptr_t)value;
}

static void say_all(struct words *w, const struct super *s)
{
	snprintf(w->dir, sizeof(w->dir), "%s/doors", s->options.state_dir);
	add(w, NAME, NULL);
	add(w, "--agent", "3");
	add(w, "--config-fd", "4");
	add(w, "--config", s->options.config);
	add(w, "--run-dir", s->options.run_dir);
	add(w, "--state-dir", w->dir);
}

/* A folder of its own in the run directory, for a socket to be scraped. Where
 * it cannot be had the doors say so when they open theirs. */
static void make_folder(const struct super *s)
{
	const struct sandbox_user *u = &s->user;

	if (mkdirat(s->run_fd, "doors", 0755) < 0 && errno != EEXIST)
		return;
	if (u->known && fchownat(s->run_fd, "doors", u->uid, u->gid,
				 AT_SYMLINK_NOFOLLOW) < 0)
		return;
}

static int work(struct super *s, int fd)
{
	struct words w = { .n = 0 };
	const int fds[] = { fd, config_open(s->options.config) };

	if (fds[1] < 0)
		return EXIT_FAILURE;
	say_all(&w, s);
	make_folder(s);
	budget_set_oom_score(OOM_SCORE);
	return super_exec(s, "hale-doors", w.argv, fds, HALE_ARRAY_SIZE(fds));
}

static bool wanted(const struct super *s)
{
	return s->config.doors;
}

void super_init_doors(struct super *s)
{
	static const struct super_kind kind = {
		.name = NAME,
		.missing = "hale-doors is not installed: no metrics, no "
			   "notifications",
		.work = work,
		.wanted = wanted,
	};

	super_init_program(s, &s->doors, &kind);
}
