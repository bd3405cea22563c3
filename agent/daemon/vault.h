/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VAULT_H
#define HALE_VAULT_H

/*
 * What the agent knows, in memory that outlives the core: an anonymous file of
 * fixed size, shared by the supervisor and each core in turn. Two slots; the
 * older one is written, so that there is always a whole one. The content is a
 * Memory message of hale.proto, and hostile to whoever reads it: a core that
 * fell may have written it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A full ledger with its sectors and crashes is some 900 KiB. */
#define VAULT_SLOT_MAX (2 * 1024 * 1024)

struct vault {
	int fd;	     /* -1: none */
	void *pages; /* both slots */
};

/* memfd_create(2), sealed against a change of its size. 0 or negative errno. */
int vault_new(struct vault *ret_v);
/* In a process that got the descriptor @fd: its own view of it. */
int vault_open(int fd, struct vault *ret_v);
void vault_done(struct vault *v);

/* Where the next content goes, VAULT_SLOT_MAX bytes; not the newest slot. */
uint8_t *vault_next(struct vault *v);
/* What was written to vault_next() counts from now on. 0, -EFBIG. */
int vault_commit(struct vault *v, size_t len);

/**
 * vault_newest() - the newest slot that is whole
 * @ret_bytes: a copy, freed with free(3): the writer may go on.
 *
 * Return: its number, which grows; 0: there is none; -ENOMEM.
 */
int64_t vault_newest(const struct vault *v, uint8_t **ret_bytes,
		     size_t *ret_len);

#endif
