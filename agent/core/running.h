/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_RUNNING_H
#define HALE_CORE_RUNNING_H

/*
 * What the middle knows beside its findings, as notes for the core that comes
 * after this one (memory.h). Each kind of note has a function that makes the
 * @i-th and one that takes it in; what it takes in is hostile.
 */

#include "hale/memory.h"

#include "core.h"

/* Of the notes; others are not read. A number here is never used again. */
#define RUNNING_VERSION 1

enum note_room {
	NOTE_NONE = 0,
	NOTE_HEAD, /* the first: numbers of which there is one each */
	NOTE_DEVICE,
	NOTE_MOUNT,
	NOTE_LAYER,
	NOTE_BEARER,
	NOTE_RESTS,
	NOTE_ROOM,
	NOTE_DRIVER,
	NOTE_SENSE, /* after its driver, and its whole sense */
	NOTE_ENTRY, /* what a finding's row does not say */
	NOTE_SETTLED,
	NOTE_ENDED,
	NOTE_COUNTER,
	NOTE_SECTORS,
	NOTE_WITNESS,
	NOTE_JOIN,
	NOTE_FOLLOW,
	NOTE_DEATH,
	NOTE_DEBT,
	NOTE_VICTIM,
	NOTE_HELD, /* files of the victim before it */
	NOTE_ROOMS
};

enum note_made {
	NOTE_OVER = 0, /* there is no @i-th */
	NOTE_SKIPPED,  /* it is not in use */
	NOTE_MADE,
};

struct note_kind {
	enum note_made (*make)(const struct middle *m, uint32_t i,
			       struct hale_memory_note *ret);
	/* 0, or -EINVAL: it makes no sense, and changed nothing. */
	int (*take)(struct middle *m, const struct hale_memory_note *n,
		    uint64_t now_ns);
};

/* running_storage.c, running_senses.c, running_ledger.c, running_join.c */
extern const struct note_kind note_device, note_mount, note_layer, note_bearer,
	note_rests, note_room, note_driver, note_sense, note_entry,
	note_settled, note_ended, note_counter, note_sectors, note_witness,
	note_join, note_follow, note_death, note_debt, note_victim, note_held;

struct note_content {
	size_t n_numbers, n_texts;
	const uint64_t *numbers;
	const char *const *texts;
};

#define NOTE_NUMBERS(...)                                                      \
	.numbers = (const uint64_t[]){ __VA_ARGS__ },                          \
	.n_numbers =                                                           \
		sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t)
#define NOTE_TEXTS(...)                                                        \
	.texts = (const char *const[]){ __VA_ARGS__ },                         \
	.n_texts = sizeof((const char *const[]){ __VA_ARGS__ }) /              \
		   sizeof(const char *)

/* Numbers in the order in which note_take() functions read them. */
enum note_made note_put(struct hale_memory_note *n,
			const struct note_content *c);
#define NOTE_PUT(n, ...)                                                       \
	note_put((n), &(const struct note_content){ __VA_ARGS__ })

/* A time that is not in the future: else it would never grow old. */
static inline uint64_t note_past(uint64_t time_ns, uint64_t now_ns)
{
	return time_ns < now_ns ? time_ns : now_ns;
}

/* Linux: 12 bits of major and 20 of minor. */
static inline bool note_is_number(uint64_t major, uint64_t minor)
{
	return major < 1U << 12 && minor < 1U << 20;
}

#endif
