/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of one /dev/kmsg record to its fields. Anyone who may write to
 * /dev/kmsg chooses most of those bytes, so nothing about them is believed but
 * the frame that the kernel puts around them. Pure; decides nothing about what
 * a record means. Fields that a later kernel adds to the head are passed over.
 */
#include "kmsg_record.h"

#include <errno.h>
#include <string.h>

#include "hale/base.h"

/* A decimal number at @*p; moves behind it. */
static bool number(const char **p, const char *end, uint64_t *ret)
{
	const char *at = *p;
	uint64_t n = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (at == *p)
		return false;
	*p = at;
	*ret = n;
	return true;
}

static bool comma(const char **p, const char *end)
{
	if (*p == end || **p != ',')
		return false;
	++*p;
	return true;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that "\xNN" at @p stands for, or -1. */
static int escape(const char *p, size_t len)
{
	int high, low;

	if (len < 4 || p[0] != '\\' || p[1] != 'x')
		return -1;
	high = hex(p[2]);
	low = hex(p[3]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Resolves escapes in place; returns the new length. */
static size_t unescape(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		int c = escape(text + i, len - i);

		text[out++] = c < 0 ? text[i] : (char)c;
		i += c < 0 ? 0 : 3;
	}
	return out;
}

/* "prio,seq,time,flags[,more];": what stands before the text. */
static bool head(const char *p, const char *end, struct kmsg_record *r)
{
	uint64_t prio, us;

	if (!number(&p, end, &prio) || prio >= UINT32_MAX || !comma(&p, end) ||
	    !number(&p, end, &r->seq) || !comma(&p, end) ||
	    !number(&p, end, &us) || us > UINT64_MAX / HALE_NS_PER_US)
		return false;
	r->level = (unsigned int)prio & 7;
	r->facility = (unsigned int)prio >> 3;
	r->time_ns = us * HALE_NS_PER_US;
	if (p == end)
		return true; /* before Linux 3.6 there were no flags */
	/* 'c': a piece of a line; '+': the next piece (until Linux 4.9) */
	if (comma(&p, end) && p < end)
		r->fragment = *p == 'c' || *p == '+';
	return true;
}

/* " KEY=value" lines behind the text. */
static void fields(char *p, char *end, struct kmsg_record *r)
{
	static const char key[] = " DEVICE=";
	size_t skip = sizeof(key) - 1;

	while (p < end) {
		char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((stop ? stop : end) - p);

		if (len > skip && memcmp(p, key, skip) == 0) {
			len = unescape(p + skip, len - skip);
			hale_copy(r->device, sizeof(r->device), p + skip, len);
		}
		p = stop ? stop + 1 : end;
	}
}

int kmsg_record_parse(char *buf, size_t len, struct kmsg_record *ret)
{
	struct kmsg_record r = { .seq = 0 };
	char *end = buf + len;
	char *line_end = memchr(buf, '\n', len);
	char *text = memchr(buf, ';', len);

	line_end = line_end ? line_end : end;
	if (!text || text > line_end || !head(buf, text, &r))
		return -EBADMSG;
	text++;
	r.text = text;
	r.len = unescape(text, (size_t)(line_end - text));
	if (line_end < end)
		fields(line_end + 1, end, &r);
	*ret = r;
	return 0;
}
