/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LOG_H
#define HALE_LOG_H

/*
 * The agent's own log: stderr, one event one line, with the <N> priority
 * prefix that journald reads (left out on a terminal). Never blocks: a line
 * that does not fit at once is dropped and counted.
 */

#include <stdint.h>

/* Values of syslog(3). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
};

/* Rooms know no clock; lines are rate-limited by CLOCK_MONOTONIC in here. */
void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same of what somebody with the right to control the agent asked for, and
 * of how it went: it is the record of who did what, so the rate of other lines
 * does not take it. */
void log_asked(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* How many lines were left out so far (rate or a reader that is slow). */
uint64_t log_dropped(void);

#endif
