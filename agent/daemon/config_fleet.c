/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section [fleet]: what its values may be. Decides which servers, labels
 * and keys are none. Must never take a password: this file is read by others
 * than root, and what stands in it is shown by ps(1). Nothing is looked up and
 * no file is opened here: the reporter does.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/config.h"

#define SERVER_MAX  200
#define SERVERS_MAX 32
#define LABELS_MAX  16
#define KEY_MAX	    32 /* bytes of a label's name */
#define VALUE_MAX   64
#define NKEY_LEN    56
#define OBEY_MAX    4

static const char blanks[] = " \t,";
static const char digits[] = "0123456789";
static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
static const char host_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz0123456789.-_";
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* ":4222", or nothing. */
static bool is_port(const char *text)
{
	size_t n = text[0] ? strspn(text + 1, digits) : 0;
	long port = n > 0 && n <= 5 ? strtol(text + 1, NULL, 10) : 0;

	return text[0] == '\0' || (text[0] == ':' && text[n + 1] == '\0' &&
				   port > 0 && port <= 65535);
}

/* tls://[2001:db8::1]:4222; no user, no path. */
static bool is_server(const char *word)
{
	const char *host = strstr(word, "://");
	size_t len;

	if (!host || strlen(word) >= SERVER_MAX ||
	    (strncmp(word, "tls://", 6) != 0 &&
	     strncmp(word, "nats://", 7) != 0))
		return false;
	host += 3;
	if (host[0] == '[') {
		len = strspn(host + 1, "0123456789abcdefABCDEF:.");
		return len > 1 && host[len + 1] == ']' &&
		       is_port(host + len + 2);
	}
	len = strspn(host, host_bytes);
	return len > 0 && is_port(host + len);
}

/* rack=7 */
static bool is_label(const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : 0;

	if (len == 0 || len > KEY_MAX || strspn(word, name_bytes) != len ||
	    word[0] < 'a' || word[0] > 'z' || strlen(value + 1) > VALUE_MAX)
		return false;
	for (value++; *value; value++) {
		if (*value < 0x21 || *value == 0x7f)
			return false;
	}
	return true;
}

static bool is_operator(const char *word)
{
	return strlen(word) == NKEY_LEN && word[0] == 'U' &&
	       strspn(word, base32) == NKEY_LEN;
}

static size_t count_words(const char *list)
{
	size_t n = 0;

	for (list += strspn(list, blanks); *list; n++) {
		list += strcspn(list, blanks);
		list += strspn(list, blanks);
	}
	return n;
}

struct list {
	char *at;
	size_t size, max;
	bool (*is_one)(const char *word);
};

static int add_word(const struct list *l, const char *word)
{
	size_t n = strlen(l->at), len = strlen(word);

	if (!l->is_one(word) || count_words(l->at) == l->max ||
	    n + len + 2 > l->size)
		return -EINVAL;
	if (n > 0)
		l->at[n++] = ' ';
	memcpy(l->at + n, word, len + 1);
	return 0;
}

/* Behind what an earlier line said: a line holds four servers or so. */
static int add_words(const struct list *l, const char *value)
{
	char text[CONFIG_VALUE_MAX], *rest = text, *word;
	int r = 0;

	if (!HALE_SET(text, value) || count_words(value) == 0)
		return -EINVAL;
	while (r == 0 && (word = strsep(&rest, blanks)) != NULL) {
		if (word[0])
			r = add_word(l, word);
	}
	return r;
}

static int take_path(char to[CONFIG_VALUE_MAX], const char *value)
{
	return value[0] == '/' && hale_copy(to, CONFIG_VALUE_MAX, value,
					    strlen(value))
		       ? 0
		       : -EINVAL;
}

/* More often is a load for the servers, less often no sign of life. */
static int take_heartbeat(struct config_fleet *f, const char *value)
{
	uint64_t ns;

	if (hale_duration_parse(value, &ns) < 0 || ns < 5 * HALE_NS_PER_S ||
	    ns > 3600 * HALE_NS_PER_S)
		return -EINVAL;
	f->heartbeat_s = (uint32_t)(ns / HALE_NS_PER_S);
	return 0;
}

static int take_spool_size(struct config_fleet *f, const char *value)
{
	uint64_t bytes;

	if (hale_size_parse(value, &bytes) < 0 || bytes < HALE_MIB ||
	    bytes > HALE_GIB)
		return -EINVAL;
	f->spool_bytes = bytes;
	return 0;
}

static int take_spool_age(struct config_fleet *f, const char *value)
{
	const uint64_t hour = 3600 * HALE_NS_PER_S;
	uint64_t ns;

	if (hale_duration_parse(value, &ns) < 0 || ns < hour ||
	    ns > 366 * 24 * hour)
		return -EINVAL;
	f->spool_age_ns = ns;
	return 0;
}

static int take_list(struct config_fleet *f, const char *key, const char *value)
{
	const struct list servers = { f->servers, sizeof(f->servers),
				      SERVERS_MAX, is_server };
	const struct list labels = { f->labels, sizeof(f->labels), LABELS_MAX,
				     is_label };
	const struct list obey = { f->obey, sizeof(f->obey), OBEY_MAX,
				   is_operator };

	return add_words(key[0] == 's'	 ? &servers
			 : key[0] == 'l' ? &labels
					 : &obey,
			 value);
}

int config_set_fleet(struct config_fleet *f, const char *key, const char *value)
{
	if (strcmp(key, "heartbeat") == 0)
		return take_heartbeat(f, value);
	if (strcmp(key, "spool_size") == 0)
		return take_spool_size(f, value);
	if (strcmp(key, "spool_age") == 0)
		return take_spool_age(f, value);
	if (strcmp(key, "seed") == 0)
		return take_path(f->seed, value);
	if (strcmp(key, "ca") == 0)
		return take_path(f->ca, value);
	if (strcmp(key, "certificate") == 0)
		return take_path(f->certificate, value);
	if (strcmp(key, "key") == 0)
		return take_path(f->key, value);
	return take_list(f, key, value);
}

const char *config_doubt_fleet(const struct config_fleet *f)
{
	if (!f->servers[0])
		return f->seed[0] || f->certificate[0]
			       ? "[fleet] names no servers, so nothing is "
				 "reported"
			       : NULL;
	if (!f->seed[0] && !f->certificate[0])
		return "[fleet] servers without seed or certificate: no server "
		       "will know this host, see hale.conf(5)";
	if ((f->certificate[0] != '\0') != (f->key[0] != '\0'))
		return "[fleet] certificate and key go together: one of them "
		       "is missing";
	return NULL;
}
