/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file's contents: what the middle remembers, to a Memory message and
 * back. Decides what of an older file still holds. Must never trust the file:
 * a damaged row is left out, a damaged file is none. Invariant: a file under
 * its final name was written whole and reached the disk.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/sectors.h"
#include "agent/daemon/state.h"
#include "agent/daemon/state_aside.h"
#include "proto/codec_verify.h"

#define STATE_NEW     ".state.pb.new"
#define STATE_VERSION 1
/* 512 findings and as many clears, at 900 bytes: a fifth of it. */
#define STATE_FILE_MAX (8 * 1024 * 1024)
/* proto/codec.h: what a row takes; with room for the message around them. */
#define ROW_ARENA 640
#define ROW_BYTES 1400
#define ROOM	  4096
/* Back from a file: the smallest row, a counter of 13 bytes, is a struct of 80,
 * its place in the list, and twice 40 bytes in which protobuf-c notes it. */
#define UNPACKED 16
/* The same of a counter: the struct, its place in the list; seven fields. */
#define COUNTER_ARENA 144
#define COUNTER_BYTES 64
/* Of a disk: three structs; two times and two lists of numbers. */
#define DISK_ARENA 256
#define DISK_BYTES 192

struct image {
	size_t n, size;
	struct hale_memory_row *rows;
	size_t n_counters, n_disks, arena_size;
	struct hale_memory_counter *counters;
	struct hale_memory_disk *disks;
	struct hale_memory_sectors *sectors;
	size_t n_sectors;
	struct hale_memory_crash *crashes;
	size_t n_crashes;
	uint8_t *arena, *out;
};

static void image_done(struct image *i)
{
	free(i->rows);
	free(i->counters);
	free(i->disks);
	free(i->sectors);
	free(i->crashes);
	free(i->arena);
	free(i->out);
}

static int image_counters(struct image *i, const struct middle *m)
{
	struct hale_memory_counter row;
	size_t n = 0;

	while (middle_save_counter(m, n, &row))
		n++;
	i->counters = calloc(n + 1, sizeof(*i->counters));
	if (!i->counters)
		return -ENOMEM;
	for (size_t j = 0; j < n; j++) {
		middle_save_counter(m, j, &i->counters[i->n_counters]);
		i->n_counters += i->counters[i->n_counters].key != 0;
	}
	return 0;
}

static int image_disks(struct image *i, const struct middle *m)
{
	struct hale_memory_disk row;
	size_t n = 0;

	while (middle_save_disk(m, n, &row))
		n++;
	i->disks = calloc(n + 1, sizeof(*i->disks));
	if (!i->disks)
		return -ENOMEM;
	for (size_t j = 0; j < n; j++) {
		middle_save_disk(m, j, &i->disks[i->n_disks]);
		i->n_disks += i->disks[i->n_disks].key != 0;
	}
	return 0;
}

static int image_sectors(struct image *i, const struct middle *m)
{
	i->sectors = calloc(SECTORS_DISKS + 1, sizeof(*i->sectors));
	if (!i->sectors)
		return -ENOMEM;
	for (size_t j = 0; middle_save_sectors(m, j, &i->sectors[i->n_sectors]);
	     j++)
		i->n_sectors += i->sectors[i->n_sectors].failing.part[0] != 0;
	return 0;
}

static int image_rows(struct image *i, const struct middle *m)
{
	struct hale_memory_row row;

	while (middle_save(m, i->n, &row))
		i->n++;
	if (image_counters(i, m) < 0 || image_disks(i, m) < 0 ||
	    image_sectors(i, m) < 0 ||
	    state_crashes(m, &i->crashes, &i->n_crashes) < 0)
		return -ENOMEM;
	i->size = ROOM + i->n * ROW_BYTES + i->n_counters * COUNTER_BYTES +
		  i->n_disks * DISK_BYTES + i->n_sectors * CODEC_SECTORS_BYTES +
		  i->n_crashes * STATE_CRASH_BYTES;
	i->arena_size =
		ROOM + i->n * ROW_ARENA + i->n_counters * COUNTER_ARENA +
		i->n_disks * DISK_ARENA + i->n_sectors * CODEC_SECTORS_ARENA +
		i->n_crashes * STATE_CRASH_ARENA;
	i->rows = calloc(i->n + 1, sizeof(*i->rows));
	i->arena = malloc(i->arena_size);
	i->out = malloc(i->size);
	if (!i->rows || !i->arena || !i->out)
		return -ENOMEM;
	for (size_t j = 0; j < i->n; j++)
		middle_save(m, j, &i->rows[j]);
	return 0;
}

static const char *cleared_by(const struct state_clears *clears,
			      const char *part)
{
	for (uint32_t i = 0; i < clears->n; i++) {
		if (strcmp(clears->list[i].part, part) == 0)
			return clears->list[i].by;
	}
	return "";
}

static void put_clears(Hale__V1__Memory *m, const struct image *i,
		       const struct state_clears *clears)
{
	for (size_t j = 0; j < i->n && j < m->n_rows; j++) {
		const char *by = cleared_by(clears, i->rows[j].finding.part);

		if (i->rows[j].cleared_ns != 0)
			memcpy(&m->rows[j]->cleared_by, &by, sizeof(by));
	}
}

static ssize_t image_pack(struct image *i, const struct middle *m,
			  const struct hale_clock *clock,
			  const struct state_clears *clears)
{
	struct codec_arena arena = { .mem = i->arena, .size = i->arena_size };
	struct codec_memory memory = {
		.boot_id = clock->boot_id,
		.position = middle_position(m),
		.saved_ns = clock_now_ns(clock),
		.boot_to_agent_ns = clock->boot_to_agent_ns,
		.rows = i->rows,
		.n_rows = i->n,
		.counters = i->counters,
		.n_counters = i->n_counters,
		.disks = i->disks,
		.n_disks = i->n_disks,
		.sectors = i->sectors,
		.n_sectors = i->n_sectors,
		.crashes = i->crashes,
		.n_crashes = i->n_crashes,
	};
	Hale__V1__Memory *message = codec_memory(&arena, &memory);

	if (message)
		put_clears(message, i, clears);
	return codec_pack(message, i->out, i->size);
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int replace(int dir_fd, const uint8_t *bytes, size_t len)
{
	_cleanup_fd_ int fd = openat(
		dir_fd, STATE_NEW,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	int r = fd < 0 ? -errno : write_all(fd, bytes, len);

	if (r < 0)
		return r;
	if (renameat(dir_fd, STATE_NEW, dir_fd, STATE_NAME) < 0)
		return -errno;
	return fsync(dir_fd) < 0 ? -errno : 0;
}

int state_store(int dir_fd, const struct middle *m,
		const struct hale_clock *clock,
		const struct state_clears *clears)
{
	struct image image = { 0 };
	int r = image_rows(&image, m);
	ssize_t n = r < 0 ? r : image_pack(&image, m, clock, clears);

	r = n < 0 ? (int)n : replace(dir_fd, image.out, (size_t)n);
	image_done(&image);
	return r;
}

static int read_file(int dir_fd, uint8_t **ret_bytes, size_t *ret_len)
{
	_cleanup_fd_ int fd =
		openat(dir_fd, STATE_NAME,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	uint8_t *bytes;
	ssize_t n;

	if (size < 0)
		return -errno;
	if (size == 0 || size > STATE_FILE_MAX)
		return -EBADMSG;
	bytes = malloc((size_t)size);
	if (!bytes)
		return -ENOMEM;
	n = pread(fd, bytes, (size_t)size, 0);
	if (n != size) {
		free(bytes);
		return n < 0 ? -errno : -EBADMSG;
	}
	*ret_bytes = bytes;
	*ret_len = (size_t)n;
	return 0;
}

static void add_clear(struct state_clears *clears, const char *part,
		      const char *by)
{
	uint32_t i = 0;

	while (i < clears->n && strcmp(clears->list[i].part, part) != 0)
		i++;
	if (i < clears->n) {
		HALE_SET(clears->list[i].by, by);
		return;
	}
	if (i == STATE_CLEARS_MAX) {
		memmove(&clears->list[0], &clears->list[1],
			sizeof(clears->list) - sizeof(clears->list[0]));
		i--;
	} else {
		clears->n++;
	}
	HALE_SET(clears->list[i].part, part);
	HALE_SET(clears->list[i].by, by);
}

void state_note_clear(struct state *s, const char *part, const char *by)
{
	add_clear(&s->clears, part, by);
}

/* Returns how many rows made no sense. */
static size_t load_rows(const Hale__V1__Memory *memory, bool same_boot,
			struct state_memory *mem)
{
	uint64_t now = clock_now_ns(mem->clock);
	struct hale_memory_row row;
	const char *why;
	size_t bad = 0;

	for (size_t i = 0; i < memory->n_rows; i++) {
		const Hale__V1__Memory__Row *r = memory->rows[i];

		if (codec_read_memory_row(r, &row, &why) < 0 ||
		    middle_load(mem->middle, &row, same_boot, now) < 0) {
			bad++;
			continue;
		}
		if (mem->clears && r->cleared_by && r->cleared_by[0] != '\0')
			add_clear(mem->clears, row.finding.part, r->cleared_by);
	}
	for (size_t i = 0; i < memory->n_counters; i++) {
		struct hale_memory_counter counter;

		codec_read_memory_counter(memory->counters[i], &counter);
		bad += middle_load_counter(mem->middle, &counter, same_boot,
					   now) < 0;
	}
	for (size_t i = 0; i < memory->n_disks; i++) {
		struct hale_memory_disk disk;

		codec_read_memory_disk(memory->disks[i], &disk);
		bad += middle_load_disk(mem->middle, &disk, now) < 0;
	}
	for (size_t i = 0; i < memory->n_sectors; i++) {
		struct hale_memory_sectors s;

		bad += codec_read_memory_sectors(memory->sectors[i], &s) < 0 ||
		       middle_load_sectors(mem->middle, &s) < 0;
	}
	return bad + state_load_crashes(mem->middle, memory, now);
}

/* A clear, or a write of the state, may come before the log is read on. Which
 * driver reads it is not known here; the first that speaks will say. */
static void restore_position(struct state_memory *mem, uint64_t position)
{
	const struct hale_fact f = { .kind = HALE_FACT_POSITION,
				     .u.position = position };

	mem->position = position;
	middle_fact(mem->middle, "", &f, clock_now_ns(mem->clock));
}

static int load(const uint8_t *bytes, size_t len, struct state_memory *mem)
{
	size_t arena_size = ROOM + len * UNPACKED, bad;
	_cleanup_free_ uint8_t *buffer = malloc(arena_size);
	struct codec_arena arena = { .mem = buffer, .size = arena_size };
	Hale__V1__Memory *memory;
	bool same_boot;
	int r;

	if (!buffer)
		return -ENOMEM;
	r = codec_unpack_memory(&arena, bytes, len, &memory);
	if (r < 0)
		return r == -ENOMEM ? -ENOMEM : -EBADMSG;
	if (memory->version > STATE_VERSION)
		return -EPROTONOSUPPORT;
	if (memory->version == 0)
		return -EBADMSG;
	same_boot = clock_resume(mem->clock, memory->boot_id,
				 memory->boot_to_agent_ns);
	bad = load_rows(memory, same_boot, mem);
	if (bad > 0)
		snprintf(mem->error, sizeof(mem->error),
			 "%zu of %zu entries make no sense, ignoring them", bad,
			 memory->n_rows + memory->n_counters + memory->n_disks +
				 memory->n_sectors + memory->n_crashes);
	if (same_boot)
		restore_position(mem, memory->position);
	return 0;
}

static const char *explain(int err)
{
	switch (err) {
	case -EBADMSG:
		return "is damaged";
	case -EPROTONOSUPPORT:
		return "was written by a later version of hale";
	default:
		return strerror(-err);
	}
}

int state_load(int dir_fd, struct state_memory *mem)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t len = 0;
	int r = read_file(dir_fd, &bytes, &len);

	mem->error[0] = '\0';
	mem->position = 0;
	if (r == 0)
		r = load(bytes, len, mem);
	if (r < 0)
		snprintf(mem->error, sizeof(mem->error), STATE_NAME " %s",
			 explain(r));
	return r;
}
