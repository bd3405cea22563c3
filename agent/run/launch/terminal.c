/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Job control between the shell above and the command below. The command has a
 * group of its own, so it must have the terminal's foreground to read from it
 * and to be reached by its keys; whenever it stops or ends, the foreground goes
 * back to hale's group, as the shell expects. Only what hale's own group had is
 * ever given away.
 *
 * Where a standard descriptor is a pipe, hale is likely one of several in its
 * group (`hale run -- make | less`), and the others may need the terminal: then
 * it is given only when the command stops for want of it, and keys come to hale
 * and are passed on.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "hale/base.h"

static bool in_pipeline(void)
{
	struct stat st;

	for (int fd = 0; fd <= 2; fd++) {
		if (fstat(fd, &st) == 0 &&
		    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
			return true;
	}
	return false;
}

void terminal_find(struct terminal *t)
{
	t->own = getpgrp();
	t->given = false;
	t->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	t->at_once = terminal_ours(t) && !in_pipeline();
}

void terminal_done(struct terminal *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

bool terminal_of(const struct terminal *t, pid_t group)
{
	return t->fd >= 0 && tcgetpgrp(t->fd) == group;
}

bool terminal_ours(const struct terminal *t)
{
	return terminal_of(t, t->own);
}

bool terminal_lent(const struct terminal *t)
{
	pid_t group = t->fd >= 0 ? tcgetpgrp(t->fd) : -1, parent = 0;
	char path[40], text[256], *comm_end;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)group);
	fd = group > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		ssize_t n = read(fd, text, sizeof(text) - 1);

		close(fd);
		text[n > 0 ? n : 0] = '\0';
		comm_end = strrchr(text, ')'); /* ") S PARENT" */
		if (comm_end && strlen(comm_end) > 4)
			parent = (pid_t)strtol(comm_end + 4, NULL, 10);
	}
	return parent > 0 && getpgid(parent) == t->own;
}

void terminal_give(struct terminal *t, pid_t group)
{
	if (terminal_ours(t) && tcsetpgrp(t->fd, group) == 0)
		t->given = true;
}

void terminal_take(struct terminal *t)
{
	if (t->fd >= 0 && t->given && !terminal_ours(t))
		tcsetpgrp(t->fd, t->own);
	t->given = false;
}

/* Drops the one that is pending here, as it was meant for the others. */
static bool drop(int sig)
{
	const struct timespec now = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, NULL, &now) == sig;
}

void terminal_tell_others(const struct terminal *t, int sig)
{
	if (t->fd < 0)
		return;
	kill(0, sig);
	drop(sig);
}

bool terminal_stop(const struct terminal *t, int sig)
{
	sigset_t set;

	if (t->fd < 0)
		return false;
	drop(SIGCONT);
	if (sig == SIGSTOP) {
		raise(SIGSTOP);
	} else {
		sigemptyset(&set);
		sigaddset(&set, sig);
		kill(0, sig);
		sigprocmask(SIG_UNBLOCK, &set, NULL); /* stops here */
		sigprocmask(SIG_BLOCK, &set, NULL);
	}
	return drop(SIGCONT);
}
