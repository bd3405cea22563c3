/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_VICTIMS_H
#define HALE_CORE_VICTIMS_H

/*
 * The processes that died lately by a signal, each as all its witnesses
 * together know it: what the signal was for (a tracepoint), that it died (the
 * process connector), what it held (/proc while it was dying, its core dump).
 */

#include "hale/base.h"
#include "hale/victim.h"

/* As many as a chain of causes can be asked about, and their neighbours. */
#define VICTIMS_MAX 64
/* Findings that explain a death are looked for around its time; a build that
 * asks about it has not been over for so long. */
#define VICTIMS_KEEP_NS (6 * 3600 * HALE_NS_PER_S)
/* A large process writes its core for minutes before it is dead, and only then
 * the connector tells; pids do not come again so soon in the same death. */
#define VICTIMS_SAME_NS (600 * HALE_NS_PER_S)

/* Looking at one costs a process: so many at once, then one in… (the probe has
 * a bound for each user besides) */
#define VICTIMS_LOOKS	     64
#define VICTIMS_LOOK_EACH_NS (HALE_NS_PER_S / 16)

/* The log is read from its beginning when the agent starts: who died that long
 * ago is gone, and another process may have its number. */
#define VICTIMS_FRESH_NS (10 * HALE_NS_PER_S)

struct victims_entry {
	uint64_t heard_ns;	   /* agent time of the first word; 0: free */
	bool looked;		   /* somebody was sent to look at it */
	bool asked;		   /* its parent was asked for */
	bool judged;		   /* it was held against the crash history */
	struct hale_victim victim; /* what is known now */
};

struct victims {
	uint32_t n;
	uint8_t order[VICTIMS_MAX]; /* places in @entries, the latest first */
	uint64_t dropped;	    /* that had to make room for others */
	uint64_t looks_ns;	    /* up to when looks are spent */
	struct victims_entry entries[VICTIMS_MAX];
};

/*
 * Who may fill it: there is room for VICTIMS_MAX. A user whose processes die by
 * the thousand takes the room of its own earlier ones, once it has more of them
 * here than anybody else; so no user can push another's out.
 */

/**
 * victims_take() - what one witness tells of one death
 * @told: @time_ns 0 or in the future is taken as now.
 *
 * Return: true where something is known now that was not.
 */
bool victims_take(struct victims *v, const struct hale_victim *told,
		  uint64_t now_ns);

/* Shall somebody look at it now, while it is dying? Says so once a death. */
bool victims_look(struct victims *v, const struct hale_victim *told,
		  uint64_t now_ns);

/* One of which nobody has come to see anything while it died: its parent may
 * be asked whose it was. Each once; NULL: there is none. */
const struct hale_victim *victims_late(struct victims *v, uint64_t now_ns);
/* By then who was sent has come too late, or has said what it saw. */
#define VICTIMS_LATE_NS HALE_NS_PER_S

/* Forgets those older than VICTIMS_KEEP_NS. Return: when the next one will be;
 * UINT64_MAX: there is none. */
uint64_t victims_age(struct victims *v, uint64_t now_ns);

/* The @i-th of those that died, the latest first; NULL: there are no more. */
const struct hale_victim *victims_at(const struct victims *v, size_t i);

struct middle;

/* Who says that something was run again. */
struct middle_teller {
	uint32_t pid; /* of what had died */
	uint32_t uid; /* the teller's */
	bool trusted; /* it may control the agent */
};

/**
 * middle_retested() - what had died was run again on the same input, and it
 * went otherwise
 *
 * Counts only where the agent itself saw that process die, and only by the word
 * of its own user or of who may control the agent. What one user alone says and
 * does never gates others: crashes.h.
 * Return: false where no such death is known.
 */
bool middle_retested(struct middle *m, const struct middle_teller *teller,
		     uint64_t now_ns);

/* The same of the middle's, for whoever can send somebody. */
bool middle_look(struct middle *m, const struct hale_victim *told,
		 uint64_t now_ns);
const struct hale_victim *middle_late(struct middle *m, uint64_t now_ns);

#endif
