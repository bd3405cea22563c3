/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reporter's own confinement: from here on it writes below its folder,
 * talks to the gate and goes out to the network, and no more, whatever a server
 * sends. Must come before the first thread of libnats, which inherits it, and
 * before the first byte of a stranger. A server that says "here come 2 GiB"
 * meets the end of what this process may have: it cannot be made to grow.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "hale/base.h"

#include "agent/report/report.h"
#include "agent/sandbox/sandbox.h"

/* What it takes besides what it has when it starts: libnats, TLS and SQLite 6
 * MiB, a report of 4 MiB twice, stacks of ten threads. */
#define GROWTH_BYTES (32 * HALE_MIB)
/* The resolver and OpenSSL need 60 KiB. */
#define STACK_BYTES (256 * HALE_KIB)

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifndef __SANITIZE_ADDRESS__
/* Its data and stack so far, in pages: the sixth number of proc(5)'s statm; 0:
 * not known. */
static rlim_t pages_now(void)
{
	_cleanup_file_ FILE *f = fopen("/proc/self/statm", "re");
	char text[128], *at = text;

	if (!f || !fgets(text, sizeof(text), f))
		return 0;
	for (int i = 0; i < 5; i++)
		strtoul(at, &at, 10);
	return (rlim_t)strtoul(at, NULL, 10);
}

/* Writable private memory, getrlimit(2) RLIMIT_DATA. */
static void bound_memory(void)
{
	rlim_t pages = pages_now();
	struct rlimit limit;
	pthread_attr_t attr;

	if (pages > 0) {
		limit.rlim_cur = limit.rlim_max =
			pages * (rlim_t)sysconf(_SC_PAGESIZE) + GROWTH_BYTES;
		setrlimit(RLIMIT_DATA, &limit);
	}
	if (pthread_attr_init(&attr) != 0)
		return;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_setattr_default_np(&attr);
	pthread_attr_destroy(&attr);
}
#else
static void bound_memory(void)
{
}
#endif

int report_confine(struct report *r)
{
	/* it is who it was started as */
	const struct sandbox_user self = { true, geteuid(), getegid() };
	const char *const writable[] = { r->setup.dir, NULL };
	const struct sandbox_setup setup = { .user = &self,
					     .writable = writable };
	char lacks[SANDBOX_TEXT_MAX];
	int e;

	bound_memory();
	e = sandbox_enter(SANDBOX_REPORTER, &setup, lacks);
	if (e < 0)
		report_log(3, "the reporter cannot be confined: %s",
			   strerror(-e));
	else if (lacks[0] != '\0')
		report_log(5, "the reporter's sandbox lacks %s", lacks);
	return e;
}
