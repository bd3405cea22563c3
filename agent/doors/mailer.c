/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that gives mails to sendmail(8): a loop of receive, run, answer.
 * Decides nothing about what is written. Must never take a recipient from who
 * sends it a mail: they are the configuration's. Invariant: one program at a
 * time, ended after a minute, and no longer than the doors live.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "hale/base.h"

#include "agent/doors/mail.h"

#define PATIENCE_MS 60000

/* With no other environment than where programs are: sendmail reads some. */
static char *const environment[] = {
	(char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
	(char[]){ "LC_ALL=C.UTF-8" },
	NULL,
};

static pid_t run(const struct hale_hook *h, int in)
{
	char from[HALE_DOOR_TEXT_MAX], buf[HALE_DOOR_TEXT_MAX];
	char flags[] = "-oi", sender[] = "-f", end[] = "--";
	char *argv[HALE_RECIPIENTS_MAX + 8], *to[HALE_RECIPIENTS_MAX + 1];
	char path[HALE_DOOR_TEXT_MAX];
	posix_spawn_file_actions_t a;
	size_t n = 0, n_to = mail_addresses(h->to, buf, to);
	pid_t pid = -1;
	int r;

	HALE_SET(path, h->sendmail[0] ? h->sendmail : SENDMAIL_DEFAULT);
	HALE_SET(from, h->from);
	argv[n++] = path;
	argv[n++] = flags;
	argv[n++] = sender;
	argv[n++] = from;
	argv[n++] = end;
	for (size_t i = 0; i < n_to; i++)
		argv[n++] = to[i];
	argv[n] = NULL;
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_adddup2(&a, in, STDIN_FILENO);
	r = posix_spawn(&pid, path, &a, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&a);
	return r == 0 ? pid : -1;
}

/* Its exit status, 255 where it has none. */
static unsigned char await(pid_t pid)
{
	_cleanup_fd_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int status = 0;

	if (fd < 0 || poll(&p, 1, PATIENCE_MS) != 1)
		kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 255;
	return (unsigned char)WEXITSTATUS(status);
}

/* By a file: a pipe would wait for a sendmail that does not read. */
static unsigned char hand_over(const struct hale_hook *h, const char *mail,
			       size_t len)
{
	_cleanup_fd_ int fd = memfd_create("mail", MFD_CLOEXEC);
	pid_t pid;

	if (fd < 0 || write(fd, mail, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		return 255;
	pid = run(h, fd);
	return pid < 0 ? 255 : await(pid);
}

static _Noreturn void serve(const struct hale_hook *h, int fd)
{
	static char mail[BODY_MAX];
	ssize_t n;

	prctl(PR_SET_NAME, "haled: mail");
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while ((n = recv(fd, mail, sizeof(mail), 0)) > 0) {
		unsigned char status = hand_over(h, mail, (size_t)n);

		if (send(fd, &status, 1, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(EXIT_SUCCESS);
}

int mailer_start(const struct hale_hook *hook)
{
	int fds[2], size = BODY_MAX * 2;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		signal(SIGPIPE, SIG_DFL);
		serve(hook, fds[1]);
	}
	close(fds[1]);
	if (pid > 0)
		return fds[0];
	close(fds[0]);
	return -EAGAIN;
}
