/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how the agent's own lines reach stderr. It must never block the
 * loop: stderr is asked for room first, and what does not fit is dropped. It
 * must never flood either: a bucket of tokens bounds the lines a second, so a
 * dying disk cannot fill the journal through us. Invariant: what is dropped is
 * counted, and the next line that gets through says how many.
 */
#include <poll.h>
#include <stdarg.h>
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/log.h"

/* A start-up with every driver complaining is some 30 lines. */
#define LOG_BURST 60
/* One line a second is what a person can still read through in the morning. */
#define LOG_REFILL_NS HALE_NS_PER_S
/* Under PIPE_BUF, so that POLLOUT promises that a pipe takes it whole. */
#define LOG_LINE_MAX 1024

static struct {
	uint64_t dropped, told;
	uint64_t refilled_ns;
	uint32_t tokens;
	bool started;
} state;

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static bool take_token(void)
{
	uint64_t now = monotonic_ns();
	uint64_t fresh;

	if (!state.started) {
		state.started = true;
		state.tokens = LOG_BURST;
		state.refilled_ns = now;
	}
	fresh = (now - state.refilled_ns) / LOG_REFILL_NS;
	if (fresh > 0) {
		state.refilled_ns += fresh * LOG_REFILL_NS;
		state.tokens = fresh >= LOG_BURST - state.tokens
				       ? LOG_BURST
				       : state.tokens + (uint32_t)fresh;
	}
	if (state.tokens == 0)
		return false;
	state.tokens--;
	return true;
}

static bool write_line(const char *line, size_t len)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0)
		return false;
	return write(STDERR_FILENO, line, len) == (ssize_t)len;
}

static size_t put_prefix(char *line, size_t size, enum log_level level)
{
	int n;

	if (isatty(STDERR_FILENO))
		n = snprintf(line, size, "haled: ");
	else
		n = snprintf(line, size, "<%d>haled: ", (int)level);
	return n > 0 ? (size_t)n : 0;
}

/* Nothing a log line quotes may forge a second line or drive a terminal. */
static void flatten(char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
}

static void tell_dropped(void)
{
	char line[128];
	uint64_t missing = state.dropped - state.told;
	size_t n;
	int m;

	if (missing == 0)
		return;
	n = put_prefix(line, sizeof(line), LOG_LEVEL_WARNING);
	m = snprintf(line + n, sizeof(line) - n, "log lines left out: %llu\n",
		     (unsigned long long)missing);
	if (m > 0 && write_line(line, n + (size_t)m))
		state.told = state.dropped;
}

__attribute__((format(printf, 2, 0))) static void
say(enum log_level level, const char *format, va_list args)
{
	char line[LOG_LINE_MAX];
	size_t n;
	int m;

	tell_dropped();
	n = put_prefix(line, sizeof(line), level);
	m = vsnprintf(line + n, sizeof(line) - n - 1, format, args);
	if (m < 0)
		return;
	n += (size_t)m < sizeof(line) - n - 1 ? (size_t)m
					      : sizeof(line) - n - 2;
	flatten(line, n);
	line[n++] = '\n';
	if (!write_line(line, n))
		state.dropped++;
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!take_token()) {
		state.dropped++;
		return;
	}
	va_start(args, format);
	say(level, format, args);
	va_end(args);
}

void log_asked(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(level, format, args);
	va_end(args);
}

uint64_t log_dropped(void)
{
	return state.dropped;
}
