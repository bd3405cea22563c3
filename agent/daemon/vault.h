/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VAULT_H
#define HALE_VAULT_H

/*
 * What the agent knows, in memory that outlives the core: a file of fixed size
 * that no disk holds, shared by the supervisor and each core in turn. Two
 * slots; the older one is written, so that there is always a whole one. The
 * content is a Memory message of hale.proto, and hostile to whoever reads it: a
 * core that fell may have written it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A full ledger with its sectors, devices and mounts is some 1.7 MiB; only
 * pages that were written to take memory. */
#define VAULT_SLOT_MAX (4 * 1024 * 1024)
/* The number of what the state folder held; a core's numbers are greater. */
#define VAULT_FROM_DISK 1
#define VAULT_NAME	"vault" /* in the run folder, where that is in memory */

struct vault {
	int fd;		    /* the supervisor's; -1: none */
	void *pages;	    /* the core's: both slots; NULL: not mapped */
	uint32_t next;	    /* the slot that vault_next() gave out */
	size_t reserved[2]; /* of each slot, bytes that have memory */
};

#define VAULT_NULL                                                             \
	{                                                                      \
		.fd = -1                                                       \
	}

/* For the supervisor: memfd_create(2), sealed against a change of its size. It
 * is not mapped here. 0 or negative errno. */
int vault_new(struct vault *ret_v);

/**
 * vault_new_in() - likewise, where a supervisor after this one finds it
 * @run_fd: the run folder. Where it is no tmpfs, this is vault_new().
 *
 * What a supervisor left that was killed is taken over into a new file, which
 * takes the place of the old: nobody else has it open.
 *
 * Return: 1: it holds what was left there, whose number is as it was; 0: it is
 * empty; negative errno.
 */
int vault_new_in(int run_fd, struct vault *ret_v);
/* After an orderly end with all of it on the disk: nobody is to find it. */
void vault_unlink(int run_fd);

/* In the core: maps @fd, and closes it: no size is changed without it. */
int vault_open(int fd, struct vault *ret_v);
void vault_done(struct vault *v);

/* Mapped only, before vault_next(): memory for @len bytes of it. Its file takes
 * memory as it is written to, and where a tmpfs is full to write would be the
 * end of this process (SIGBUS). 0; -ENOSPC, -ENOMEM: there is none. Before
 * Linux 5.14 nobody can tell: there it is all taken when the file is made. */
int vault_reserve(struct vault *v, size_t len);
/* Mapped only: where the next content goes, VAULT_SLOT_MAX bytes; not the
 * newest slot. */
uint8_t *vault_next(struct vault *v);
/* What was written to vault_next() counts from now on. 0, -EFBIG. */
int vault_commit(struct vault *v, size_t len);
/* Supervisor, or its child: puts what the disk had, or a copy, in. */
int vault_put(struct vault *v, int64_t number, const uint8_t *bytes,
	      size_t len);
/* Supervisor, no core running: nothing in it counts any more. */
void vault_forget(struct vault *v);

/**
 * vault_newest() - the newest slot that is whole
 * @ret_bytes: a copy, freed with free(3): the writer may go on.
 *
 * Return: its number, which grows; 0: there is none; -ENOMEM.
 */
int64_t vault_newest(const struct vault *v, uint8_t **ret_bytes,
		     size_t *ret_len);
/* Likewise, but older than @number: 0: there is none. */
int64_t vault_before(const struct vault *v, int64_t number, uint8_t **ret_bytes,
		     size_t *ret_len);

#endif
