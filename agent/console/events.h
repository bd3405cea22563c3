/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_EVENTS_H
#define HALE_CONSOLE_EVENTS_H

/*
 * Server-sent events (HTML standard, section 9.2) out of a screen: all of it to
 * who is new, then what changes. Pure: now is a parameter.
 *
 *	begin	{"now": ms, "hosts": n, "version": "..."}: what follows is all
 *	hosts	{"now": ms, "rows": [[id, name, state, flags, since_ms,
 *condition, part, why, findings, [label, ...]], ... or [id]: it has left]}
 *	judgments, link		a topic's value
 *	whole	{"now": ms}: that was all of it; what begin did not name is gone
 *	tick	{"now": ms}: nothing has changed
 *
 * Each carries an id, "<epoch>.<number>": a browser that was cut off sends its
 * last one back and goes on there. An id of another epoch, the server's earlier
 * life, begins anew.
 */

#include "screen.h"

#define EVENTS_TICK_NS UINT64_C(10000000000)
/* A frame ends after the row that passes this: what one reader may owe. */
#define EVENTS_FRAME ((size_t)32 * 1024)

struct events_reader {
	uint64_t epoch;
	uint64_t number; /* seen up to here */
	uint64_t whole;	 /* all of it is told when this is; 0: it is */
	bool begun;
	struct jot frame;  /* on its way */
	size_t sent;	   /* bytes of it */
	uint64_t spoke_ns; /* when the last frame was made */
};

/**
 * events_start() - a reader, where it left off
 * @last_id: its Last-Event-ID, hostile; NULL: it is new.
 */
void events_start(struct events_reader *r, const struct screen *t,
		  uint64_t epoch, const char *last_id);
void events_end(struct events_reader *r);

/* Is there something for it to read now? */
bool events_ready(const struct events_reader *r, const struct screen *t,
		  uint64_t now_ns);

/**
 * events_read() - the next bytes of its stream
 * @now_ns: since the epoch.
 *
 * Return: bytes put into @buf; 0: none, until the screen changes or it is time
 * for a tick; -ENOMEM: it has to be let go.
 */
long events_read(struct events_reader *r, const struct screen *t,
		 uint64_t now_ns, char *buf, size_t size);

#endif
