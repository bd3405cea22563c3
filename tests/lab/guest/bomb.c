/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bomb SECONDS: a fork bomb. Every process of it forks as often as it may; when
 * it may not it works for a millisecond, and tries again. (Without that work
 * one processor cannot free what each refused fork leaves to RCU, and the
 * kernel runs out of memory: another fault than the one that is wanted.) All
 * of them end when the time is over, and the first one tells how many forks
 * were refused until then.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define WORK_NS 1000000

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void work(void)
{
	uint64_t end = now_ns(CLOCK_PROCESS_CPUTIME_ID) + WORK_NS;

	while (now_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		continue;
}

int main(int argc, char **argv)
{
	uint64_t seconds = (uint64_t)(argc > 1 ? atoi(argv[1]) : 5);
	uint64_t end = now_ns(CLOCK_MONOTONIC) + seconds * 1000000000;
	pid_t first = getpid();
	atomic_long *refused =
		mmap(NULL, sizeof(*refused), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (refused == MAP_FAILED)
		return 1;
	while (now_ns(CLOCK_MONOTONIC) < end) {
		if (fork() >= 0)
			continue;
		atomic_fetch_add(refused, 1);
		work();
	}
	if (getpid() == first)
		printf("bomb: %ld forks refused\n", atomic_load(refused));
	return 0;
}
