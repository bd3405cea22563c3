/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One build into a user's own store, for hosts where no agent keeps one. Must
 * be quick to give up: a build's end waits for it. Says one line where it
 * cannot. Invariant: exit status 0 means that the build is on the disk.
 */
#include <errno.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/ship/ship.h"
#include "proto/codec_read.h"

#define ARENA_SIZE (768 * 1024)

static int fail(const char *text)
{
	fprintf(stderr, "hale run: this build is not in the history: %s\n",
		text);
	return EXIT_FAILURE;
}

/* Every folder above it, as mkdir -p; only for the user. */
static void make_folders(const char *path)
{
	char text[1024] = "";

	if (!HALE_SET(text, path))
		return;
	for (char *p = text + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(text, 0700);
		*p = '/';
	}
}

static ssize_t read_all(uint8_t *buf, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < size) {
		n = read(STDIN_FILENO, buf + len, size - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	return len == size ? -EMSGSIZE : (ssize_t)len;
}

static int add(const struct db_setup *setup, const Hale__V1__BuildResult *m,
	       char said[DB_SAID_MAX])
{
	struct db *db = NULL;
	int r = db_open(setup, said, &db);

	if (r < 0)
		return r;
	if (said[0])
		fprintf(stderr, "hale run: %s\n", said);
	r = db_add_build(db, m, m->ended_ns);
	db_close(db);
	if (r < 0)
		snprintf(said, DB_SAID_MAX, "%.200s: %s", setup->path,
			 strerrordesc_np(-r));
	return r;
}

/* A build's end waits for it: the file is read through only where something
 * about it is wrong. */
static int store(const struct db_setup *setup, const Hale__V1__BuildResult *m)
{
	struct db_setup own = *setup;
	char said[DB_SAID_MAX];
	int r;

	umask(0077);
	make_folders(setup->path);
	own.check = DB_CHECK_NONE;
	r = add(&own, m, said);
	own.check = DB_CHECK_WHOLE;
	if (r == -EBADMSG)
		r = add(&own, m, said);
	return r < 0 ? fail(said) : EXIT_SUCCESS;
}

int record_once(const struct db_setup *setup)
{
	_cleanup_free_ uint8_t *bytes = malloc(SHIP_MESSAGE_MAX);
	_cleanup_free_ uint8_t *mem = malloc(ARENA_SIZE);
	struct codec_arena a = { .mem = mem, .size = ARENA_SIZE };
	Hale__V1__BuildResult *m;
	const char *why;
	char host[65] = "";
	ssize_t n = bytes && mem ? read_all(bytes, SHIP_MESSAGE_MAX) : -ENOMEM;

	if (n < 0)
		return fail(strerrordesc_np((int)-n));
	if (codec_unpack(&hale__v1__build_result__descriptor, &a, bytes,
			 (size_t)n, &m) < 0)
		return fail("what was told is no build");
	gethostname(host, sizeof(host) - 1);
	/* a clock that was set during the build says nothing about it */
	why = told_clean(&a, m, host, geteuid(), m->ended_ns);
	return why ? fail(why) : store(setup, m);
}
