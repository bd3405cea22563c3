/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that is a program of its own and that nothing of the agent needs:
 * the reporter, the doors; and how any such program is become, ship as well.
 * Decides when it is started again. Must never wait for it. Invariant: exactly
 * one of these holds: it runs, its next start is set, it is not wanted, or it
 * hangs in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>

#include "hale/base.h"

#include "agent/daemon/host_exec.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

/* A program that is not there is looked for so often. */
#define MISSING_NS (600 * HALE_NS_PER_S)
/* Between two that have to be another: its files may be renewed once more. */
#define RENEWED_NS (10 * HALE_NS_PER_S)

static const struct backoff_rule rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 300 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
};

/* --- its side of the fork --- */

/* Root's rights go with it at the latest in execve(2). */
static int become_user(const struct sandbox_user *u)
{
	if (setgroups(0, NULL) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
	    setresuid(u->uid, u->uid, u->uid) < 0)
		return -errno;
	/* gone with the change of the user */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
}

int super_exec(const struct super *s, const char *program, char *const argv[],
	       const int *fds, size_t n)
{
	char dir[1024];

	if (s->user.known && become_user(&s->user) < 0)
		return EXIT_FAILURE;
	if (process_keep_fds(fds, n) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < n; i++) {
		if (fcntl(SUPER_EXEC_FD + (int)i, F_SETFD, 0) < 0)
			return EXIT_FAILURE;
	}
	return host_exec_program(program, argv, dir, sizeof(dir)) == -ENOENT
		       ? SUPER_NOT_FOUND
		       : EXIT_FAILURE;
}

static int work(void *data, int fd)
{
	struct super_program *p = data;

	process_in_child();
	process_leave_signals();
	return p->kind->work(p->super, fd);
}

/* --- the supervisor's side --- */

static void set_start(struct super_program *p, uint64_t delay_ns)
{
	loop_timer_set(&p->super->loop, &p->process.timer, delay_ns);
}

static void set_next(struct super_program *p, const char *why)
{
	uint64_t delay =
		backoff_next(&p->process.backoff, &rule,
			     clock_boot_ns() - p->process.began_ns, true);

	log_line(LOG_LEVEL_WARNING, "%s, starting it again in %llu s", why,
		 (unsigned long long)(delay / HALE_NS_PER_S));
	set_start(p, delay);
}

static void on_ended(void *data, int status)
{
	struct super_program *p = data;
	char why[SUPER_WHY_MAX];

	if (!p->kind->wanted(p->super))
		return;
	switch (status) {
	case SUPER_NOT_FOUND:
		if (!p->missing)
			log_line(LOG_LEVEL_WARNING, "%s", p->kind->missing);
		p->missing = true;
		set_start(p, MISSING_NS);
		return;
	case SUCCESSOR_WANTED: /* it has said why */
		set_start(p, RENEWED_NS);
		return;
	default:
		super_how(why, p->kind->name, status);
		set_next(p, why);
	}
}

static void on_stuck(void *data)
{
	const struct super_program *p = data;

	log_line(LOG_LEVEL_WARNING, "the process %s hangs and cannot be ended",
		 p->kind->name);
}

static void spawn(struct super_program *p)
{
	struct child_job job = {
		.name = p->kind->name,
		.work = work,
		.stuck = on_stuck,
		.ended = on_ended,
		.data = p,
	};
	char why[SUPER_WHY_MAX];
	int r;

	p->process.began_ns = clock_boot_ns();
	r = child_start(&p->process.child, &job);
	if (r >= 0 || r == -EBUSY) /* the end of that one starts it */
		return;
	snprintf(why, sizeof(why), "cannot start %s", p->kind->name);
	set_next(p, why);
}

static void on_timer(void *data)
{
	spawn(data);
}

static void start_anew(struct super_program *p)
{
	p->process.backoff.failures = 0;
	if (p->kind->wanted(p->super))
		spawn(p);
}

static void on_changed(void *data, int status)
{
	(void)status;
	start_anew(data);
}

void super_configure_program(struct super_program *p)
{
	struct child *c = &p->process.child;

	loop_timer_stop(&p->process.timer);
	if (c->state == CHILD_NONE) {
		start_anew(p);
		return;
	}
	c->job.ended = on_changed;
	child_hang_up(c);
}

void super_init_program(struct super *s, struct super_program *p,
			const struct super_kind *kind)
{
	p->super = s;
	p->kind = kind;
	child_init(&p->process.child, &s->loop);
	p->process.timer = (struct loop_timer){ .due = on_timer, .data = p };
}
