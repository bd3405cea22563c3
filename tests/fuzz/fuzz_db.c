/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that somebody else made: any bytes as the file, and behind a mark any
 * bytes as its log. Opened, read through, asked everything and written to as
 * haled: ship does it. It is a store, or it is set aside unchanged; what comes
 * out of it is never more than the file can hold.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "agent/ship/db_room.h"
#include "hale/base.h"

#define NOW (UINT64_C(1795303800) * HALE_NS_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64], path[96];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void put(const char *end, const uint8_t *data, size_t size)
{
	char name[128];
	int fd;

	snprintf(name, sizeof(name), "%s%s", path, end);
	unlink(name);
	if (size == 0)
		return;
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

/* "LOG!" divides the file from its log. */
static void put_both(const uint8_t *data, size_t size)
{
	const uint8_t *mark = size > 0 ? memmem(data, size, "LOG!", 4) : NULL;
	size_t main_size = mark ? (size_t)(mark - data) : size;

	put("", data, main_size);
	put("-wal", mark ? mark + 4 : NULL, mark ? size - main_size - 4 : 0);
	put("-shm", NULL, 0);
	put("-journal", NULL, 0);
	put(".aside-1", NULL, 0);
	put(".aside-1-wal", NULL, 0);
	put(".aside-1-shm", NULL, 0);
}

static bool see_build(void *data, Hale__V1__BuildResult *m)
{
	*(size_t *)data += strlen(m->repo) + strlen(m->headline);
	return true;
}

static bool see_finding(void *data, Hale__V1__Finding *m)
{
	*(size_t *)data += strlen(m->condition);
	return true;
}

static void use(struct db *db)
{
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	Hale__V1__BuildResult m;
	Hale__V1__Needs needs;
	size_t seen = 0;
	int r;

	db->checking = DB_CHECK_BUILDS;
	while ((r = db_check_on(db)) == 1)
		;
	db_cursor_init(&q);
	db_builds(db, &q, 1000, see_build, &seen);
	db_cursor_init(&q);
	db_findings(db, &q, 1000, see_finding, &seen);
	if (db_needs(db, "acme/shop", &needs) == 0) {
		free(needs.repo);
		free(needs.strategy);
	}
	hale__v1__build_result__init(&m);
	m.id = (char *)(uintptr_t) "0123456789abcdef";
	m.started_ns = m.ended_ns = NOW;
	m.outcome = HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
	db_add_build(db, &m, NOW);
	db_add_findings(db, NULL, 0, NOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct db_setup setup = { .path = path,
					.size_bytes = DB_SIZE_MIN };
	char said[DB_SAID_MAX], aside[128];
	struct db *db = NULL;
	int r;

	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "/dev/shm/fuzz_db.XXXXXX");
		must(mkdtemp(folder) != NULL);
		snprintf(path, sizeof(path), "%s/builds.db", folder);
	}
	put_both(data, size);
	r = db_open(&setup, said, &db);
	must((r == 0) == (db != NULL));
	must(r == 0 || said[0]);
	if (r == 0 && said[0]) {
		snprintf(aside, sizeof(aside), "%s.aside-1", path);
		must(access(aside, F_OK) == 0);
	}
	if (db)
		use(db);
	db_close(db);
	return 0;
}
