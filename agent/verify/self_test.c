/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a disk's self-test and waits for its end, in a child: a disk that hangs
 * does so there. Decides when to ask again. Must never leave a test behind
 * that it began: the child ends it when its parent hangs up, or dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "progress.h"
#include "self_test.h"

#define ASK_MS	    250
#define ASK_MOST_MS 5000
/* A disk answers from its memory, also while it tests itself. */
#define SILENCE_MS 60000
#define STOP_MS	   5000
/* How often an old result may be shown after a test began: 10 s. */
#define OLD_MOST 7

struct word {
	struct self_test_end end;
	bool asleep, last;
};

struct child {
	const struct reader_device *device;
	bool extended, only_asleep;
	int out, parent; /* @parent: hung up when it is over */
};

static _Noreturn void end(const struct child *c, const struct word *w)
{
	if (write(c->out, w, sizeof(*w)) != (ssize_t)sizeof(*w))
		_exit(1);
	_exit(0);
}

/* Is there more to come? Some disks show the test that was before for a while.
 * A result that never became a new one is none. */
static bool goes_on(struct self_test *t, const struct self_test *before,
		    int *ret_old)
{
	bool ran = *ret_old < 0;

	if (t->state == SELF_TEST_RUNNING) {
		*ret_old = -1;
		return true;
	}
	if (self_test_is_news(t, before, ran))
		return false;
	t->state =
		++*ret_old < OLD_MOST ? SELF_TEST_RUNNING : SELF_TEST_UNKNOWN;
	return t->state == SELF_TEST_RUNNING;
}

static void ask_until_end(const struct child *c, int fd,
			  const struct self_test *before, struct word *w)
{
	const struct self_test_way *way = self_test_way(c->device);
	struct pollfd p = { .fd = c->parent, .events = POLLIN };
	int ms = ASK_MS, old = 0;

	for (;;) {
		w->end.error = way->ask(fd, &w->end.t);
		if (w->end.error < 0 || !goes_on(&w->end.t, before, &old)) {
			self_test_match(&w->end.t, c->extended);
			return;
		}
		if (write(c->out, w, sizeof(*w)) != (ssize_t)sizeof(*w) ||
		    poll(&p, 1, ms) != 0) {
			way->stop(fd);
			_exit(1);
		}
		ms = ms * 2 < ASK_MOST_MS ? ms * 2 : ASK_MOST_MS;
	}
}

static _Noreturn void child_main(const struct child *c)
{
	const struct self_test_way *way = self_test_way(c->device);
	struct word w = { .last = true };
	struct self_test before = { 0 };
	int fd;

	w.end.error = way ? 0 : -EOPNOTSUPP;
	if (!way)
		end(c, &w);
	fd = reader_open(c->device, O_RDONLY | O_NONBLOCK);
	w.end.error = fd < 0 ? fd : 0;
	if (fd < 0)
		end(c, &w);
	if (c->only_asleep) {
		w.asleep = way->asleep(fd);
		end(c, &w);
	}
	/* where it does not say it, the start will */
	if (way->ask(fd, &before) < 0)
		before = (struct self_test){ 0 };
	w.end.error = way->start(fd, c->extended);
	w.end.started = w.end.error == 0;
	w.last = false;
	if (w.end.started)
		ask_until_end(c, fd, &before, &w);
	w.last = true;
	end(c, &w);
}

/* Takes words until the last one. */
static int hear(struct verify *v, int fd, const struct child *c,
		struct word *ret)
{
	struct verify_progress progress = { .since_ns = verify_now_ns() };
	uint64_t silence_ns = 0;
	struct word w = { 0 };
	char what[64];

	snprintf(what, sizeof(what), "%s: %s self-test", c->device->name,
		 c->extended ? "extended" : "short");
	progress.what = what;
	for (;;) {
		int n = verify_wait_in_silence(v, fd, &silence_ns);

		if (n < 0)
			return n;
		if (n == 0 && silence_ns > SILENCE_MS * HALE_NS_PER_MS)
			return -ETIMEDOUT;
		progress.percent = w.end.t.done_percent;
		if (!c->only_asleep)
			verify_progress(v, &progress);
		if (n == 0)
			continue;
		if (read(fd, &w, sizeof(w)) != (ssize_t)sizeof(w))
			return -ECHILD;
		*ret = w;
		if (w.last)
			return 0;
	}
}

/* Hangs up, and gives it the time to end the test. */
static void finish(pid_t pid, int words, int hold, bool running)
{
	struct pollfd p = { .fd = words, .events = 0 };
	char drop[sizeof(struct word)];

	close(hold);
	while (running && poll(&p, 1, STOP_MS) > 0 &&
	       read(words, drop, sizeof(drop)) > 0)
		;
	close(words);
	verify_end_child(pid);
}

static int run(struct verify *v, struct child *c, struct word *ret)
{
	int words[2], hold[2], r;
	pid_t pid, self = getpid();

	if (pipe2(words, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(hold, O_CLOEXEC) < 0) {
		r = -errno;
		close(words[0]);
		close(words[1]);
		return r;
	}
	c->out = words[1];
	c->parent = hold[0];
	pid = fork();
	if (pid == 0) {
		verify_child(self, true);
		close(words[0]);
		close(hold[1]);
		child_main(c);
	}
	r = pid < 0 ? -errno : 0;
	close(words[1]);
	close(hold[0]);
	if (r == 0)
		r = hear(v, words[0], c, ret);
	finish(pid, words[0], hold[1], r == -EINTR || r == -ETIME);
	verify_progress_end(v);
	return r;
}

int self_test_run(struct verify *v, const struct reader_device *d,
		  bool extended, struct self_test_end *ret_end)
{
	struct child c = { .device = d, .extended = extended };
	struct word w = { 0 };
	int r = run(v, &c, &w);

	*ret_end = w.end;
	if (r < 0 && r != -EINTR && r != -ETIME)
		ret_end->error = r;
	return r == -EINTR || r == -ETIME ? r : 0;
}

bool self_test_asleep(struct verify *v, const struct reader_device *d)
{
	struct child c = { .device = d, .only_asleep = true };
	struct word w = { 0 };

	return run(v, &c, &w) == 0 && w.asleep;
}
