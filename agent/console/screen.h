/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_SCREEN_H
#define HALE_CONSOLE_SCREEN_H

/*
 * What a screen shows, as the newest text of each thing: a row a host, and a
 * few topics (judgments, how the console stands to the servers). Pure: no
 * clock, no system call.
 *
 * Each change gives its thing the next number and puts it at the end. Who has
 * seen everything up to number N asks for what came after it, and gets each
 * thing once, as it is now. So a reader may be slow, or away for an hour: what
 * it missed is never more than the screen, and nobody keeps a queue for it.
 */

#include "jot.h"

/* Beyond that a host is counted and not shown. */
#define SCREEN_HOSTS_MAX  200000
#define SCREEN_LABELS_MAX 16

enum row_state { /* hale.v1.Fitness, and one that only a fleet sees */
	ROW_UNKNOWN = 0,
	ROW_FIT,
	ROW_DEGRADED,
	ROW_UNFIT,
	ROW_SILENT,
	ROW_STATE_COUNT
};

enum row_flag {
	ROW_QUARANTINED = 1 << 0,
	ROW_CLOCK = 1 << 1,    /* its clock is wrong */
	ROW_AT_LEAST = 1 << 2, /* @since_ns: or before */
};

/* What is shown of a host in the grid and the list. Strings are the host's own
 * words: hostile, of any length; NULL is "". */
struct row {
	const char *id;	  /* which host: its public key */
	const char *name; /* what it calls itself */
	enum row_state state;
	unsigned int flags;
	uint64_t since_ns; /* ns since the epoch: in this state */
	const char *condition, *part, *why;
	uint32_t findings;
	const char *const *labels; /* "rack=7"; at most SCREEN_LABELS_MAX */
	size_t labels_n;
};

enum screen_topic {
	TOPIC_JUDGMENTS, /* what the fleet says beyond its hosts */
	TOPIC_LINK,	 /* how the console stands to the servers */
	TOPIC_COUNT
};

struct screen_entry;

struct screen {
	struct screen_entry *oldest, *newest;
	struct screen_entry **buckets;
	size_t buckets_n;
	uint64_t number;  /* the newest change's; 0: none yet */
	size_t hosts;	  /* without those that are gone */
	size_t things;	  /* with them */
	uint64_t refused; /* rows that found no place */
	struct screen_entry *topics[TOPIC_COUNT];
};

/* -ENOMEM. screen_done() of a zeroed one does nothing. */
int screen_init(struct screen *t);
void screen_done(struct screen *t);

/* Return: 1 changed, 0 as it was; -ENOSPC, -ENOMEM: not taken. */
int screen_put(struct screen *t, const struct row *row);
/* A host that is no longer one of the fleet. Return: 1, or 0 if there is none.
 */
int screen_remove(struct screen *t, const char *id);
/* Removes those that @keep does not want. */
void screen_retain(struct screen *t, bool (*keep)(const void *, const char *),
		   const void *data);
/* @json: one whole value, copied. Return as screen_put(). */
int screen_say(struct screen *t, enum screen_topic topic, const char *json);

/* What one read gives: rows of hosts, or one topic. */
struct screen_piece {
	const char *event; /* "hosts", "judgments", "link" */
	uint64_t number;   /* seen up to here; give it as @after next time */
	size_t rows;
};

/**
 * screen_read() - what changed after a number, oldest first
 * @out: gets JSON: an array of rows, or a topic's value; added to what it
 * holds.
 * @bytes: ends after the row that passes so many.
 *
 * Return: false: nothing did, and @out is untouched.
 */
bool screen_read(const struct screen *t, uint64_t after, size_t bytes,
		 struct jot *out, struct screen_piece *ret_piece);

#endif
