/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a URL, an address of mail, a place to listen at and a template may be.
 * Decides by lists of what is allowed: these texts end up in headers, in argv
 * and on sockets. Invariant: nothing that passes holds a blank, a control or
 * a line's end.
 */
#include "hale/base.h"
#include "hale/doors.h"

static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return false;
	}
	return len > 0;
}

/* Names and ports end a host; an "@" before them would be another's host. */
static bool is_this_host(const char *at)
{
	static const char *const own[] = { "127.0.0.1", "localhost", "[::1]" };
	size_t host = strcspn(at, "/?#");

	if (memchr(at, '@', host))
		return false;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(own); i++) {
		size_t len = strlen(own[i]);

		if (strncmp(at, own[i], len) == 0 &&
		    (at[len] == ':' || len == host))
			return true;
	}
	return false;
}

bool hale_url_valid(const char *url)
{
	if (!is_plain(url, strlen(url)) || strpbrk(url, "\"<>\\^`{|}"))
		return false;
	if (strncmp(url, "https://", 8) == 0)
		return url[8] != '\0' && url[8] != '/' && url[8] != ':';
	return strncmp(url, "http://", 7) == 0 && is_this_host(url + 7);
}

bool hale_mail_url_valid(const char *url)
{
	if (!is_plain(url, strlen(url)) || strpbrk(url, "\"<>\\^`{|}@"))
		return false;
	if (strncmp(url, "smtps://", 8) == 0)
		return url[8] != '\0' && url[8] != '/' && url[8] != ':';
	return strncmp(url, "smtp://", 7) == 0 && is_this_host(url + 7);
}

bool hale_address_valid(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (!is_plain(text, len) || text[0] == '-' || len > 120)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (strchr("\"'<>()[]\\,;:`|&$", text[i]))
			return false;
	}
	/* a local user's name will do */
	return !at || (at > text && at + 1 < text + len &&
		       !memchr(at + 1, '@', (size_t)(text + len - at - 1)));
}

static bool is_port(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n <= 65535;
}

bool hale_listen_valid(const char *text)
{
	if (text[0] == '/')
		return strlen(text) < 108 && is_plain(text, strlen(text));
	if (strncmp(text, "127.0.0.1:", 10) == 0)
		return is_port(text + 10);
	return strncmp(text, "[::1]:", 6) == 0 && is_port(text + 6);
}

/* --- templates: text, {name}, {{ and }} --- */

static const char *const names[HALE_VALUES] = {
	[HALE_VALUE_HOST] = "host",	  [HALE_VALUE_CHANGE] = "change",
	[HALE_VALUE_EFFECT] = "effect",	  [HALE_VALUE_CONDITION] = "condition",
	[HALE_VALUE_PART] = "part",	  [HALE_VALUE_ALIAS] = "alias",
	[HALE_VALUE_COUNT] = "count",	  [HALE_VALUE_EVIDENCE] = "evidence",
	[HALE_VALUE_MEANING] = "meaning", [HALE_VALUE_ADVICE] = "advice",
	[HALE_VALUE_CLEARS] = "clears",	  [HALE_VALUE_VERDICT] = "verdict",
	[HALE_VALUE_TIME] = "time",
};

int hale_template_name(const char *name, size_t len)
{
	for (int i = 0; i < HALE_VALUES; i++) {
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return i;
	}
	return -1;
}

const char *hale_template_fault(const char *text)
{
	while ((text = strpbrk(text, "{}")) != NULL) {
		size_t len;

		if (text[1] == text[0]) {
			text += 2;
			continue;
		}
		if (text[0] == '}')
			return "a } without its {; }} stands for one";
		len = strcspn(++text, "}");
		if (text[len] == '\0')
			return "a { without its }; {{ stands for one";
		if (hale_template_name(text, len) < 0)
			return "a {name} that is none: hale.conf(5) lists them";
		text += len + 1;
	}
	return NULL;
}
