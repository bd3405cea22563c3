/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command of a strategy as written, to the words that are run: {command}
 * stands for those after the -- of `hale run`. Decides where it may stand; must
 * never paste it into a word, where its blanks and quotes would get another
 * meaning. Invariant: the words that were given arrive as they were given.
 */
#include "strategy_words.h"

#include <errno.h>

#include "hale/base.h"

#include "words.h"

#define GIVEN "{command}"

static bool is_shell(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *base = slash ? slash + 1 : program;

	return strcmp(base, "sh") == 0 || strcmp(base, "bash") == 0 ||
	       strcmp(base, "dash") == 0 || strcmp(base, "zsh") == 0;
}

static int may_stand(char *const *words, size_t i, char *ret_error)
{
	if (strcmp(words[i], GIVEN) != 0) {
		snprintf(ret_error, 160, GIVEN " must be a word by itself");
		return -EINVAL;
	}
	if (i == 2 && is_shell(words[0]) && strcmp(words[1], "-c") == 0) {
		snprintf(ret_error, 160,
			 "-c takes one word, and " GIVEN " are many: write "
			 "%.16s -c '… \"$@\"' sh " GIVEN,
			 words[0]);
		return -EINVAL;
	}
	return 0;
}

static int put_copies(char **out, size_t *n, char *const *from)
{
	for (; *from; from++) {
		out[*n] = strdup(*from);
		if (!out[*n])
			return -ENOMEM;
		(*n)++;
	}
	return 0;
}

/* @out: NULLs, room for all. */
static int put_words(char **out, char *const *words, char *const *given)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; words[i] && r == 0; i++) {
		char *const one[] = { words[i], NULL };
		bool whole = strcmp(words[i], GIVEN) == 0;

		r = put_copies(out, &n, whole ? given : one);
	}
	return r;
}

static int substitute(char *const *words, char *const *given, char *ret_error,
		      char ***ret_words)
{
	size_t room = words_count(words) + 1;
	char **out;
	int r;

	for (size_t i = 0; words[i]; i++) {
		if (!strstr(words[i], GIVEN))
			continue;
		if (!given) {
			snprintf(ret_error, 160,
				 GIVEN " has no meaning in a cleanup");
			return -EINVAL;
		}
		r = may_stand(words, i, ret_error);
		if (r < 0)
			return r;
		room += words_count(given);
	}
	out = calloc(room, sizeof(*out));
	if (!out)
		return -ENOMEM;
	r = put_words(out, words, given);
	if (r < 0 || !out[0] || !out[0][0]) {
		snprintf(ret_error, 160, "the program's name is empty");
		words_free(out);
		return r < 0 ? r : -EINVAL;
	}
	*ret_words = out;
	return 0;
}

int strategy_words(const char *text, size_t len, char *const *given,
		   char ret_error[160], char ***ret_words)
{
	char **words = NULL;
	int r = words_split(text, len, ret_error, &words);

	if (r < 0)
		return r;
	r = substitute(words, given, ret_error, ret_words);
	words_free(words);
	return r;
}
