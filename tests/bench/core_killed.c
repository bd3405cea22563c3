/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the death of a core to the first right answer of the next one: the
 * supervisor hears of it, forks another, which reads the vault and answers who
 * waits. The clock starts right before kill(2); a question that a dying core
 * still took is asked again, as libhale does.
 *
 *	core_killed RUN_DIR SUPERVISOR ROUNDS
 *
 * Prints the median and the worst time, and exits with 1 where any answer was
 * another than that of the first core.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "hale/base.h"

#include "proto/codec_read.h"

#define ROUNDS_MAX  1000
#define PATIENCE_NS (20 * HALE_NS_PER_S)
/* A core that lived this long is of use, and its successor started at once. */
#define LIVES_NS (2200 * HALE_NS_PER_MS)

static const char *run_dir;
static uint8_t request[4096], reply_bytes[CODEC_MESSAGE_MAX];
static uint8_t arena_mem[CODEC_ARENA_UNPACK];
static size_t request_len;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "core_killed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void prepare_request(void)
{
	static struct hale_scope_request host = { .host = true };
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };

	request_len = (size_t)codec_pack(codec_request_check(&a, &host),
					 request, sizeof(request));
}

/* The exit code of a check of the host, or -1: nobody answered. */
static int check(void)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	Hale__V1__Reply *m;
	ssize_t n = -1;

	snprintf(to.sun_path, sizeof(to.sun_path), "%.90s/gate.sock", run_dir);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		give_up("gate");
	if (send(fd, request, request_len, MSG_NOSIGNAL) > 0)
		n = recv(fd, reply_bytes, sizeof(reply_bytes), 0);
	close(fd);
	if (n <= 0)
		return -1;
	if (codec_unpack_reply(&a, reply_bytes, (size_t)n, &m) < 0 || !m->check)
		give_up("no reply");
	return (int)m->check->exit_code;
}

/* The child of @parent with this short name, as /proc has them; 0: none. */
static pid_t core_of(pid_t parent)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	pid_t found = 0;

	while (proc && (e = readdir(proc)) && found == 0) {
		char path[300], name[64] = "", state;
		FILE *f;
		int of = 0;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		f = fopen(path, "re");
		if (f &&
		    fscanf(f, "%*d (%63[^)]) %c %d", name, &state, &of) == 3 &&
		    of == parent && state != 'Z' &&
		    strcmp(name, "haled: core") == 0)
			found = (pid_t)strtol(e->d_name, NULL, 10);
		if (f)
			fclose(f);
	}
	if (proc)
		closedir(proc);
	return found;
}

static uint64_t round_of(pid_t supervisor, int right)
{
	const struct timespec lives = { .tv_sec = LIVES_NS / HALE_NS_PER_S,
					.tv_nsec = LIVES_NS % HALE_NS_PER_S };
	pid_t core;
	uint64_t begin;
	int said;

	nanosleep(&lives, NULL);
	core = core_of(supervisor);
	begin = now_ns();
	if (core == 0 || kill(core, SIGKILL) < 0)
		give_up("no core");
	while ((said = check()) < 0) {
		if (now_ns() - begin > PATIENCE_NS)
			give_up("no answer");
	}
	if (said != right) {
		fprintf(stderr, "core_killed: %d instead of %d\n", said, right);
		exit(1);
	}
	return now_ns() - begin;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static uint64_t took[ROUNDS_MAX];
	size_t n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	pid_t supervisor = argc == 4 ? (pid_t)strtol(argv[2], NULL, 10) : 0;
	int right;

	if (n == 0 || n > ROUNDS_MAX || supervisor <= 1)
		return 2;
	run_dir = argv[1];
	prepare_request();
	right = check();
	for (size_t i = 0; i < n; i++)
		took[i] = round_of(supervisor, right);
	qsort(took, n, sizeof(*took), by_value);
	printf("from a core's death to the next answer: median %.2f ms, "
	       "p90 %.2f, worst %.2f (%zu rounds)\n",
	       (double)took[n / 2] / 1e6, (double)took[n * 9 / 10] / 1e6,
	       (double)took[n - 1] / 1e6, n);
	return 0;
}
