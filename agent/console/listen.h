/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_LISTEN_H
#define HALE_CONSOLE_LISTEN_H

/* Where the console listens, out of words. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>
#include <sys/socket.h>

#define LISTEN_PORT 4253 /* HALE on a telephone's keys */

union listen_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "ADDR", "ADDR:PORT", "[ADDR6]", "[ADDR6]:PORT", ":PORT" or "PORT": an address
 * in numbers, or localhost; port 0 is any that is free. -EINVAL. */
int listen_read(const char *words, union listen_address *ret);

bool listen_is_loopback(const union listen_address *a);

/* "http://127.0.0.1:4253/"; of "any address" the loopback one. */
#define LISTEN_URL_MAX 80
void listen_url(const union listen_address *a, uint16_t port,
		char ret_url[LISTEN_URL_MAX]);

#endif
