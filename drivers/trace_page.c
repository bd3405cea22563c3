/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a page of the trace buffer. Decides where a record begins and ends and
 * when it happened; what is in it is trace_event.c's. Must never read outside
 * the bytes that it was given, whatever they are: libtraceevent's kbuffer does
 * (1.7.1). It is not told how long a page is: padding whose length goes back
 * keeps kbuffer_load_subbuffer() for ever, a commit beyond the page has it read
 * the lost count from there, records may end behind the page, and that count
 * is cut to an int. To check a page before it takes this walk anyway.
 * Invariant: each step moves forward by at least four bytes, so a walk ends.
 */
#include "trace_page.h"

#include <errno.h>
#include <string.h>

#include "hale/base.h"

/* kernel/trace/ring_buffer.c: flags in the commit field */
#define MISSED_EVENTS (UINT32_C(1) << 31)
#define MISSED_STORED (UINT32_C(1) << 30)
#define COMMIT_MASK   ((UINT32_C(1) << 27) - 1)

/* include/linux/ring_buffer.h: enum ring_buffer_type */
#define TYPE_PADDING	 29
#define TYPE_TIME_EXTEND 30
#define TYPE_TIME_STAMP	 31
#define DELTA_BITS	 27
/* An absolute time keeps the upper bits of the time before it. */
#define STAMP_BITS 59

static uint32_t word_at(const struct trace_page *p, size_t at)
{
	uint32_t w = 0;

	memcpy(&w, p->data + at, sizeof(w));
	return w;
}

int trace_page_open(const void *buf, size_t len, size_t commit_size,
		    struct trace_page *ret_page)
{
	struct trace_page p = { .data = NULL };
	const size_t head = sizeof(p.time_ns) + commit_size;
	uint64_t commit = 0;
	uint32_t narrow = 0;

	if ((commit_size != sizeof(commit) && commit_size != sizeof(narrow)) ||
	    len < head)
		return -EBADMSG;
	p.data = (const uint8_t *)buf + head;
	memcpy(&p.time_ns, buf, sizeof(p.time_ns));
	memcpy(&narrow, p.data - commit_size, sizeof(narrow));
	memcpy(&commit, p.data - commit_size, commit_size);
	if (commit_size == sizeof(narrow))
		commit = narrow;
	p.len = commit & COMMIT_MASK;
	if (p.len > len - head)
		return -EBADMSG;
	p.overran = (commit & MISSED_EVENTS) != 0;
	if ((commit & MISSED_STORED) != 0 && len - head - p.len >= commit_size)
		memcpy(&p.lost, p.data + p.len, commit_size);
	*ret_page = p;
	return 0;
}

static void split(uint32_t head, uint32_t *ret_type, uint32_t *ret_delta)
{
	/* bit fields begin where the machine's bytes do */
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
		*ret_type = head & 0x1f;
		*ret_delta = head >> 5;
	} else {
		*ret_type = head >> DELTA_BITS;
		*ret_delta = head & ((UINT32_C(1) << DELTA_BITS) - 1);
	}
}

/* The length of what stands at @at, its head included; 0: the page ends. */
static size_t step_length(const struct trace_page *p, uint32_t type,
			  uint32_t delta)
{
	size_t left = p->len - p->at;
	size_t len;

	if (left < 8 || (type == TYPE_PADDING && delta == 0))
		return 0;
	if (type > 0 && type < TYPE_PADDING)
		len = 4 + type * (size_t)4;
	else if (type == TYPE_TIME_EXTEND || type == TYPE_TIME_STAMP)
		len = 8;
	else
		len = 4 + (size_t)word_at(p, p->at + 4);
	/* records are aligned to four bytes */
	return len <= left && len >= 8 && len % 4 == 0 ? len : 0;
}

static void move_time(struct trace_page *p, uint32_t type, uint32_t delta)
{
	const uint64_t low = (UINT64_C(1) << STAMP_BITS) - 1;
	uint64_t wide;

	if (type == TYPE_PADDING)
		return;
	if (type < TYPE_PADDING) {
		p->time_ns += delta;
		return;
	}
	wide = ((uint64_t)word_at(p, p->at + 4) << DELTA_BITS) + delta;
	if (type == TYPE_TIME_EXTEND)
		p->time_ns += wide;
	else
		p->time_ns = (p->time_ns & ~low) | (wide & low);
}

bool trace_page_next(struct trace_page *p, struct trace_raw *ret_raw)
{
	while (p->len - p->at >= 4) {
		uint32_t type, delta;
		size_t at = p->at, len;

		split(word_at(p, at), &type, &delta);
		len = step_length(p, type, delta);
		if (len == 0)
			break;
		move_time(p, type, delta);
		p->at += len;
		if (type >= TYPE_PADDING)
			continue;
		/* a long one has its length in front of its data */
		ret_raw->data = p->data + at + (type == 0 ? 8 : 4);
		ret_raw->len = len - (type == 0 ? 8 : 4);
		ret_raw->time_ns = p->time_ns;
		ret_raw->after_loss = p->overran;
		return true;
	}
	p->at = p->len;
	return false;
}
