/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs two commands in turn, A B A B, and compares the medians of their wall
 * time, process start and end included. Serves the minimal client's socket
 * from a child of its own, which answers at once. One process measures both,
 * so that load on the machine meets both alike.
 *
 *	check_race SOCKET ROUNDS CLIENT HALE RUN_DIR
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#define ROUNDS_MAX 10000

extern char **environ;

static int fail(const char *what)
{
	perror(what);
	return 2;
}

static int listen_at(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(sa.sun_path))
		return -1;
	strcpy(sa.sun_path, path);
	unlink(path);
	if (bind(fd, (const struct sockaddr *)(const void *)&sa, sizeof(sa)) <
		    0 ||
	    listen(fd, 16) < 0)
		return -1;
	return fd;
}

static void serve(int fd)
{
	char buf[256];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		_cleanup_fd_ int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (c >= 0 && recv(c, buf, sizeof(buf), 0) > 0)
			send(c, "FIT", 3, MSG_NOSIGNAL);
	}
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* How long one run takes, output thrown away; 0: it could not be run. */
static uint64_t once(char *const *argv, int *ret_status)
{
	posix_spawn_file_actions_t to_null;
	uint64_t start;
	pid_t pid;
	int r;

	posix_spawn_file_actions_init(&to_null);
	posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&to_null, 2, "/dev/null", O_WRONLY, 0);
	start = now_ns();
	r = posix_spawn(&pid, argv[0], &to_null, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&to_null);
	if (r != 0 || waitpid(pid, ret_status, 0) < 0)
		return 0;
	return now_ns() - start;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median_ms(uint64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), by_size);
	return (double)ns[n / 2] / 1e6;
}

static int race(size_t rounds, char *const *a, char *const *b)
{
	static uint64_t took[2][ROUNDS_MAX];
	int status[2] = { 0, 0 };
	double ms[2];

	for (size_t i = 0; i < rounds; i++) {
		took[0][i] = once(a, &status[0]);
		took[1][i] = once(b, &status[1]);
		if (!took[0][i] || !took[1][i] || status[0] != 0)
			return fail("run");
	}
	ms[0] = median_ms(took[0], rounds);
	ms[1] = median_ms(took[1], rounds);
	printf("minimal client %.3f ms, hale check %.3f ms (exit %d), "
	       "ratio %.2f\n",
	       ms[0], ms[1], WEXITSTATUS(status[1]), ms[1] / ms[0]);
	return 0;
}

int main(int argc, char **argv)
{
	char word[] = "check", option[] = "--run-dir";
	char *a[3], *b[5];
	size_t rounds;
	pid_t server;
	int fd, r;

	if (argc != 6) {
		fprintf(stderr, "usage: %s SOCKET ROUNDS CLIENT HALE RUN_DIR\n",
			argv[0]);
		return 2;
	}
	rounds = (size_t)strtoul(argv[2], NULL, 10);
	fd = listen_at(argv[1]);
	if (fd < 0 || rounds == 0 || rounds > ROUNDS_MAX)
		return fail("setup");
	server = fork();
	if (server == 0)
		serve(fd);
	close(fd);
	a[0] = argv[3], a[1] = argv[1], a[2] = NULL;
	b[0] = argv[4], b[1] = word, b[2] = option, b[3] = argv[5], b[4] = NULL;
	r = race(rounds, a, b);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return r;
}
