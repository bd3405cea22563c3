/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask. Decides by the headers alone whether a request was meant for
 * this console. Must never let a name pass that nobody gave us. Invariant: what
 * is not well formed is refused; nothing is corrected.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

#include "hale/base.h"

#include "proto/fleet_subject.h"

#define HOST_MAX 260 /* a name of DNS, a colon and a port */
#define API_HOST "/api/host/"

static bool is_port(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n >= 1 && n <= 5 && text[n] == '\0';
}

static bool is_address6(const char *text)
{
	const char *end = strchr(text, ']');
	struct in6_addr address;
	char inner[INET6_ADDRSTRLEN];

	if (!end || !hale_copy(inner, sizeof(inner), text + 1,
			       (size_t)(end - text - 1)))
		return false;
	if (end[1] != '\0' && (end[1] != ':' || !is_port(end + 2)))
		return false;
	return inet_pton(AF_INET6, inner, &address) == 1;
}

static bool is_ours(const struct guard *g, const char *name)
{
	struct in_addr address;

	if (inet_pton(AF_INET, name, &address) == 1 ||
	    strcasecmp(name, "localhost") == 0)
		return true;
	for (size_t i = 0; g->names[i]; i++) {
		if (strcasecmp(name, g->names[i]) == 0)
			return true;
	}
	return false;
}

bool guard_host(const struct guard *g, const char *host)
{
	char name[HOST_MAX];
	char *colon;

	if (!host || !HALE_SET(name, host))
		return false;
	if (name[0] == '[')
		return is_address6(name);
	colon = strchr(name, ':');
	if (colon && !is_port(colon + 1))
		return false;
	if (colon)
		*colon = '\0';
	return name[0] != '\0' && is_ours(g, name);
}

bool guard_site(const char *site, bool is_page)
{
	return !site || is_page || strcmp(site, "same-origin") == 0 ||
	       strcmp(site, "none") == 0;
}

bool guard_path_host(const char *path, const char **ret_id)
{
	const char *id = path + strlen(API_HOST);

	if (strncmp(path, API_HOST, strlen(API_HOST)) != 0 ||
	    !fleet_id_valid(id))
		return false;
	*ret_id = id;
	return true;
}
