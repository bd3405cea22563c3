/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fence between the loop and all that may block. Decides when a child has
 * had its time and when it is given up as stuck. Must never wait for one: an
 * uninterruptible child is left alone with its pidfd, and the gate goes on.
 * Invariant: every start is followed by exactly one `ended`, at most one
 * `stuck` before it, and all messages the child sent come before `ended`.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/child.h"
#include "agent/daemon/clock.h"
#include "agent/daemon/gate.h"
#include "agent/sandbox/patience.h"

/* SIGKILL takes effect at the next return to user space: a healthy child is
 * gone in microseconds, so one that is there after this sits in the kernel. */
#define CHILD_DEATH_NS (250 * HALE_NS_PER_MS)
/* Messages taken in one go, before others get their turn. */
#define CHILD_BATCH 64
/* And after its end: a socket's usual 208 KiB hold less than 300. Somebody whom
 * it left behind could go on for ever. */
#define CHILD_LAST 4096
/* One that nobody can watch, and that was killed, is waited for so often. */
#define CHILD_TRIES  50
#define CHILD_TRY_NS (5 * HALE_NS_PER_MS)

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void pidfd_kill(int pidfd)
{
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

static void close_source(struct child *c, struct loop_source *s)
{
	int fd = s->fd;

	if (fd < 0)
		return;
	loop_remove(c->loop, s);
	close(fd);
}

/* What it passes along is closed unread, which may wait. A fork under that
 * patience would begin anew each millisecond: nothing else is done in it. */
static ssize_t receive(const struct child *c)
{
	ssize_t n;
	int error;

	patience_begin();
	n = recv(c->message_source.fd, c->job.buffer, c->job.size,
		 MSG_DONTWAIT | MSG_TRUNC);
	error = errno;
	patience_end();
	errno = error;
	return n;
}

/* Returns false at the end of what the child will ever say. */
static bool take_message(struct child *c, bool *ret_more)
{
	const struct child_job *job = &c->job;
	ssize_t n = receive(c);
	size_t len;

	/* what it did not read itself is told as a reset, once; what it sent
	 * before its end comes after that */
	*ret_more = n > 0 || (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n == 0 || (n < 0 && !*ret_more && errno != EAGAIN))
		return false;
	if (n > 0 && job->message) {
		len = (size_t)n > job->size ? job->size + 1 : (size_t)n;
		job->message(job->data, job->buffer, len);
	}
	return true;
}

/* Up to @max messages. */
static void take_messages(struct child *c, uint32_t max)
{
	bool more = true;

	for (uint32_t i = 0; i < max && more; i++) {
		if (c->message_source.fd < 0)
			return;
		if (!take_message(c, &more))
			close_source(c, &c->message_source);
	}
}

static void on_message(void *data, uint32_t events)
{
	struct child *c = data;

	(void)events;
	take_messages(c, CHILD_BATCH);
	if (c->message_source.fd < 0 && c->job.hung_up)
		c->job.hung_up(c->job.data);
}

static void let_go(struct child *c)
{
	close_source(c, &c->message_source);
	close_source(c, &c->exit_source);
	loop_timer_stop(&c->timer);
	c->state = CHILD_NONE;
	c->pid = 0;
}

static void on_exit_event(void *data, uint32_t events)
{
	struct child *c = data;
	siginfo_t info = { 0 };
	int status;

	(void)events;
	if (waitid((idtype_t)P_PIDFD, (id_t)c->exit_source.fd, &info,
		   WEXITED | WNOHANG) < 0 &&
	    errno == EINTR)
		return;
	take_messages(c, CHILD_LAST);
	if (info.si_code == CLD_EXITED)
		status = info.si_status;
	else /* somebody else has reaped it: nothing is known */
		status = info.si_status ? -info.si_status : -SIGKILL;
	let_go(c);
	if (c->job.ended)
		c->job.ended(c->job.data, status);
}

/* The loop's time goes on while the host sleeps, the child's does not. */
static void on_deadline(struct child *c)
{
	uint64_t now = clock_mono_ns();

	if (now < c->end_ns) {
		loop_timer_set(c->loop, &c->timer, c->end_ns - now);
		return;
	}
	c->overdue = true;
	child_kill(c);
}

static void on_timer(void *data)
{
	struct child *c = data;

	if (c->state == CHILD_RUNS) {
		on_deadline(c);
	} else if (c->state == CHILD_KILLED) {
		c->state = CHILD_STUCK;
		if (c->job.stuck)
			c->job.stuck(c->job.data);
	}
}

void child_init(struct child *c, struct loop *loop)
{
	*c = (struct child){ .loop = loop };
	c->exit_source = (struct loop_source){
		.ready = on_exit_event, .data = c, .fd = -1, .first = true
	};
	c->message_source = (struct loop_source){
		.ready = on_message, .data = c, .fd = -1, .first = true
	};
	c->timer = (struct loop_timer){ .due = on_timer, .data = c };
}

void child_done(struct child *c)
{
	if (c->exit_source.fd >= 0) {
		pidfd_kill(c->exit_source.fd);
		waitid((idtype_t)P_PIDFD, (id_t)c->exit_source.fd,
		       &(siginfo_t){ 0 }, WEXITED | WNOHANG);
	}
	let_go(c);
	loop_timer_remove(c->loop, &c->timer);
}

void child_kill(struct child *c)
{
	if (c->state != CHILD_RUNS)
		return;
	pidfd_kill(c->exit_source.fd);
	c->state = CHILD_KILLED;
	loop_timer_set(c->loop, &c->timer, CHILD_DEATH_NS);
}

/* The child's side, from the fork to its end. */
static _Noreturn void become_child(const struct child_job *job, int fd,
				   pid_t parent)
{
	char name[16]; /* TASK_COMM_LEN */
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0); /* it died before it could have told us */
	if (job->name) {
		HALE_SET(name, job->name);
		prctl(PR_SET_NAME, name);
	}
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (job->in_child)
		job->in_child(job->in_child_data);
	_exit(job->work(job->data, fd));
}

static int watch(struct child *c, int pidfd, int fd)
{
	int r = loop_add(c->loop, pidfd, EPOLLIN, &c->exit_source);

	if (r < 0)
		return r;
	r = loop_add(c->loop, fd, EPOLLIN, &c->message_source);
	if (r < 0)
		loop_remove(c->loop, &c->exit_source);
	return r;
}

/* A child nobody can watch is ended here and now: it has only just begun. If
 * it is stuck all the same, what is left of it is nobody's. */
static void end_unwatched(pid_t pid)
{
	const struct timespec try = { .tv_nsec = CHILD_TRY_NS };

	kill(pid, SIGKILL);
	for (int i = 0; i < CHILD_TRIES && waitpid(pid, NULL, WNOHANG) == 0;
	     i++)
		nanosleep(&try, NULL);
}

/* In the parent. */
static int adopt(struct child *c, pid_t pid, int fd)
{
	int pidfd = pidfd_of(pid);
	int r = pidfd < 0 ? -errno : watch(c, pidfd, fd);

	if (r < 0) {
		end_unwatched(pid);
		if (pidfd >= 0)
			close(pidfd);
		return r;
	}
	c->pid = pid;
	c->state = CHILD_RUNS;
	return 0;
}

int child_start(struct child *c, const struct child_job *job)
{
	pid_t parent = getpid(), pid;
	int pair[2], r;

	if (c->state != CHILD_NONE)
		return -EBUSY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	gate_refuse_descriptors(pair[0]);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		become_child(job, pair[1], parent);
	}
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r == 0)
		r = adopt(c, pid, pair[0]);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	c->job = *job;
	c->overdue = false;
	c->end_ns = clock_mono_ns() + job->deadline_ns;
	if (job->deadline_ns != 0)
		loop_timer_set(c->loop, &c->timer, job->deadline_ns);
	return 0;
}

int child_pass(struct child *from, struct child *to,
	       const struct child_job *job)
{
	int fd = from->exit_source.fd, r;

	loop_remove(from->loop, &from->exit_source);
	r = loop_add(to->loop, fd, EPOLLIN, &to->exit_source);
	if (r < 0) {
		if (loop_add(from->loop, fd, EPOLLIN, &from->exit_source) < 0)
			from->exit_source.fd = fd; /* as much as can be kept */
		return r;
	}
	to->pid = from->pid;
	to->state = from->state;
	to->job = *job;
	to->overdue = from->overdue;
	to->end_ns = from->end_ns;
	if (from->timer.due_ns != 0)
		loop_timer_set(to->loop, &to->timer, CHILD_DEATH_NS);
	let_go(from);
	return 0;
}

void child_abandon(struct child *c, void (*ended)(void *data, int status),
		   void *data)
{
	close_source(c, &c->message_source);
	c->job = (struct child_job){ .ended = ended, .data = data };
}

int child_send(const struct child *c, const void *bytes, size_t len)
{
	if (c->message_source.fd < 0)
		return -ENOTCONN;
	return send(c->message_source.fd, bytes, len,
		    MSG_NOSIGNAL | MSG_DONTWAIT) < 0
		       ? -errno
		       : 0;
}

void child_hang_up(struct child *c)
{
	close_source(c, &c->message_source);
}

int child_give_fd(struct child *c)
{
	int fd = c->message_source.fd;

	loop_remove(c->loop, &c->message_source);
	return fd;
}

bool child_wait(struct child *c, int timeout_ms)
{
	struct pollfd p = { .fd = c->exit_source.fd, .events = POLLIN };

	if (c->state == CHILD_NONE)
		return true;
	if (poll(&p, 1, timeout_ms) != 1)
		return false;
	on_exit_event(c, 0);
	return true;
}
