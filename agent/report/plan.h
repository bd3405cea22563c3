/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_PLAN_H
#define HALE_REPORT_PLAN_H

/*
 * What is due when, for the reporter: a state on change and as a heartbeat, a
 * connection, what is sent again. Pure: now (ns, any monotonic clock) and dice
 * are parameters; a dice is 32 random bits. A due time of 0 is none.
 */

#include <stdbool.h>
#include <stdint.h>

/* A storm changes findings ten times a second; a watcher is to hear of the
 * first of them within 200 ms, and of the last as well. */
#define PLAN_CHANGE_NS (150 * UINT64_C(1000000))
/* What only counts on, as 5 errors that are 6, is told as often at most. */
#define PLAN_TOUCH_NS (5 * UINT64_C(1000000000))
/* Of a connection that fails, and of what no server takes. */
#define PLAN_FIRST_NS	UINT64_C(1000000000)
#define PLAN_LONGEST_NS (300 * UINT64_C(1000000000))
/* A leader that is killed costs a cluster 6 s. */
#define PLAN_ACK_NS (10 * UINT64_C(1000000000))
/* A connection that stood for so long was a good one, if anything was taken. */
#define PLAN_GOOD_NS (30 * UINT64_C(1000000000))
/* So many states in a row, and nothing else taken meanwhile: it takes none. */
#define PLAN_VAIN 3
/* Who looks so late has slept himself, and says nothing of a server. */
#define PLAN_LATE_NS (2 * UINT64_C(1000000000))

struct plan {
	uint64_t heartbeat_ns;
	uint64_t state_ns;     /* a state is due */
	uint64_t sent_ns;      /* the last one */
	uint64_t connect_ns;   /* the next attempt; 0: connected */
	uint64_t connected_ns; /* since when */
	uint32_t failed;       /* attempts in a row */
	uint64_t again_ns;     /* what was sent and not taken is sent again */
	uint32_t refused;      /* rounds of that in a row */
	/* of this connection: */
	bool proven;	     /* something was taken */
	uint32_t vain;	     /* states not taken since anything was */
	uint64_t trouble_ns; /* nothing was taken since; 0: no trouble */
	uint64_t heard_ns;   /* the last answer */
};

/* @phase: of this host, any number, so that hosts that were started together do
 * not speak together. The first connection is due within a second. */
void plan_init(struct plan *p, uint64_t heartbeat_ns, uint32_t phase,
	       uint64_t now);

/* --- the state --- */

/* It differs from the last one. */
void plan_change(struct plan *p, uint64_t now);
/* Only in what nobody acts upon. */
void plan_touch(struct plan *p, uint64_t now);
bool plan_state_due(const struct plan *p, uint64_t now);
void plan_state_sent(struct plan *p, uint64_t now, uint32_t dice);
/* The longest time between two heartbeats, whole seconds. */
uint32_t plan_heartbeat_s(const struct plan *p);

/* --- the connection --- */

bool plan_connect_due(const struct plan *p, uint64_t now);
void plan_connected(struct plan *p, uint64_t now);
/* An attempt failed, or the connection ended. @servers: of how many one was
 * tried: the wait grows with the rounds. */
void plan_disconnected(struct plan *p, uint32_t servers, uint64_t now,
		       uint32_t dice);
/* Is trying long in vain: could other files be of help? */
bool plan_in_vain(const struct plan *p);

/* --- what was not taken --- */

/* An event was sent and not taken: another round is due some time. */
void plan_not_taken(struct plan *p, uint64_t now, uint32_t dice);
/* A state was not: another is due soon. */
void plan_state_not_taken(struct plan *p, uint64_t now, uint32_t dice);
/* The round begins, and a state is due with it. */
void plan_again(struct plan *p, uint64_t now);
/* A state or an event was taken: the next trouble begins anew. */
void plan_taken(struct plan *p, bool event);

/* --- is the server one? --- */

/* It answered something that we sent, in whatever words. */
void plan_heard(struct plan *p, uint64_t now);
/* It has answered nothing since @oldest_ns, when the oldest of what is on its
 * way was sent; 0: nothing is. */
bool plan_silent(const struct plan *p, uint64_t oldest_ns, uint64_t now);
/* It answers, and has taken nothing for longer than a leader is looked for. */
bool plan_gives_up(const struct plan *p, uint64_t now);

/* The sooner of two due times. */
uint64_t plan_sooner(uint64_t a, uint64_t b);
/* When to look again: of all that is above, but a state only where there is
 * one to send; 0: never. */
uint64_t plan_next(const struct plan *p, bool state);

/* PLAN_FIRST_NS doubled @failed - 1 times, PLAN_LONGEST_NS at most, of which a
 * half is certain and the rest by lot; > 0. */
uint64_t plan_backoff(uint32_t failed, uint32_t dice);

#endif
