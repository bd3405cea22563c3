/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's side of reading: starts the child, counts what it says, and
 * gives it up where it falls silent. Decides what silence means. Must never
 * wait for a child that sits in the kernel. Invariant: what was not said to be
 * read was not read.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "progress.h"
#include "reader_child.h"

struct reading {
	struct reader_seen *seen;
	struct verify_progress progress;
	char what[64];
	uint64_t at; /* the last place that was told of */
	uint64_t full_bytes;
};

static void on_bad(struct reader_seen *s, const struct reader_record *r)
{
	uint64_t first = r->a / HALE_SECTOR_SIZE;
	uint64_t last = first + r->b / HALE_SECTOR_SIZE - 1;

	for (uint32_t i = 0; i < s->n_ranges; i++) {
		/* met again: beside another one, or in the sample */
		if (s->bad[i].first <= first && last <= s->bad[i].last)
			return;
		if (s->bad[i].last + 1 == first) {
			s->bad[i].last = last;
			s->n_bad++;
			return;
		}
	}
	if (s->n_ranges < VERIFY_BAD_MAX)
		s->bad[s->n_ranges++] =
			(struct hale_sector_range){ first, last, false };
	s->n_bad++;
}

static void on_open(struct reading *g, const struct reader_record *r)
{
	g->seen->size = r->a;
	g->seen->block = (uint32_t)r->b;
	g->progress.total = r->c;
	g->progress.since_ns = verify_now_ns();
}

/* Return: false where it was the last one. */
static bool on_record(struct reading *g, const struct reader_record *r)
{
	struct reader_seen *s = g->seen;

	switch ((enum reader_word)r->word) {
	case READER_OPEN:
		on_open(g, r);
		return true;
	case READER_FAILED:
		s->failed = r->a;
		return true;
	case READER_GOOD:
		s->failed_good += r->c == PLAN_FAILED;
		g->full_bytes += r->c == PLAN_REST ? r->b : 0;
		s->bytes += r->b;
		break;
	case READER_BAD:
		on_bad(s, r);
		g->progress.errors++;
		break;
	case READER_AGAIN:
		break;
	case READER_LISTED:
		s->listed = true;
		return true;
	case READER_END:
		s->all = true;
		s->full =
			r->a && g->full_bytes >= s->size / s->block * s->block;
		return false;
	case READER_ERROR:
		s->error = (int)r->a;
		return false;
	}
	g->at = r->a + r->b;
	g->progress.done += r->b;
	return true;
}

static int listen_to(struct verify *v, int fd, struct reading *g)
{
	struct reader_record r;
	uint64_t silence_ns = 0;

	for (;;) {
		int n = verify_wait_in_silence(v, fd, &silence_ns);
		ssize_t len;

		if (n < 0)
			return n;
		verify_progress(v, &g->progress);
		if (n == 0 && silence_ns < READER_SILENCE_MS * HALE_NS_PER_MS)
			continue;
		if (n == 0) {
			g->seen->stalled = true;
			g->seen->stalled_at = g->at;
			return 0;
		}
		len = read(fd, &r, sizeof(r));
		if (len != (ssize_t)sizeof(r)) {
			g->seen->error = ECHILD;
			return 0;
		}
		if (!on_record(g, &r))
			return 0;
	}
}

int reader_run(struct verify *v, const struct reader_job *job,
	       struct reader_seen *ret_seen)
{
	struct reading g = { .seen = ret_seen };
	int fds[2], r;
	pid_t pid, self = getpid();

	memset(ret_seen, 0, sizeof(*ret_seen));
	snprintf(g.what, sizeof(g.what), "%s: read", job->device.name);
	g.progress.what = g.what;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		verify_child(self, false);
		close(fds[0]);
		reader_child(job, fds[1]);
	}
	r = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (r == 0)
		r = listen_to(v, fds[0], &g);
	verify_end_child(pid);
	close(fds[0]);
	verify_progress_end(v);
	return r;
}
