/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_STATE_H
#define HALE_STATE_H

/*
 * Memory across restarts: STATE/state.pb, one Memory message of hale.proto. It
 * is written whole by a short-lived child, never by the loop, and replaced by
 * rename: there is always an old one or a new one.
 */

#include "agent/core/middle.h"
#include "agent/daemon/child.h"
#include "agent/daemon/clock.h"

#define STATE_ERROR_MAX	 256
#define STATE_CLEARS_MAX 64 /* operators' words kept with who and why */
#define STATE_BY_MAX	 160

struct state_clear {
	char part[HALE_PART_MAX];
	char by[STATE_BY_MAX]; /* "uid 1000, pid 4711: disk replaced" */
};

struct state_clears {
	uint32_t n; /* the oldest gives way */
	struct state_clear list[STATE_CLEARS_MAX];
};

struct state {
	int dir_fd; /* -1: nothing is remembered; not owned */
	struct loop *loop;
	const struct middle *middle;
	const struct hale_clock *clock;
	void (*in_child)(void *data);
	void *in_child_data;
	struct state_clears clears;
	struct child writer;
	struct loop_timer timer;
	uint64_t saved_generation, writing_generation;
	uint64_t written_ns; /* CLOCK_BOOTTIME */
	bool failed;	     /* told, and not good again since */
};

/* Where what is read goes. */
struct state_memory {
	struct middle *middle;
	struct hale_clock *clock;    /* takes over this boot's saved anchor */
	struct state_clears *clears; /* may be NULL */
	uint64_t
		position; /* kernel log, read up to and with; 0: another boot */
	char error[STATE_ERROR_MAX]; /* one line about what is wrong, or about
				      * rows that were left out; "": nothing */
};

/**
 * state_load() - what an earlier agent knew
 * @dir_fd: the state folder.
 *
 * Return: 0; -ENOENT: nothing saved; -EBADMSG: no state file, or damaged;
 * -EPROTONOSUPPORT: written by a later hale; else of open(2) and read(2).
 */
int state_load(int dir_fd, struct state_memory *mem);

/* Renames what could not be read to state.pb.bad, .bad.2, …: it is never
 * deleted. The name it got, or NULL where that failed. */
const char *state_set_aside(int dir_fd);

void state_init(struct state *s);
void state_done(struct state *s);

/* Something changed: it will be written soon, together with what follows. */
void state_touch(struct state *s);
/* Write now, in a child; at its end @s->failed says how it went. */
void state_write(struct state *s);
/* The last words: waits up to @timeout_ms. 0, -ETIMEDOUT or -EIO. */
int state_flush(struct state *s, int timeout_ms);

void state_note_clear(struct state *s, const char *part, const char *by);

/* state_file.c, for the writer's child and tests: rows to the file. */
int state_store(int dir_fd, const struct middle *m,
		const struct hale_clock *clock,
		const struct state_clears *clears);

#endif
