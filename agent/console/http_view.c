/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screens that are connected. Decides when each of their streams goes on. Must
 * never keep a place for one that is gone while another waits for it.
 * Invariant: an ask is in the list exactly while it views; a suspended one is
 * woken by news, by time, or by nobody.
 */
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/console/http_room.h"

static void wake(struct ask *a)
{
	if (!a->waiting)
		return;
	a->waiting = false;
	MHD_resume_connection(a->connection);
}

/* A suspended connection is looked at by nobody: has it been left? */
static bool is_left(const struct ask *a)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		a->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	char byte;

	return info &&
	       recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static ssize_t read_events(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct ask *a = cls;
	long n = -1;

	(void)pos;
	if (!a->http->ending && !is_left(a))
		n = events_read(&a->reader, a->http->screen, a->http->now_ns,
				buf, max);
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0) {
		a->waiting = true;
		MHD_suspend_connection(a->connection);
	}
	return n;
}

enum MHD_Result view_begin(struct ask *a)
{
	struct http *h = a->http;

	/* whoever has left goes in this turn, and makes room for the next */
	for (struct ask *b = h->asks; b; b = b->next) {
		if (is_left(b))
			wake(b);
	}
	if (h->viewers >= HTTP_VIEWERS_MAX)
		return answer_words(a->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				    "too many screens are open\n");
	events_start(&a->reader, h->screen, h->epoch,
		     MHD_lookup_connection_value(a->connection, MHD_HEADER_KIND,
						 "Last-Event-ID"));
	a->views = true;
	a->prev = NULL;
	a->next = h->asks;
	if (h->asks)
		h->asks->prev = a;
	h->asks = a;
	h->viewers++;
	return answer_stream(a, read_events);
}

void view_end(struct ask *a)
{
	struct http *h = a->http;

	if (!a->views)
		return;
	if (a->prev)
		a->prev->next = a->next;
	else
		h->asks = a->next;
	if (a->next)
		a->next->prev = a->prev;
	h->viewers--;
	a->views = false;
	events_end(&a->reader);
}

void view_wake(struct http *h, bool all)
{
	for (struct ask *a = h->asks; a; a = a->next) {
		if (all || events_ready(&a->reader, h->screen, h->now_ns))
			wake(a);
	}
}
