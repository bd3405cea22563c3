/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a line of mountinfo apart. Whoever can mount in a user namespace
 * chooses the texts in it, so nothing here trusts a length, a number or an
 * escape. No copy, no allocation: a forked child may call it. It decides
 * nothing; which mount matters is its callers' business.
 */
#include <string.h>

#include "hale/mountinfo.h"

struct cursor {
	const char *at, *end;
};

/* The next field; empty ones count, since the kernel separates by one space. */
static bool field(struct cursor *c, struct hale_mountinfo_text *ret_text)
{
	const char *space;

	if (c->at > c->end)
		return false;
	space = memchr(c->at, ' ', (size_t)(c->end - c->at));
	if (!space)
		space = c->end;
	ret_text->at = c->at;
	ret_text->len = (size_t)(space - c->at);
	c->at = space + 1;
	return true;
}

static bool filled(struct cursor *c, struct hale_mountinfo_text *ret_text)
{
	return field(c, ret_text) && ret_text->len > 0;
}

static bool number(const char *s, size_t len, uint32_t *ret_value)
{
	uint64_t v = 0;

	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	if (v > UINT32_MAX)
		return false;
	*ret_value = (uint32_t)v;
	return true;
}

static bool device(const struct hale_mountinfo_text *t,
		   struct hale_mountinfo *m)
{
	const char *colon = memchr(t->at, ':', t->len);
	size_t n;

	if (!colon)
		return false;
	n = (size_t)(colon - t->at);
	return number(t->at, n, &m->major) &&
	       number(colon + 1, t->len - n - 1, &m->minor);
}

static bool numbers(struct cursor *c, struct hale_mountinfo *m)
{
	struct hale_mountinfo_text t = { NULL, 0 };
	uint32_t parent;

	return filled(c, &t) && number(t.at, t.len, &m->id) && filled(c, &t) &&
	       number(t.at, t.len, &parent) && filled(c, &t) && device(&t, m);
}

/* Optional fields ("shared:1 master:2") end with a "-" that stands alone. */
static bool skip_optional(struct cursor *c)
{
	struct hale_mountinfo_text t;

	while (filled(c, &t)) {
		if (t.len == 1 && t.at[0] == '-')
			return true;
	}
	return false;
}

bool hale_mountinfo_parse(const char *line, size_t len,
			  struct hale_mountinfo *ret_mount)
{
	struct cursor c = { line, line + len };
	struct hale_mountinfo m = { 0 };

	if (memchr(line, '\0', len) || !numbers(&c, &m) ||
	    !filled(&c, &m.root) || !filled(&c, &m.mountpoint) ||
	    m.mountpoint.at[0] != '/' || !filled(&c, &m.flags) ||
	    !skip_optional(&c) || !filled(&c, &m.type) ||
	    !field(&c, &m.source) || !filled(&c, &m.options))
		return false;
	*ret_mount = m;
	return true;
}

/* A byte has no digit above 3 in front. */
static bool octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	       s[2] >= '0' && s[2] <= '7';
}

void hale_mountinfo_unescape(char *dst, size_t size, const char *src,
			     size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len && out + 1 < size; i++) {
		char c = src[i];

		if (c == '\\' && len - i > 3 && octal(src + i + 1)) {
			c = (char)((src[i + 1] - '0') << 6 |
				   (src[i + 2] - '0') << 3 |
				   (src[i + 3] - '0'));
			i += 3;
		}
		dst[out++] = c;
	}
	if (size > 0)
		dst[out] = '\0';
}
