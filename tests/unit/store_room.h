/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TESTS_STORE_ROOM_H
#define HALE_TESTS_STORE_ROOM_H

/* A store in a folder of its own, and builds for it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <time.h>

#include "agent/ship/db_room.h"
#include "hale/base.h"

#define DAY (UINT64_C(86400) * HALE_NS_PER_S)
#define NOW (UINT64_C(1795303800) * HALE_NS_PER_S)

/* In memory: what is synced here is synced often. */
static char room[] = "/dev/shm/hale-store.XXXXXX";
static char room_path[64];
static unsigned int room_ids;

static inline int room_begin(void **state)
{
	(void)state;
	memcpy(room + strlen(room) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(room));
	snprintf(room_path, sizeof(room_path), "%s/builds.db", room);
	return 0;
}

static inline int room_end(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", room);
	return system(command); /* NOLINT(cert-env33-c) */
}

static inline struct db *room_open_sized(uint64_t size, uint64_t retention)
{
	const struct db_setup setup = { .path = room_path,
					.size_bytes = size,
					.retention_ns = retention };
	char said[DB_SAID_MAX];
	struct db *db = NULL;

	assert_int_equal(db_open(&setup, said, &db), 0);
	assert_string_equal(said, "");
	return db;
}

static inline struct db *room_open(void)
{
	return room_open_sized(0, 0);
}

struct room_build {
	const char *id, *repo, *strategy;
	uint32_t uid, outcome; /* 0: it passed */
	uint64_t ago_ns, wall_ns, disk, memory, inodes;
	size_t padding;
};

static inline int room_add(struct db *db, const struct room_build *b)
{
	static char padding[60000];
	Hale__V1__BuildResult m;
	Hale__V1__Attempt a, *list = &a;
	Hale__V1__Usage u = HALE__V1__USAGE__INIT;
	char id[40];

	hale__v1__build_result__init(&m);
	hale__v1__attempt__init(&a);
	snprintf(id, sizeof(id), "%08x", ++room_ids);
	memset(padding, 'x', b->padding);
	padding[b->padding] = '\0';
	m.id = b->id ? (char *)(uintptr_t)b->id : id;
	m.repo = (char *)(uintptr_t)(b->repo ? b->repo : "");
	m.strategy = (char *)(uintptr_t)(b->strategy ? b->strategy : "");
	m.headline = padding;
	m.uid = b->uid;
	m.outcome =
		(Hale__V1__BuildResult__Outcome)(b->outcome ? b->outcome : 1);
	u.wall_ns = b->wall_ns ? b->wall_ns : HALE_NS_PER_S;
	u.disk_bytes = b->disk;
	u.peak_memory_bytes = b->memory;
	u.inodes = b->inodes;
	a.usage = &u;
	m.attempts = &list;
	m.n_attempts = 1;
	m.started_ns = NOW - b->ago_ns;
	m.ended_ns = m.started_ns + u.wall_ns;
	return db_add_build(db, &m, NOW);
}

static inline bool room_counted(void *data, Hale__V1__BuildResult *m)
{
	(void)m;
	(*(int *)data)++;
	return true;
}

/* Builds of a user; -1: of all. */
static inline int room_count(struct db *db, int64_t uid)
{
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = uid };
	int n = 0;

	db_cursor_init(&q);
	assert_true(db_builds(db, &q, 100000, room_counted, &n) >= 0);
	return n;
}

#endif
