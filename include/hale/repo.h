/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPO_H
#define HALE_REPO_H

/*
 * What a build may tell of itself without telling a secret: the name of its
 * repository, and its command with what looks like a password taken out.
 * Implemented in agent/lib/repo*.c and redact*.c.
 */

#include <stdbool.h>
#include <stddef.h>

#define HALE_REPO_MAX 200

/**
 * hale_repo_name() - a name for the repository at a URL
 * @url: as git takes it, or a name as a person gives it ("acme/shop").
 * @ret_name: "github.com/acme/shop": no scheme, no user, no password, no query,
 * no port that is usual, no ".git"; printable, cut where longer.
 *
 * Everything before the last '@' is dropped: a token in there is never kept.
 * Return: false where nothing is left, @ret_name is "" then.
 */
bool hale_repo_name(const char *url, char ret_name[HALE_REPO_MAX]);

/**
 * hale_repo_find() - the name of the repository that a folder belongs to
 * @dir: this folder or one above it holds .git (a folder, or the file of a
 * worktree or submodule), whose config names the remote "origin".
 *
 * Runs no git and believes nothing: what is read is text, bounded, of plain
 * files. Return: 0; -ENOENT: no repository, or one without that remote; other
 * negative errno.
 */
int hale_repo_find(const char *dir, char ret_name[HALE_REPO_MAX]);

/* The url of remote "origin" in the text of a git config. @ret_url is cut at
 * @size. False where there is none. Pure. */
bool hale_repo_origin(const char *text, size_t len, char *ret_url, size_t size);

/* Where hale_redact() stands between the words of one command; zero at first.
 */
struct hale_redact {
	bool next;  /* the word before asks for a secret: "--password" */
	bool user;  /* likewise "-u", which a "name:password" may follow */
	char quote; /* a masked value goes on until this; '\0': none does */
};

/**
 * hale_redact() - a word of a command, or a line of text, without its secrets
 * @r: kept from word to word; NULL for a text that stands alone.
 * @ret_text: "***" in place of values of --password, --token, NAME_SECRET= and
 * their kind, of "user:password@" in URLs, and of what is shaped like the
 * tokens of well-known services. Cut at @size.
 */
void hale_redact(struct hale_redact *r, const char *text, char *ret_text,
		 size_t size);

#endif
