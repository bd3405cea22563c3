/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KEEP_H
#define HALE_KEEP_H

/*
 * What the core knows, kept in the vault: one Memory message of hale.proto. The
 * loop writes it there within 50 ms of a change, before an answer that rests on
 * it and before a control is acknowledged. The supervisor's side, with the
 * file, is state_disk.h.
 */

#include "agent/core/middle.h"
#include "agent/daemon/clock.h"
#include "agent/daemon/loop.h"
#include "agent/daemon/vault.h"

#define KEEP_ERROR_MAX	256
#define KEEP_CLEARS_MAX 64 /* operators' words kept with who and why */
#define KEEP_SCRATCH	(32 * 1024)
#define KEEP_BY_MAX	160

/* What the last core knew beside the findings counts for so long after it was
 * saved: a crash and a new start take a second. */
#define KEEP_RUNNING_NS (60 * HALE_NS_PER_S)

struct keep_clear {
	char part[HALE_PART_MAX];
	char by[KEEP_BY_MAX]; /* "uid 1000, pid 4711: disk replaced" */
};

struct keep_clears {
	uint32_t n; /* the oldest gives way */
	struct keep_clear list[KEEP_CLEARS_MAX];
};

/* Set the first block, then keep_init(). */
struct keep {
	struct vault *vault; /* mapped; pages NULL: nothing is kept */
	struct loop *loop;
	const struct middle *middle;
	const struct hale_clock *clock;
	/* The vault holds something new. @now: a control, which is to be on
	 * the disk soon; else it may wait (WIRE_SAVE with value 1 or 0). */
	void (*saved)(void *data, bool now);
	void *data;

	struct keep_clears clears;
	uint8_t *scratch; /* KEEP_SCRATCH bytes, taken once */
	struct loop_timer timer;
	uint64_t saved_generation, saved_position;
	uint64_t saved_ns, took_ns; /* CLOCK_BOOTTIME; how long it took */
	size_t room;		    /* in bytes, as it was enough last */
	bool failed;		    /* told, and not good again since */
};

int keep_init(struct keep *k); /* 0 or -ENOMEM */
void keep_done(struct keep *k);

/* Something changed, at a turn's end: it is in the vault within 50 ms. */
void keep_touch(struct keep *k);
/* Now: before a control is acknowledged. 0; -EFBIG, -ENOMEM, -ENOSPC, or
 * -ENODEV where there is no vault: it is not kept, and the log has been told.
 */
int keep_save(struct keep *k);
/* Before an answer leaves: nobody may hear what a successor would not know.
 * Costs nothing where nothing changed since the last time. */
void keep_before_answer(struct keep *k);

void keep_note_clear(struct keep *k, const char *part, const char *by);
void keep_add_clear(struct keep_clears *clears, const char *part,
		    const char *by);

/* Where what is read goes. */
struct keep_memory {
	struct middle *middle;	    /* new */
	struct hale_clock *clock;   /* takes over this boot's saved anchor */
	struct keep_clears *clears; /* may be NULL */
	/* What comes out. */
	uint64_t position; /* kernel log, read up to and with; 0: other boot */
	bool running;	/* all of it: what the last core knew counts until the
			 * drivers have said it anew (middle_settled()) */
	int64_t number; /* the vault's; VAULT_FROM_DISK: of the state file */
	char error[KEEP_ERROR_MAX]; /* one line about what is wrong, or about
				     * rows that were left out; "": nothing */
};

/**
 * keep_resume() - what the core before this one knew, or the disk
 * @v: mapped.
 *
 * Where the newest is no Memory, the one before it is taken; @mem->error says
 * so. Return: 0; -ENOENT: nothing there; -EBADMSG: damaged;
 * -EPROTONOSUPPORT: by a later hale; -ENOMEM. After an error tell the
 * supervisor WIRE_BAD_MEMORY, with the errno as its value, and start without.
 */
int keep_resume(const struct vault *v, struct keep_memory *mem);

/* The same of bytes: of the vault (@number > VAULT_FROM_DISK) or of a file. */
int keep_load(const uint8_t *bytes, size_t len, int64_t number,
	      struct keep_memory *mem);

/* For whoever runs without an agent: the state file of this folder. 0, or what
 * keep_load() and open(2) say; -ENOENT: there is none. May block. */
int keep_read(int dir_fd, struct keep_memory *mem);

/* The Memory of @k into @bytes. Its length, -EFBIG or -ENOMEM. */
int64_t keep_encode(const struct keep *k, uint8_t *bytes, size_t size);

#endif
