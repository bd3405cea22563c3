/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs smartctl. What it prints is bounded, and so is its time; no descriptor
 * of ours reaches it but its output. It is never left behind: a caller that
 * returned while it sits in the kernel would start another one next time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#include "child.h"

struct output {
	int fd;
	size_t len;
	char *text;
	int64_t end_ms;
};

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static _Noreturn void become(const char *const argv[], int out_fd)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *const *args, *const *vars;

	/* execve(2) takes what it does not write to as if it did */
	memcpy(&args, &argv, sizeof(args));
	memcpy(&vars, &(const char *const *){ env }, sizeof(vars));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null_fd >= 0 && dup2(null_fd, 0) == 0 && dup2(null_fd, 2) == 2 &&
	    dup2(out_fd, 1) == 1)
		execve(argv[0], args, vars);
	_exit(127);
}

/* Return: 1: more may come; 0: that was all; or negative errno. */
static int read_some(struct output *o)
{
	int64_t left = o->end_ms - clock_ms();
	struct pollfd p = { .fd = o->fd, .events = POLLIN };
	ssize_t n;

	if (left <= 0 || poll(&p, 1, (int)left) == 0)
		return -ETIMEDOUT;
	n = read(o->fd, o->text + o->len, CHILD_OUTPUT_MAX - o->len);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	o->len += (size_t)n;
	if (o->len == CHILD_OUTPUT_MAX)
		return -EFBIG;
	return n > 0;
}

static int collect(struct output *o, pid_t pid, int *ret_status)
{
	int status = 0, r = 1;

	while (r > 0)
		r = read_some(o);
	if (r < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	o->text[o->len] = '\0';
	if (r < 0)
		return r;
	if (!WIFEXITED(status))
		return -ECHILD;
	*ret_status = WEXITSTATUS(status);
	return 0;
}

int child_run(const char *const argv[], int timeout_ms, char **ret_text,
	      int *ret_status)
{
	_cleanup_free_ char *text = malloc(CHILD_OUTPUT_MAX + 1);
	struct output o = { .text = text };
	int fds[2], r;
	pid_t pid;

	if (!text)
		return -ENOMEM;
	if (access(argv[0], X_OK) < 0)
		return -ENOENT;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become(argv, fds[1]);
	close(fds[1]);
	o.fd = fds[0];
	o.end_ms = clock_ms() + timeout_ms;
	r = pid < 0 ? -EAGAIN : collect(&o, pid, ret_status);
	close(fds[0]);
	if (r < 0)
		return r;
	*ret_text = text;
	text = NULL;
	return 0;
}
