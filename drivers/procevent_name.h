/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PROCEVENT_NAME_H
#define HALE_PROCEVENT_NAME_H

/*
 * How the dead were called: the kernel's accounting of each task that ends
 * (kernel: kernel/taskstats.c, kernel/tsacct.c,
 * Documentation/accounting/taskstats.rst). It is said before the process
 * connector says the death, and nobody has to be quicker than a parent that
 * waits. To ask for it takes CAP_NET_ADMIN, the first user and PID namespaces;
 * to read what comes takes nothing.
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "procevent_event.h"

struct nl_sock;

/* Of a task; of more than the ring holds the last are kept. */
#define PROCEVENT_NAMES	   256
#define PROCEVENT_NAME_MAX 32 /* TS_COMM_LEN */

struct procevent_name {
	uint32_t task; /* a thread; of the process's first it is the pid */
	bool told;
	char comm[PROCEVENT_NAME_MAX];
};

struct procevent_names {
	struct nl_sock *socket; /* NULL: this kernel does not say */
	uint32_t next;
	struct procevent_name ring[PROCEVENT_NAMES];
};

/**
 * procevent_name_parse() - one message of taskstats
 * Return: 0, or -EBADMSG where it is torn or about something else.
 */
int procevent_name_parse(const void *buf, size_t len,
			 struct procevent_name *ret);

/* For SO_ATTACH_FILTER: passes tasks that ended by a fault, and threads that
 * ended by any signal: theirs is not said. */
extern const struct sock_fprog procevent_name_filter;

/* @cpus: all that may be, "0-63". Negative errno: @n says nothing then. */
int procevent_names_open(struct procevent_names *n, const char *cpus);
void procevent_names_close(struct procevent_names *n);

/* Of the process of @e, else of its thread; @again: not its first death to be
 * told. false: the kernel has not said. */
bool procevent_names_find(struct procevent_names *n,
			  const struct procevent_event *e, bool again,
			  char ret[PROCEVENT_NAME_MAX]);

#endif
