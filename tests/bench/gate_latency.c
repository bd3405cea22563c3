/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long after a failed block request the gate is closed, against a bare
 * poll() reader of /dev/kmsg, round by round on the same machine: the reader
 * sees the line, a check says 75, the fit link is gone. The clock starts right
 * before the read that fails, so each number holds the request's own time, too;
 * the last line is that time alone. After each round the finding is cleared.
 *
 *	gate_latency RUN_DIR DEVICE MOUNT ROUNDS
 *	gate_latency - DEVICE - ROUNDS
 *
 * The second form is the reader alone, where no agent runs: with one, the
 * tracepoint's wake-up takes the log's along, which else waits for the tick.
 * DEVICE (a loop device whose backing file was cut off) must be what MOUNT
 * stands on, and MOUNT must be in the host's scope.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#include "proto/codec_read.h"

#define ROUNDS_MAX  500
#define PATIENCE_MS 5000
#define PAUSE_US    700000
#define ROUND_MS    1500
/* The kernel kept the line to itself: other tests break disks as well. */
#define NOT_HEARD UINT64_MAX
#define TRIES	  10

static const char *run_dir, *device, *mount;
static uint8_t request[4096], reply_bytes[CODEC_MESSAGE_MAX];
static uint8_t arena_mem[CODEC_ARENA_UNPACK];
static size_t request_len;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "gate_latency: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static const Hale__V1__Reply *ask(const void *bytes, size_t len)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	Hale__V1__Reply *m;
	ssize_t n;

	snprintf(to.sun_path, sizeof(to.sun_path), "%.90s/gate.sock", run_dir);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    send(fd, bytes, len, 0) < 0)
		give_up("gate");
	n = recv(fd, reply_bytes, sizeof(reply_bytes), 0);
	close(fd);
	if (n <= 0 || codec_unpack_reply(&a, reply_bytes, (size_t)n, &m) < 0)
		give_up("no reply");
	return m;
}

static uint32_t check(void)
{
	return ask(request, request_len)->check->exit_code;
}

static void prepare_request(void)
{
	static struct hale_scope_request req;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	struct stat st;

	if (stat(mount, &st) < 0)
		give_up(mount);
	req.n_paths = 1;
	req.paths[0].major = major(st.st_dev);
	req.paths[0].minor = minor(st.st_dev);
	HALE_SET(req.paths[0].path, mount);
	request_len = (size_t)codec_pack(codec_request_check(&a, &req), request,
					 sizeof(request));
}

static bool link_is_there(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%.100s/fit", run_dir);
	return access(path, F_OK) == 0;
}

/* An operator's word; then until the gate is open again. */
static void open_gate(void)
{
	Hale__V1__ControlRequest c;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	uint64_t end = now_ns() + PATIENCE_MS * HALE_NS_PER_MS;
	char part[HALE_NAME_MAX], empty[] = "", why[] = "a benchmark";
	uint8_t bytes[512];
	ssize_t n;

	hale__v1__control_request__init(&c);
	HALE_SET(part, strrchr(device, '/') + 1);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__CLEAR;
	c.part = part;
	c.condition = empty;
	c.reason = why;
	n = codec_pack(codec_request_control(&a, &c), bytes, sizeof(bytes));
	do {
		ask(bytes, (size_t)n);
		usleep(20000);
		if (now_ns() > end)
			give_up("the gate does not open again");
	} while (check() != HALE_EXIT_OK || !link_is_there());
}

/* A read that fails; returns when it began. The kernel prints ten such lines in
 * five seconds and keeps the others to itself, hence the pause. */
static uint64_t break_it(void)
{
	static uint8_t block[4096] __attribute__((aligned(4096)));
	int fd = open(device, O_RDONLY | O_DIRECT | O_CLOEXEC);
	uint64_t at;

	if (fd < 0)
		give_up(device);
	usleep(PAUSE_US);
	at = now_ns();
	if (pread(fd, block, sizeof(block), 4096 * (1 + rand() % 1000)) >= 0) {
		errno = 0;
		give_up("the read does not fail");
	}
	close(fd);
	return at;
}

/* In a process of its own, asleep when the line comes: as a peer would be. */
static _Noreturn void be_reader(int out)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char line[8192], wanted[64];
	uint64_t at;
	ssize_t n;

	/* others may be breaking things here as well */
	snprintf(wanted, sizeof(wanted), "I/O error, dev %.32s,",
		 strrchr(device, '/') + 1);
	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		give_up("/dev/kmsg");
	do {
		if (poll(&p, 1, ROUND_MS) != 1)
			_exit(1);
		n = read(fd, line, sizeof(line) - 1);
		line[n > 0 ? n : 0] = '\0';
	} while (!strstr(line, wanted));
	at = now_ns();
	_exit(write(out, &at, sizeof(at)) != sizeof(at));
}

/* Likewise asleep, until the fit link goes. */
static _Noreturn void be_watcher(int out)
{
	int fd = inotify_init1(IN_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t at;

	if (fd < 0 || inotify_add_watch(fd, run_dir, IN_DELETE) < 0)
		give_up("inotify");
	if (poll(&p, 1, ROUND_MS) != 1)
		_exit(1);
	at = now_ns();
	_exit(write(out, &at, sizeof(at)) != sizeof(at));
}

static uint64_t round_of(void (*be)(int out))
{
	uint64_t begin, at = 0;
	int out[2];
	pid_t pid;

	if (pipe(out) < 0)
		give_up("pipe");
	pid = fork();
	if (pid == 0)
		be(out[1]);
	begin = break_it(); /* after a pause: it sleeps by then */
	close(out[1]);
	if (read(out[0], &at, sizeof(at)) != sizeof(at))
		at = UINT64_MAX;
	waitpid(pid, NULL, 0);
	close(out[0]);
	return at == UINT64_MAX || at < begin ? NOT_HEARD : at - begin;
}

static uint64_t round_of_reader(void)
{
	return round_of(be_reader);
}

static uint64_t round_of_link(void)
{
	return round_of(be_watcher);
}

static uint64_t round_of_request(void)
{
	uint64_t begin = break_it();

	return now_ns() - begin;
}

static uint64_t round_of_gate(void)
{
	uint64_t begin = break_it();

	while (check() != HALE_EXIT_UNFIT) {
		if (now_ns() - begin > ROUND_MS * HALE_NS_PER_MS)
			return NOT_HEARD;
	}
	return now_ns() - begin;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print(const char *what, uint64_t *took, size_t n)
{
	qsort(took, n, sizeof(*took), by_value);
	printf("%-28s median %6llu us   worst %6llu us\n", what,
	       (unsigned long long)(took[n / 2] / HALE_NS_PER_US),
	       (unsigned long long)(took[n - 1] / HALE_NS_PER_US));
}

/* A round in which the line was printed. */
static uint64_t heard(uint64_t (*run_round)(void))
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t took;

		if (strcmp(run_dir, "-") != 0)
			open_gate();
		took = run_round();
		if (took != NOT_HEARD)
			return took;
	}
	errno = 0;
	give_up("the kernel says nothing, or nobody hears it");
}

int main(int argc, char **argv)
{
	static uint64_t reader[ROUNDS_MAX], gate[ROUNDS_MAX], fit[ROUNDS_MAX];
	static uint64_t request_alone[ROUNDS_MAX];
	size_t n = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;

	if (n == 0 || n > ROUNDS_MAX || argv[2][0] != '/')
		return 2;
	run_dir = argv[1];
	device = argv[2];
	mount = argv[3];
	if (strcmp(run_dir, "-") == 0) {
		for (size_t i = 0; i < n; i++)
			reader[i] = heard(round_of_reader);
		print("reader, no agent there", reader, n);
		return 0;
	}
	prepare_request();
	for (size_t i = 0; i < n; i++) {
		reader[i] = heard(round_of_reader);
		gate[i] = heard(round_of_gate);
		fit[i] = heard(round_of_link);
		request_alone[i] = heard(round_of_request);
	}
	print("bare poll() reader", reader, n);
	print("a check that is asked now", gate, n);
	print("the fit link", fit, n);
	print("the request alone", request_alone, n);
	return 0;
}
