/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bare client of the store, for the scripts beside it:
 *
 *   ship_client SOCKET record COUNT [KEY=VALUE]...   tells builds, one by one;
 *       prints the id of each that was acknowledged, "refused: …" of others
 *   ship_client SOCKET needs REPO                     a reply as JSON
 *   ship_client SOCKET history [KEY=VALUE]...         builds or findings as
 * JSON ship_client SOCKET raw                            stdin as one message
 *   ship_client SOCKET idle COUNT                     connections that say
 * nothing ship_client SOCKET mute COUNT                     ask for all, and
 * read nothing ship_client - record COUNT …                      BuildResult
 * bytes to stdout
 */
#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "hale.pb-c.h"
#include "hale/base.h"
#include "proto/json.h"

#define WAIT_MS 20000

static uint8_t buffer[1 << 20];
static const char *socket_path;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	HALE_SET(address.sun_path, socket_path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			      sizeof(address)) < 0) {
		fprintf(stderr, "ship_client: %s\n", strerror(errno));
		exit(2);
	}
	return fd;
}

static bool tell(int fd, const Hale__V1__StoreRequest *q)
{
	size_t n = hale__v1__store_request__pack(q, buffer);

	return send(fd, buffer, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static Hale__V1__StoreReply *hear(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = poll(&p, 1, WAIT_MS) == 1
			    ? recv(fd, buffer, sizeof(buffer), 0)
			    : -1;

	return n > 0 ? hale__v1__store_reply__unpack(NULL, (size_t)n, buffer)
		     : NULL;
}

/* --- builds --- */

static char *command[64];

static void set(Hale__V1__BuildResult *m, Hale__V1__Usage *u, const char *key,
		char *value)
{
	unsigned long long n = strtoull(value, NULL, 10);

	if (strcmp(key, "repo") == 0)
		m->repo = value;
	else if (strcmp(key, "id") == 0)
		m->id = value;
	else if (strcmp(key, "cause") == 0)
		m->cause = value;
	else if (strcmp(key, "headline") == 0)
		m->headline = value;
	else if (strcmp(key, "directory") == 0)
		m->directory = value;
	else if (strcmp(key, "outcome") == 0)
		m->outcome = (Hale__V1__BuildResult__Outcome)n;
	else if (strcmp(key, "status") == 0)
		m->status = (uint32_t)n;
	else if (strcmp(key, "ago") == 0)
		m->started_ns = now_ns() - n * HALE_NS_PER_S;
	else if (strcmp(key, "cached") == 0)
		m->cache_hits = (uint32_t)n;
	else if (strcmp(key, "steps") == 0)
		m->steps = (uint32_t)n;
	else if (strcmp(key, "uid") == 0)
		m->uid = (uint32_t)n;
	else if (strcmp(key, "wall") == 0)
		u->wall_ns = n * HALE_NS_PER_S;
	else if (strcmp(key, "memory") == 0)
		u->peak_memory_bytes = n;
	else if (strcmp(key, "disk") == 0)
		u->disk_bytes = n;
	else if (strcmp(key, "inodes") == 0)
		u->inodes = n;
	else if (strcmp(key, "word") == 0 && m->n_command < 63)
		command[m->n_command++] = value;
}

static void make_id(char id[33])
{
	uint8_t bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) < 0)
		exit(2);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}

static bool one(int fd, int argc, char **argv)
{
	Hale__V1__StoreRequest q = HALE__V1__STORE_REQUEST__INIT;
	Hale__V1__BuildResult m;
	Hale__V1__Attempt attempt, *list = &attempt;
	Hale__V1__Usage usage = HALE__V1__USAGE__INIT;
	Hale__V1__StoreReply *reply;
	char id[33];
	bool heard;

	hale__v1__build_result__init(&m);
	hale__v1__attempt__init(&attempt);
	make_id(id);
	m.id = id;
	m.started_ns = now_ns();
	m.outcome = HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
	m.command = command;
	usage.wall_ns = 1500 * HALE_NS_PER_MS;
	attempt.usage = &usage;
	m.attempts = &list;
	m.n_attempts = 1;
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		char key[32] = "";

		if (!value)
			exit(64);
		hale_copy(key, sizeof(key), argv[i], (size_t)(value - argv[i]));
		set(&m, &usage, key, value + 1);
	}
	m.ended_ns = m.started_ns + usage.wall_ns;
	if (m.ended_ns > now_ns())
		m.started_ns -= usage.wall_ns, m.ended_ns -= usage.wall_ns;
	if (fd < 0) {
		size_t n = hale__v1__build_result__pack(&m, buffer);

		return fwrite(buffer, 1, n, stdout) == n;
	}
	q.body_case = HALE__V1__STORE_REQUEST__BODY_RECORD;
	q.record = &m;
	reply = tell(fd, &q) ? hear(fd) : NULL;
	heard = reply != NULL;
	if (heard && reply->body_case == HALE__V1__STORE_REPLY__BODY_STORED)
		puts(m.id);
	else if (heard && reply->body_case == HALE__V1__STORE_REPLY__BODY_ERROR)
		printf("refused: %u %s\n", reply->error->code,
		       reply->error->text);
	fflush(stdout);
	if (reply)
		hale__v1__store_reply__free_unpacked(reply, NULL);
	return heard;
}

static int record(int argc, char **argv)
{
	long count = argc > 0 ? strtol(argv[0], NULL, 10) : 1;
	int fd = strcmp(socket_path, "-") == 0 ? -1 : dial();

	for (long i = 0; i < count; i++) {
		if (!one(fd, argc - 1, argv + 1))
			return 1;
	}
	return 0;
}

/* --- questions --- */

static bool ask_history(int fd, int argc, char **argv)
{
	Hale__V1__StoreRequest q = HALE__V1__STORE_REQUEST__INIT;
	Hale__V1__HistoryQuery h;

	hale__v1__history_query__init(&h);
	h.limit = 10000;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "repo=", 5) == 0)
			h.repo = argv[i] + 5;
		else if (strcmp(argv[i], "findings=1") == 0)
			h.findings = true;
		else if (strcmp(argv[i], "mine=1") == 0)
			h.mine = true;
		else if (strncmp(argv[i], "limit=", 6) == 0)
			h.limit = (uint32_t)strtoul(argv[i] + 6, NULL, 10);
	}
	q.body_case = HALE__V1__STORE_REQUEST__BODY_HISTORY;
	q.history = &h;
	return tell(fd, &q);
}

static int history(int argc, char **argv)
{
	int fd = dial();
	bool last = false;

	if (!ask_history(fd, argc, argv))
		return 1;
	while (!last) {
		Hale__V1__StoreReply *m = hear(fd);

		if (!m)
			return 1;
		last = m->last;
		if (m->body_case != HALE__V1__STORE_REPLY__BODY__NOT_SET)
			json_print_file(m, 0, stdout);
		hale__v1__store_reply__free_unpacked(m, NULL);
	}
	return 0;
}

static int needs(const char *repo)
{
	Hale__V1__StoreRequest q = HALE__V1__STORE_REQUEST__INIT;
	Hale__V1__NeedsQuery n;
	Hale__V1__StoreReply *m;
	int fd = dial();

	hale__v1__needs_query__init(&n);
	n.repo = (char *)(uintptr_t)repo;
	q.body_case = HALE__V1__STORE_REQUEST__BODY_NEEDS;
	q.needs = &n;
	m = tell(fd, &q) ? hear(fd) : NULL;
	if (!m)
		return 1;
	json_print_file(m, 0, stdout);
	hale__v1__store_reply__free_unpacked(m, NULL);
	return 0;
}

/* --- hostile ones --- */

static int raw(void)
{
	size_t n = fread(buffer, 1, sizeof(buffer), stdin);
	int fd = dial();
	Hale__V1__StoreReply *m;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ 1 << 20 }, sizeof(int));
	if (send(fd, buffer, n, MSG_NOSIGNAL) < 0)
		return 1;
	m = hear(fd);
	if (!m)
		return 1;
	json_print_file(m, 0, stdout);
	hale__v1__store_reply__free_unpacked(m, NULL);
	return 0;
}

static int hold(long count, bool asking)
{
	for (long i = 0; i < count; i++) {
		int fd = dial();

		if (asking && !ask_history(fd, 0, NULL))
			return 1;
	}
	puts("here");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[2] : "";

	if (argc < 3)
		return 64;
	socket_path = argv[1];
	if (strcmp(mode, "record") == 0)
		return record(argc - 3, argv + 3);
	if (strcmp(mode, "needs") == 0 && argc > 3)
		return needs(argv[3]);
	if (strcmp(mode, "history") == 0)
		return history(argc - 3, argv + 3);
	if (strcmp(mode, "raw") == 0)
		return raw();
	if ((strcmp(mode, "idle") == 0 || strcmp(mode, "mute") == 0) &&
	    argc > 3)
		return hold(strtol(argv[3], NULL, 10), mode[0] == 'm');
	return 64;
}
