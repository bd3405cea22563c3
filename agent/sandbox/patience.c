/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts this process where somebody else's descriptor keeps it. Decides
 * after how long. Must never end a system call that was not waiting: all else
 * here is non-blocking, and a turn that is over in time hears nothing.
 * Invariant: no signal comes outside of begin and end.
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "hale/base.h"

#include "agent/sandbox/patience.h"

/* An answer takes a tenth of that. */
#define PATIENCE_US 1000
/* Linux 6.16; not yet in the C library's headers. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

static void wake(int signal_number)
{
	(void)signal_number;
}

static bool needed;

void patience_init(int listen_fd)
{
	/* not SA_RESTART: the wait is to be over */
	const struct sigaction act = { .sa_handler = wake };
	int passes = 1;
	socklen_t len = sizeof(passes);

	getsockopt(listen_fd, SOL_SOCKET, SO_PASSRIGHTS, &passes, &len);
	needed = passes != 0 && sigaction(SIGALRM, &act, NULL) == 0;
}

void patience_begin(void)
{
	const struct timeval each = { .tv_usec = PATIENCE_US };
	const struct itimerval when = { each, each };

	if (needed)
		setitimer(ITIMER_REAL, &when, NULL);
}

void patience_end(void)
{
	const struct itimerval never = { 0 };

	if (needed)
		setitimer(ITIMER_REAL, &never, NULL);
}
