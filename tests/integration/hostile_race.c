/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks two agents in turn, A B A B, whole processes of `hale check --host`, and
 * compares the medians: both meet the same load of the same machine, so that
 * the difference is what the agents do. Says how many got no answer.
 *
 *	hostile_race HALE ROUNDS RUN_A RUN_B
 *
 * Exits 1 where B answered less often than A, but for one in a hundred.
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#define ROUNDS_MAX 10000

extern char **environ;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* 0: it could not be run. */
static uint64_t once(char *hale, char *run, int *ret_code)
{
	char check[] = "check", host[] = "--host", dir[] = "--run-dir";
	char *argv[] = { hale, check, host, dir, run, NULL };
	posix_spawn_file_actions_t to_null;
	uint64_t start;
	int r, status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&to_null);
	posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&to_null, 2, "/dev/null", O_WRONLY, 0);
	start = now_ns();
	r = posix_spawn(&pid, hale, &to_null, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&to_null);
	if (r != 0 || waitpid(pid, &status, 0) < 0)
		return 0;
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return now_ns() - start;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

int main(int argc, char **argv)
{
	static uint64_t took[2][ROUNDS_MAX];
	size_t mute[2] = { 0, 0 };
	int code;
	size_t n;

	if (argc != 5)
		return 2;
	n = strtoul(argv[2], NULL, 10);
	if (n == 0 || n > ROUNDS_MAX)
		return 2;
	for (size_t i = 0; i < 2 * n; i++) {
		took[i % 2][i / 2] = once(argv[1], argv[3 + i % 2], &code);
		if (took[i % 2][i / 2] == 0)
			return 2;
		/* 69: the agent was not heard */
		mute[i % 2] += code != 0 && code != 75;
	}
	qsort(took[0], n, sizeof(took[0][0]), by_size);
	qsort(took[1], n, sizeof(took[1][0]), by_size);
	printf("quiet %.3f ms, attacked %.3f ms (worst %.1f), unanswered %zu "
	       "and %zu of %zu, ratio %.2f\n",
	       ms(took[0][n / 2]), ms(took[1][n / 2]), ms(took[1][n - 1]),
	       mute[0], mute[1], n, ms(took[1][n / 2]) / ms(took[0][n / 2]));
	return mute[1] > mute[0] + n / 100;
}
