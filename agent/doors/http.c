/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a request's head. Decides what is refused: all that a scrape does not
 * need. Must never take what it has not understood for something simpler: a
 * line that is no header, a NUL or a body refuse the whole. Invariant: nothing
 * beyond the head is looked at.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/doors/http.h"

struct line {
	const char *at;
	size_t len;
};

/* The next line without its CRLF, or LF; false: there is none. */
static bool next_line(const char **at, const char *end, struct line *ret)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));

	if (!lf)
		return false;
	ret->at = *at;
	ret->len = (size_t)(lf - *at);
	if (ret->len > 0 && ret->at[ret->len - 1] == '\r')
		ret->len--;
	*at = lf + 1;
	return true;
}

static bool starts(const struct line *l, const char *text)
{
	size_t len = strlen(text);

	return l->len >= len && strncasecmp(l->at, text, len) == 0;
}

static bool is_visible(const struct line *l)
{
	for (size_t i = 0; i < l->len; i++) {
		unsigned char c = (unsigned char)l->at[i];

		if (c == 0x7f || (c < ' ' && c != '\t'))
			return false;
	}
	return true;
}

static void drop(struct line *l, size_t n)
{
	l->at += n;
	l->len -= n;
}

static int take_target(struct line l, struct http_request *r)
{
	const char *space = memchr(l.at, ' ', l.len);
	size_t len = space ? (size_t)(space - l.at) : l.len;
	struct line version = { l.at + len, l.len - len };
	size_t path;

	if (!space || l.at[0] != '/')
		return 400;
	if (!starts(&version, " HTTP/1."))
		return 505;
	if (version.len != 9 || version.at[8] < '0' || version.at[8] > '1')
		return 400;
	for (path = 0; path < len && l.at[path] != '?';)
		path++;
	if (!hale_copy(r->path, sizeof(r->path), l.at, path))
		return 404;
	return 0;
}

static int take_start(struct line l, struct http_request *r)
{
	/* names of methods know upper and lower case (RFC 9110, 9.1) */
	if (l.len > 4 && memcmp(l.at, "GET ", 4) == 0) {
		drop(&l, 4);
	} else if (l.len > 5 && memcmp(l.at, "HEAD ", 5) == 0) {
		r->head = true;
		drop(&l, 5);
	} else {
		const char *space = memchr(l.at, ' ', l.len);

		return space && space > l.at ? 405 : 400;
	}
	return take_target(l, r);
}

/* A page of a stranger's, to whose name this host's address was given, asks
 * with that name (DNS rebinding). */
static bool names_itself(struct line l)
{
	static const char *const own[] = { "127.0.0.1", "localhost", "[::1]" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(own); i++) {
		size_t len = strlen(own[i]);

		if (starts(&l, own[i]) && (l.len == len || l.at[len] == ':'))
			return true;
	}
	return false;
}

static bool holds(const struct line *l, const char *word)
{
	return memmem(l->at, l->len, word, strlen(word)) != NULL;
}

static int take_header(struct line l, struct http_request *r)
{
	const char *colon = memchr(l.at, ':', l.len);
	struct line value = l;

	if (!colon || colon == l.at || l.at[0] == ' ' || l.at[0] == '\t')
		return 400;
	drop(&value, (size_t)(colon - l.at) + 1);
	while (value.len > 0 && (*value.at == ' ' || *value.at == '\t'))
		drop(&value, 1);
	if (starts(&l, "host:"))
		r->own_host = names_itself(value);
	if (starts(&l, "accept:"))
		r->openmetrics = holds(&value, "application/openmetrics-text");
	if (starts(&l, "transfer-encoding:") ||
	    (starts(&l, "content-length:") &&
	     (value.len != 1 || value.at[0] != '0')))
		return 413;
	return 0;
}

int http_parse(const char *bytes, size_t len, struct http_request *ret)
{
	const char *at = bytes, *end = bytes + len;
	struct http_request r = { 0 };
	struct line l;
	int status;

	if (memchr(bytes, '\0', len))
		return 400;
	if (!next_line(&at, end, &l))
		return len >= HTTP_HEAD_MAX ? 431 : -EAGAIN;
	status = is_visible(&l) ? take_start(l, &r) : 400;
	while (status == 0 && next_line(&at, end, &l)) {
		if (l.len == 0) {
			*ret = r;
			return 0;
		}
		status = is_visible(&l) ? take_header(l, &r) : 400;
	}
	if (status != 0)
		return status;
	return len >= HTTP_HEAD_MAX ? 431 : -EAGAIN;
}

const char *http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 421, "Misdirected Request" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		if (rows[i].status == status)
			return rows[i].reason;
	}
	return "Error";
}
