/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_HTTP_ROOM_H
#define HALE_CONSOLE_HTTP_ROOM_H

/* Within the HTTP server: its state, and who answers what. */

#include <microhttpd.h>

#include "events.h"
#include "http.h"

/* A request from its first line to the end of its answer. */
struct ask {
	struct ask *next, *prev;
	struct http *http;
	struct MHD_Connection *connection;
	bool views;   /* a screen's stream: it is in the list */
	bool waiting; /* suspended */
	struct events_reader reader;
};

struct http {
	struct MHD_Daemon *daemon;
	struct screen *screen;
	const struct supply *supply;
	struct guard guard;
	uint64_t epoch; /* random: of this life */
	uint64_t now_ns;
	size_t viewers;
	bool ending;	  /* streams end */
	struct ask *asks; /* those that view */
};

/* http_answer.c: each queues one answer with its headers. */
enum MHD_Result answer_words(struct MHD_Connection *c, unsigned int status,
			     const char *words);
enum MHD_Result answer_file(struct MHD_Connection *c, const char *path);
/* Takes @json. */
enum MHD_Result answer_json(struct MHD_Connection *c, struct jot *json);
enum MHD_Result answer_stream(struct ask *a, MHD_ContentReaderCallback reader);

/* http_view.c: streams to screens */
enum MHD_Result view_begin(struct ask *a);
void view_end(struct ask *a);
/* Wakes whom there is something for; all of them, where @all. */
void view_wake(struct http *h, bool all);

#endif
