/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_LOGLINE_H
#define HALE_RULES_LOGLINE_H

/*
 * One line of a log file, in whatever form it was saved, to the kernel's own
 * text in it. Pure and without memory: every line is judged alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum logline_clock {
	LOGLINE_NO_CLOCK,
	LOGLINE_BOOT, /* time_ns counts from the boot */
	LOGLINE_WALL, /* time_ns counts from some day: only differences tell */
};

struct logline {
	const char *text; /* inside the line */
	size_t len;
	bool foreign; /* the line says that it is not the kernel's */
	enum logline_clock clock;
	uint64_t time_ns;
	const char *stamp; /* the time as the line gives it, NULL: none */
	size_t stamp_len;
};

/* @line: @len bytes without the newline. */
void logline_parse(const char *line, size_t len, struct logline *ret_line);

/* stamp.c: "[ 12.345]", "[Mon Jan 27 19:27:15 2020]" and the like at @p.
 * Return: bytes up to and with the bracket, 0 where there is none. */
size_t stamp_bracket(const char *p, size_t len, struct logline *line);

/* stamp.c: a syslog or ISO date and time at @p.
 * Return: bytes up to the end of the time, 0 where there is none. */
size_t stamp_date(const char *p, size_t len, struct logline *line);

/* Seconds and their fraction at @p ("12.345") in nanoseconds. */
size_t stamp_seconds(const char *p, size_t len, uint64_t *ret_ns);

#endif
