/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting: for a child's words, for the time to pass, for a signal that ends
 * it all. Decides which of them came. Must never wait for a child that sits in
 * the kernel. Invariant: signals that end the program are only seen here.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "verify.h"

/* One that was killed is gone at once, unless it sits in the kernel. */
#define END_MS	  2000
#define SILENT_MS 500

static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

uint64_t verify_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void ending_signals(sigset_t *ret)
{
	sigemptyset(ret);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ends); i++)
		sigaddset(ret, ends[i]);
}

int verify_begin(struct verify *v, const struct verify_options *o)
{
	sigset_t set;

	*v = (struct verify){ .o = o, .began_ns = verify_now_ns() };
	v->terminal = isatty(STDERR_FILENO);
	if (o->time_ns)
		v->deadline_ns = v->began_ns + o->time_ns;
	ending_signals(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	v->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return v->signal_fd < 0 ? -errno : 0;
}

static int span_ms(const struct verify *v, int ms)
{
	uint64_t now = verify_now_ns(), left;

	if (v->deadline_ns == 0)
		return ms;
	left = v->deadline_ns > now ? v->deadline_ns - now : 0;
	left = left / HALE_NS_PER_MS + 1;
	return ms < 0 || left < (uint64_t)ms ? (int)left : ms;
}

int verify_wait(struct verify *v, int fd, int ms)
{
	struct pollfd p[] = { { .fd = v->signal_fd, .events = POLLIN },
			      { .fd = fd, .events = POLLIN } };
	int n = poll(p, 2, span_ms(v, ms));

	if (p[0].revents && n > 0) {
		v->interrupted = true;
		return -EINTR;
	}
	if (v->deadline_ns && verify_now_ns() >= v->deadline_ns)
		return -ETIME;
	return n > 0 && p[1].revents ? 1 : 0;
}

int verify_wait_in_silence(struct verify *v, int fd, uint64_t *silence_ns)
{
	uint64_t began_ns = verify_now_ns(), took_ns;
	int n = verify_wait(v, fd, SILENT_MS);

	took_ns = verify_now_ns() - began_ns;
	if (took_ns > SILENT_MS * HALE_NS_PER_MS)
		took_ns = SILENT_MS * HALE_NS_PER_MS;
	*silence_ns = n == 1 ? 0 : *silence_ns + took_ns;
	return n;
}

void verify_child(pid_t parent, bool quiet)
{
	sigset_t set;

	ending_signals(&set);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ends); i++)
		signal(ends[i], quiet ? SIG_IGN : SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (quiet)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it ended before that */
		_exit(1);
}

void verify_end_child(pid_t pid)
{
	const struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };

	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	for (int ms = 0; ms < END_MS; ms += 10) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		nanosleep(&nap, NULL);
	}
}
