/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_WORDS_H
#define HALE_RUN_WORDS_H

/*
 * A command line as text to the words of a command, by the quoting of sh(1) and
 * without any of its powers: nothing is expanded, nothing is started. Pure but
 * for memory.
 */

#include <stddef.h>

#define WORDS_MAX 4096

/**
 * words_split() - split at blanks
 * @text: @len bytes. '…' holds anything; "…" anything but $ and `, with
 *\ before
 *	", \, $ and `; outside of them \ takes the meaning of any byte.
 * @ret_error: what is wrong, for people, with -EINVAL: a quote that is not
 *	closed, or something unquoted that a shell would act upon.
 * @ret_words: NULL-terminated, the caller's: words_free(). Never empty.
 *
 * Return: 0, -EINVAL, -ENOMEM, or -E2BIG and @ret_error.
 */
int words_split(const char *text, size_t len, char ret_error[160],
		char ***ret_words);
/* NULL is fine. Returns NULL. */
char **words_free(char **words);
size_t words_count(char *const *words);

#endif
