/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_CONSOLE_H
#define HALE_CONSOLE_CONSOLE_H

/* The console as a whole: a supply, a screen, a server, one loop. */

#include "http.h"
#include "listen.h"
#include "supply.h"

struct console_options {
	union listen_address address;
	struct guard guard;
	unsigned int patience_s; /* of http.h */
};

/**
 * console_run() - serve until SIGINT or SIGTERM
 * @ret_why: one line for people on failure.
 *
 * Prints the address on stdout once it listens. SIGPIPE is ignored from then
 * on.
 *
 * Return: 0: it was told to end; -errno.
 */
int console_run(const struct console_options *o, const struct supply *s,
		char ret_why[200]);

#endif
