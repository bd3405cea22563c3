/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bomb SECONDS: a fork bomb. Every process of it forks as often as it may, and
 * tries on when it may not. All of them end when the time is over.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static time_t uptime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

int main(int argc, char **argv)
{
	time_t end = uptime() + (argc > 1 ? atoi(argv[1]) : 5);

	while (uptime() < end)
		if (fork() > 0)
			continue; /* and its child goes on as well */
	return 0;
}
