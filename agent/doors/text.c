/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that grows up to a bound. Decides nothing about what it says; must never
 * write beyond what it was given. Invariant: after a cut nothing more is added,
 * so that what is there is a beginning of the whole.
 */
#include <stdarg.h>
#include <time.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/text.h"
#include "proto/json.h"

void text_add(struct text *t, const char *s, size_t len)
{
	if (t->cut || len >= t->size - t->len) {
		t->cut = true;
		return;
	}
	memcpy(t->at + t->len, s, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void text_put(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_putf(struct text *t, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		t->cut = true;
	else
		text_add(t, line, (size_t)n);
}

static void write_json(void *sink, const char *s, size_t len)
{
	text_add(sink, s, len);
}

void text_json(struct text *t, const char *s)
{
	const struct json_sink out = { write_json, t };

	json_print_string(s, strlen(s), &out);
}

void text_seconds(struct text *t, uint64_t ns)
{
	text_putf(t, "%llu.%09llu", (unsigned long long)(ns / HALE_NS_PER_S),
		  (unsigned long long)(ns % HALE_NS_PER_S));
}

void text_time(struct text *t, uint64_t ns)
{
	time_t s = (time_t)(ns / HALE_NS_PER_S);
	struct tm tm;

	if (!gmtime_r(&s, &tm)) {
		text_put(t, "?");
		return;
	}
	text_putf(t, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void text_short(struct text *t, const char *s, size_t max)
{
	size_t len = strlen(s), n = 0;
	uint32_t c;

	if (len <= max) {
		text_add(t, s, len);
		return;
	}
	while (n < len) {
		int used = hale_utf8_next(s + n, len - n, &c);
		size_t step = (size_t)(used < 0 ? -used : used);

		if (n + step + 3 > max)
			break;
		n += step;
	}
	text_add(t, s, n);
	text_put(t, "...");
}
