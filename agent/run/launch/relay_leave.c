/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left behind when a command ends and others that it started still hold
 * its output: a process that does nothing but pass on what they write, in a
 * session of its own, as long as they live. Without hale they would hold the
 * output themselves; so nobody waits for them, and nothing that they write is
 * lost.
 */
#include "relay.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "hale/base.h"

static int highest(const struct relay *r)
{
	int max = 2;

	for (int i = 0; i < 2; i++) {
		const struct stream *s = &r->streams[i];

		max = s->in > max ? s->in : max;
		max = s->to > max ? s->to : max;
	}
	return max;
}

static bool needed(const struct relay *r, int fd)
{
	for (int i = 0; i < 2; i++) {
		const struct stream *s = &r->streams[i];

		if ((s->in >= 0 || s->used > 0) && (fd == s->in || fd == s->to))
			return true;
	}
	return false;
}

/* All but what it passes on: nobody may wait for it but for that. */
static void let_go(const struct relay *r)
{
	int max = highest(r);

	for (int fd = 0; fd <= max; fd++) {
		if (!needed(r, fd))
			close(fd);
	}
	closefrom(max + 1);
}

static _Noreturn void go_on(struct relay *r)
{
	struct pollfd fds[4];

	setsid();
	prctl(PR_SET_NAME, "hale-run-relay");
	let_go(r);
	while (!relay_ended(r)) {
		size_t n = relay_wants(r, fds);

		if (poll(fds, n, relay_has_pty(r) ? 250 : -1) < 0)
			continue;
		relay_move(r);
		relay_modes(r, false);
	}
	_exit(0);
}

void relay_leave(struct relay *r)
{
	if (!relay_ended(r) && fork() == 0)
		go_on(r);
}
