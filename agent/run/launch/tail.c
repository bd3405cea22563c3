/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last bytes of an output: a ring in fixed memory. Decides only what is
 * forgotten, which is always the oldest; counts the newlines that leave with
 * it, so that a line keeps its number. Nothing is ever allocated or refused.
 */
#include "tail.h"

#include <string.h>

#define ESCAPE_MAX 16

static uint64_t count_lines(const char *bytes, size_t len)
{
	const char *end = bytes + len;
	uint64_t n = 0;

	while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
		n++;
		bytes++;
	}
	return n;
}

/* The oldest @len bytes leave. */
static void forget(struct tail *t, size_t len)
{
	size_t to_end = TAIL_SIZE - t->at;
	size_t first = len < to_end ? len : to_end;

	t->lines += count_lines(t->buffer + t->at, first);
	t->lines += count_lines(t->buffer, len - first);
	t->at = (t->at + len) % TAIL_SIZE;
	t->used -= len;
}

static void append(struct tail *t, const char *bytes, size_t len)
{
	size_t end = (t->at + t->used) % TAIL_SIZE;
	size_t first = len < TAIL_SIZE - end ? len : TAIL_SIZE - end;

	memcpy(t->buffer + end, bytes, first);
	memcpy(t->buffer, bytes + first, len - first);
	t->used += len;
}

void tail_put(struct tail *t, const void *bytes, size_t len)
{
	const char *from = bytes;

	t->bytes += len;
	if (len > TAIL_SIZE) {
		forget(t, t->used);
		t->lines += count_lines(from, len - TAIL_SIZE);
		from += len - TAIL_SIZE;
		len = TAIL_SIZE;
	}
	if (t->used + len > TAIL_SIZE)
		forget(t, t->used + len - TAIL_SIZE);
	append(t, from, len);
}

static void reverse(char *from, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		char c = from[i];

		from[i] = from[len - 1 - i];
		from[len - 1 - i] = c;
	}
}

const char *tail_text(struct tail *t, size_t *ret_len, uint64_t *ret_line)
{
	/* turned in place: both halves reversed, then the whole */
	if (t->at + t->used > TAIL_SIZE) {
		reverse(t->buffer, t->at);
		reverse(t->buffer + t->at, TAIL_SIZE - t->at);
		reverse(t->buffer, TAIL_SIZE);
		t->at = 0;
	}
	*ret_len = t->used;
	*ret_line = t->lines + 1;
	return t->buffer + t->at;
}

/* The @back-th byte from the end, from 1; a newline where there is none. */
static char from_end(const struct tail *t, size_t back)
{
	return back > t->used ? '\n'
			      : t->buffer[(t->at + t->used - back) % TAIL_SIZE];
}

/* How long "ESC [ ... letter" is that ends before @back; 0: there is none. */
static size_t escape(const struct tail *t, size_t back)
{
	for (size_t n = 2; n < ESCAPE_MAX; n++) {
		char c = from_end(t, back + n);

		if (c == '[' && from_end(t, back + n + 1) == '\033')
			return n + 1;
		if ((c < '0' || c > '9') && c != ';' && c != '?')
			return 0;
	}
	return 0;
}

bool tail_mid_line(const struct tail *t)
{
	size_t back = 0, n;
	char last;

	/* colours that are put back, a cursor that is shown again */
	while ((n = escape(t, back)))
		back += n;
	last = from_end(t, back + 1);
	return last != '\n' && last != '\r';
}
