/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_GUARD_H
#define HALE_CONSOLE_GUARD_H

/* Which requests the console answers, by their headers. Pure. */

#include <stdbool.h>
#include <stdint.h>

#define GUARD_NAMES_MAX 8

struct guard {
	/* Names that people may call this console by, besides "localhost" and
	 * addresses; NULL ends it. */
	const char *names[GUARD_NAMES_MAX + 1];
};

/**
 * guard_host() - is this the Host of a request that was meant for us?
 * @host: the header, hostile; NULL: there was none.
 *
 * A page of another site can have its own name resolve to our address ("DNS
 * rebinding") and then read what we answer; it cannot have the browser send
 * another Host. So a name must be one that is ours. An address needs no look-up
 * and cannot be rebound: any is right, and so is any port (a tunnel's is
 * another than ours).
 */
bool guard_host(const struct guard *g, const char *host);

/* Not a request that another site's page made, as far as the browser says
 * (Sec-Fetch-Site, W3C Fetch Metadata); NULL: it says nothing. Following a link
 * to the page itself is fine. */
bool guard_site(const char *site, bool is_page);

/* Does a path name a host: "/api/host/" and an id? */
bool guard_path_host(const char *path, const char **ret_id);

#endif
