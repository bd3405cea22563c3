/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new process, from its making to exec. Between the two it may only do what
 * is async-signal-safe, must touch nothing of hale's that it shares, and leaves
 * behind nothing but the errno of what failed. execvp() as timeout(1) and
 * env(1) do it: a script without "#!" is the shell's.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "agent/run/run.h"

static void join_cgroup(int folder)
{
	int fd = openat(folder, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* it stays where it is, and less is known */
	if (write(fd, "0", 1) < 0)
		errno = 0;
	close(fd);
}

static void take_outputs(const struct launch *l)
{
	for (int i = 0; i < 2; i++) {
		if (l->out[i] >= 0)
			dup2(l->out[i], i + 1);
	}
}

static _Noreturn void become(const struct launch *l, int report, pid_t parent)
{
	int error;

	setpgid(0, 0);
	if (l->terminal >= 0)
		tcsetpgrp(l->terminal, getpid()); /* SIGTTOU is blocked */
	/* who kills hale with SIGKILL means the build: guard.h has the rest */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(RUN_EXIT_CANNOT);
	take_outputs(l);
	signals_give_back(l->signals);
	execvp(l->command[0], l->command);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(RUN_EXIT_CANNOT);
	_exit(launch_status(error));
}

/* clone3() into the cgroup; without one, or where the kernel has none of it,
 * a plain fork. */
static pid_t make_process(int cgroup, bool *ret_inside)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (unsigned int)cgroup,
	};
	long pid;

	*ret_inside = true;
	if (cgroup >= 0) {
		pid = syscall(SYS_clone3, &args, sizeof(args));
		if (pid >= 0)
			return (pid_t)pid;
	}
	*ret_inside = cgroup < 0;
	return fork();
}

int launch(const struct launch *l, pid_t *ret_pid, int *ret_report)
{
	pid_t parent = getpid(), pid;
	bool inside;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = make_process(l->cgroup, &inside);
	if (pid == 0) {
		if (!inside)
			join_cgroup(l->cgroup);
		become(l, fds[1], parent);
	}
	close(fds[1]);
	if (pid < 0) {
		int r = -errno;

		close(fds[0]);
		return r;
	}
	setpgid(pid, pid); /* both do: whoever comes first */
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*ret_pid = pid;
	*ret_report = fds[0];
	return 0;
}

int launch_report(int report)
{
	int error;
	ssize_t n = read(report, &error, sizeof(error));

	if (n == (ssize_t)sizeof(error))
		return error;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	return 0;
}

int launch_status(int error)
{
	return error == ENOENT ? RUN_EXIT_NOT_FOUND : RUN_EXIT_CANNOT;
}

int launch_hold_standard(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* the lowest free number is this one */
		if (open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			return -EBADF;
	}
	return 0;
}
