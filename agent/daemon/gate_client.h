/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_GATE_CLIENT_H
#define HALE_GATE_CLIENT_H

/* One who asks, from its connection to its leaving. Part of gate.h. */

#include <stddef.h>
#include <sys/types.h>

#include "agent/daemon/loop.h"

struct gate;

enum gate_wait {
	GATE_IDLE = 0, /* dropped when it says nothing for some seconds */
	GATE_DEFERRED, /* gets its answer a little later */
	GATE_PACED,    /* likewise, when its turn comes */
	GATE_WATCHING, /* stays until it leaves */
};

struct gate_message {
	struct gate_message *next;
	size_t len;
	uint8_t bytes[];
};

struct gate_client {
	struct gate *gate;
	struct loop_source source;
	enum gate_wait wait;
	bool held_up;	   /* gate_pace.c */
	bool asked;	   /* anything at all, since it came */
	bool may_control;  /* root, the agent's own user, or in the group */
	bool may_read_log; /* those, and the group that reads logs */
	uid_t uid;
	gid_t gid;
	pid_t pid;
	uint64_t active_ns;  /* CLOCK_BOOTTIME: its last request */
	uint64_t stalled_ns; /* since when its queue does not move; 0 */
	size_t queued;
	struct gate_message *first, *last;
	void *request; /* the owner's: freed with free(3) when it leaves */
	size_t request_len;
	uint64_t told;	 /* the owner's: generation of the last report */
	uint64_t fresh;	 /* the owner's: which runs its question waits for */
	uint32_t awaits; /* likewise: 1 << sense, of runs under way */
};

/* Is a client in this place? */
static inline bool gate_client_here(const struct gate_client *c)
{
	return c->source.fd >= 0;
}

#endif
