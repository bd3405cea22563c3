/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a power cut leaves of the files: up to the last sync all, and of the
 * rest what the lot leaves. A sector is the least that is written whole.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cut_disk.h"

#define SECTOR 512

struct image {
	uint8_t *bytes;
	int64_t len; /* -1: there is no such file */
};

static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void resize(struct image *m, int64_t len)
{
	int64_t had = m->len > 0 ? m->len : 0;

	m->bytes = realloc(m->bytes, (size_t)len + 1);
	assert(m->bytes);
	if (len > had)
		memset(m->bytes + had, 0, (size_t)(len - had));
	m->len = len;
}

/* @lot: NULL: the whole of it. */
static void apply(struct image *m, const struct cut_op *o, uint64_t *lot)
{
	bool whole = !lot || (o->kind != CUT_WRITE && draw(lot) % 2 == 0);

	if (o->kind == CUT_DELETE && whole)
		m->len = -1;
	else if (o->kind == CUT_TRUNCATE && whole)
		resize(m, o->at);
	if (o->kind != CUT_WRITE)
		return;
	for (size_t i = 0; i < o->len;) {
		int64_t at = o->at + (int64_t)i;
		size_t n = (size_t)(SECTOR - at % SECTOR);

		n = n < o->len - i ? n : o->len - i;
		if (!lot || draw(lot) % 2 == 0) {
			if (m->len < at + (int64_t)n)
				resize(m, at + (int64_t)n);
			memcpy(m->bytes + at, o->bytes + i, n);
		}
		i += n;
	}
}

static void apply_all(struct image *m, int file, size_t from, size_t to,
		      uint64_t *lot)
{
	for (size_t i = from; i < to; i++) {
		if (cut_op(i)->file == file)
			apply(m, cut_op(i), lot);
	}
}

/* Its folder is synced: what was deleted is. Returns what is not synced yet. */
static size_t forget_deleted(struct image *m, int file, size_t from, size_t to)
{
	for (size_t i = to; i-- > from;) {
		if (cut_op(i)->file != file || cut_op(i)->kind != CUT_DELETE)
			continue;
		m->len = -1;
		return i + 1;
	}
	return from;
}

/* Of one file: up to its last sync all, and then what is left. */
static void replay(struct image *m, int file, size_t moment, uint64_t *lot,
		   bool rest)
{
	size_t from = 0;

	for (size_t i = 0; i < moment; i++) {
		enum cut_kind kind = cut_op(i)->kind;

		if (kind == CUT_SYNC_NAMES)
			from = forget_deleted(m, file, from, i);
		else if (cut_op(i)->file != file)
			continue;
		if (kind == CUT_SYNC)
			apply_all(m, file, from, i, NULL);
		if (kind == CUT_SYNC || kind == CUT_LOSE)
			from = i + 1;
	}
	if (rest)
		apply_all(m, file, from, moment, lot);
}

static void write_image(const char *path, const struct image *m)
{
	int fd;

	unlink(path);
	if (m->len < 0)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert(fd >= 0);
	if (m->len > 0 && write(fd, m->bytes, (size_t)m->len) != m->len)
		abort();
	close(fd);
}

void cut_make(size_t moment, enum cut_left left, uint64_t seed)
{
	uint64_t lot = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	char shm[300];

	for (int i = 0; cut_path(i); i++) {
		struct image m = { .len = -1 };

		replay(&m, i, moment, left == CUT_SOME ? &lot : NULL,
		       left != CUT_NOTHING);
		write_image(cut_path(i), &m);
		free(m.bytes);
		snprintf(shm, sizeof(shm), "%s-shm", cut_path(i));
		unlink(shm);
	}
}
