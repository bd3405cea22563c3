/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for the console's answers. Decides how long one may become. Must never
 * give a half for a whole: who is told @lost throws the text away. Invariant:
 * after something was lost nothing is added, so no tail stands behind a gap.
 */
#include "jot.h"

#include <stdarg.h>

#include "hale/base.h"
#include "hale/text.h"

#define FIRST	   256
#define STRING_MAX 1024

void jot_clear(struct jot *t)
{
	t->len = 0;
	t->lost = false;
	if (t->bytes)
		t->bytes[0] = '\0';
}

void jot_done(struct jot *t)
{
	free(t->bytes);
	memset(t, 0, sizeof(*t));
}

static bool make_room(struct jot *t, size_t len)
{
	size_t max = t->max ? t->max : JOT_MAX, size = t->size;
	char *bytes;

	if (t->lost || len >= max || t->len + len >= max)
		return false;
	if (t->len + len < size)
		return true;
	while (size <= t->len + len)
		size = size ? size * 2 : FIRST;
	bytes = realloc(t->bytes, size);
	if (!bytes)
		return false;
	t->bytes = bytes;
	t->size = size;
	return true;
}

void jot_add(struct jot *t, const char *bytes, size_t len)
{
	if (!make_room(t, len)) {
		t->lost = true;
		return;
	}
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

void jot_put(struct jot *t, const char *words)
{
	jot_add(t, words, strlen(words));
}

void jot_print(struct jot *t, const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		t->lost = true;
	else
		jot_add(t, line, (size_t)n);
}

static void sink_write(void *sink, const char *text, size_t len)
{
	jot_add(sink, text, len);
}

struct json_sink jot_sink(struct jot *t)
{
	return (struct json_sink){ .write = sink_write, .sink = t };
}

void jot_string(struct jot *t, const char *words, size_t max)
{
	struct json_sink sink = jot_sink(t);
	char clean[STRING_MAX + 4];
	size_t len;
	bool cut;

	words = words ? words : "";
	max = max < STRING_MAX ? max : STRING_MAX;
	len = strnlen(words, max + 1);
	cut = len > max;
	/* back to where a character begins: 10xxxxxx goes on with one */
	while (cut && --len > 0 && ((unsigned char)words[len] & 0xc0) == 0x80)
		;
	/* never longer than what it is made of */
	hale_print_text(clean, STRING_MAX + 1, words, len);
	if (cut)
		memcpy(clean + strlen(clean), "\xe2\x80\xa6", 4);
	json_print_string(clean, strlen(clean), &sink);
}
