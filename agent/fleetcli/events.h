/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_EVENTS_H
#define HALE_FLEETCLI_EVENTS_H

/*
 * What happened in a fleet, one line each: findings that began or ended, builds
 * that ended, operators' orders. Time is the servers'. Pure.
 */

#include "agent/cli/out.h"
#include "rows.h"
#include "source.h"

/* Of one event, what lines are made of. */
struct event {
	uint64_t at_ns; /* taken by the servers */
	enum source_stream stream;
	char id[FLEET_ID_SIZE];
	char host[96];
	char what[16];	    /* "opened", "changed", "closed", "passed", … */
	char condition[48]; /* or a build's cause */
	char part[96];	    /* or the first bytes of a build's repo */
	char text[256];	    /* evidence, how it ended, who ordered it */
};

/* Keeps the newest @max; what is older falls out. */
struct events {
	struct event *list; /* a ring */
	size_t n, first, max;
	uint64_t left_out;
};

/* -ENOMEM. */
int events_init(struct events *l, size_t max);
void events_done(struct events *l);
/* @m: as look_message_fn has it. The new one; of a SOURCE_STATE NULL, nothing
 * is kept. An order names its host by the id alone. */
struct event *events_add(struct events *l, const struct source_event *e,
			 const void *m);
/* By time, whichever stream they came from. */
void events_sort(struct events *l);
const struct event *events_at(const struct events *l, size_t i);

/* "22 Nov 14:02:11  build-07  opened  disk.medium_error sda: …" and a newline;
 * @host: with the host's name. */
void event_text(struct out *o, const struct event *e, bool host);
void event_json(struct out *o, const struct event *e);
void event_csv_head(struct out *o);
void event_csv(struct out *o, const struct event *e);

#endif
