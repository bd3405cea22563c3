/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool's file: its schema, its statements, its transactions. How a file is
 * opened, checked, brought to today or set aside is the store's (agent/ship):
 * this one is another schema. Must never change a step that was released.
 * Invariant: a transaction that fails leaves the counts as they were.
 */
#include <errno.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/report/spool_own.h"

#define APPLICATION 0x68616c66 /* beside the store's 0x68616c65 */
#define AHEAD	    1000       /* numbers that one commit takes */
#define SPARE_PAGES 256
#define GIVE_BACK   "PRAGMA incremental_vacuum(1024)"

static const char *const steps[] = {
	/* 1 */
	"CREATE TABLE spool(one INTEGER PRIMARY KEY CHECK(one = 1), "
	"id INTEGER NOT NULL, "
	"seq INTEGER NOT NULL CHECK(seq BETWEEN 0 AND 1 << 60), "
	"findings_dropped INTEGER NOT NULL, builds_dropped INTEGER NOT NULL, "
	"dropped_ns INTEGER NOT NULL);"
	"CREATE TABLE outbox(n INTEGER PRIMARY KEY "
	"CHECK(n BETWEEN 1 AND 1 << 47), "
	"kind INTEGER NOT NULL CHECK(kind IN (1, 2)), id BLOB NOT NULL UNIQUE "
	"CHECK(typeof(id) = 'blob' AND length(id) = 16), "
	"created_ns INTEGER NOT NULL, message BLOB NOT NULL "
	"CHECK(typeof(message) = 'blob' AND "
	"length(message) BETWEEN 1 AND 4096));"
	"PRAGMA application_id = 1751215206;",
};

_Static_assert(FLEET_EVENT_MAX == 4096 && FLEET_MESSAGE_ID == 16 &&
		       FLEET_FINDING == 1 && FLEET_BUILD == 2,
	       "as in the schema");

static const struct db_schema schema = {
	.steps = steps,
	.version = HALE_ARRAY_SIZE(steps),
	.marked_from = 1,
	.application = APPLICATION,
};

static const char *const texts[SPOOL_STATEMENTS] = {
	[SPOOL_ADD] = "INSERT INTO outbox VALUES(?1, ?2, ?3, ?4, ?5) "
		      "ON CONFLICT(id) DO NOTHING",
	[SPOOL_PEEK] = "SELECT n, kind, id, created_ns, message FROM outbox "
		       "WHERE n > ?1 ORDER BY n LIMIT ?2",
	[SPOOL_ACK] = "DELETE FROM outbox WHERE id = ?1 "
		      "RETURNING kind, length(message)",
	[SPOOL_OLDEST] = "SELECT created_ns FROM outbox ORDER BY n LIMIT 1",
	[SPOOL_OLDEST_KIND] = "SELECT n, kind, length(message) FROM outbox "
			      "WHERE kind = ?1 ORDER BY n LIMIT ?2",
	[SPOOL_OLD] = "SELECT n, kind, length(message) FROM outbox "
		      "WHERE created_ns < ?1 ORDER BY n LIMIT ?2",
	[SPOOL_FORGET] = "DELETE FROM outbox WHERE n = ?1",
	[SPOOL_HELD] = "SELECT kind, count(*), sum(length(message)), max(n) "
		       "FROM outbox GROUP BY kind",
	[SPOOL_META] = "SELECT id, seq, findings_dropped, builds_dropped, "
		       "dropped_ns FROM spool",
	[SPOOL_SAVE] = "INSERT OR REPLACE INTO spool "
		       "VALUES(1, ?1, ?2, ?3, ?4, ?5)",
};

sqlite3_stmt *spool_statement(struct spool *s, enum spool_statement which)
{
	sqlite3_stmt **st = &s->statements[which];

	if (!*st && sqlite3_prepare_v3(s->db->sql, texts[which], -1,
				       SQLITE_PREPARE_PERSISTENT, st,
				       NULL) != SQLITE_OK)
		return NULL;
	sqlite3_reset(*st);
	sqlite3_clear_bindings(*st);
	return *st;
}

/* --- what it holds --- */

static int save(struct spool *s)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_SAVE);

	if (!st)
		return db_error(sqlite3_errcode(s->db->sql));
	sqlite3_bind_int64(st, 1, (int64_t)s->file.id);
	sqlite3_bind_int64(st, 2, (int64_t)s->file.reserved);
	sqlite3_bind_int64(st, 3, (int64_t)s->count.dropped[FLEET_FINDING]);
	sqlite3_bind_int64(st, 4, (int64_t)s->count.dropped[FLEET_BUILD]);
	sqlite3_bind_int64(st, 5, (int64_t)s->count.dropped_ns);
	return db_run(st);
}

static uint64_t column(sqlite3_stmt *st, int at)
{
	int64_t value = sqlite3_column_int64(st, at);

	return value > 0 ? (uint64_t)value : 0;
}

/* Of an earlier process, and what this one has counted already. */
static int load_meta(struct spool *s)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_META);
	int r;

	if (!st)
		return db_error(sqlite3_errcode(s->db->sql));
	r = sqlite3_step(st);
	if (r == SQLITE_ROW) {
		uint64_t id = (uint64_t)sqlite3_column_int64(st, 0);
		/* opened anew: its counts are among ours */
		bool again = s->file_known && s->file.id == id;

		s->file.id = id;
		s->file.seq = column(st, 1);
		if (!again) {
			s->count.dropped[FLEET_FINDING] += column(st, 2);
			s->count.dropped[FLEET_BUILD] += column(st, 3);
		}
		if (column(st, 4) > s->count.dropped_ns)
			s->count.dropped_ns = column(st, 4);
	} else if (getrandom(&s->file.id, sizeof(s->file.id), 0) > 0) {
		s->file.seq = 0;
	}
	sqlite3_reset(st);
	return db_error(r);
}

static int load_held(struct spool *s)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_HELD);
	uint64_t last = 0;
	int r;

	if (!st)
		return db_error(sqlite3_errcode(s->db->sql));
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		int kind = sqlite3_column_int(st, 0);

		if (kind <= FLEET_STATE || kind >= FLEET_KINDS)
			continue;
		s->count.n[kind] = column(st, 1);
		s->count.bytes[kind] = column(st, 2);
		last = column(st, 3) > last ? column(st, 3) : last;
	}
	sqlite3_reset(st);
	s->last_at = last > s->last_at ? last : s->last_at;
	spool_memory_renumber(s, last);
	return db_error(r);
}

static int load(struct spool *s)
{
	int r = load_meta(s);

	if (r == 0)
		r = load_held(s);
	if (r == 0)
		r = spool_db_reserve(s);
	s->file_known |= r == 0;
	return r;
}

int spool_db_open(struct spool *s, char said[SPOOL_SAID_MAX])
{
	struct spool_count before = s->count;
	int r;

	_Static_assert(SPOOL_SAID_MAX == DB_SAID_MAX, "one line");
	s->setup.schema = &schema;
	r = db_open(&s->setup, said, &s->db);
	if (r < 0)
		return r;
	r = load(s);
	if (r < 0) {
		spool_db_close(s);
		s->count = before;
		snprintf(said, SPOOL_SAID_MAX, "%.200s: %s", s->setup.path,
			 strerrordesc_np(-r));
	}
	return r;
}

void spool_db_close(struct spool *s)
{
	for (int i = 0; i < SPOOL_STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i]);
		s->statements[i] = NULL;
	}
	s->db = db_close(s->db);
	for (int i = 0; i < FLEET_KINDS; i++)
		s->count.n[i] = s->count.bytes[i] = 0;
}

/* --- transactions --- */

static int end(struct spool *s, int r, const struct spool_count *before)
{
	if (r == 0 && (s->saved.dropped_ns != s->count.dropped_ns ||
		       memcmp(s->saved.dropped, s->count.dropped,
			      sizeof(s->saved.dropped)) != 0))
		r = save(s);
	r = db_end(s->db, r);
	if (r < 0)
		s->count = *before;
	else
		s->saved = s->count;
	return r;
}

int spool_db_reserve(struct spool *s)
{
	uint64_t before = s->file.reserved;
	int r = db_begin(s->db);

	if (r < 0)
		return r;
	s->file.reserved = s->file.seq + AHEAD;
	r = db_end(s->db, save(s));
	if (r < 0)
		s->file.reserved = before;
	return r;
}

static int add(struct spool *s, const struct spool_item *item, uint64_t at,
	       uint64_t now_ns)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_ADD);
	int r;

	if (!st)
		return db_error(sqlite3_errcode(s->db->sql));
	sqlite3_bind_int64(st, 1, (int64_t)at);
	sqlite3_bind_int(st, 2, (int)item->kind);
	sqlite3_bind_blob(st, 3, &item->id, sizeof(item->id), SQLITE_STATIC);
	sqlite3_bind_int64(st, 4, (int64_t)now_ns);
	sqlite3_bind_blob(st, 5, item->bytes, (int)item->len, SQLITE_STATIC);
	r = db_run(st);
	if (r == 0 && sqlite3_changes(s->db->sql) > 0) {
		s->count.n[item->kind]++;
		s->count.bytes[item->kind] += item->len;
	}
	return r;
}

int spool_db_put(struct spool *s, const struct spool_item *items, size_t n,
		 uint64_t now_ns)
{
	const struct spool_count before = s->count;
	size_t len = s->memory.bytes;
	int r = db_begin(s->db);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		len += items[i].len;
	r = spool_make_room(s, n + s->memory.n, len, now_ns);
	for (size_t i = 0; i < s->memory.n && r == 0; i++)
		r = add(s, &s->memory.rows[i].item, s->memory.rows[i].item.at,
			s->memory.rows[i].item.created_ns);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add(s, &items[i], ++s->last_at, now_ns);
	r = end(s, r, &before);
	if (r == 0)
		spool_memory_clear(s);
	return r;
}

static int ack(struct spool *s, const struct spool_id *id, bool dropped)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_ACK);
	int r;

	if (!st)
		return db_error(sqlite3_errcode(s->db->sql));
	sqlite3_bind_blob(st, 1, id, sizeof(*id), SQLITE_STATIC);
	r = sqlite3_step(st);
	if (r == SQLITE_ROW) {
		int kind = sqlite3_column_int(st, 0);

		s->count.n[kind]--;
		s->count.bytes[kind] -= column(st, 1);
		s->count.dropped[kind] += dropped;
		r = sqlite3_step(st);
	}
	sqlite3_reset(st);
	return db_error(r);
}

/* A power cut may take it back, and then it is sent once more: no sync. */
int spool_db_ack(struct spool *s, const struct spool_id *ids, size_t n,
		 bool dropped)
{
	const struct spool_count before = s->count;
	int r = db_exec(s->db, "PRAGMA synchronous = NORMAL");

	if (r == 0)
		r = db_begin(s->db);
	if (r == 0) {
		for (size_t i = 0; i < n && r == 0; i++)
			r = ack(s, &ids[i], dropped);
		r = end(s, r, &before);
	}
	if (db_exec(s->db, "PRAGMA synchronous = EXTRA") < 0 && r == 0)
		r = -EIO;
	return r;
}

uint64_t spool_db_oldest_ns(struct spool *s)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_OLDEST);
	uint64_t ns = 0;

	if (st && sqlite3_step(st) == SQLITE_ROW)
		ns = column(st, 0);
	if (st)
		sqlite3_reset(st);
	return ns;
}

/* --- what goes next --- */

/* A row of the table into @item, its bytes behind @used; false: no room, or no
 * row of ours. */
static bool take(struct spool *s, sqlite3_stmt *st, size_t used,
		 struct spool_item *item)
{
	const void *id = sqlite3_column_blob(st, 2);
	size_t id_len = (size_t)sqlite3_column_bytes(st, 2);
	const void *bytes = sqlite3_column_blob(st, 4);
	size_t len = (size_t)sqlite3_column_bytes(st, 4);

	if (!id || id_len != sizeof(item->id) || !bytes ||
	    len > sizeof(s->peeked) - used)
		return false;
	*item = (struct spool_item){
		.kind = (enum fleet_kind)sqlite3_column_int(st, 1),
		.at = column(st, 0),
		.created_ns = column(st, 3),
		.bytes = memcpy(s->peeked + used, bytes, len),
		.len = len,
	};
	memcpy(&item->id, id, sizeof(item->id));
	return item->kind > FLEET_STATE && item->kind < FLEET_KINDS;
}

int spool_db_peek(struct spool *s, uint64_t after, struct spool_item *ret,
		  size_t max, size_t *ret_n)
{
	sqlite3_stmt *st = spool_statement(s, SPOOL_PEEK);
	size_t used = 0, n = 0;
	int r = SQLITE_DONE;

	if (!st)
		return db_error(sqlite3_errcode(s->db->sql));
	sqlite3_bind_int64(st, 1, (int64_t)after);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	while (n < max && (r = sqlite3_step(st)) == SQLITE_ROW &&
	       take(s, st, used, &ret[n]))
		used += ret[n++].len;
	sqlite3_reset(st);
	*ret_n = n;
	/* its rows are held to their bounds when the file is opened */
	if (r == SQLITE_ROW && n == 0)
		return -EBADMSG;
	return r == SQLITE_ROW ? 1 : db_error(r);
}

/* --- now and then --- */

int spool_db_age(struct spool *s, uint64_t now_ns)
{
	const struct spool_count before = s->count;
	int r = db_begin(s->db);

	if (r < 0)
		return r;
	if (now_ns > s->age_ns)
		r = spool_drop_old(s, now_ns - s->age_ns, now_ns);
	r = end(s, r, &before);
	if (r == 0 && db_pragma(s->db, "PRAGMA freelist_count") > SPARE_PAGES)
		r = db_exec(s->db, GIVE_BACK);
	return r;
}
