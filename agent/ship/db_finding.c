/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings, in and out. A finding is known by its part, its condition and when
 * it began: told again, it is the same row. Must write nothing where a report
 * brings no news: reports come with every change of anything. Invariant: what
 * is open here is open in the last report of the agent.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"
#include "proto/codec_read.h"

/* More than the agent's ledger ever holds. */
#define SEEN_MAX 8192

static int64_t as_integer(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static uint64_t key_of(const char *part, const char *condition, uint64_t first)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ first;

	for (; *part; part++)
		h = (h ^ (uint8_t)*part) * UINT64_C(0x100000001b3);
	for (; *condition; condition++)
		h = (h ^ (uint8_t)*condition) * UINT64_C(0x100000001b3);
	return h;
}

static int add(struct db *db, const Hale__V1__Finding *m)
{
	size_t size = hale__v1__finding__get_packed_size(m);
	sqlite3_stmt *s = db_statement(db, DB_ADD_FINDING);
	uint8_t *bytes = s ? malloc(size + 1) : NULL;

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	if (!bytes)
		return -ENOMEM;
	hale__v1__finding__pack(m, bytes);
	db_bind_text(s, 1, m->part->id);
	db_bind_text(s, 2, m->condition);
	sqlite3_bind_int64(s, 3, as_integer(m->first_ns));
	sqlite3_bind_int64(s, 4, as_integer(m->last_ns));
	sqlite3_bind_int64(s, 5, as_integer(m->closed_ns));
	sqlite3_bind_int64(s, 6, as_integer(m->count));
	sqlite3_bind_int64(s, 7, m->effect);
	sqlite3_bind_int64(s, 8, (int64_t)size);
	sqlite3_bind_blob(s, 9, bytes, (int)size, free);
	return db_run(s);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static const char *column(sqlite3_stmt *s, int i)
{
	const unsigned char *text = sqlite3_column_text(s, i);

	return text ? (const char *)text : "";
}

/* Rows that are open and not among @keys (sorted). Up to @max into @rows. */
static int gone(struct db *db, const uint64_t *keys, size_t n, int64_t *rows,
		int max)
{
	sqlite3_stmt *s = db_statement(db, DB_OPEN_FINDINGS);
	int found = 0, r = SQLITE_ERROR;

	while (s && found < max && (r = sqlite3_step(s)) == SQLITE_ROW) {
		uint64_t key = key_of(column(s, 1), column(s, 2),
				      (uint64_t)sqlite3_column_int64(s, 3));

		if (!bsearch(&key, keys, n, sizeof(key), compare))
			rows[found++] = sqlite3_column_int64(s, 0);
	}
	if (s)
		sqlite3_reset(s);
	return r == SQLITE_ROW || r == SQLITE_DONE ? found : db_error(r);
}

static int close_gone(struct db *db, const uint64_t *keys, size_t n,
		      uint64_t as_of_ns)
{
	int64_t rows[64];
	int found, r = 0;

	do {
		found = gone(db, keys, n, rows, (int)HALE_ARRAY_SIZE(rows));
		for (int i = 0; i < found && r == 0; i++) {
			sqlite3_stmt *s = db_statement(db, DB_CLOSE_FINDING);

			if (!s)
				return -EIO;
			sqlite3_bind_int64(s, 1, rows[i]);
			sqlite3_bind_int64(s, 2, as_integer(as_of_ns));
			r = db_run(s);
		}
	} while (r == 0 && found == (int)HALE_ARRAY_SIZE(rows));
	return found < 0 ? found : r;
}

static bool sound(const Hale__V1__Finding *m)
{
	return m->part && m->part->id[0] && m->condition[0];
}

static int add_all(struct db *db, Hale__V1__Finding *const *findings, size_t n,
		   uint64_t as_of_ns)
{
	_cleanup_free_ uint64_t *keys = calloc(n + 1, sizeof(*keys));
	size_t seen = 0;
	int r = keys ? db_keep(db, as_of_ns) : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++) {
		const Hale__V1__Finding *m = findings[i];

		if (!sound(m))
			continue;
		r = add(db, m);
		if (m->closed_ns == 0)
			keys[seen++] =
				key_of(m->part->id, m->condition, m->first_ns);
	}
	if (r < 0)
		return r;
	qsort(keys, seen, sizeof(*keys), compare);
	return close_gone(db, keys, seen, as_of_ns);
}

int db_add_findings(struct db *db, Hale__V1__Finding *const *findings, size_t n,
		    uint64_t as_of_ns)
{
	int r;

	if (n > SEEN_MAX)
		return -EMSGSIZE;
	r = db_begin(db);
	if (r < 0)
		return r;
	return db_end(db, add_all(db, findings, n, as_of_ns));
}

struct visitor {
	bool (*visit)(void *data, Hale__V1__Finding *m);
	void *data;
};

static bool give(sqlite3_stmt *s, struct codec_arena *a, void *data)
{
	const struct visitor *v = data;
	int size = sqlite3_column_bytes(s, 3);
	Hale__V1__Finding *m;

	if (size < 0 ||
	    codec_unpack(&hale__v1__finding__descriptor, a,
			 sqlite3_column_blob(s, 3), (size_t)size, &m) < 0)
		return true;
	if (m->closed_ns == 0 && sqlite3_column_int64(s, 2) > 0) {
		m->closed_ns = (uint64_t)sqlite3_column_int64(s, 2);
		m->closed = codec_borrow("while nothing was recorded");
	}
	return v->visit(v->data, m);
}

static void bind_query(sqlite3_stmt *s, const struct db_query *q, int max)
{
	sqlite3_bind_int64(s, 1, as_integer(q->before_ns));
	sqlite3_bind_int64(s, 2, q->before_row);
	sqlite3_bind_int64(s, 3, as_integer(q->since_ns));
	sqlite3_bind_int64(s, 4, as_integer(q->until_ns));
	db_bind_text(s, 5, q->cause);
	sqlite3_bind_int(s, 6, max);
}

int db_findings(struct db *db, struct db_query *q, int max,
		bool (*visit)(void *data, Hale__V1__Finding *m), void *data)
{
	struct visitor v = { visit, data };
	sqlite3_stmt *s = db_statement(db, DB_FINDINGS);

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	bind_query(s, q, max);
	return db_walk(s, q, give, &v);
}
