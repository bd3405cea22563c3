/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address to listen on. Decides what the user's words mean. Must never turn
 * a mistake into a wider address than was meant. Invariant: what is not an
 * address in numbers, or the one name that needs no look-up, is an error.
 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>

#include "hale/base.h"

#define WORDS_MAX 64

static int read_port(const char *text, uint16_t *ret)
{
	size_t n = strspn(text, "0123456789");
	unsigned long port = strtoul(text, NULL, 10);

	if (n == 0 || n > 5 || text[n] != '\0' || port > UINT16_MAX)
		return -EINVAL;
	*ret = (uint16_t)port;
	return 0;
}

static int read_v6(char *words, uint16_t port, union listen_address *ret)
{
	char *end = strchr(words, ']');
	union listen_address a = { .v6 = { .sin6_family = AF_INET6 } };

	if (!end || (end[1] != '\0' && end[1] != ':'))
		return -EINVAL;
	if (end[1] == ':' && read_port(end + 2, &port) < 0)
		return -EINVAL;
	*end = '\0';
	if (inet_pton(AF_INET6, words + 1, &a.v6.sin6_addr) != 1)
		return -EINVAL;
	a.v6.sin6_port = htons(port);
	*ret = a;
	return 0;
}

int listen_read(const char *words, union listen_address *ret)
{
	union listen_address a = { .v4 = { .sin_family = AF_INET } };
	uint16_t port = LISTEN_PORT;
	char copy[WORDS_MAX];
	const char *address = copy;
	char *colon;

	if (!HALE_SET(copy, words) || !copy[0])
		return -EINVAL;
	if (copy[0] == '[')
		return read_v6(copy, port, ret);
	colon = strchr(copy, ':');
	if (colon && read_port(colon + 1, &port) < 0)
		return -EINVAL;
	if (colon)
		*colon = '\0';
	else if (read_port(copy, &port) == 0)
		address = "";
	if (!address[0] || strcmp(address, "localhost") == 0)
		address = "127.0.0.1";
	if (inet_pton(AF_INET, address, &a.v4.sin_addr) != 1)
		return -EINVAL;
	a.v4.sin_port = htons(port);
	*ret = a;
	return 0;
}

bool listen_is_loopback(const union listen_address *a)
{
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	return ntohl(a->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

void listen_url(const union listen_address *a, uint16_t port,
		char ret_url[LISTEN_URL_MAX])
{
	char text[INET6_ADDRSTRLEN] = "";
	bool v6 = a->any.sa_family == AF_INET6;

	if (v6 && IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr))
		HALE_SET(text, "::1");
	else if (v6)
		inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof(text));
	else if (a->v4.sin_addr.s_addr == htonl(INADDR_ANY))
		HALE_SET(text, "127.0.0.1");
	else
		inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof(text));
	snprintf(ret_url, LISTEN_URL_MAX,
		 v6 ? "http://[%s]:%u/" : "http://%s:%u/", text, port);
}
