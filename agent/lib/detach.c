/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes to lose. Whatever may hang for ever is done by one of these, and
 * its caller waits for a message with a deadline, never for the process. The
 * double fork hands it to init at once: no SIGCHLD and no zombie for a program
 * that only wanted to ask a question.
 */
#include "detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FDS_MAX 4096 /* closed one by one before Linux 5.9 */

static void close_between(unsigned int first, unsigned int last)
{
	if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
		return;
	for (unsigned int fd = first; fd <= last && fd < FDS_MAX; fd++)
		close((int)fd);
}

static void close_others(int keep_fd)
{
	unsigned int keep = (unsigned int)keep_fd;

	if (keep > 0)
		close_between(0, keep - 1);
	close_between(keep + 1, ~0U);
}

static void run(int keep_fd, unsigned int seconds,
		void (*work)(void *ctx, int fd), void *ctx)
{
	sigset_t alarm_only;

	close_others(keep_fd);
	signal(SIGALRM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	alarm(seconds);
	work(ctx, keep_fd);
}

int detach(int keep_fd, unsigned int seconds, void (*work)(void *ctx, int fd),
	   void *ctx)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		if (fork() == 0)
			run(keep_fd, seconds, work, ctx);
		_exit(0);
	}
	/* It exits at once; ECHILD: the caller's own handler was faster. */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

long long detach_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int detach_left_ms(long long end_ms)
{
	long long left = end_ms - detach_now_ms();

	return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}
