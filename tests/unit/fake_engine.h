/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_ENGINE_H
#define TESTS_FAKE_ENGINE_H

/*
 * Small roots for the helper of the driver engine: an engine is a child that
 * serves a socket in one, a plugin or systemd's word is a script. For cmocka
 * programs; a failed step fails the test.
 */

#include <sys/types.h>

#include "tree.h"

struct engine_reply {
	const char *path;
	int status; /* 0: @text is all there is */
	const char *text;
};

/* An ext4 "/" on 8:1, and one on 8:17 mounted on /srv/data. */
void engine_root_new(struct tree *t);
/* A bound run/docker.sock that nobody listens on yet. */
int engine_listener(const struct tree *t);
/* @replies: up to one without a path; NULL: it accepts nobody. Return: who
 * serves, for engine_stop(). */
pid_t engine_serve(const struct tree *t, const struct engine_reply *replies);
void engine_stop(pid_t pid);
/* A shell script of one line, that anybody may execute. */
void engine_program(const struct tree *t, const char *path, const char *text);

/* One run of the helper: its facts, a line each, for free(). */
char *engine_look(const struct tree *t, bool once, bool asked);
/* Fails the test where @facts do not say so; or do. */
void engine_says(const char *facts, const char *what);
void engine_says_not(const char *facts, const char *what);

#endif
