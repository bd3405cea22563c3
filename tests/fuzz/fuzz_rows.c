/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store whose rows somebody else has written: any bytes where a build or a
 * finding should be are left out or told, and a damaged row hides no other. The
 * first byte chooses the table and what the columns beside the bytes say.
 */
#include <stdlib.h>
#include <unistd.h>

#include "hale/base.h"

#include "agent/ship/db.h"
#include "agent/ship/ship.h"

#define NOW (UINT64_C(1795303800) * HALE_NS_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/dev/shm/fuzz-rows-XXXXXX";
static struct db *db;
static sqlite3 *stranger;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void tidy_up(void)
{
	char name[64];

	sqlite3_close(stranger);
	db_close(db);
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path,
			 i == 0	  ? ""
			 : i == 1 ? "-wal"
				  : "-shm");
		unlink(name);
	}
}

static void set_up(void)
{
	const struct db_setup setup = { .path = path };
	char said[DB_SAID_MAX];
	int fd = mkstemp(path);

	check(fd >= 0);
	close(fd);
	unlink(path);
	check(db_open(&setup, said, &db) == 0);
	check(sqlite3_open(path, &stranger) == SQLITE_OK);
	sqlite3_exec(stranger, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	atexit(tidy_up);
}

static void write_row(const char *sql, const uint8_t *bytes, size_t size)
{
	sqlite3_stmt *s = NULL;

	check(sqlite3_prepare_v2(stranger, sql, -1, &s, NULL) == SQLITE_OK);
	sqlite3_bind_blob64(s, 1, bytes, size, SQLITE_STATIC);
	check(sqlite3_step(s) == SQLITE_DONE);
	sqlite3_finalize(s);
}

static bool on_build(void *data, Hale__V1__BuildResult *m)
{
	int *n = data;

	check(m->base.descriptor == &hale__v1__build_result__descriptor);
	told_to_others(m);
	check(m->n_command == 0);
	return ++*n < 10;
}

static bool on_finding(void *data, Hale__V1__Finding *m)
{
	int *n = data;

	check(m->base.descriptor == &hale__v1__finding__descriptor);
	return ++*n < 10;
}

static void ask(bool findings)
{
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	Hale__V1__Needs needs;
	const char *none;
	int n = 0;

	hale__v1__needs__init(&needs);
	none = needs.repo;
	db_cursor_init(&q);
	if (findings) {
		db_findings(db, &q, 10, on_finding, &n);
		return;
	}
	db_builds(db, &q, 10, on_build, &n);
	if (db_needs(db, "r", &needs) == 0) {
		if (needs.repo != none)
			free(needs.repo);
		if (needs.strategy != none)
			free(needs.strategy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const rows[] = {
		"INSERT OR REPLACE INTO builds VALUES(1, 'x', 0, 5, 9, 'h', "
		"'r', 1, '', '', 4, 1, 1, 1, 100, ?)",
		"INSERT OR REPLACE INTO builds VALUES(1, 'x', -7, -5, 'later', "
		"x'00ff', 'r', 99, 'code', 'a', -4, -1, 1e300, 'y', 'z', ?)",
		"INSERT OR REPLACE INTO findings VALUES(1, 'p', 'disk.hung', "
		"1, 2, 0, 1, 2, 10, ?)",
		"INSERT OR REPLACE INTO findings VALUES(1, x'ff', 'c', 'x', "
		"-2, 'y', 1e99, 7, 'n', ?)",
	};

	if (size < 1)
		return 0;
	if (!db)
		set_up();
	write_row(rows[data[0] % 4], data + 1, size - 1);
	ask(data[0] % 4 >= 2);
	return 0;
}
