/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TESTS_STORE_FILES_H
#define HALE_TESTS_STORE_FILES_H

/* Stores that hale of today did not make: by SQL, or by a fixture. */

#include "store_room.h"

/* Runs SQL on the file as a stranger would: SQLite's own rules only. */
static inline void room_sql(const char *sql)
{
	sqlite3 *file = NULL;

	assert_int_equal(sqlite3_open(room_path, &file), SQLITE_OK);
	if (sqlite3_exec(file, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(file), sql);
	sqlite3_close(file);
}

/* The file as hale left it at that version: tests/fixtures/store. */
static inline void room_version(int version)
{
	static char sql[32768];
	char path[64];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "tests/fixtures/store/v%d.sql", version);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(sql, 1, sizeof(sql) - 1, f);
	fclose(f);
	sql[n] = '\0';
	room_sql(sql);
}

#endif
