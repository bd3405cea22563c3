/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command beside the build and waits for its end. Decides when it has
 * had its time. Must never outlive hale, and never keep it from ending: the
 * signals that tell hale to end are taken here as well, and end the command
 * first. Invariant: when this returns nothing of the command's process group
 * runs, and hale's signals are as they were.
 */
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#define KILL_AFTER_NS (5 * HALE_NS_PER_S)

struct running {
	const struct aside *a;
	struct aside_end *end;
	sigset_t was;
	pid_t pid;
	int pid_fd, signal_fd, output; /* -1: not there */
	uint64_t deadline_ns;
	bool killed;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* --- the child
 * ----------------------------------------------------------------- */

/* Never returns but with what was wrong. */
static int become(const struct running *x, int output)
{
	const struct aside *a = x->a;
	int null = open("/dev/null", O_RDWR);
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    (a->output && dup2(output, 2) < 0))
		return -errno;
	if (a->cwd && chdir(a->cwd) < 0)
		return -errno;
	r = a->confine ? a->confine(a->data) : 0;
	if (r < 0)
		return r;
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigprocmask(SIG_SETMASK, &x->was, NULL);
	execvp(a->program ? a->program : a->command[0], a->command);
	return -errno;
}

/* The pipe closes when the command runs, or says why it does not. */
static int start(struct running *x, int output)
{
	int said[2], error = 0;
	ssize_t n;

	if (pipe2(said, O_CLOEXEC) < 0)
		return -errno;
	x->pid = fork();
	if (x->pid == 0) {
		setpgid(0, 0);
		error = become(x, output);
		n = write(said[1], &error, sizeof(error));
		_exit(n < 0 ? 126 : 127);
	}
	if (x->pid > 0)
		setpgid(x->pid, x->pid);
	else
		error = -errno;
	close(said[1]);
	if (x->pid > 0 && read(said[0], &error, sizeof(error)) < 0)
		error = -errno;
	close(said[0]);
	return error;
}

/* --- waiting for it
 * ------------------------------------------------------------- */

static void put_output(struct running *x)
{
	char piece[2048];
	const struct aside *a = x->a;
	ssize_t n = read(x->output, piece, sizeof(piece));
	size_t got = n > 0 ? (size_t)n : 0, keep;

	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
		close(x->output);
		x->output = -1;
		return;
	}
	if (got > a->room)
		got = a->room;
	keep = a->room - got < x->end->used ? a->room - got : x->end->used;
	memmove(a->output, a->output + x->end->used - keep, keep);
	memcpy(a->output + keep, piece, got);
	x->end->used = keep + got;
}

static void end_it(struct running *x, int signal)
{
	kill(-x->pid, signal);
	x->killed = signal == SIGKILL;
	x->deadline_ns = now_ns() + KILL_AFTER_NS;
}

static void take_signal(struct running *x)
{
	struct signalfd_siginfo info;

	if (read(x->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	x->end->told = (int)info.ssi_signo;
	end_it(x, SIGTERM);
}

static void wait_once(struct running *x)
{
	struct pollfd fds[] = { { x->pid_fd, POLLIN, 0 },
				{ x->signal_fd, POLLIN, 0 },
				{ x->output, POLLIN, 0 } };
	uint64_t now = now_ns(), left;
	int timeout;

	left = x->deadline_ns > now ? x->deadline_ns - now : 0;
	timeout = left / HALE_NS_PER_MS < 60000
			  ? (int)(left / HALE_NS_PER_MS + (left > 0))
			  : 60000;
	if (poll(fds, 3, timeout) < 0)
		return;
	if (fds[2].revents)
		put_output(x);
	if (fds[1].revents & POLLIN)
		take_signal(x);
	if (fds[0].revents & POLLIN) {
		/* also what it left behind; its number is not free yet */
		kill(-x->pid, SIGKILL);
		waitpid(x->pid, &x->end->wait_status, 0);
		x->pid = 0;
	} else if (now_ns() >= x->deadline_ns && !x->killed) {
		bool asked = x->end->told != 0 || x->end->timed_out;

		x->end->timed_out |= x->end->told == 0;
		end_it(x, asked ? SIGKILL : SIGTERM);
	}
}

static void wait_for(struct running *x)
{
	x->pid_fd = (int)syscall(SYS_pidfd_open, x->pid, 0);
	x->deadline_ns = now_ns() + x->a->timeout_ns;
	while (x->pid > 0)
		wait_once(x);
	/* the last of its output; who left its group may hold it open */
	while (x->output >= 0) {
		struct pollfd rest = { x->output, POLLIN, 0 };

		if (poll(&rest, 1, 100) <= 0)
			break;
		put_output(x);
	}
}

static void take_signals(struct running *x)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ends, &x->was);
	x->signal_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

void aside_run(const struct aside *a, struct aside_end *ret)
{
	struct running x = {
		.a = a, .end = ret, .pid_fd = -1, .signal_fd = -1, .output = -1
	};
	int pipe_fds[2] = { -1, 2 };

	*ret = (struct aside_end){ 0 };
	if (a->output && pipe2(pipe_fds, O_CLOEXEC) < 0) {
		ret->error = -errno;
		return;
	}
	take_signals(&x);
	x.output = pipe_fds[0];
	ret->error = start(&x, pipe_fds[1]);
	if (a->output)
		close(pipe_fds[1]);
	if (x.pid > 0)
		wait_for(&x);
	for (int i = 0; i < 3; i++) {
		int fd = (int[]){ x.pid_fd, x.signal_fd, x.output }[i];

		if (fd >= 0)
			close(fd);
	}
	sigprocmask(SIG_SETMASK, &x.was, NULL);
}
