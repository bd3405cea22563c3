/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A repository's URL to its name. Decides what of a URL is a name: its host and
 * path. Must never let a credential through, however the URL is bent: what
 * stands before the last '@' is dropped unseen. Invariant: equal remotes give
 * equal names, whether they are reached by ssh or https.
 */
#include "hale/repo.h"

#include <ctype.h>

#include "hale/base.h"
#include "hale/text.h"

#define URL_MAX 2048

static bool is_scheme(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '+' &&
		    text[i] != '-' && text[i] != '.')
			return false;
	}
	return len > 0;
}

/* "https", or "git" in "git+ssh": only schemes may have a default port. */
static const char *default_port(const char *scheme)
{
	static const char *const ports[][2] = {
		{ "https", "443" },  { "http", "80" },	  { "ssh", "22" },
		{ "git+ssh", "22" }, { "ssh+git", "22" }, { "git", "9418" },
		{ "ftp", "21" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(ports); i++) {
		if (strcmp(scheme, ports[i][0]) == 0)
			return ports[i][1];
	}
	return NULL;
}

static void lower(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] + ('a' - 'A'));
	}
}

/* The host's part of "host:port/path": lower case, without a usual port; the
 * name of a host has no case, a path may. */
static void settle_host(char *text, const char *port)
{
	size_t host = strcspn(text, "/");
	char *colon;

	lower(text, host);
	colon = memchr(text, ':', host);
	if (colon && port && strncmp(colon + 1, port, strlen(port)) == 0 &&
	    (size_t)(colon - text) + 1 + strlen(port) == host)
		memmove(colon, text + host, strlen(text + host) + 1);
}

/* "host:path" as ssh takes it, with no '/' before the colon. */
static void settle_scp(char *text)
{
	char *colon = strchr(text, ':'), *slash = strchr(text, '/');

	if (!colon || (slash && slash < colon))
		return;
	*colon = '/';
	if (colon[1] == '/')
		memmove(colon, colon + 1, strlen(colon));
	settle_host(text, NULL);
}

/* No "//", no '/' or ".git" at the end. */
static void settle_path(char *text)
{
	size_t len, out = 0;

	for (size_t i = 0; text[i]; i++) {
		if (text[i] != '/' || out == 0 || text[out - 1] != '/')
			text[out++] = text[i];
	}
	text[out] = '\0';
	for (;;) {
		len = strlen(text);
		if (len > 1 && text[len - 1] == '/')
			text[len - 1] = '\0';
		else if (len > 4 && strcmp(text + len - 4, ".git") == 0)
			text[len - 4] = '\0';
		else
			break;
	}
}

static char *after_last(char *text, char c)
{
	char *at = strrchr(text, c);

	return at ? at + 1 : text;
}

bool hale_repo_name(const char *url, char ret_name[HALE_REPO_MAX])
{
	char text[URL_MAX] = "", *rest, *sign;

	ret_name[0] = '\0';
	while (*url == ' ' || *url == '\t')
		url++;
	/* what does not fit may end in the middle of a password */
	if (!HALE_SET(text, url))
		return false;
	sign = strstr(text, "://");
	if (sign && is_scheme(text, (size_t)(sign - text))) {
		*sign = '\0';
		rest = after_last(sign + 3, '@');
		rest[strcspn(rest, "?#")] = '\0';
		if (strcmp(text, "file") != 0)
			settle_host(rest, default_port(text));
	} else {
		rest = after_last(text, '@');
		rest[strcspn(rest, "?#")] = '\0';
		settle_scp(rest);
	}
	settle_path(rest);
	hale_print_text(ret_name, HALE_REPO_MAX, rest, strlen(rest));
	return ret_name[0] != '\0' && strcmp(ret_name, "/") != 0;
}
