/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_STRATEGY_WORDS_H
#define HALE_RUN_STRATEGY_WORDS_H

/* The command of a strategy as written, to words. Pure but for memory. */

#include <stddef.h>

/**
 * strategy_words() - text to words, {command} replaced
 * @given: what {command} stands for; NULL: it may not stand there.
 * @ret_words: words_free().
 *
 * Return: as words_split().
 */
int strategy_words(const char *text, size_t len, char *const *given,
		   char ret_error[160], char ***ret_words);

#endif
