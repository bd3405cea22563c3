/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CHILD_H
#define HALE_CHILD_H

/*
 * A short-lived child for work that may block: what it finds out comes back
 * over a SOCK_SEQPACKET pair, its end over a pidfd, both in the loop. It is
 * killed at its deadline. One that does not even die (D state) is told as
 * stuck, once, and is reaped whenever it ends after all; until then the owner
 * starts no other in its place.
 */

#include <stddef.h>
#include <sys/types.h>

#include "agent/daemon/loop.h"

enum child_state {
	CHILD_NONE = 0,
	CHILD_RUNS,
	CHILD_KILLED, /* past its deadline, or told to stop */
	CHILD_STUCK,  /* killed, and still there */
};

/* What one child does, and who hears of it. All but @work may be NULL. */
struct child_job {
	const char *name; /* of the process, cut to 15 bytes */
	/* In the child: its exit status, 0 to 255. @fd: to the parent. */
	int (*work)(void *data, int fd);
	/* In the child, before @work: closes what it must not keep open. */
	void (*in_child)(void *data);
	void *in_child_data;
	/* Messages longer than @buffer come cut: @len is then @size + 1. */
	void (*message)(void *data, const void *bytes, size_t len);
	void *buffer;
	size_t size;
	/* No more messages come: it is ending, or does not want to talk. */
	void (*hung_up)(void *data);
	void (*stuck)(void *data);
	/* @status: its exit status, or minus the signal that ended it. The
	 * child's state is CHILD_NONE again: another may be started in here.
	 */
	void (*ended)(void *data, int status);
	void *data;
	uint64_t deadline_ns; /* from its start, awake; 0: none */
};

struct child {
	struct loop *loop;
	enum child_state state;
	pid_t pid;
	struct loop_source exit_source, message_source;
	struct loop_timer timer;
	uint64_t end_ns; /* CLOCK_MONOTONIC: its deadline */
	bool overdue;	 /* it was killed because that had come */
	struct child_job job;
};

void child_init(struct child *c, struct loop *loop);

/* Kills what runs and lets go of it: nothing is called back any more. */
void child_done(struct child *c);

/**
 * child_start() - fork and let go
 *
 * Return: 0; -EBUSY while another runs or is stuck; what socketpair(2),
 * fork(2) or pidfd_open(2) say: then nothing is called back.
 */
int child_start(struct child *c, const struct child_job *job);

/* Before its deadline; the usual callbacks follow. */
void child_kill(struct child *c);

/**
 * child_pass() - @from's process, which was killed, is @to's from now on
 * @to: free, of the same loop. @from is free again: another may be started.
 * @job: who hears of its end, and where it is stuck.
 *
 * Messages that still lie there are lost. 0, or negative errno of epoll_ctl(2):
 * then nothing has changed.
 */
int child_pass(struct child *from, struct child *to,
	       const struct child_job *job);

/* A stuck one, given up: no more is heard of it but its end. */
void child_abandon(struct child *c, void (*ended)(void *data, int status),
		   void *data);

/* Bytes to it, without waiting: 0, or negative errno of send(2). */
int child_send(const struct child *c, const void *bytes, size_t len);
/* It reads the end of the messages, which tells it to end; nothing more is
 * heard of it but its end. */
void child_hang_up(struct child *c);
/* The socket to it, for somebody else to talk over: the caller's to close. Here
 * nothing more is heard of the child but its end. -1: it is closed. */
int child_give_fd(struct child *c);

/**
 * child_wait() - outside of the loop: serve this child alone until it ends
 * Return: true where it ended within @timeout_ms.
 */
bool child_wait(struct child *c, int timeout_ms);

#endif
