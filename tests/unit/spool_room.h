/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SPOOL_ROOM_H
#define TESTS_UNIT_SPOOL_ROOM_H

/* A spool in a folder of its own, in memory, and messages for it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "agent/report/spool.h"
#include "hale/base.h"

#define DAY (UINT64_C(86400) * HALE_NS_PER_S)
#define NOW (UINT64_C(1795303800) * HALE_NS_PER_S)

static char room[] = "/dev/shm/hale-spool.XXXXXX";
static char room_path[64], said[SPOOL_SAID_MAX];

static inline int room_begin(void **state)
{
	(void)state;
	memcpy(room + strlen(room) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(room));
	snprintf(room_path, sizeof(room_path), "%s/spool.db", room);
	return 0;
}

static inline int room_end(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", room);
	return system(command); /* NOLINT(cert-env33-c) */
}

static inline struct spool *room_open_sized(uint64_t size)
{
	const struct spool_setup setup = { .path = room_path,
					   .size_bytes = size };
	struct spool *s = NULL;

	assert_int_equal(spool_open(&setup, said, &s), 0);
	return s;
}

static inline struct spool *room_open(void)
{
	struct spool *s = room_open_sized(0);

	assert_string_equal(said, "");
	return s;
}

/* A message of so many bytes that tells its own number. */
static inline int room_put_sized(struct spool *s, enum fleet_kind kind,
				 uint32_t number, size_t len, uint64_t now_ns)
{
	static uint8_t bytes[FLEET_STATE_MAX + 1];
	struct spool_item item = { .kind = kind, .bytes = bytes, .len = len };
	struct spool_mark mark;

	assert_int_equal(spool_mark(s, &mark), 0);
	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes, &number, sizeof(number));
	item.id = mark.id;
	return spool_put(s, &item, 1, now_ns);
}

static inline int room_put(struct spool *s, enum fleet_kind kind,
			   uint32_t number)
{
	return room_put_sized(s, kind, number, 300, NOW);
}

#endif
