/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CRASH_ALLOW_H
#define HALE_RUN_CRASH_ALLOW_H

/* The lists behind crash_word_allowed(). */

#include <stdbool.h>
#include <stddef.h>

/* Is a word of @len bytes one of @list, which ends in NULL, or does it begin
 * with one that ends in '*'? */
bool crash_is_listed(const char *word, size_t len, const char *const *list);
/* @value: the next word, or NULL. */
bool crash_rustc_word_allowed(const char *word, const char *value,
			      const char *cwd);

#endif
