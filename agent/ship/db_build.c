/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds, in and out. Decides which numbers of a build stand for it: those of
 * its last attempt for what it needs, the peak of memory over all of them. Must
 * never read the whole table into memory, nor keep a reader's lock between two
 * calls: who is slow to take rows must not keep the log from being written
 * back. Invariant: a build is stored once, however often it is sent.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"
#include "proto/codec_read.h"

static const Hale__V1__Usage *last_usage(const Hale__V1__BuildResult *m)
{
	return m->n_attempts > 0 ? m->attempts[m->n_attempts - 1]->usage : NULL;
}

static uint64_t peak_memory(const Hale__V1__BuildResult *m)
{
	uint64_t most = 0;

	for (size_t i = 0; i < m->n_attempts; i++) {
		const Hale__V1__Usage *u = m->attempts[i]->usage;

		if (u && u->peak_memory_bytes > most)
			most = u->peak_memory_bytes;
	}
	return most;
}

/* SQLite's integers have a sign. */
static int64_t as_integer(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static void bind_words(sqlite3_stmt *s, const Hale__V1__BuildResult *m)
{
	db_bind_text(s, 1, m->id);
	sqlite3_bind_int64(s, 2, m->uid);
	sqlite3_bind_int64(s, 3, as_integer(m->started_ns));
	sqlite3_bind_int64(s, 4, as_integer(m->ended_ns));
	db_bind_text(s, 5, m->host);
	db_bind_text(s, 6, m->repo);
	sqlite3_bind_int64(s, 7, m->outcome);
	db_bind_text(s, 8, m->cause);
	db_bind_text(s, 9, m->strategy);
}

static void bind_numbers(sqlite3_stmt *s, const Hale__V1__BuildResult *m)
{
	const Hale__V1__Usage *u = last_usage(m);

	sqlite3_bind_int64(s, 10, u ? as_integer(u->wall_ns) : 0);
	sqlite3_bind_int64(s, 11, as_integer(peak_memory(m)));
	sqlite3_bind_int64(s, 12, u ? as_integer(u->disk_bytes) : 0);
	sqlite3_bind_int64(s, 13, u ? as_integer(u->inodes) : 0);
}

static int insert(struct db *db, const Hale__V1__BuildResult *m)
{
	size_t size = hale__v1__build_result__get_packed_size(m);
	sqlite3_stmt *s = db_statement(db, DB_ADD_BUILD);
	uint8_t *bytes;

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	bytes = malloc(size + 1);
	if (!bytes)
		return -ENOMEM;
	hale__v1__build_result__pack(m, bytes);
	bind_words(s, m);
	bind_numbers(s, m);
	sqlite3_bind_int64(s, 14, (int64_t)size);
	sqlite3_bind_blob(s, 15, bytes, (int)size, free);
	return db_run(s);
}

int db_add_build(struct db *db, const Hale__V1__BuildResult *m, uint64_t now_ns)
{
	int r = db_begin(db);

	if (r < 0)
		return r;
	r = db_keep(db, now_ns);
	if (r == 0)
		r = insert(db, m);
	return db_end(db, r);
}

void db_cursor_init(struct db_query *q)
{
	q->before_ns = INT64_MAX;
	q->before_row = INT64_MAX;
}

static void bind_query(sqlite3_stmt *s, const struct db_query *q, int max)
{
	sqlite3_bind_int64(s, 1, as_integer(q->before_ns));
	sqlite3_bind_int64(s, 2, q->before_row);
	sqlite3_bind_int64(s, 3, as_integer(q->since_ns));
	sqlite3_bind_int64(s, 4, as_integer(q->until_ns));
	db_bind_text(s, 5, q->repo);
	db_bind_text(s, 6, q->host);
	db_bind_text(s, 7, q->cause);
	sqlite3_bind_int64(s, 8, q->uid);
	sqlite3_bind_int(s, 9, q->failed);
	sqlite3_bind_int(s, 10, max);
}

struct visitor {
	bool (*visit)(void *data, Hale__V1__BuildResult *m);
	void *data;
};

/* A row that does not read is left out: the file passed its check, but what is
 * in it came from strangers. */
static bool give(sqlite3_stmt *s, struct codec_arena *a, void *data)
{
	const struct visitor *v = data;
	int size = sqlite3_column_bytes(s, 2);
	Hale__V1__BuildResult *m;

	if (size < 0 ||
	    codec_unpack(&hale__v1__build_result__descriptor, a,
			 sqlite3_column_blob(s, 2), (size_t)size, &m) < 0)
		return true;
	return v->visit(v->data, m);
}

/* A store that was begun anew numbers anew. */
static int keep_below(struct db *db, struct db_query *q)
{
	sqlite3_stmt *s = db_statement(db, DB_NEWEST);
	int64_t newest;

	if (!s || sqlite3_step(s) != SQLITE_ROW)
		return -EIO;
	newest = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	if (q->before_row > newest)
		q->before_row = newest;
	return 0;
}

int db_builds(struct db *db, struct db_query *q, int max,
	      bool (*visit)(void *data, Hale__V1__BuildResult *m), void *data)
{
	struct visitor v = { visit, data };
	sqlite3_stmt *s;

	if (q->recorded && keep_below(db, q) < 0)
		return -EIO;
	s = db_statement(db, q->recorded ? DB_RECORDED : DB_BUILDS);
	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	if (q->recorded) {
		sqlite3_bind_int64(s, 1, q->before_row);
		sqlite3_bind_int(s, 2, max);
	} else {
		bind_query(s, q, max);
	}
	return db_walk(s, q, give, &v);
}
