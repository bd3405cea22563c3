/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_STATE_DISK_H
#define HALE_STATE_DISK_H

/*
 * The supervisor's side of the memory: STATE/state.pb, as bytes. It is read by
 * a short child into the vault at start, and written whole by another, which
 * replaces it by rename: there is always an old one or a new one. No process
 * of root's parses it, and none waits for the disk.
 */

#include "agent/daemon/child.h"
#include "agent/daemon/vault.h"

#define STATE_DISK_NAME "state.pb"

/* Set the first block, then state_disk_init(). */
struct state_disk {
	struct loop *loop;
	struct vault *vault; /* the supervisor's, not mapped */
	int dir_fd;	     /* -1: nothing is kept on the disk; not owned */
	const char *dir;     /* its name, for the log */
	void (*in_child)(void *data);
	void *in_child_data;
	/* In the child: gives up root. 0 or negative errno: then it ends. */
	int (*confine)(void *data);
	/* What WIRE_SAVED says: 0 or an errno; may be NULL. */
	void (*saved)(void *data, int error);
	void *data;

	struct child writer;
	struct loop_timer timer;
	uint64_t written_ns; /* CLOCK_BOOTTIME */
	int bad;	     /* errno for which the file is set aside first */
	bool again, failed;
	int status;    /* of the reader */
	char name[32]; /* under which a bad one is kept */
};

void state_disk_init(struct state_disk *s);
void state_disk_done(struct state_disk *s);

/**
 * state_disk_read() - at the start, before the loop: the file into the vault
 * @timeout_ms: a disk that is silent for longer is left alone; what it had is
 * set aside when it works again, not written over.
 *
 * Return: 0; -ENOENT: there is none; -EBADMSG: empty, or too large;
 * -ETIMEDOUT, or what open(2) and read(2) say. All but 0 and -ENOENT have been
 * told.
 */
int state_disk_read(struct state_disk *s, int timeout_ms);

/* WIRE_SAVE: the vault holds something new. @now: without the usual pace. */
void state_disk_touch(struct state_disk *s, bool now);
/* WIRE_BAD_MEMORY: no Memory (@error EBADMSG), or a later hale's
 * (EPROTONOSUPPORT): kept as state.pb.bad, .bad.2, …, never deleted. */
void state_disk_bad(struct state_disk *s, int error);
/* The last words: waits up to @timeout_ms. 0, -ETIMEDOUT or -EIO. */
int state_disk_flush(struct state_disk *s, int timeout_ms);

/* For the children, for whoever runs without an agent, and for tests. The file
 * as bytes, freed with free(3). */
int state_disk_bytes(int dir_fd, uint8_t **ret_bytes, size_t *ret_len);
int state_disk_load(int dir_fd, struct vault *v);
int state_disk_store(int dir_fd, const uint8_t *bytes, size_t len);
/* The name it got, STATE_DISK_NONE where there is no file; NULL with errno
 * where that failed, EEXIST: no name is left. */
#define STATE_DISK_NONE "-"
const char *state_disk_set_aside(int dir_fd);

#endif
