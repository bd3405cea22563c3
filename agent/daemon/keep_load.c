/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Memory message to the middle. Decides what of it still holds: after a
 * reboot only what may survive one, within a boot what was counted, and of a
 * core that ended a moment ago all that it knew. Must never trust the bytes:
 * a row that makes no sense is left out and counted, bytes that are no Memory
 * are none. Invariant: what is loaded exceeds no bound of the middle's.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/running.h"
#include "agent/daemon/keep.h"
#include "agent/daemon/state_disk.h"
#include "proto/codec_crash.h"
#include "proto/codec_note.h"
#include "proto/codec_read.h"
#include "proto/codec_verify.h"

#define VERSION 1
/* Back from bytes: the smallest row, a note of two, is a struct of 80, its
 * place in the list, and twice 40 bytes in which protobuf-c notes it. A file of
 * nothing but those would be refused as out of memory. */
#define UNPACKED 16
#define ROOM	 4096

struct load {
	const Hale__V1__Memory *m;
	struct keep_memory *mem;
	bool same_boot;
	uint64_t now_ns;
	size_t bad, all; /* entries */
};

static int load_row(const struct load *l, const Hale__V1__Memory__Row *r)
{
	struct hale_memory_row row;
	const char *why;
	int error = codec_read_memory_row(r, &row, &why);

	if (error == 0)
		error = l->mem->running ? middle_load_running(l->mem->middle,
							      &row, l->now_ns)
					: middle_load(l->mem->middle, &row,
						      l->same_boot, l->now_ns);
	if (error == 0 && l->mem->clears && r->cleared_by &&
	    r->cleared_by[0] != '\0')
		keep_add_clear(l->mem->clears, row.finding.part, r->cleared_by);
	return error;
}

static void load_findings(struct load *l)
{
	for (size_t i = 0; i < l->m->n_rows; i++)
		l->bad += load_row(l, l->m->rows[i]) < 0;
	l->all += l->m->n_rows;
}

static void load_counts(struct load *l)
{
	struct middle *middle = l->mem->middle;

	for (size_t i = 0; i < l->m->n_counters; i++) {
		struct hale_memory_counter row;

		codec_read_memory_counter(l->m->counters[i], &row);
		l->bad += middle_load_counter(middle, &row, l->same_boot,
					      l->now_ns) < 0;
	}
	for (size_t i = 0; i < l->m->n_disks; i++) {
		struct hale_memory_disk row;

		codec_read_memory_disk(l->m->disks[i], &row);
		l->bad += middle_load_disk(middle, &row, l->now_ns) < 0;
	}
	l->all += l->m->n_counters + l->m->n_disks;
}

static void load_lists(struct load *l)
{
	struct middle *middle = l->mem->middle;

	for (size_t i = 0; i < l->m->n_sectors; i++) {
		struct hale_memory_sectors row;

		l->bad +=
			codec_read_memory_sectors(l->m->sectors[i], &row) < 0 ||
			middle_load_sectors(middle, &row) < 0;
	}
	for (size_t i = 0; i < l->m->n_crashes; i++) {
		struct hale_memory_crash row;

		codec_read_memory_crash(l->m->crashes[i], &row);
		l->bad += middle_load_crash(middle, &row, l->now_ns) < 0;
	}
	l->all += l->m->n_sectors + l->m->n_crashes;
}

static void load_notes(struct load *l)
{
	if (!l->mem->running)
		return;
	for (size_t i = 0; i < l->m->n_running; i++) {
		struct hale_memory_note note;

		l->bad +=
			codec_read_note(l->m->running[i], &note) < 0 ||
			middle_load_note(l->mem->middle, &note, l->now_ns) < 0;
	}
	l->all += l->m->n_running;
	middle_resumed(l->mem->middle, l->now_ns);
}

/* A clear, or a write of the state, may come before the log is read on. Which
 * driver reads it is not known here; a note, or the first that speaks, says. */
static void restore_position(struct load *l)
{
	const struct hale_fact f = { .kind = HALE_FACT_POSITION,
				     .u.position = l->m->position };

	if (!l->same_boot)
		return;
	l->mem->position = l->m->position;
	middle_fact(l->mem->middle, "", &f, l->now_ns);
}

/* A core of this boot, that was there until a moment ago. */
static bool is_running(const struct load *l)
{
	return l->same_boot && l->mem->number > VAULT_FROM_DISK &&
	       l->m->running_version == RUNNING_VERSION &&
	       l->m->saved_ns <= l->now_ns &&
	       l->now_ns - l->m->saved_ns < KEEP_RUNNING_NS;
}

static int load(const Hale__V1__Memory *m, struct keep_memory *mem)
{
	struct load l = { .m = m, .mem = mem };

	if (m->version > VERSION)
		return -EPROTONOSUPPORT;
	if (m->version == 0)
		return -EBADMSG;
	l.same_boot = clock_resume(mem->clock, m->boot_id, m->boot_to_agent_ns);
	l.now_ns = clock_now_ns(mem->clock);
	mem->running = is_running(&l);
	restore_position(&l);
	load_findings(&l);
	load_counts(&l);
	load_lists(&l);
	load_notes(&l);
	if (l.bad > 0)
		snprintf(mem->error, sizeof(mem->error),
			 "%zu of %zu entries make no sense, ignoring them",
			 l.bad, l.all);
	return 0;
}

static int unpack(const uint8_t *bytes, size_t len, struct keep_memory *mem)
{
	size_t size = ROOM + len * UNPACKED;
	_cleanup_free_ uint8_t *buffer = malloc(size);
	struct codec_arena arena = { .mem = buffer, .size = size };
	Hale__V1__Memory *m;
	int r;

	if (!buffer)
		return -ENOMEM;
	r = codec_unpack_memory(&arena, bytes, len, &m);
	if (r < 0)
		return -EBADMSG;
	return load(m, mem);
}

static const char *explain(int error)
{
	switch (error) {
	case -EBADMSG:
		return "is damaged";
	case -EPROTONOSUPPORT:
		return "was written by a later version of hale";
	default:
		return strerror(-error);
	}
}

int keep_load(const uint8_t *bytes, size_t len, int64_t number,
	      struct keep_memory *mem)
{
	int r;

	mem->error[0] = '\0';
	mem->position = 0;
	mem->running = false;
	mem->number = number;
	r = len <= VAULT_SLOT_MAX ? unpack(bytes, len, mem) : -EBADMSG;
	if (r < 0)
		snprintf(mem->error, sizeof(mem->error), "%s %s",
			 number > VAULT_FROM_DISK ? "the last core's memory"
						  : "state.pb",
			 explain(r));
	return r;
}

int keep_read(int dir_fd, struct keep_memory *mem)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t len = 0;
	int r = state_disk_bytes(dir_fd, &bytes, &len);

	if (r == 0)
		return keep_load(bytes, len, VAULT_FROM_DISK, mem);
	snprintf(mem->error, sizeof(mem->error), STATE_DISK_NAME " %s",
		 explain(r));
	mem->position = 0;
	mem->running = false;
	return r;
}

/* Return: 1 where there is none before *@number. */
static int resume(const struct vault *v, int64_t *number,
		  struct keep_memory *mem)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t len = 0;

	*number = vault_before(v, *number, &bytes, &len);
	if (*number <= 0)
		return *number < 0 ? (int)*number : 1;
	return keep_load(bytes, len, *number, mem);
}

int keep_resume(const struct vault *v, struct keep_memory *mem)
{
	char said[KEEP_ERROR_MAX];
	int64_t number = INT64_MAX;
	int r, before;

	mem->error[0] = '\0';
	mem->position = 0;
	mem->running = false;
	r = resume(v, &number, mem);
	if (r != -EBADMSG && r != -EPROTONOSUPPORT)
		return r == 1 ? -ENOENT : r;
	HALE_SET(said, mem->error);
	before = resume(v, &number, mem);
	snprintf(mem->error, sizeof(mem->error), "%.200s%s", said,
		 before == 0 ? "; what was saved before it counts" : "");
	return before == 0 ? 0 : r;
}
