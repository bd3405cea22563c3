/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing piece of text. What does not fit into memory is dropped and the
 * text is cut there; nothing that a disk, a kernel or an agent wrote gets
 * through to the terminal unless out_text() found it printable.
 */
#include "out.h"

#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/core/middle.h"

static bool reserve(struct out *o, size_t more)
{
	size_t size = o->size ? o->size : 1024;
	char *text;

	while (size < o->len + more && size < OUT_BYTES_MAX)
		size *= 2;
	if (size < o->len + more)
		return false;
	if (size == o->size)
		return true;
	text = realloc(o->text, size);
	if (!text)
		return false;
	o->text = text;
	o->size = size;
	return true;
}

static void add(struct out *o, const char *text, size_t len)
{
	if (!reserve(o, len))
		return;
	memcpy(o->text + o->len, text, len);
	o->len += len;
}

void out_done(struct out *o)
{
	free(o->text);
	*o = (struct out){ .color = o->color };
}

void out_raw(struct out *o, const char *text)
{
	add(o, text, strlen(text));
}

void out_append(struct out *o, const struct out *from)
{
	if (from->len > 0)
		add(o, from->text, from->len);
}

/* Never longer than what came in: '?' and ' ' are one byte. */
void out_text(struct out *o, const char *text)
{
	size_t len = strlen(text);

	if (!reserve(o, len + 1))
		return;
	hale_print_text(o->text + o->len, len + 1, text, len);
	o->len += strlen(o->text + o->len);
}

void out_number(struct out *o, uint64_t n)
{
	char digits[20], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	add(o, at, (size_t)(digits + sizeof(digits) - at));
}

void out_color(struct out *o, enum out_color c, const char *text)
{
	static const char *const codes[] = {
		[OUT_PLAIN] = "",	   [OUT_GREEN] = "\033[32m",
		[OUT_YELLOW] = "\033[33m", [OUT_RED] = "\033[1;31m",
		[OUT_DIM] = "\033[2m",	   [OUT_BOLD] = "\033[1m",
	};
	bool on = o->color && c != OUT_PLAIN;

	if (on)
		out_raw(o, codes[c]);
	out_text(o, text);
	if (on)
		out_raw(o, "\033[0m");
}

void out_duration(struct out *o, uint64_t ns)
{
	uint64_t s = ns / HALE_NS_PER_S;

	if (s < 60) {
		out_number(o, s);
		if (s < 10) {
			out_raw(o, ".");
			out_number(o, ns % HALE_NS_PER_S * 10 / HALE_NS_PER_S);
		}
		out_raw(o, " s");
	} else if (s < 60 * 60) {
		out_number(o, s / 60);
		out_raw(o, " min");
	} else if (s < 48 * 60 * 60) {
		out_number(o, s / 3600);
		out_raw(o, " h");
	} else {
		out_number(o, s / 86400);
		out_raw(o, " d");
	}
}

void out_size(struct out *o, uint64_t bytes)
{
	char text[HALE_SIZE_TEXT];

	hale_size_print(text, bytes);
	out_raw(o, text);
}

/* The wall clock may have been set since: the future is now, too. */
void out_ago(struct out *o, uint64_t then_ns, uint64_t now_ns)
{
	uint64_t age = now_ns > then_ns ? now_ns - then_ns : 0;

	if (age < HALE_NS_PER_S / 10) {
		out_raw(o, "just now");
		return;
	}
	out_duration(o, age);
	out_raw(o, " ago");
}

int out_flush(struct out *o, int fd)
{
	size_t done = 0;

	while (done < o->len) {
		ssize_t n = write(fd, o->text + done, o->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	o->len = 0;
	return 0;
}
