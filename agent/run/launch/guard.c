/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard: waits at a pipe that ends when hale does, however that comes.
 * Holds nothing else open and is in a session of its own, so that no signal to
 * hale's group reaches it. Kills only the group it was told last, and only
 * where it was not told that all is over.
 */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "hale/base.h"

/* What was killed is not gone at once; a group can be removed only then. */
#define REMOVE_TRIES 200
#define REMOVE_US    10000

/* Descriptors 0 to 2 are all that it keeps. */
static void keep(int fd, struct cgroup *c)
{
	dup2(fd, 0);
	close(1);
	close(2);
	if (c->own >= 0) {
		c->root = dup2(c->root, 1);
		c->own = dup2(c->own, 2);
	}
	closefrom(3);
}

static void clear_away(pid_t group, struct cgroup *c)
{
	kill(-group, SIGKILL);
	for (int i = 0; i < REMOVE_TRIES && kill(-group, 0) == 0; i++)
		usleep(REMOVE_US);
	cgroup_done(c);
}

static _Noreturn void keep_guard(int fd, struct cgroup c)
{
	pid_t group = 0, said;
	ssize_t n;

	setsid();
	prctl(PR_SET_NAME, "hale-run-guard");
	keep(fd, &c);
	for (;;) {
		n = read(0, &said, sizeof(said));
		if (n == (ssize_t)sizeof(said) && said == 0)
			_exit(0); /* all is over */
		if (n == (ssize_t)sizeof(said))
			group = said;
		else if (n == 0 || errno != EINTR)
			break;
	}
	if (group > 1)
		clear_away(group, &c);
	_exit(0);
}

void guard_start(struct guard *g, const struct cgroup *c)
{
	int fds[2];

	g->fd = -1;
	g->pid = -1;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	g->pid = fork();
	if (g->pid == 0) {
		close(fds[1]);
		keep_guard(fds[0], *c);
	}
	close(fds[0]);
	if (g->pid > 0)
		g->fd = fds[1];
	else
		close(fds[1]);
}

void guard_watch(const struct guard *g, pid_t group)
{
	/* a guard that is gone: SIGPIPE is blocked, nothing to be done */
	if (g->fd >= 0 && write(g->fd, &group, sizeof(group)) < 0)
		return;
}

void guard_end(struct guard *g)
{
	guard_watch(g, 0);
	if (g->fd >= 0)
		close(g->fd);
	if (g->pid > 0)
		waitpid(g->pid, NULL, 0);
	g->fd = -1;
	g->pid = -1;
}
