/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which signals hale takes for its command. It changes no disposition
 * but SIGCHLD's (ignored, there would be nothing to wait for): a blocked signal
 * is queued even where it is ignored, so it is passed on all the same, and the
 * command is what ignores it or not, as without hale.
 */
#include "signals.h"

#include <errno.h>
#include <unistd.h>

bool signals_forwarded(int sig)
{
	switch (sig) {
	case SIGKILL: /* cannot be had */
	case SIGSTOP:
	case SIGCHLD: /* hale's own */
	case SIGPIPE:
	case SIGTTIN: /* hale's own business with the terminal */
	case SIGTTOU:
	case SIGSEGV: /* a fault of hale's */
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS:
	case SIGABRT:
	case SIGXCPU: /* hale's own limits */
	case SIGXFSZ:
		return false;
	default:
		return true;
	}
}

bool signals_ends(int sig)
{
	return sig == SIGTERM || sig == SIGINT || sig == SIGHUP ||
	       sig == SIGQUIT;
}

int signals_take(struct signals *s)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		if (signals_forwarded(sig))
			sigaddset(&set, sig);
	}
	sigaddset(&set, SIGCHLD);
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0)
		return -errno;
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGTTIN);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	sigaction(SIGCHLD, &by_default, &s->child);
	return 0;
}

void signals_give_back(const struct signals *s)
{
	sigaction(SIGCHLD, &s->child, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

void signals_done(struct signals *s)
{
	const struct timespec now = { 0 };
	sigset_t own;

	if (s->fd < 0)
		return;
	close(s->fd);
	s->fd = -1;
	/* those of hale's own doing must not come up afterwards */
	sigemptyset(&own);
	sigaddset(&own, SIGPIPE);
	sigaddset(&own, SIGTTIN);
	sigaddset(&own, SIGTTOU);
	while (sigtimedwait(&own, NULL, &now) > 0)
		;
	signals_give_back(s);
}

bool signals_next(const struct signals *s, struct signalfd_siginfo *ret)
{
	return read(s->fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
}
