/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_FILES_H
#define HALE_FLEETCLI_FILES_H

/*
 * Files that init and enroll write: whole or not at all, secrets readable by
 * their owner only, and nothing of somebody's overwritten unasked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum files_put {
	FILES_MADE = 0,
	FILES_SAME,	/* it was so already */
	FILES_REPLACED, /* the old one is PATH.old */
	FILES_KEPT,	/* another is there, and it was not to be replaced */
};

struct files_text {
	const char *at;
	size_t len;
};

#define FILES_SECRET 0600
#define FILES_PLAIN  0644

/* What is there is replaced: by what belongs to us alone. */
#define FILES_REPLACE true

/**
 * files_put() - a file with that text
 *
 * Written beside it, synced and renamed. Return: an enum files_put, or negative
 * errno.
 */
int files_put(const char *path, struct files_text text, mode_t mode,
	      bool replace);

/* All of a file of less than @size bytes, ended with a NUL: its length;
 * -EFBIG; or what open(2) and read(2) say. */
ssize_t files_read(const char *path, char *ret, size_t size);

/* A folder, if it is not there. 0 or negative errno. */
int files_folder(const char *path, mode_t mode);
bool files_exist(const char *path);

/* Text that is written with stdio: files_text_begin(), fprintf, _end(). */
struct files_builder {
	char *at;
	size_t len;
	FILE *to;
};
int files_begin(struct files_builder *b);
/* Closes it and puts it there: as files_put(). */
int files_end(struct files_builder *b, const char *path, mode_t mode,
	      bool replace);

#endif
