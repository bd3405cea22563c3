/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream to one screen. Decides what it is told next. Must never gather
 * frames for who does not take them: a reader owes one frame at most, and what
 * changes meanwhile waits on the screen, where the newer replaces the older.
 * Invariant: @number is only raised by a frame that holds what it stands for.
 */
#include "events.h"

#include <errno.h>
#include <inttypes.h>

#include "hale/base.h"
#include "hale/version.h"

/* "<epoch>.<number>", both in hex, as we wrote it; nothing else is taken. */
static bool read_id(const char *id, uint64_t *ret_epoch, uint64_t *ret_number)
{
	char again[40];
	uint64_t epoch, number;
	char *end;

	if (!id)
		return false;
	epoch = strtoull(id, &end, 16);
	if (*end != '.')
		return false;
	number = strtoull(end + 1, NULL, 16);
	snprintf(again, sizeof(again), "%" PRIx64 ".%" PRIx64, epoch, number);
	if (strcmp(again, id) != 0)
		return false;
	*ret_epoch = epoch;
	*ret_number = number;
	return true;
}

void events_start(struct events_reader *r, const struct screen *t,
		  uint64_t epoch, const char *last_id)
{
	uint64_t theirs, number;

	memset(r, 0, sizeof(*r));
	r->frame.max = JOT_MAX;
	r->epoch = epoch;
	if (!read_id(last_id, &theirs, &number) || theirs != epoch ||
	    number > t->number)
		return;
	r->begun = true;
	r->number = number;
}

void events_end(struct events_reader *r)
{
	jot_done(&r->frame);
}

static bool is_due(const struct events_reader *r, uint64_t now_ns)
{
	return now_ns < r->spoke_ns || now_ns - r->spoke_ns >= EVENTS_TICK_NS;
}

bool events_ready(const struct events_reader *r, const struct screen *t,
		  uint64_t now_ns)
{
	return r->sent < r->frame.len || !r->begun || r->whole ||
	       r->number < t->number || is_due(r, now_ns);
}

/* --- frames --- */

static void frame_head(struct events_reader *r, const char *event,
		       uint64_t now_ns)
{
	jot_clear(&r->frame);
	r->sent = 0;
	jot_print(&r->frame, "event: %s\ndata: {\"now\":%" PRIu64, event,
		  now_ns / HALE_NS_PER_MS);
}

/* An id moves the reader's place, so only what is whole gets one: who is cut
 * off within the first telling is told all again. */
static void frame_foot(struct events_reader *r)
{
	jot_put(&r->frame, "}\n");
	if (!r->whole)
		jot_print(&r->frame, "id: %" PRIx64 ".%" PRIx64 "\n", r->epoch,
			  r->number);
	jot_put(&r->frame, "\n");
}

static void begin(struct events_reader *r, const struct screen *t,
		  uint64_t now_ns)
{
	frame_head(r, "begin", now_ns);
	jot_print(&r->frame, ",\"hosts\":%zu,\"version\":\"%s\"", t->hosts,
		  HALE_VERSION);
	r->begun = true;
	r->number = 0;
	r->whole = t->number ? t->number : 1;
	frame_foot(r);
}

static void whole(struct events_reader *r, uint64_t now_ns)
{
	frame_head(r, "whole", now_ns);
	r->whole = 0;
	frame_foot(r);
}

/* False: nothing to tell. */
static bool news(struct events_reader *r, const struct screen *t,
		 uint64_t now_ns)
{
	struct screen_piece piece;
	struct jot value = { 0 };
	bool any = screen_read(t, r->number, EVENTS_FRAME, &value, &piece);

	if (any && value.lost)
		r->frame.lost = true;
	else if (any) {
		frame_head(r, piece.event, now_ns);
		jot_print(&r->frame, ",\"%s\":", piece.rows ? "rows" : "value");
		jot_add(&r->frame, value.bytes, value.len);
		r->number = piece.number;
		frame_foot(r);
	}
	jot_done(&value);
	return any;
}

static bool next_frame(struct events_reader *r, const struct screen *t,
		       uint64_t now_ns)
{
	if (!r->begun)
		begin(r, t, now_ns);
	else if (r->whole && (r->number >= r->whole || t->number == 0))
		whole(r, now_ns);
	else if (!news(r, t, now_ns)) {
		if (!is_due(r, now_ns))
			return false;
		frame_head(r, "tick", now_ns);
		frame_foot(r);
	}
	r->spoke_ns = now_ns;
	return true;
}

long events_read(struct events_reader *r, const struct screen *t,
		 uint64_t now_ns, char *buf, size_t size)
{
	size_t n;

	if (r->sent >= r->frame.len && !next_frame(r, t, now_ns))
		return 0;
	if (r->frame.lost)
		return -ENOMEM;
	n = r->frame.len - r->sent;
	n = n < size ? n : size;
	memcpy(buf, r->frame.bytes + r->sent, n);
	r->sent += n;
	return (long)n;
}
