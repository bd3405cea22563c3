/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes to the doors from outside: a request for metrics, a line of the
 * file of what was told, a section of the configuration, and a template that is
 * filled with bytes of a disk's own choice. The first byte says which.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "hale/base.h"
#include "hale/doors.h"
#include "hale/text.h"

#include "agent/doors/body.h"
#include "agent/doors/http.h"
#include "agent/doors/told_file.h"

#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A request in pieces ends as the whole does, and says so no earlier. */
static void request(const char *text, size_t len)
{
	struct http_request a, b;
	int whole = http_parse(text, len, &a);

	for (size_t n = 0; n < len; n += 7) {
		int r = http_parse(text, n, &b);

		if (r == 0 && whole == 0)
			assert(strcmp(a.path, b.path) == 0);
	}
	if (whole == 0)
		assert(memchr(a.path, '\0', sizeof(a.path)));
	else
		assert(whole == -EAGAIN || (whole >= 400 && whole < 600));
}

/* A line that is one is written as it was read. */
static void told(char *text)
{
	char hook[HALE_NAME_MAX], again[HALE_NAME_MAX], line[1024] = "";
	struct text t = { .at = line, .size = sizeof(line) };
	struct told one, two;

	if (told_line_read(text, hook, &one) < 0)
		return;
	told_line_write(&t, hook, &one);
	assert(!t.cut && line[t.len - 1] == '\n');
	line[t.len - 1] = '\0';
	assert(told_line_read(line, again, &two) == 0);
	assert(strcmp(hook, again) == 0 && strcmp(one.part, two.part) == 0);
	assert(one.first_ns == two.first_ns && one.effect == two.effect);
}

static void config(char *text)
{
	char error[HALE_DOOR_ERROR_MAX] = "", *section, *key, *value, *line;
	struct hale_doors d;

	hale_doors_default(&d);
	while ((line = strsep(&text, "\n")) != NULL) {
		section = strsep(&line, "|");
		key = strsep(&line, "=");
		value = line ? line : section;
		if (key)
			hale_doors_set(&d, section, key, value, error);
	}
	if (hale_doors_check(&d, error) < 0)
		assert(error[0] != '\0');
	assert(d.n_hooks <= HALE_HOOKS_MAX);
}

/* The first line is the template, the rest what a disk says. */
static void template(char *text)
{
	static char out[64 * 1024];
	char *pattern = strsep(&text, "\n");
	char *said = text ? text : pattern;
	struct text t = { .at = out, .size = sizeof(out) };
	struct change c = { .kind = CHANGE_OPENED };
	const struct picture p = { .up = true, .host = said };
	Hale__V1__Finding f;

	if (hale_template_fault(pattern))
		return;
	hale__v1__finding__init(&f);
	f.evidence = f.meaning = f.advice = f.clears = said;
	c.finding = &f;
	hale_print_text(c.what.part, sizeof(c.what.part), said, strlen(said));
	out[0] = '\0';
	template_print(pattern, TEMPLATE_JSON, &c, &p, &t);
	if (!strpbrk(pattern, "\r") && !t.cut)
		assert(!strpbrk(out, "\n\r"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX + 1];
	size_t len = size > TEXT_MAX ? TEXT_MAX : size;

	if (len == 0)
		return 0;
	len--;
	memcpy(text, data + 1, len);
	text[len] = '\0';
	switch (data[0] & 3) {
	case 0:
		request(text, len);
		break;
	case 1:
		told(text);
		break;
	case 2:
		config(text);
		break;
	case 3:
		template(text);
		break;
	}
	return 0;
}
