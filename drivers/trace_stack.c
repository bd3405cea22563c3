/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a kernel stack for one function only. Decides host or cgroup where the
 * stack can be read to its end, and says UNKNOWN everywhere else: the log has
 * the answer, too, a moment later.
 */
#include "trace_stack.h"

#include <errno.h>

#include "hale/base.h"

/* kallsyms is in order of addresses within each module, but for few; the next
 * function begins no farther than this. */
#define FUNCTION_MAX (64 * HALE_KIB)

struct symbols {
	const char *name;
	uint64_t begin, next; /* the nearest that begins behind it */
	bool hidden;
};

/* "ffffffff81234560 t name", or more words behind it. */
static void take_line(struct symbols *s, const char *line)
{
	char *end = NULL;
	uint64_t at = strtoull(line, &end, 16);
	size_t len = strlen(s->name);

	if (end == line || end[0] != ' ' || end[1] == '\0' || end[2] != ' ')
		return;
	if (strncmp(end + 3, s->name, len) == 0 && end[3 + len] == '\0') {
		s->begin = at;
		s->hidden = at == 0;
	} else if (s->begin != 0 && at > s->begin &&
		   (s->next == 0 || at < s->next)) {
		s->next = at;
	}
}

/* The lines that are whole; returns how many bytes are left of the last. */
static size_t take_lines(struct symbols *s, char *buf, size_t len)
{
	char *line = buf, *stop;

	while ((stop = memchr(line, '\n', len - (size_t)(line - buf)))) {
		*stop = '\0';
		take_line(s, line);
		line = stop + 1;
	}
	len -= (size_t)(line - buf);
	memmove(buf, line, len);
	return len;
}

int trace_symbol_find(int fd, const char *name, struct trace_symbol *ret)
{
	struct symbols s = { .name = name };
	char buf[3584];
	size_t left = 0;
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	do {
		n = read(fd, buf + left, sizeof(buf) - 1 - left);
		if (n <= 0)
			break;
		left = take_lines(&s, buf, left + (size_t)n);
		if (left == sizeof(buf) - 1) /* no symbol is that long */
			left = 0;
	} while (s.begin == 0 || s.next == 0);
	if (s.hidden)
		return -EACCES;
	if (s.begin == 0)
		return -ENOENT;
	if (s.next == 0 || s.next - s.begin > FUNCTION_MAX)
		s.next = s.begin + FUNCTION_MAX;
	*ret = (struct trace_symbol){ s.begin, s.next };
	return 0;
}

enum trace_oom_scope trace_stack_scope(const struct trace_symbol *cgroup,
				       const struct trace_formats *f,
				       const struct trace_raw *raw)
{
	const struct trace_field *callers = &f->layouts[TRACE_STACK].fields[0];
	const size_t width = f->commit_size; /* of the kernel's long */
	struct trace_field one = { .size = (uint16_t)width };
	size_t depth = 0;

	if (cgroup->begin == 0 || callers->size == 0)
		return TRACE_OOM_UNKNOWN;
	for (size_t at = callers->offset; at + width <= raw->len; at += width) {
		uint64_t address;

		one.offset = (uint16_t)at;
		address = trace_number(raw, &one);
		/* the end, where the buffer's record is padded */
		if (address == 0 || address == UINT64_MAX)
			break;
		if (address > cgroup->begin && address <= cgroup->end)
			return TRACE_OOM_CGROUP;
		depth++;
	}
	/* a stack that short was cut off, or could not be walked */
	return depth >= 4 ? TRACE_OOM_HOST : TRACE_OOM_UNKNOWN;
}
