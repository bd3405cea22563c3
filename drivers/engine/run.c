/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program that others wrote, to see whether it starts. It gets
 * nobody's rights, an environment of its own, no input, no way to leave
 * anything behind, and a deadline; what it prints is thrown away. Nothing is
 * opened or looked up before the fork, because that may hang on the same disk.
 * A child that not even SIGKILL ends is left behind, once a run.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "engine.h"
#include "run.h"

#define NOBODY	 65534
#define DEATH_MS 200
/* Go programs of 60 MB start in 30 ms; files of theirs are none. */
#define CPU_S	  2
#define FILES_MAX 64

static const struct {
	int what; /* glibc has an enum of its own, clang minds */
	rlim_t limit;
} limits[] = {
	{ RLIMIT_CORE, 0 },
	{ RLIMIT_FSIZE, 0 },
	{ RLIMIT_CPU, CPU_S },
	{ RLIMIT_NOFILE, FILES_MAX },
	/* what bounds ours is too little for Go, which ends at once below 1 GiB
	 * of addresses: such an end would say nothing of the file */
	{ RLIMIT_AS, RLIM_INFINITY },
};

static void set_limits(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(limits); i++) {
		const struct rlimit limit = { limits[i].limit,
					      limits[i].limit };

		syscall(SYS_prlimit64, 0, limits[i].what, &limit, NULL);
	}
}

/* Of what the agent lets us have, nothing is a program's that others wrote. */
static int become_nobody(void)
{
	if (geteuid() != 0)
		return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0,
			     0) < 0
			       ? -errno
			       : 0;
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return -errno;
	/* with its user it has lost this */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
}

/* 0, 1 and 2 lead nowhere, and all others end with us; but @program, because
 * an interpreter opens it by /dev/fd. */
static int hide_files(int program)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* in the agent's sandbox nothing is opened to write, and 0 is it */
	if (null < 0)
		null = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (null < 0)
		return -errno;
	for (int fd = 0; fd < 3; fd++) {
		if (dup2(null, fd) < 0)
			return -errno;
	}
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	return fcntl(program, F_SETFD, 0) < 0 ? -errno : 0;
}

/* Returns only where it failed: negative errno. */
static int exec_program(int root_fd, const struct engine_program *program)
{
	/* execveat() wants them writable, and writes nothing */
	char name[] = "hale-engine", first[64], second[64];
	char path[] = "PATH=/usr/bin:/bin", home[] = "HOME=/nonexistent";
	char *const argv[] = { name, program->argument ? first : NULL,
			       program->second ? second : NULL, NULL };
	char *const envp[] = { path, home, NULL };
	int fd = openat(root_fd, program->path, O_PATH | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	HALE_SET(first, program->argument ? program->argument : "");
	HALE_SET(second, program->second ? program->second : "");
	r = hide_files(fd);
	set_limits(); /* some of them are only root's to raise */
	if (r == 0 && !program->ours)
		r = become_nobody();
	if (r < 0)
		return r;
	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

static _Noreturn void child(int root_fd, const struct engine_program *program,
			    int report)
{
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	r = exec_program(root_fd, program);
	_exit(write(report, &r, sizeof(r)) != sizeof(r));
}

static bool ended(pid_t pid, int ms, int *ret_status)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int n;

	do {
		n = poll(&poll_fd, 1, ms);
	} while (n < 0 && errno == EINTR);
	if (pidfd >= 0)
		close(pidfd);
	return n != 0 && waitpid(pid, ret_status, WNOHANG) == pid;
}

static void await(pid_t pid, int ms, struct engine_end *end)
{
	int status = 0;

	if (!ended(pid, ms, &status)) {
		end->late = true;
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		ended(pid, DEATH_MS, &status);
		return;
	}
	if (WIFSIGNALED(status))
		end->signal = WTERMSIG(status);
	else
		end->status = WEXITSTATUS(status);
	kill(-pid, SIGKILL); /* what it may have started */
}

void engine_run(int root_fd, const struct engine_program *program,
		struct engine_end *ret_end)
{
	struct engine_end end = { 0 };
	int report[2], r;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0) {
		ret_end->error = -errno;
		return;
	}
	pid = fork();
	if (pid == 0)
		child(root_fd, program, report[1]);
	close(report[1]);
	if (pid < 0)
		end.error = -EAGAIN;
	else
		await(pid, program->ms, &end);
	if (read(report[0], &r, sizeof(r)) == sizeof(r))
		end.error = r;
	close(report[0]);
	*ret_end = end;
}
