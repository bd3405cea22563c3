/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a state folder after the power went: opens the store as
 * haled: ship does, and reads state.pb as a core does.
 *
 *   store_look FOLDER     the id of each build that is there, one a line
 *
 * Exit 1, with a line on stderr, where anything was set aside, is not sound, is
 * there twice, or where state.pb is no memory of an agent.
 */
#include <errno.h>

#include "agent/ship/db_room.h"
#include "hale/base.h"

#define STATE_MAX (4 << 20)

static int wrong(const char *what)
{
	fprintf(stderr, "store_look: %s\n", what);
	return 1;
}

static bool print_id(void *data, Hale__V1__BuildResult *m)
{
	(void)data;
	puts(m->id);
	return true;
}

static int look_at_store(const char *folder)
{
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	char path[1024], said[DB_SAID_MAX];
	struct db_setup setup = { .path = path, .stays = true };
	struct db *db = NULL;
	int n;

	snprintf(path, sizeof(path), "%s/builds.db", folder);
	if (access(path, F_OK) < 0)
		return 0; /* it went before there was any */
	setup.check = DB_CHECK_WHOLE;
	if (db_open(&setup, said, &db) < 0 || said[0])
		return wrong(said);
	if (db_pragma(db, "SELECT count(*) <> count(DISTINCT uid || id) FROM "
			  "builds") != 0)
		return wrong("a build is there twice");
	db_cursor_init(&q);
	n = db_builds(db, &q, 1000000, print_id, NULL);
	db_close(db);
	return n < 0 ? wrong(strerrordesc_np(-n)) : 0;
}

static int look_at_state(const char *folder)
{
	_cleanup_free_ uint8_t *bytes = malloc(STATE_MAX);
	Hale__V1__Memory *m;
	char path[1024];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/state.pb", folder);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = bytes ? fread(bytes, 1, STATE_MAX, f) : 0;
	fclose(f);
	m = hale__v1__memory__unpack(NULL, n, bytes);
	if (n == 0 || !m)
		return wrong("state.pb is torn");
	hale__v1__memory__free_unpacked(m, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 64;
	return look_at_store(argv[1]) || look_at_state(argv[1]) ? 1 : 0;
}
