/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle to a Memory message, row by row: each is packed as a Memory of its
 * own, because messages of one kind that stand one behind the other are read as
 * one. So it takes no memory but the slot and a small scratch, whatever there
 * is to say. Decides nothing; each room says what it keeps.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/running.h"
#include "agent/daemon/keep.h"
#include "proto/codec_crash.h"
#include "proto/codec_note.h"
#include "proto/codec_verify.h"

struct out {
	const struct keep *k;
	const struct middle *m;
	uint8_t *bytes;
	size_t len, size;
	struct codec_arena arena;
	int error;
};

static bool append(struct out *o, const Hale__V1__Memory *m)
{
	ssize_t n = codec_pack(m, o->bytes + o->len, o->size - o->len);

	if (n < 0)
		o->error = n == -EMSGSIZE ? -EFBIG : (int)n;
	else
		o->len += (size_t)n;
	o->arena.used = 0;
	o->arena.full = false;
	return n >= 0;
}

static const char *cleared_by(const struct keep_clears *clears,
			      const char *part)
{
	for (uint32_t i = 0; i < clears->n; i++) {
		if (strcmp(clears->list[i].part, part) == 0)
			return clears->list[i].by;
	}
	return "";
}

/* One of each kind of row, or none. */
static bool put(struct out *o, const struct codec_memory *rows)
{
	Hale__V1__Memory *m = codec_memory(&o->arena, rows);
	const char *by;

	if (!m)
		return append(o, NULL);
	m->version = 0; /* the head says it */
	if (rows->n_rows > 0 && rows->rows[0].cleared_ns != 0) {
		by = cleared_by(&o->k->clears, rows->rows[0].finding.part);
		m->rows[0]->cleared_by = codec_borrow(by);
	}
	return append(o, m);
}

static bool put_head(struct out *o)
{
	const struct keep *k = o->k;
	struct codec_memory memory = {
		.boot_id = k->clock->boot_id,
		.position = middle_position(k->middle),
		.saved_ns = clock_now_ns(k->clock),
		.boot_to_agent_ns = k->clock->boot_to_agent_ns,
	};
	Hale__V1__Memory *m = codec_memory(&o->arena, &memory);

	if (m)
		m->running_version = RUNNING_VERSION;
	return append(o, m);
}

static bool put_findings(struct out *o)
{
	struct hale_memory_row row;
	const struct codec_memory one = { .boot_id = "",
					  .rows = &row,
					  .n_rows = 1 };

	for (size_t i = 0; middle_save(o->m, i, &row); i++) {
		if (!put(o, &one))
			return false;
	}
	return true;
}

static bool put_counters(struct out *o)
{
	struct hale_memory_counter row;
	const struct codec_memory one = { .boot_id = "",
					  .counters = &row,
					  .n_counters = 1 };

	for (size_t i = 0; middle_save_counter(o->m, i, &row); i++) {
		if (row.key != 0 && !put(o, &one))
			return false;
	}
	return true;
}

static bool put_disks(struct out *o)
{
	struct hale_memory_disk row;
	const struct codec_memory one = { .boot_id = "",
					  .disks = &row,
					  .n_disks = 1 };

	for (size_t i = 0; middle_save_disk(o->m, i, &row); i++) {
		if (row.key != 0 && !put(o, &one))
			return false;
	}
	return true;
}

static bool put_sectors(struct out *o)
{
	struct hale_memory_sectors row;
	const struct codec_memory one = { .boot_id = "",
					  .sectors = &row,
					  .n_sectors = 1 };

	for (size_t i = 0; middle_save_sectors(o->m, i, &row); i++) {
		if (row.failing.part[0] && !put(o, &one))
			return false;
	}
	return true;
}

static bool put_crashes(struct out *o)
{
	struct hale_memory_crash row;
	const struct codec_memory one = { .boot_id = "",
					  .crashes = &row,
					  .n_crashes = 1 };

	for (size_t i = 0; middle_save_crash(o->m, i, &row); i++) {
		if (row.key != 0 && !put(o, &one))
			return false;
	}
	return true;
}

static bool put_notes(struct out *o)
{
	struct hale_memory_at at = { 0 };
	struct hale_memory_note note;

	while (middle_save_note(o->m, &at, &note)) {
		Hale__V1__Memory__Note *one = codec_note(&o->arena, &note);
		Hale__V1__Memory m;

		hale__v1__memory__init(&m);
		m.running = &one;
		m.n_running = 1;
		if (!append(o, one ? &m : NULL))
			return false;
	}
	return true;
}

int64_t keep_encode(const struct keep *k, uint8_t *bytes, size_t size)
{
	struct out o = { .k = k,
			 .m = k->middle,
			 .bytes = bytes,
			 .size = size,
			 .arena = { .mem = k->scratch, .size = KEEP_SCRATCH } };
	bool whole = put_head(&o) && put_findings(&o) && put_counters(&o) &&
		     put_disks(&o) && put_sectors(&o) && put_crashes(&o) &&
		     put_notes(&o);

	return whole ? (int64_t)o.len : o.error;
}
