/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt: builds what a command needs around it, waits in one loop for
 * signals, output, timers and the end of exec, and takes it all down again.
 * Whatever part of hale cannot be had (cgroup, pty, guard, tree) only means
 * that less is known. The one thing that must be had is a process.
 */
#include "attempt_own.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>

#include "hale/base.h"

#include "clock.h"
#include "shell.h"

static void set_times(struct attempt *a)
{
	const struct attempt_setup *s = a->setup;

	a->started = a->now = clock_mono_ns();
	a->out->started_ns = clock_agent_ns();
	if (s->timeout_ns)
		a->deadline = a->now + s->timeout_ns;
	a->tick_at = a->now + HALE_NS_PER_S;
	a->look_at = a->now + HALE_NS_PER_S;
	stall_start(&a->stall, s->options->stall_ns, a->now);
}

static int start_command(struct attempt *a)
{
	const struct launch l = {
		.command = a->setup->command,
		.out = { relay_child_fd(&a->relay, 0),
			 relay_child_fd(&a->relay, 1) },
		.terminal = a->terminal.at_once ? a->terminal.fd : -1,
		.cgroup = a->cgroup.own,
		.signals = &a->signals,
	};
	int r = launch(&l, &a->pid, &a->report);

	if (r < 0)
		return r;
	a->terminal.given = a->terminal.at_once;
	relay_launched(&a->relay);
	guard_watch(&a->guard, a->pid);
	a->out->pid = a->pid;
	a->tree.root = a->pid;
	a->tree.cgroup_fd = a->cgroup.own;
	return 0;
}

static int set_up(struct attempt *a)
{
	int r = signals_take(&a->signals);

	if (r < 0)
		return r;
	cgroup_open(&a->cgroup);
	guard_start(&a->guard, &a->cgroup);
	terminal_find(&a->terminal);
	relay_open(&a->relay, a->setup->tail,
		   shell_for_person(a->setup->command));
	a->tree.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	set_times(a);
	r = start_command(a);
	if (r < 0)
		relay_done(&a->relay);
	return r;
}

static void take_down(struct attempt *a)
{
	terminal_take(&a->terminal);
	terminal_done(&a->terminal);
	cgroup_done(&a->cgroup);
	if (a->tree.proc_fd >= 0)
		close(a->tree.proc_fd);
	if (a->report >= 0)
		close(a->report);
	guard_end(&a->guard);
	signals_done(&a->signals);
}

static void see_report(struct attempt *a)
{
	int error = a->report >= 0 ? launch_report(a->report) : -EAGAIN;

	if (error == -EAGAIN)
		return;
	close(a->report);
	a->report = -1;
	a->out->error = error;
	if (error == 0)
		a->out->end = RUN_EXITED; /* or as it turns out */
}

static int wait_ms(const struct attempt *a)
{
	uint64_t due = attempt_due(a), now = clock_mono_ns();

	if (due <= now)
		return 0;
	if (due - now > 3600 * HALE_NS_PER_S)
		return 3600 * 1000;
	return (int)((due - now + HALE_NS_PER_MS - 1) / HALE_NS_PER_MS);
}

static void wait_for_something(struct attempt *a)
{
	struct pollfd fds[6];
	size_t n = relay_wants(&a->relay, fds);

	fds[n++] = (struct pollfd){ a->signals.fd, POLLIN, 0 };
	fds[n++] = (struct pollfd){ a->report, POLLIN, 0 };
	poll(fds, n, wait_ms(a));
	a->now = clock_mono_ns();
}

static void loop(struct attempt *a)
{
	for (;;) {
		relay_move(&a->relay);
		see_report(a);
		attempt_signals(a);
		attempt_tick(a);
		attempt_press(a);
		if (attempt_over(a))
			return;
		wait_for_something(a);
	}
}

int attempt_run(const struct attempt_setup *setup, struct run_attempt *ret)
{
	_cleanup_free_ struct attempt *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	a->setup = setup;
	a->out = ret;
	a->report = a->signals.fd = a->terminal.fd = a->guard.fd = -1;
	a->cgroup.own = a->cgroup.root = a->tree.proc_fd = -1;
	*ret = (struct run_attempt){ .command = setup->command,
				     .strategy = setup->strategy,
				     .number = setup->number,
				     .tail = setup->tail };
	memset(setup->tail, 0, offsetof(struct tail, buffer));
	r = set_up(a);
	if (r == 0) {
		loop(a);
		relay_leave(&a->relay);
		ret->mid_line =
			attempt_shares_stderr(a) && tail_mid_line(setup->tail);
		attempt_tell(a);
		relay_done(&a->relay);
	}
	take_down(a);
	return r;
}
