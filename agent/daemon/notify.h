/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_NOTIFY_H
#define HALE_NOTIFY_H

/*
 * The service manager's readiness protocol, sd_notify(3): one datagram to the
 * socket named in NOTIFY_SOCKET. Nothing happens where it is not set.
 */

#include <stdint.h>

struct notify {
	int fd;		      /* -1: nobody listens */
	uint64_t watchdog_ns; /* WATCHDOG_USEC of our pid; 0: none */
};

/* Reads the environment and takes the variables out of it. Never fails:
 * without a listener, or with one that cannot be reached, fd is -1. */
void notify_init(struct notify *n);
void notify_done(struct notify *n);

/* @text: "READY=1", "STOPPING=1", …; lines joined by '\n'. Never blocks. */
void notify_send(const struct notify *n, const char *text);

/* "RELOADING=1" with the monotonic time that Type=notify-reload wants. */
void notify_reloading(const struct notify *n);

#endif
