/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads mountinfo line by line: one pass, a fixed buffer, no allocation. It
 * decides nothing: which mount matters is resolve.c's business. Of a line that
 * does not fit its beginning counts, which says all but the last options.
 */
#include "mountinfo.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct reader {
	char *buf;
	size_t have;
	bool skipping; /* in the middle of a line that is too long */
};

/* Hands on lines; false: @visit has seen enough. */
static bool take_lines(struct reader *r,
		       bool (*visit)(void *ctx, const struct hale_mountinfo *m),
		       void *ctx)
{
	char *at = r->buf, *end = r->buf + r->have;

	while (at < end) {
		char *nl = memchr(at, '\n', (size_t)(end - at));
		bool full = !nl && end - at == MOUNTINFO_BUFFER;
		char *stop = nl ? nl : end;
		struct hale_mountinfo m;

		if (!nl && !full)
			break;
		if (!r->skipping &&
		    hale_mountinfo_parse(at, (size_t)(stop - at), &m) &&
		    !visit(ctx, &m))
			return false;
		r->skipping = full;
		at = nl ? nl + 1 : end;
	}
	r->have = (size_t)(end - at);
	memmove(r->buf, at, r->have);
	return true;
}

int mountinfo_read(int fd, char *buf,
		   bool (*visit)(void *ctx, const struct hale_mountinfo *m),
		   void *ctx)
{
	struct reader r = { .buf = buf };
	size_t total = 0;

	while (total < MOUNTINFO_BYTES_MAX) {
		ssize_t n = read(fd, buf + r.have, MOUNTINFO_BUFFER - r.have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		total += (size_t)n;
		r.have += (size_t)n;
		if (!take_lines(&r, visit, ctx))
			return 0;
	}
	return -EFBIG;
}
