/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PROCEVENT_EVENT_H
#define HALE_PROCEVENT_EVENT_H

/*
 * Messages of the process connector (kernel: drivers/connector/cn_proc.c,
 * Documentation/driver-api/connector.rst), and the socket filter that keeps
 * all but the few that matter from ever waking the agent.
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum procevent_kind {
	PROCEVENT_OTHER, /* well formed, and of no interest */
	PROCEVENT_ACK,	 /* answers a request; @error */
	PROCEVENT_DEATH, /* a thread ended by a fault of the program */
};

struct procevent_event {
	enum procevent_kind kind;
	int error;  /* errno of an ACK, 0: granted */
	int signal; /* of a DEATH */
	bool core_dumped;
	uint32_t pid;	  /* the thread's process (tgid), in the first PID
			   * namespace */
	uint32_t thread;  /* which of its threads ended */
	uint32_t parent;  /* 0: before Linux 4.18 it is not said */
	uint64_t time_ns; /* CLOCK_MONOTONIC */
};

/* Messages are 76 bytes; more is room for later kernels. */
#define PROCEVENT_MESSAGE_MAX 256

/**
 * procevent_parse() - one netlink message
 * Return: 0, or -EBADMSG where it is torn or not the connector's.
 */
int procevent_parse(const void *buf, size_t len, struct procevent_event *ret);

/* SIGSEGV, SIGBUS, ...: what a program dies of that nobody killed. */
bool procevent_is_fault(int signal);

/* For SO_ATTACH_FILTER: passes acknowledgements and deaths by a fault. */
extern const struct sock_fprog procevent_filter;

/*
 * Every thread of a process that dies reports the same death; one counts.
 * Zero it to start.
 */
#define PROCEVENT_RECENT 256

struct procevent_recent {
	struct {
		uint32_t pid;
		uint64_t time_ns;
	} seen[PROCEVENT_RECENT];
	uint32_t next;
};

/* Is this the first we hear of this death? */
bool procevent_is_first(struct procevent_recent *r,
			const struct procevent_event *e);

#endif
