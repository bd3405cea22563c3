/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reporter's process, from its fork to its end. Decides when it is started
 * again and which files it gets: those that only root may read are opened here
 * and handed over unread. Must never wait for it; nothing of the agent needs
 * it. Where no servers are configured it is not there. Invariant: exactly one
 * of these holds: it runs, its next start is set, it has no servers, or it
 * hangs in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/host_exec.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

#define NAME	 "haled: fleet"
#define AGENT_FD 3
#define FILES	 4
/* A program that is not there is looked for so often. */
#define MISSING_NS (600 * HALE_NS_PER_S)
#define NOT_FOUND  127
/* Between two that have to be another: its files may be renewed once more. */
#define RENEWED_NS (10 * HALE_NS_PER_S)
#define OOM_SCORE  "0"
/* Of 32 servers, 16 labels, 4 operators and 16 paths, two words each. */
#define WORDS_MAX 180

static const struct backoff_rule rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 300 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
};

/* --- its side of the fork --- */

struct words {
	char *argv[WORDS_MAX];
	int n;
	char dir[CONFIG_VALUE_MAX + 64], numbers[3][24], fds[FILES][16];
	struct config_fleet fleet; /* its lists are cut into words here */
};

static void add(struct words *w, const char *name, const char *value)
{
	if (w->n + 3 > WORDS_MAX)
		return;
	w->argv[w->n++] = (char *)(uintptr_t)name;
	if (value)
		w->argv[w->n++] = (char *)(uintptr_t)value;
}

static void add_list(struct words *w, const char *name, char *list)
{
	char *word;

	while ((word = strsep(&list, " ")) != NULL) {
		if (word[0])
			add(w, name, word);
	}
}

static void add_number(struct words *w, const char *name, char text[24],
		       uint64_t number)
{
	if (number == 0)
		return;
	snprintf(text, 24, "%llu", (unsigned long long)number);
	add(w, name, text);
}

static void say_all(struct words *w, const struct super *s)
{
	const struct hale_policy *p = &s->config.policy;

	w->fleet = s->config.fleet;
	snprintf(w->dir, sizeof(w->dir), "%s/fleet", s->options.state_dir);
	add(w, NAME, NULL);
	add(w, "--agent", "3");
	add(w, "--run-dir", s->options.run_dir);
	add(w, "--dir", w->dir);
	add_list(w, "--server", w->fleet.servers);
	add_list(w, "--label", w->fleet.labels);
	add_list(w, "--obey", w->fleet.obey);
	add_number(w, "--heartbeat", w->numbers[0], w->fleet.heartbeat_s);
	add_number(w, "--spool-size", w->numbers[1], w->fleet.spool_bytes);
	add_number(w, "--spool-age", w->numbers[2],
		   w->fleet.spool_age_ns / HALE_NS_PER_S);
	for (size_t i = 0; i < p->n_host_paths; i++)
		add(w, "--room", p->host_paths[i]);
}

/* Root reads none of them; a pipe that nobody writes to waits for nobody. */
static size_t open_files(struct words *w, int fds[FILES])
{
	const struct {
		const char *option, *path;
	} files[FILES] = {
		{ "--seed", w->fleet.seed },
		{ "--ca", w->fleet.ca },
		{ "--certificate", w->fleet.certificate },
		{ "--key", w->fleet.key },
	};
	size_t n = 0;

	for (size_t i = 0; i < FILES; i++) {
		if (!files[i].path[0])
			continue;
		fds[n] = open(files[i].path,
			      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fds[n] < 0) {
			log_line(LOG_LEVEL_ERROR, "[fleet] %s: %s",
				 files[i].path, strerror(errno));
			_exit(EXIT_FAILURE);
		}
		snprintf(w->fds[n], sizeof(w->fds[n]), "%zu", AGENT_FD + 1 + n);
		add(w, files[i].option, w->fds[n]);
		n++;
	}
	return n;
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
	static struct words w;
	int keep[1 + FILES] = { fd };
	char dir[1024];
	size_t n;

	process_in_child();
	process_leave_signals();
	say_all(&w, s);
	n = 1 + open_files(&w, keep + 1);
	budget_set_oom_score(OOM_SCORE);
	if (s->user.known && become_user(&s->user) < 0)
		return EXIT_FAILURE;
	if (process_keep_fds(keep, n) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < n; i++) {
		if (fcntl(AGENT_FD + (int)i, F_SETFD, 0) < 0)
			return EXIT_FAILURE;
	}
	return host_exec_program("hale-reporter", w.argv, dir, sizeof(dir)) ==
			       -ENOENT
		       ? NOT_FOUND
		       : EXIT_FAILURE;
}

/* --- the supervisor's side --- */

static bool wanted(const struct super *s)
{
	return s->config.fleet.servers[0] != '\0';
}

static void set_next(struct super *s, const char *why)
{
	uint64_t delay =
		backoff_next(&s->fleet.backoff, &rule,
			     clock_boot_ns() - s->fleet.began_ns, true);

	log_line(LOG_LEVEL_WARNING, "%s, starting it again in %llu s", why,
		 (unsigned long long)(delay / HALE_NS_PER_S));
	loop_timer_set(&s->loop, &s->fleet.timer, delay);
}

static void set_missing(struct super *s)
{
	if (!s->fleet_missing)
		log_line(LOG_LEVEL_WARNING,
			 "hale-reporter is not installed: no fleet hears of "
			 "this host");
	s->fleet_missing = true;
	loop_timer_set(&s->loop, &s->fleet.timer, MISSING_NS);
}

static void on_ended(void *data, int status)
{
	struct super *s = data;
	char why[SUPER_WHY_MAX];

	if (!wanted(s))
		return;
	if (status == NOT_FOUND) {
		set_missing(s);
		return;
	}
	/* it has said why, and keeps what it has in its spool */
	if (status == SUCCESSOR_WANTED) {
		loop_timer_set(&s->loop, &s->fleet.timer, RENEWED_NS);
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

	s->fleet.began_ns = clock_boot_ns();
	r = child_start(&s->fleet.child, &job);
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
	s->fleet.backoff.failures = 0;
	if (wanted(s))
		spawn(s);
}

/* At each reload: its files may be others behind the same names. */
void super_configure_fleet(struct super *s)
{
	loop_timer_stop(&s->fleet.timer);
	if (s->fleet.child.state != CHILD_NONE) {
		s->fleet.child.job.ended = on_changed;
		child_hang_up(&s->fleet.child);
	} else if (wanted(s)) {
		s->fleet.backoff.failures = 0;
		spawn(s);
	}
}

void super_init_fleet(struct super *s)
{
	child_init(&s->fleet.child, &s->loop);
	s->fleet.timer = (struct loop_timer){ .due = on_timer, .data = s };
}
