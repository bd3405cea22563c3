/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors' process, from its fork to its end: what others hear of this host.
 * Decides when it is started again; what it does it reads itself, from the
 * configuration's file, which is opened here and handed over unread, since root
 * alone may be able to. Must never wait for it; nothing of the agent needs it.
 * Invariant: as of the reporter's (super_fleet.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/host_exec.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/super/super.h"

#define NAME	 "haled: doors"
#define AGENT_FD 3
#define FILES	 2
/* A program that is not there is looked for so often. */
#define MISSING_NS (600 * HALE_NS_PER_S)
#define NOT_FOUND  127
#define OOM_SCORE  "0"

static const struct backoff_rule rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 300 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
};

/* --- its side of the fork --- */

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

/* Root's rights go with it at the latest in execve(2). */
static int become_user(const struct sandbox_user *u)
{
	if (setgroups(0, NULL) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
	    setresuid(u->uid, u->uid, u->uid) < 0)
		return -errno;
	/* gone with the change of the user */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
}

static int work(void *data, int fd)
{
	struct super *s = data;
	struct words w = { .n = 0 };
	int keep[FILES] = { fd, config_open(s->options.config) };
	char dir[1024];

	process_in_child();
	process_leave_signals();
	if (keep[1] < 0)
		return EXIT_FAILURE;
	say_all(&w, s);
	make_folder(s);
	budget_set_oom_score(OOM_SCORE);
	if (s->user.known && become_user(&s->user) < 0)
		return EXIT_FAILURE;
	if (process_keep_fds(keep, FILES) < 0)
		return EXIT_FAILURE;
	for (int i = 0; i < FILES; i++) {
		if (fcntl(AGENT_FD + i, F_SETFD, 0) < 0)
			return EXIT_FAILURE;
	}
	return host_exec_program("hale-doors", w.argv, dir, sizeof(dir)) ==
			       -ENOENT
		       ? NOT_FOUND
		       : EXIT_FAILURE;
}

/* --- the supervisor's side --- */

static void set_next(struct super *s, const char *why)
{
	uint64_t delay =
		backoff_next(&s->doors.backoff, &rule,
			     clock_boot_ns() - s->doors.began_ns, true);

	log_line(LOG_LEVEL_WARNING, "%s, starting it again in %llu s", why,
		 (unsigned long long)(delay / HALE_NS_PER_S));
	loop_timer_set(&s->loop, &s->doors.timer, delay);
}

static void set_missing(struct super *s)
{
	if (!s->doors_missing)
		log_line(LOG_LEVEL_WARNING,
			 "hale-doors is not installed: no metrics, no "
			 "notifications");
	s->doors_missing = true;
	loop_timer_set(&s->loop, &s->doors.timer, MISSING_NS);
}

static void on_ended(void *data, int status)
{
	struct super *s = data;
	char why[SUPER_WHY_MAX];

	if (!s->config.doors)
		return;
	if (status == NOT_FOUND) {
		set_missing(s);
		return;
	}
	super_how(why, NAME, status);
	set_next(s, why);
}

static void on_stuck(void *data)
{
	(void)data;
	log_line(LOG_LEVEL_WARNING,
		 "the process " NAME " hangs and cannot be ended");
}

static void spawn(struct super *s)
{
	struct child_job job = {
		.name = NAME,
		.work = work,
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
	};
	int r;

	s->doors.began_ns = clock_boot_ns();
	r = child_start(&s->doors.child, &job);
	if (r < 0 && r != -EBUSY) /* the end of that one starts it */
		set_next(s, "cannot start " NAME);
}

static void on_timer(void *data)
{
	spawn(data);
}

static void on_changed(void *data, int status)
{
	struct super *s = data;

	(void)status;
	s->doors.backoff.failures = 0;
	if (s->config.doors)
		spawn(s);
}

/* At each reload: the file, or one that it names, may say something else. */
void super_configure_doors(struct super *s)
{
	loop_timer_stop(&s->doors.timer);
	if (s->doors.child.state != CHILD_NONE) {
		s->doors.child.job.ended = on_changed;
		child_hang_up(&s->doors.child);
	} else if (s->config.doors) {
		s->doors.backoff.failures = 0;
		spawn(s);
	}
}

void super_init_doors(struct super *s)
{
	child_init(&s->doors.child, &s->loop);
	s->doors.timer = (struct loop_timer){ .due = on_timer, .data = s };
}
