/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SPOOL_LOOK_H
#define TESTS_UNIT_SPOOL_LOOK_H

/* What waits in a spool, and what it takes. */

#include "spool_room.h"

static inline uint32_t room_number(const struct spool_item *item)
{
	uint32_t number;

	assert_true(item->len >= sizeof(number));
	memcpy(&number, item->bytes, sizeof(number));
	return number;
}

/* What waits, as "1 2 5". */
static inline const char *room_waits(struct spool *s)
{
	static char text[4096];
	struct spool_item items[SPOOL_BATCH];
	uint64_t after = 0;
	size_t n, at = 0;

	text[0] = '\0';
	while ((n = spool_peek(s, after, items, SPOOL_BATCH)) > 0) {
		for (size_t i = 0; i < n; i++) {
			assert_true(items[i].at > after);
			after = items[i].at;
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s%u", at ? " " : "",
					       room_number(&items[i]));
			assert_true(at < sizeof(text));
		}
	}
	return text;
}

static inline Hale__Fleet__V1__Spool room_tell(struct spool *s)
{
	Hale__Fleet__V1__Spool m;

	spool_tell(s, &m);
	return m;
}

/* All files of the folder, in bytes. */
static inline uint64_t room_bytes(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	uint64_t sum = 0;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(ends); i++) {
		char path[96];
		struct stat st;

		snprintf(path, sizeof(path), "%s%s", room_path, ends[i]);
		if (stat(path, &st) == 0)
			sum += (uint64_t)st.st_size;
	}
	return sum;
}

#endif
