/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More attempts: ways round what a role is refused, by calls that look
 * harmless, and what one process of user hale could do to another. Decides
 * nothing: which role must fail stands in sandbox_trials.c. Must never do harm
 * where an attempt succeeds.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "agent/daemon/sandbox_trials.h"

static int result(long r)
{
	return r < 0 ? -errno : 0;
}

/* Its flags lie in memory, where no filter of calls sees them. */
int trial_write_by_openat2(const struct trial_world *w)
{
	const struct open_how how = { .flags = O_WRONLY | O_CLOEXEC };
	char path[200];

	snprintf(path, sizeof(path), "%s/there", w->other);
	return result(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

int trial_signal_thread(const struct trial_world *w)
{
	return result(syscall(SYS_tgkill, w->bystander, w->bystander, 0));
}

/* Data that comes makes the kernel send the signal. */
int trial_have_signalled(const struct trial_world *w)
{
	return result(fcntl(w->pair[0], F_SETOWN, w->bystander));
}

int trial_limit_others(const struct trial_world *w)
{
	struct rlimit now;

	return result(prlimit(w->bystander, RLIMIT_CPU, NULL, &now));
}

int trial_slow_others(const struct trial_world *w)
{
	return result(setpriority(PRIO_PROCESS, (id_t)w->bystander, 19));
}

/* The gate's socket is the next core's, too. */
int trial_shut_socket(const struct trial_world *w)
{
	return result(shutdown(w->pair[0], SHUT_RD));
}

/* Any port, on loopback; where there is no IP at all nothing is to be barred.
 */
int trial_be_called(const struct trial_world *w)
{
	const struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)w;
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 ||
	    listen(fd, 1) < 0)
		return -errno;
	return 0;
}

static void *live(void *data)
{
	return data;
}

int trial_start_thread(const struct trial_world *w)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, live, NULL);

	(void)w;
	return r == 0 ? -pthread_join(thread, NULL) : -r;
}
