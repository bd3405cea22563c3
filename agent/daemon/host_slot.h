/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HOST_SLOT_H
#define HALE_HOST_SLOT_H

/*
 * One driver in the host: shared by host.c (when to run) and host_slot.c (how
 * one runs, and what its end means). Nobody else looks in here.
 */

#include "agent/daemon/host.h"
#include "agent/daemon/host_parked.h"
#include "agent/daemon/looks.h"
#include "proto/codec_fact.h"

enum slot_state {
	SLOT_WAITS = 0, /* its turn at start has not come */
	SLOT_OPEN,	/* likewise, but it is there */
	SLOT_LIVE,
	SLOT_ABSENT, /* not on this host, or no part of a scan */
	SLOT_FAILED, /* is probed again when its timer is due */
};

struct slot {
	struct host *host;
	const struct hale_driver *driver;
	enum slot_state state;
	bool sampled;	   /* its first run is over, well or not, or left for
			    * later, so that a start is not slow */
	bool again;	   /* run once more after this run */
	bool probe_anew;   /* its options changed while a child ran */
	bool bad;	   /* this run's child sent what is no fact */
	bool asking;	   /* @asked is what the child is at just now */
	uint32_t said;	   /* senses it spoke of since its probe or run began */
	uint32_t kept;	   /* senses with an entry in @coverage */
	uint32_t put_off;  /* senses told as HOST_NOT_YET */
	uint32_t facts;	   /* of this run */
	uint32_t failures; /* in a row */
	/* CLOCK_BOOTTIME, of one that runs in children: */
	uint64_t began_ns; /* its last run */
	uint64_t whole_ns; /* the last one that told all, or failed to */
	uint64_t event_ns; /* when it was last woken */
	/* Numbers of triggers: called for, of this run, done */
	uint64_t called, serving, answered;
	bool asked_for; /* the next run is one that somebody asked for */
	uint32_t runs;
	struct hale_probe probe;
	struct hale_looks looks;
	struct loop_source event;
	struct loop_timer timer;
	struct child *child; /* the run that goes on, one of: */
	struct child children[1 + SLOT_PARKED_MAX];
	struct slot_parked parked[SLOT_PARKED_MAX];
	char skip[SLOT_PARKED_MAX][HALE_PART_MAX];
	struct hale_fact asked; /* the part that it asks just now */
	struct hale_coverage coverage[HALE_SENSE_COUNT]; /* its own words */
	struct hale_option options[HOST_OPTIONS_MAX];
};

struct host {
	struct host_setup setup;
	int root_fd;
	uint64_t random;
	bool rest_begun,
		sealed;	    /* all are begun; none can be opened any more */
	uint32_t n_helpers; /* begun so far */
	struct loop_timer patience; /* with those that go first */
	struct looks looks;
	/* A child's message, and what it is made of; one at a time. In the
	 * child: what it has still to send. */
	struct codec_facts out;
	uint8_t message[CODEC_FACTS_MAX];
	uint8_t arena[CODEC_ARENA_FACTS];
	size_t n_slots;
	struct slot slots[];
};

void slot_init(struct slot *s, struct host *h, const struct hale_driver *d);
void slot_done(struct slot *s);
/* Probes; if it is there, it is open. */
void slot_open(struct slot *s);
/* Likewise, if that was not done; then runs for the first time. */
void slot_begin(struct slot *s);
/* Runs now, or again after the run that goes on. */
void slot_run(struct slot *s);
/* It was woken: it runs soon. */
void slot_wake(struct slot *s);
/* Somebody waits for what woke it: sooner. */
void slot_hurry(struct slot *s);
/* Takes its options from the setup; begins anew where they are others. */
void slot_configure(struct slot *s);
/* Probes again, as soon as no child runs. */
void slot_renew(struct slot *s);
/* Has an event driver something to read? */
bool slot_readable(const struct slot *s);
/* host_say.c: saying facts in a driver's name. */
uint64_t slot_now_ns(const struct slot *s);
void slot_give(struct slot *s, const struct hale_fact *f);
/* A driver's own words, with its name put to what it says of itself. */
void slot_emit(void *sink, const struct hale_fact *f);
/* The host's words about a driver: it sees nothing of @senses, and why. */
void slot_tell_blind(struct slot *s, uint32_t senses, const char *why,
		     const char *remedy);
/* A good run makes the driver's last own words true again, and fresh. */
void slot_repeat_coverage(struct slot *s);
/* After a first run: of what it was to look at, what did it not speak of? */
void slot_settle_put_off(struct slot *s);
/* What follows a run: the next period, the next try, the others. */
void slot_wait_period(struct slot *s);
void slot_fail(struct slot *s, const char *what, int err);
void slot_mark_sampled(struct slot *s);

bool slot_looks(const struct slot *s); /* at who is dying; host_look.c */
/* Triggers up to now are answered. */
void slot_answer(struct slot *s);
/* host_child.c: start a run in a child. */
void slot_run_child(struct slot *s);
/* host.c: a slot's first run is over. */
void host_slot_sampled(struct host *h);

#endif
