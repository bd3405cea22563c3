/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build that is over goes into the history: to `haled: ship` where an agent
 * runs, else into the user's own store, which libexec/hale-ship writes. Decides
 * when that has taken long enough. Must never touch the build's status, never
 * take longer than STORE_MS, and say at most one line. Invariant: what was
 * neither stored nor handed over is said to be missing. Handed over: the
 * message lies in the store's socket, and it writes what lies there whether or
 * not we wait; a disk that takes longer than STORED_MS is not worth a user's
 * time, and the store says itself what it could not write.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"
#include "hale/hale.h"

#include "agent/lib/detach.h"
#include "agent/lib/store_ask.h"
#include "agent/run/result.h"
#include "proto/codec.h"

#define STORE_MS 1000
/* One fsync of a disk that is well; then we know, and can say so. */
#define STORED_MS 10
/* A store that was just killed is there again within a second. */
#define AGAIN_MS 50
/* One is replaced, and the next; a third time it is something else. */
#define TELLS 3

static int missing(const char *why)
{
	fprintf(stderr, "hale run: this build is not in the history: %s\n",
		why);
	return -EIO;
}

static const char *words_of(int r)
{
	return r == -ETIMEDOUT ? "the store does not answer"
			       : strerrordesc_np(-r);
}

/* --- where an agent runs --- */

/* -ENOENT: there is none. */
static int reach(const char *run_dir, long long end, int *ret_fd)
{
	const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000 };
	int r;

	for (;;) {
		int left = detach_left_ms(end);

		r = store_connect(run_dir, (uint32_t)left, ret_fd);
		if (r != -ECONNREFUSED || left <= AGAIN_MS)
			return r;
		nanosleep(&pause, NULL);
	}
}

static int judge(const Hale__V1__StoreReply *reply)
{
	if (reply->body_case == HALE__V1__STORE_REPLY__BODY_STORED &&
	    reply->stored)
		return 0;
	if (reply->body_case == HALE__V1__STORE_REPLY__BODY_ERROR)
		return missing(reply->error->text);
	return missing("the store's answer makes no sense");
}

/* -EPIPE: it was not read, and nothing is said of that. */
static int send_to(int fd, Hale__V1__BuildResult *m, long long end)
{
	Hale__V1__StoreRequest q = HALE__V1__STORE_REQUEST__INIT;
	Hale__V1__StoreReply *reply = NULL;
	int r, left;

	q.body_case = HALE__V1__STORE_REQUEST__BODY_RECORD;
	q.record = m;
	r = store_send(fd, &q, detach_left_ms(end));
	if (r == -EPIPE)
		return r;
	if (r < 0)
		return missing(words_of(r));
	left = detach_left_ms(end);
	r = store_receive(fd, left < STORED_MS ? left : STORED_MS, &reply);
	if (r == -ETIMEDOUT)
		return 0;
	if (r == -EPIPE)
		return r;
	if (r < 0 || !reply)
		return missing(words_of(r));
	r = judge(reply);
	hale__v1__store_reply__free_unpacked(reply, NULL);
	return r;
}

/* A store whose place another takes was reached, perhaps, and had not read it:
 * the next one has not heard of this build. -EIO: why is said. */
static int tell(const char *run_dir, Hale__V1__BuildResult *m, long long end)
{
	int r = -EPIPE;

	for (int i = 0; r == -EPIPE && i < TELLS; i++) {
		_cleanup_fd_ int fd = -1;

		r = reach(run_dir, end, &fd);
		if (r == 0)
			r = send_to(fd, m, end);
	}
	return r;
}

/* --- where none does --- */

static int as_file(const Hale__V1__BuildResult *m)
{
	_cleanup_free_ uint8_t *bytes = malloc(STORE_MESSAGE_MAX);
	ssize_t n = bytes ? codec_pack(m, bytes, STORE_MESSAGE_MAX) : -ENOMEM;
	int fd;

	if (n < 0)
		return (int)n;
	fd = memfd_create("hale-build", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, bytes, (size_t)n) != n || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static _Noreturn void become(const char *program, const char *path, int in)
{
	char *const argv[] = { codec_borrow("hale-ship"),
			       codec_borrow("--record"),
			       codec_borrow("--store"), codec_borrow(path),
			       NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) >= 0)
		execv(program, argv);
	_exit(127);
}

/* Its exit status; -ETIMEDOUT: it was ended. */
static int await(pid_t pid, long long end)
{
	_cleanup_fd_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int status = 0, n = 0;

	while (fd >= 0 && (n = poll(&p, 1, detach_left_ms(end))) < 0 &&
	       errno == EINTR)
		;
	if (fd >= 0 && n <= 0)
		kill(pid, SIGKILL);
	/* one that hangs on its disk is left to whoever reaps us */
	if (fd >= 0 && n <= 0 && poll(&p, 1, AGAIN_MS) <= 0)
		return -ETIMEDOUT;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (n <= 0)
		return -ETIMEDOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* It says itself what is wrong with the store. */
static int write_own(const struct run_options *o, const char *path,
		     const Hale__V1__BuildResult *m, long long end)
{
	char program[STORE_PATH_MAX];
	_cleanup_fd_ int in = as_file(m);
	pid_t pid;
	int r;

	if (in < 0)
		return missing(words_of(in));
	snprintf(program, sizeof(program), "%s/hale-ship",
		 o->exec_dir ? o->exec_dir : "");
	if (!o->exec_dir || access(program, X_OK) < 0)
		return missing("hale-ship is not installed");
	pid = fork();
	if (pid == 0)
		become(program, path, in);
	if (pid < 0)
		return missing(words_of(-errno));
	r = await(pid, end);
	if (r == -ETIMEDOUT)
		return missing("its disk is too slow");
	if (r != 0 && r != 1) /* 1: it has said so */
		return missing("hale-ship does not run");
	return r == 0 ? 0 : -EIO;
}

static int record(const struct run_story *s, Hale__V1__BuildResult *m)
{
	long long end = detach_now_ms() + STORE_MS;
	const char *run_dir = s->options->run_dir;
	char path[STORE_PATH_MAX];
	int r = tell(run_dir ? run_dir : HALE_RUN_DIR, m, end);

	if (r == -EIO || r == 0)
		return r;
	if (r != -ENOENT)
		return missing(words_of(r));
	r = store_own_path(s->options->state_dir, path);
	if (r < 0)
		return missing("neither XDG_STATE_HOME nor HOME says where");
	return write_own(s->options, path, m, end);
}

int store_record(const struct run_story *s)
{
	struct codec_arena a = { .size = RESULT_ARENA };
	_cleanup_free_ uint8_t *mem = NULL;
	Hale__V1__BuildResult *m;

	if (s->options->no_store)
		return 0;
	mem = malloc(RESULT_ARENA);
	a.mem = mem;
	m = mem ? result_message(&a, s, STORE_BUILD_MAX) : NULL;
	return m ? record(s, m) : missing("out of memory");
}
