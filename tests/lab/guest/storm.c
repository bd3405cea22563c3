/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm SECONDS: fills the kernel's log as fast as one process can. (sysrq
 * would write lines of the kernel's own, but always to the console as well.)
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	int log = open("/dev/kmsg", O_WRONLY);
	char line[128];
	long n = 0;

	if (log < 0) {
		perror("storm");
		return 1;
	}
	for (; uptime() < end; n++) {
		snprintf(line, sizeof(line),
			 "<6>storm: line %ld of nothing at all", n);
		if (write(log, line, strlen(line)) < 0) {
			perror("storm: write");
			return 1;
		}
	}
	fprintf(stderr, "storm: %ld lines\n", n);
	return 0;
}
