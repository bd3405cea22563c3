/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what the kernel writes into a pressure file, and what a person writes
 * into the configuration about it. Decides what of either is well formed.
 * Never touches a file. Invariant: nothing is returned of a text that is not
 * understood as far as it is used.
 */
#include <errno.h>

#include "pressure_read.h"

static const char *const kinds[PRESSURE_KIND_COUNT] = { "some", "full" };

const char *pressure_kind_name(enum pressure_kind kind)
{
	return kinds[kind];
}

static const char *skip_word(const char *at, const char *word)
{
	size_t len = strlen(word);

	return at && strncmp(at, word, len) == 0 ? at + len : NULL;
}

/* Digits, at most @max of value; NULL where there are none or too many. */
static const char *number(const char *at, uint32_t max, uint32_t *ret)
{
	uint32_t n = 0;
	const char *begin = at;

	for (; at && *at >= '0' && *at <= '9'; at++) {
		n = n * 10 + (uint32_t)(*at - '0');
		if (n > max)
			return NULL;
	}
	if (!at || at == begin)
		return NULL;
	*ret = n;
	return at;
}

/* "12.34" is 123 permille; the kernel always prints two decimals. */
static const char *permille(const char *at, uint32_t *ret)
{
	uint32_t whole = 0, hundredths = 0;
	const char *point;

	at = number(at, 100, &whole);
	point = skip_word(at, ".");
	at = number(point, 99, &hundredths);
	if (!at || at - point != 2)
		return NULL;
	*ret = whole * 10 + hundredths / 10;
	return at;
}

static const char *line(const char *at, enum pressure_kind kind,
			struct pressure_reading *r)
{
	at = skip_word(at, kinds[kind]);
	at = permille(skip_word(at, " avg10="), &r->avg10_permille[kind]);
	return skip_word(at, " avg60=");
}

int pressure_parse(const char *text, struct pressure_reading *ret_reading)
{
	struct pressure_reading r = { { 0 } };
	const char *at = line(text, PRESSURE_SOME, &r);

	at = at ? strchr(at, '\n') : NULL;
	if (!at || !line(at + 1, PRESSURE_FULL, &r))
		return -EINVAL;
	*ret_reading = r;
	return 0;
}

/* "MemTotal:       16384 kB" somewhere in it, at the beginning of a line. */
static int kib_of(const char *text, const char *key, uint64_t *ret)
{
	const char *at = strstr(text, key);
	uint64_t n;
	char *end;

	if (!at || (at != text && at[-1] != '\n'))
		return -EINVAL;
	at += strlen(key);
	at += strspn(at, " ");
	if (*at < '0' || *at > '9')
		return -EINVAL;
	errno = 0;
	n = strtoull(at, &end, 10);
	if (errno || strncmp(end, " kB\n", 4) != 0)
		return -EINVAL;
	*ret = n;
	return 0;
}

int pressure_memory_parse(const char *text, struct pressure_memory *ret_memory)
{
	struct pressure_memory m;

	if (kib_of(text, "MemTotal:", &m.total_kib) < 0 ||
	    kib_of(text, "MemAvailable:", &m.available_kib) < 0)
		return -EINVAL;
	*ret_memory = m;
	return 0;
}

static const char *blanks(const char *at)
{
	return at ? at + strspn(at, " \t") : NULL;
}

static bool limit_in_range(const struct pressure_limit *l)
{
	return l->percent >= 1 && l->percent <= 99 && l->window_s >= 2 &&
	       l->window_s % 2 == 0;
}

int pressure_limit_parse(const char *text, struct pressure_limit *ret_limit)
{
	struct pressure_limit l = { .kind = PRESSURE_SOME };
	const char *at;

	if (strcmp(text, "off") == 0) {
		*ret_limit = (struct pressure_limit){ .off = true };
		return 0;
	}
	at = skip_word(text, kinds[PRESSURE_SOME]);
	if (!at) {
		at = skip_word(text, kinds[PRESSURE_FULL]);
		l.kind = PRESSURE_FULL;
	}
	at = skip_word(number(blanks(at), 99, &l.percent), "%");
	at = skip_word(blanks(at), "/");
	at = skip_word(number(blanks(at), 10, &l.window_s), "s");
	if (!at || *at || !limit_in_range(&l))
		return -EINVAL;
	*ret_limit = l;
	return 0;
}
