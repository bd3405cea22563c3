/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What builds of a repository usually need, by a user's own store, for hosts
 * where no agent keeps one: one protobuf message, Needs, on stdout. Must never
 * make or change a store, nor say a word: who asks does without an answer.
 */
#include "hale/base.h"

#include "agent/ship/ship.h"

#define NEEDS_MAX 1024 /* as for an answer on the socket */
#define BUSY_MS	  100

static int tell(const Hale__V1__Needs *needs)
{
	uint8_t bytes[NEEDS_MAX];
	size_t n = hale__v1__needs__get_packed_size(needs);

	if (n > sizeof(bytes))
		return EXIT_FAILURE;
	hale__v1__needs__pack(needs, bytes);
	return write(STDOUT_FILENO, bytes, n) == (ssize_t)n ? EXIT_SUCCESS
							    : EXIT_FAILURE;
}

int needs_once(const struct db_setup *setup, const char *repo)
{
	struct db_setup quiet = *setup;
	Hale__V1__Needs needs;
	char said[DB_SAID_MAX];
	struct db *db = NULL;
	int status = EXIT_FAILURE;

	hale__v1__needs__init(&needs);
	quiet.read_only = quiet.stays = true;
	quiet.busy_ms = BUSY_MS;
	quiet.check = DB_CHECK_NONE;
	if (access(quiet.path, R_OK) < 0 || db_open(&quiet, said, &db) < 0)
		return status;
	if (db_needs(db, repo, &needs) == 0) {
		status = tell(&needs);
		free(needs.repo);
		free(needs.strategy);
	}
	db_close(db);
	return status;
}
