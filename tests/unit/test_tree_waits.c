/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a stalled tree waits: real processes that block in every way that a
 * build can, below a parent that waits for them as make does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/tree/tree.h"

struct world {
	char dir[64];
	struct tree *tree;
	struct run_stall stall;
	pid_t parent;
	int hidden; /* a fd that the tree does not inherit; 0 */
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/hale-waits-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->tree = calloc(1, sizeof(*w->tree));
	w->tree->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	w->tree->cgroup_fd = -1;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char path[128];

	if (w->parent > 0) {
		kill(-w->parent, SIGKILL);
		waitpid(w->parent, NULL, 0);
	}
	for (const char *const *n =
		     (const char *const[]){ "lock", "fifo", "sock", NULL };
	     *n; n++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, *n);
		unlink(path);
	}
	rmdir(w->dir);
	close(w->tree->proc_fd);
	free(w->tree);
	free(w);
	return 0;
}

/* A parent that waits for a child, which does @block(@data). Its group is its
 * own, so that all of it can be ended. */
static void start(struct world *w, void (*block)(void *), void *data)
{
	w->parent = fork();
	assert_true(w->parent >= 0);
	if (w->parent == 0) {
		pid_t child;

		setpgid(0, 0);
		if (w->hidden)
			close(w->hidden);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child = fork();
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			block(data);
			_exit(9);
		}
		waitpid(child, NULL, 0);
		_exit(0);
	}
	setpgid(w->parent, w->parent);
	w->tree->root = w->parent;
}

static bool late(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - from->tv_sec > 20;
}

/* Looks until it waits so, and says so: a child takes its time to block. */
static void await(struct world *w, enum run_wait wait, const char *what)
{
	struct timespec from;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		poll(NULL, 0, 5);
		memset(&w->stall, 0, sizeof(w->stall));
		assert_int_equal(tree_sample(w->tree), 0);
		tree_waits(w->tree, &w->stall);
	} while ((w->stall.wait != wait || !strstr(w->stall.what, what)) &&
		 !late(&from));
	if (w->stall.wait != wait || !strstr(w->stall.what, what))
		fail_msg("waits %d: %s", (int)w->stall.wait, w->stall.what);
	assert_int_not_equal(w->stall.pid, w->parent);
}

/* --- ways to block ---------------------------------------------------------
 */

static void read_fd(void *data)
{
	char c;

	while (read(*(int *)data, &c, 1) >= 0 || errno == EINTR)
		;
}

static int open_terminal(char *name, size_t size)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, name, size), 0);
	return fd;
}

static void a_prompt_on_a_terminal(void **state)
{
	char name[64];
	int master = open_terminal(name, sizeof(name));
	int slave = open(name, O_RDWR | O_NOCTTY);

	start(*state, read_fd, &slave);
	await(*state, RUN_WAIT_TERMINAL, name);
	close(slave);
	close(master);
}

static void poll_fd(void *data)
{
	struct pollfd p = { *(int *)data, POLLIN, 0 };

	poll(&p, 1, -1);
}

static void a_prompt_that_polls(void **state)
{
	char name[64];
	int master = open_terminal(name, sizeof(name));
	int slave = open(name, O_RDWR | O_NOCTTY);

	start(*state, poll_fd, &slave);
	await(*state, RUN_WAIT_TERMINAL, name);
	close(slave);
	close(master);
}

static void a_pipe_as_input(void **state)
{
	struct world *w = *state;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	w->hidden = fds[1];
	start(w, read_fd, &fds[0]);
	await(*state, RUN_WAIT_INPUT, "pipe");
	close(fds[0]);
	close(fds[1]);
}

static void open_path(void *data)
{
	int fd = open(data, O_RDONLY);

	_exit(fd < 0);
}

static void a_fifo_that_nobody_opens(void **state)
{
	struct world *w = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/fifo", w->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	start(w, open_path, path);
	await(w, RUN_WAIT_INPUT, "/fifo");
}

static void take_flock(void *data)
{
	int fd = open(data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
	pause();
}

static void a_lock_with_its_holder(void **state)
{
	struct world *w = *state;
	char path[128], holder[32];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", w->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	start(w, take_flock, path);
	await(w, RUN_WAIT_LOCK, "/lock");
	snprintf(holder, sizeof(holder), "(pid %d)", getpid());
	assert_non_null(strstr(strstr(w->stall.what, "held by"), holder));
	close(fd);
}

/* Who took it has ended; another has the open file, and with it the lock. */
static void a_lock_whose_taker_has_ended(void **state)
{
	struct world *w = *state;
	char path[128];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/lock", w->dir);
	w->hidden = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	pid = fork();
	if (pid == 0)
		_exit(flock(w->hidden, LOCK_EX));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	start(w, take_flock, path);
	snprintf(path + 100, 28, "by pid %d, which has", pid);
	await(w, RUN_WAIT_LOCK, path + 100);
	close(w->hidden);
}

static void take_posix_lock(void *data)
{
	int fd = open(data, O_RDWR | O_CLOEXEC);
	struct flock l = { .l_type = F_WRLCK };

	while (fcntl(fd, F_SETLKW, &l) < 0 && errno == EINTR)
		;
	pause();
}

static void a_lock_of_dpkg_s_kind(void **state)
{
	struct world *w = *state;
	struct flock l = { .l_type = F_WRLCK };
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", w->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(fcntl(fd, F_SETLK, &l), 0);
	start(w, take_posix_lock, path);
	await(w, RUN_WAIT_LOCK, "held by");
	close(fd);
}

static void a_server_that_is_silent(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	char name[48];
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(server, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&a, len), 0);
	snprintf(name, sizeof(name), "waits for 127.0.0.1:%u",
		 ntohs(a.sin_port));
	start(*state, read_fd, &client);
	await(*state, RUN_WAIT_SOCKET, name);
	close(server);
	close(client);
}

/* As a client of a container engine does. */
static void epoll_unix(void *data)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	epoll_ctl(ep, EPOLL_CTL_ADD, *(int *)data, &e);
	epoll_wait(ep, &e, 1, -1);
}

static void an_engine_that_is_silent(void **state)
{
	struct world *w = *state;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/sock", w->dir);
	assert_int_equal(bind(server, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&a, sizeof(a)), 0);
	start(w, epoll_unix, &client);
	/* before anybody accepts, there is no peer with a name */
	assert_true(accept4(server, NULL, NULL, SOCK_CLOEXEC) >= 0);
	await(w, RUN_WAIT_SOCKET, "");
	close(server);
	close(client);
}

static void sleep_long(void *data)
{
	struct timespec t = { *(const int *)data, 0 };

	while (nanosleep(&t, &t) < 0)
		;
}

static void a_build_that_sleeps(void **state)
{
	int seconds = 1000;

	start(*state, sleep_long, &seconds);
	await(*state, RUN_WAIT_TIMER, "timer");
}

/* A sleeper, and beside it one that waits for input: that one is named. */
static void sleep_and_read(void *data)
{
	int seconds = 1000;

	if (fork() == 0)
		sleep_long(&seconds);
	read_fd(data);
}

static void the_leaf_is_named(void **state)
{
	char name[64];
	int master = open_terminal(name, sizeof(name));
	int slave = open(name, O_RDWR | O_NOCTTY);

	start(*state, sleep_and_read, &slave);
	await(*state, RUN_WAIT_TERMINAL, name);
	close(slave);
	close(master);
}

static void stop_self(void *data)
{
	(void)data;
	raise(SIGSTOP);
}

static void one_that_is_stopped(void **state)
{
	start(*state, stop_self, NULL);
	await(*state, RUN_WAIT_UNKNOWN, "stopped");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_prompt_on_a_terminal),
		CASE(a_prompt_that_polls),
		CASE(a_pipe_as_input),
		CASE(a_fifo_that_nobody_opens),
		CASE(a_lock_with_its_holder),
		CASE(a_lock_whose_taker_has_ended),
		CASE(a_lock_of_dpkg_s_kind),
		CASE(a_server_that_is_silent),
		CASE(an_engine_that_is_silent),
		CASE(a_build_that_sleeps),
		CASE(the_leaf_is_named),
		CASE(one_that_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
