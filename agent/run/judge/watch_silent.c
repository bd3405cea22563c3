/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the disk that a stalled build waits for answer anybody? Looks at the
 * kernel's own count of what that device has completed, and of what it has yet
 * to answer. Must never touch the device, or wait for it. Invariant: a disk
 * that is idle, or answers anything at all meanwhile, is not silent.
 */
#include <fcntl.h>
#include <poll.h>

#include "hale/base.h"

#include "agent/run/launch/clock.h"
#include "watch_own.h"

/* No longer than a build that was given up may be kept waiting for its verdict;
 * a disk that is only slow answers something in so long. */
#define SILENT_NS (5 * HALE_NS_PER_S)
#define LOOK_MS	  100

struct answers {
	uint64_t done; /* reads, writes, discards and flushes, ever */
	uint64_t left; /* in flight */
};

/* Documentation/block/stat.rst: one line of 11, 15 or 17 numbers. */
static bool read_answers(int root_fd, const char *path, struct answers *ret)
{
	int fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
	_cleanup_file_ FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned long long v[17] = { 0 };
	char text[512], *at = text, *end;
	size_t n = 0;

	if (!f && fd >= 0)
		close(fd);
	if (!f || !fgets(text, sizeof(text), f))
		return false;
	for (; n < HALE_ARRAY_SIZE(v); n++, at = end) {
		v[n] = strtoull(at, &end, 10);
		if (end == at)
			break;
	}
	if (n < 11)
		return false;
	*ret = (struct answers){ .done = v[0] + v[4] + v[11] + v[15],
				 .left = v[8] };
	return true;
}

void watch_silent(const struct watch *w, const struct run_stall *s,
		  struct run_host *ret)
{
	uint64_t from = clock_mono_ns(), now;
	struct answers first, a;
	char path[64];

	snprintf(path, sizeof(path), "sys/dev/block/%u:%u/stat", s->major,
		 s->minor);
	if (s->major == 0 || !read_answers(w->root_fd, path, &first))
		return;
	do {
		if (!read_answers(w->root_fd, path, &a) || a.left == 0 ||
		    a.done != first.done)
			return;
		poll(NULL, 0, LOOK_MS);
		now = clock_mono_ns();
	} while (now - from < SILENT_NS);
	ret->disk_silent_ns = now - from;
	ret->disk_unanswered = a.left;
}
