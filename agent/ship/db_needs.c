/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What builds of a repository usually need: the 95th percentile (nearest rank)
 * of the last 20 that passed here, whoever's they were. A number that a build
 * could not measure is left out, never taken for none. Invariant: what is not
 * known is 0.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"
#include "agent/ship/rank.h"

#define LAST 20

struct sample {
	size_t n[4];
	uint64_t values[4][LAST]; /* disk, inodes, memory, wall */
};

static void take(struct sample *x, sqlite3_stmt *s)
{
	for (int i = 0; i < 4; i++) {
		int64_t value = sqlite3_column_int64(s, i);

		if (value > 0 && x->n[i] < LAST)
			x->values[i][x->n[i]++] = (uint64_t)value;
	}
}

/* "acme/shop" is the one repository here whose name ends so. */
static int full_name(struct db *db, const char *end, char **ret)
{
	sqlite3_stmt *s = db_statement(db, DB_NAMED);
	char *name = NULL;
	int n = 0, r;

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	db_bind_text(s, 1, end);
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		free(name);
		name = strdup((const char *)sqlite3_column_text(s, 0));
		n++;
	}
	sqlite3_reset(s);
	if (db_error(r) < 0 || n != 1 || !name) {
		free(name);
		return db_error(r) < 0 ? db_error(r) : -ENOENT;
	}
	*ret = name;
	return 0;
}

static int best_strategy(struct db *db, const char *repo, char **ret)
{
	sqlite3_stmt *s = db_statement(db, DB_BEST);

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	db_bind_text(s, 1, repo);
	sqlite3_bind_int(s, 2, LAST);
	if (sqlite3_step(s) == SQLITE_ROW) {
		const unsigned char *text = sqlite3_column_text(s, 0);

		*ret = strdup(text ? (const char *)text : "");
	} else {
		*ret = strdup("");
	}
	sqlite3_reset(s);
	return *ret ? 0 : -ENOMEM;
}

static int needs_of(struct db *db, const char *repo, Hale__V1__Needs *ret_needs)
{
	sqlite3_stmt *s = db_statement(db, DB_NEEDS);
	struct sample x = { .n = { 0 } };
	Hale__V1__Needs m;
	char *strategy = NULL;
	int r;

	hale__v1__needs__init(&m);
	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	db_bind_text(s, 1, repo);
	sqlite3_bind_int(s, 2, LAST);
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		take(&x, s);
		m.builds++;
	}
	sqlite3_reset(s);
	r = db_error(r);
	if (r < 0)
		return r;
	m.disk_bytes = rank_percent(x.values[0], x.n[0], 95);
	m.inodes = rank_percent(x.values[1], x.n[1], 95);
	m.memory_bytes = rank_percent(x.values[2], x.n[2], 95);
	m.wall_ns = rank_percent(x.values[3], x.n[3], 50);
	r = best_strategy(db, repo, &strategy);
	if (r < 0)
		return r;
	m.strategy = strategy;
	m.repo = strdup(repo);
	if (!m.repo) {
		free(strategy);
		return -ENOMEM;
	}
	*ret_needs = m;
	return 0;
}

int db_needs(struct db *db, const char *repo, Hale__V1__Needs *ret_needs)
{
	Hale__V1__Needs of_full;
	char *name = NULL;
	int r = needs_of(db, repo, ret_needs);

	if (r < 0 || ret_needs->builds > 0 || !repo[0] ||
	    full_name(db, repo, &name) < 0)
		return r;
	if (needs_of(db, name, &of_full) == 0) {
		free(ret_needs->repo);
		free(ret_needs->strategy);
		*ret_needs = of_full;
	}
	free(name);
	return 0;
}
