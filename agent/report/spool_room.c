/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is given up, so that a month without a server costs a bounded file. Age
 * first; then, where the file is nearly full, the oldest builds while they hold
 * more than a quarter of it, else the oldest findings: a host that builds day
 * and night is not to lose the word that its disk is dying. Must be called
 * within a transaction. Invariant: what is deleted here is counted in the same
 * transaction, and who rolls it back puts the counts back.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/report/spool_own.h"

#define FULL_PERCENT 85
#define BATCH	     64
/* Bytes of a row beside its message: numbers, the id twice, a page's part. */
#define ROW_BYTES 100

/* Takes one row out of the file and the counts. */
static int forget(struct spool *s, int64_t at, int kind, uint64_t len)
{
	sqlite3_stmt *del = spool_statement(s, SPOOL_FORGET);
	int r;

	if (!del)
		return -ENOMEM;
	sqlite3_bind_int64(del, 1, at);
	r = db_run(del);
	if (r == 0 && kind > FLEET_STATE && kind < FLEET_KINDS) {
		s->count.n[kind]--;
		s->count.bytes[kind] -= len;
		s->count.dropped[kind]++;
	}
	return r;
}

/* Each row {n, kind, length} of a statement; how many, at most BATCH. */
static int forget_all(struct spool *s, sqlite3_stmt *rows, uint64_t now_ns)
{
	struct {
		int64_t at;
		uint64_t len;
		int kind;
	} found[BATCH];
	int n = 0, r = SQLITE_DONE;

	while (n < BATCH && (r = sqlite3_step(rows)) == SQLITE_ROW) {
		found[n].at = sqlite3_column_int64(rows, 0);
		found[n].kind = sqlite3_column_int(rows, 1);
		found[n].len = (uint64_t)sqlite3_column_int64(rows, 2);
		n++;
	}
	sqlite3_reset(rows);
	r = db_error(r);
	for (int i = 0; i < n && r == 0; i++)
		r = forget(s, found[i].at, found[i].kind, found[i].len);
	if (n > 0)
		s->count.dropped_ns = now_ns;
	return r < 0 ? r : n;
}

int spool_drop_old(struct spool *s, uint64_t before_ns, uint64_t now_ns)
{
	int n;

	do {
		sqlite3_stmt *rows = spool_statement(s, SPOOL_OLD);

		if (!rows)
			return -ENOMEM;
		sqlite3_bind_int64(rows, 1, (int64_t)before_ns);
		sqlite3_bind_int(rows, 2, BATCH);
		n = forget_all(s, rows, now_ns);
	} while (n == BATCH);
	return n < 0 ? n : 0;
}

static bool nearly_full(struct spool *s, int64_t more)
{
	int64_t used = db_pragma(s->db, "PRAGMA page_count") -
		       db_pragma(s->db, "PRAGMA freelist_count");
	int64_t all = (int64_t)(s->setup.size_bytes / DB_PAGE);

	return (used + more) * 100 > all * FULL_PERCENT;
}

static enum fleet_kind victim(const struct spool *s)
{
	uint64_t builds = s->count.bytes[FLEET_BUILD];
	uint64_t findings = s->count.bytes[FLEET_FINDING];

	return s->count.n[FLEET_FINDING] == 0 ||
			       builds > (builds + findings) / 4
		       ? FLEET_BUILD
		       : FLEET_FINDING;
}

int spool_make_room(struct spool *s, size_t n, size_t len, uint64_t now_ns)
{
	int64_t more = (int64_t)((len + n * ROW_BYTES) / DB_PAGE + 1);
	int gone = BATCH;

	while (gone > 0 && nearly_full(s, more)) {
		sqlite3_stmt *rows = spool_statement(s, SPOOL_OLDEST_KIND);

		if (!rows)
			return -ENOMEM;
		sqlite3_bind_int(rows, 1, (int)victim(s));
		sqlite3_bind_int(rows, 2, BATCH);
		gone = forget_all(s, rows, now_ns);
	}
	return gone < 0 ? gone : 0;
}
