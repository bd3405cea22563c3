/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The budget of a driver's process. Decides how much a run may cost this host,
 * whatever library it calls: a health check must not be what makes the host
 * ill. Must never make a healthy run fail: each bound is far above what the
 * greediest helper was seen to need.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"

/* The longest healthy run, an engine's disk usage, needs 50 ms; what computes
 * for ten seconds is in an endless loop. SIGXCPU first, SIGKILL after it. */
#define CPU_S	   10
#define CPU_HARD_S 12
/* libcurl with TLS maps 60 MiB, most of it never touched. */
#define MEMORY_MAX (256 * HALE_MIB)
/* Before everything that people started, since it can simply run again. */
#define OOM_SCORE "500"
/* Helpers are the ones that compute; a build may go first. The I/O class is
 * "best effort, last", and not "idle": on a busy disk idle waits for ever, and
 * that would look like a disk that hangs. (ioprio_set(2)) */
#define HELPER_NICE    5
#define IOPRIO_PROCESS 1
#define IOPRIO_BE_LAST (2 << 13 | 7)

/* Soft only: a run may start a program that reserves more, and without root's
 * rights nobody gets a hard limit back. */
static void limit_memory(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_AS, &r) < 0 || r.rlim_cur <= MEMORY_MAX)
		return;
	r.rlim_cur = MEMORY_MAX;
	setrlimit(RLIMIT_AS, &r);
}

static void limit(__rlimit_resource_t what, rlim_t soft, rlim_t hard)
{
	struct rlimit r = { .rlim_cur = soft, .rlim_max = hard };

	setrlimit(what, &r);
}

/* Address space in use. A build with AddressSanitizer has reserved terabytes
 * before main(): no limit can be put to that. */
static uint64_t mapped_bytes(void)
{
	char text[64];
	int n = hale_read_at(AT_FDCWD, "/proc/self/statm", text, sizeof(text));

	return n > 0 ? strtoull(text, NULL, 10) *
			       (uint64_t)sysconf(_SC_PAGESIZE)
		     : 0;
}

void budget_set_oom_score(const char *score)
{
	_cleanup_fd_ int fd =
		open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, score, strlen(score)) < 0)
		return; /* not permitted: the score stays as it is */
}

void budget_take(const struct hale_driver *driver)
{
	limit(RLIMIT_CPU, CPU_S, CPU_HARD_S);
	limit(RLIMIT_CORE, 0, 0); /* each run would leave another one */
	if (mapped_bytes() < MEMORY_MAX)
		limit_memory();
	budget_set_oom_score(OOM_SCORE);
	if (!driver->helper)
		return;
	setpriority(PRIO_PROCESS, 0, HELPER_NICE);
	syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_BE_LAST);
}
