/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times in log lines: the kernel's own seconds since boot, dmesg -T in any
 * locale, syslog, ISO 8601. Decides only where a time ends and how far apart
 * two of them are; which year a syslog line is from nobody can say.
 */
#include <string.h>

#include "agent/rules/chars.h"
#include "agent/rules/logline.h"

#define NS_PER_S    UINT64_C(1000000000)
#define BRACKET_MAX 64 /* the longest dmesg -T has about 40 bytes */
#define DATE_WORDS  5  /* "Mon Dec 31 2018 10:50:03" */

struct date {
	unsigned int year, month, day;
	uint64_t of_day_ns;
};

static unsigned int two(const char *p)
{
	return (unsigned int)(p[0] - '0') * 10 + (unsigned int)(p[1] - '0');
}

static uint64_t fraction_ns(const char *p, size_t len)
{
	uint64_t ns = 0, unit = NS_PER_S / 10;

	for (size_t i = 0; i < len && unit > 0; i++, unit /= 10)
		ns += (uint64_t)(p[i] - '0') * unit;
	return ns;
}

size_t stamp_seconds(const char *p, size_t len, uint64_t *ret_ns)
{
	size_t n = digits(p, len), f;
	uint64_t s = 0;

	if (n == 0 || n > 10 || n + 1 >= len || p[n] != '.')
		return 0;
	f = digits(p + n + 1, len - n - 1);
	if (f == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		s = s * 10 + (uint64_t)(p[i] - '0');
	*ret_ns = s * NS_PER_S + fraction_ns(p + n + 1, f);
	return n + 1 + f;
}

/* "19:27:15", "06:56:57.749624", "12:00:00,123456" */
static size_t clock_time(const char *p, size_t len, uint64_t *ret_ns)
{
	size_t n = 8, f = 0;

	if (len < n || digits(p, len) != 2 || p[2] != ':' ||
	    digits(p + 3, len - 3) != 2 || p[5] != ':' ||
	    digits(p + 6, len - 6) != 2)
		return 0;
	*ret_ns = ((two(p) * 60 + two(p + 3)) * UINT64_C(60) + two(p + 6)) *
		  NS_PER_S;
	if (n + 1 < len && (p[n] == '.' || p[n] == ','))
		f = digits(p + n + 1, len - n - 1);
	if (f > 0) {
		*ret_ns += fraction_ns(p + n + 1, f);
		n += 1 + f;
	}
	return n;
}

static unsigned int month(const char *p, size_t len)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char low[3];

	if (len < 3)
		return 0;
	for (size_t i = 0; i < 3; i++)
		low[i] = (char)(p[i] | 0x20);
	for (unsigned int m = 0; m < 12; m++) {
		if (memcmp(names + m * 3u, low, 3) == 0)
			return m + 1;
	}
	return 0;
}

/* Days since some day, right within a year and over leap years. */
static uint64_t day_number(const struct date *d)
{
	static const uint16_t before[] = { 0,	0,   31,  59,  90,  120, 151,
					   181, 212, 243, 273, 304, 334 };
	/* leap days of the years before, and this year's */
	uint64_t leaps = (d->year + 3) / 4 + (d->month > 2 && d->year % 4 == 0);

	return d->year * UINT64_C(365) + leaps + before[d->month] + d->day;
}

static void set_wall(struct logline *line, const struct date *d)
{
	line->clock = LOGLINE_WALL;
	line->time_ns = day_number(d) * 86400 * NS_PER_S + d->of_day_ns;
}

/* "2026-01-31" or "01-31" with its separator; 0 where it is none */
static size_t iso_date(const char *p, size_t len, struct date *d)
{
	size_t n = digits(p, len), y = 0;

	if (n == 4 && len >= 10 && p[4] == '-') {
		d->year = two(p) * 100 + two(p + 2);
		y = 5;
	}
	if (len < y + 5 || digits(p + y, len - y) != 2 || p[y + 2] != '-' ||
	    digits(p + y + 3, len - y - 3) != 2 || two(p + y) > 12)
		return 0;
	d->month = two(p + y);
	d->day = two(p + y + 3);
	return y + 5;
}

/* One word of a date; false where it cannot be one. */
static bool date_word(const char *p, size_t len, struct date *d, bool strict)
{
	size_t n = digits(p, len);

	if (n == len && n <= 2) {
		d->day = n == 2 ? two(p) : (unsigned int)(p[0] - '0');
		return true;
	}
	if (n == len && n == 4) {
		d->year = two(p) * 100 + two(p + 2);
		return true;
	}
	if (n > 0)
		return iso_date(p, len, d) == len;
	if (month(p, len))
		d->month = month(p, len);
	/* days of the week, and in other locales months too */
	return !strict || len == 3 || (len == 4 && p[3] == ',') ||
	       (unsigned char)p[0] >= 0x80;
}

/* Words of a date up to its time of day; the length with the time. */
static size_t date_words(const char *p, size_t len, struct date *d, bool strict)
{
	size_t at = 0;

	for (int i = 0; i < DATE_WORDS + !strict; i++) {
		size_t n = 0, t;

		t = clock_time(p + at, len - at, &d->of_day_ns);
		if (t > 0)
			return at + t;
		t = iso_date(p + at, len - at, d);
		if (t > 0 && at + t < len && p[at + t] == 'T') {
			at += t + 1;
			continue;
		}
		while (at + n < len && p[at + n] != ' ')
			n++;
		if (n == 0 || n > 16 || !date_word(p + at, n, d, strict))
			return 0;
		at += n;
		while (at < len && p[at] == ' ')
			at++;
	}
	return 0;
}

size_t stamp_date(const char *p, size_t len, struct logline *line)
{
	struct date d = { 0 };
	size_t n = date_words(p, len, &d, true);

	if (n == 0 || d.month > 12 || (d.month == 0 && d.day == 0))
		return 0;
	set_wall(line, &d);
	line->stamp = p;
	line->stamp_len = n;
	return n;
}

/* "+0.000002", "+0,000002": dmesg -d and -H, a difference and not a time */
static bool is_difference(const char *p, size_t len)
{
	size_t n;

	if (len == 0 || p[0] != '+')
		return false;
	n = 1 + digits(p + 1, len - 1);
	if (n == 1 || n + 1 >= len || (p[n] != '.' && p[n] != ','))
		return false;
	return n + 1 + digits(p + n + 1, len - n - 1) == len;
}

static bool boot_bracket(const char *p, size_t len, struct logline *line)
{
	size_t at = 0;
	uint64_t ns;

	while (at < len && p[at] == ' ')
		at++;
	if (is_difference(p + at, len - at))
		return true;
	while (at < len && p[at] == '+')
		at++;
	if (stamp_seconds(p + at, len - at, &ns) == 0)
		return false;
	/* only more numbers may follow: "12.5,0", "12.5 <    0.000016>" */
	for (size_t i = at; i < len; i++) {
		if (!is_digit(p[i]) && !memchr(" .,<>+-@C", p[i], 9))
			return false;
	}
	if (memchr(p, '+', at)) /* dmesg -d: a difference, not a time */
		return true;
	line->clock = LOGLINE_BOOT;
	line->time_ns = ns;
	return true;
}

/* "Apr19 18:52", "Jan 9 18:52": dmesg -H where a minute begins */
static size_t minute(const char *p, size_t len, struct date *d)
{
	size_t at = 0, n;

	while (at < len && (unsigned char)p[at] > '9')
		at++; /* a month, in any locale */
	if (at < 3 || at > 8)
		return 0;
	while (at < len && p[at] == ' ')
		at++;
	n = digits(p + at, len - at);
	if (n == 0 || n > 2 || at + n + 6 != len || p[at + n] != ' ')
		return 0;
	d->month = month(p, len);
	d->day = n == 2 ? two(p + at) : (unsigned int)(p[at] - '0');
	at += n + 1;
	if (digits(p + at, 2) != 2 || p[at + 2] != ':' ||
	    digits(p + at + 3, 2) != 2)
		return 0;
	d->of_day_ns = (two(p + at) * 60 + two(p + at + 3)) * 60 * NS_PER_S;
	return len;
}

static bool wall_bracket(const char *p, size_t len, struct logline *line)
{
	struct date d = { 0 };
	size_t n = date_words(p, len, &d, false);

	if (n == 0) {
		d = (struct date){ 0 };
		n = minute(p, len, &d);
	}
	if (n == 0)
		return false;
	set_wall(line, &d);
	return true;
}

size_t stamp_bracket(const char *p, size_t len, struct logline *line)
{
	const char *end;
	size_t n;

	if (len < 4 || p[0] != '[')
		return 0;
	end = memchr(p, ']', len < BRACKET_MAX ? len : BRACKET_MAX);
	if (!end)
		return 0;
	n = (size_t)(end - p) - 1;
	if (!boot_bracket(p + 1, n, line) && !wall_bracket(p + 1, n, line))
		return 0;
	line->stamp = p + 1;
	line->stamp_len = n;
	return n + 2;
}
