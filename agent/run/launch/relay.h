/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_RELAY_H
#define HALE_RUN_RELAY_H

/*
 * The command's output on its way: every byte once, in order, at once; the tail
 * and progress see a copy. A reader that is slow makes the command wait, one
 * that is gone is gone for the command too.
 */

#include <poll.h>

#include "agent/run/text/progress.h"
#include "pty.h"
#include "tail.h"

enum stream_kind {
	STREAM_AS_IS = 0, /* the command writes there itself, unseen */
	STREAM_FILE,	  /* likewise; hale reads the file */
	STREAM_PIPE,
	STREAM_PTY,
};

#define RELAY_BUFFER (64 * 1024) /* what a pipe holds */

struct stream {
	enum stream_kind kind;
	int out;     /* where it goes to: hale's own 1 or 2 */
	int in;	     /* pipe or pty, hale's end; -1: ended */
	int child;   /* the command's end, until it is launched; or -1 */
	int to;	     /* what hale writes to: non-blocking; -1: nowhere */
	bool own_to; /* @to is a descriptor of its own */
	bool socket;
	bool gone; /* who reads it is */
	struct pty pty;
	int file;      /* STREAM_FILE: for reading */
	uint64_t read; /* STREAM_FILE: up to where */
	size_t at, used;
	char buffer[RELAY_BUFFER];
};

struct relay {
	struct stream streams[2]; /* of 1 and 2 */
	bool one;		  /* 2 goes where 1 does: by streams[0] */
	struct tail *tail;
	struct progress progress;
	uint64_t bytes;
};

/* Whatever fails leaves a stream as it is: then it is not seen. */
/* @bare: a terminal is left to the command as it is. */
void relay_open(struct relay *r, struct tail *tail, bool bare);
/* What becomes the command's 1 and 2; -1: as they are. */
int relay_child_fd(const struct relay *r, int i);
void relay_launched(struct relay *r);
/* At most 4 of them: what to wait for. */
size_t relay_wants(const struct relay *r, struct pollfd *fds);
/* Moves what can be moved without waiting. */
void relay_move(struct relay *r);
/* Nothing more can come. */
bool relay_ended(const struct relay *r);
/* About every second: files that hale only reads. */
void relay_look(struct relay *r);
/* The real terminals' modes and sizes; true: a size is another. @mirror: the
 * command is in the foreground. */
bool relay_modes(struct relay *r, bool mirror);
bool relay_has_pty(const struct relay *r);
/* Others than the command still hold the output: a process that is left behind
 * goes on for them until they are done. */
void relay_leave(struct relay *r);
void relay_done(struct relay *r);

#endif
