/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines to words. Decides where one ends, and refuses what a shell
 * would make something of (variables, globs, pipes, redirections): whoever
 * wrote that meant a shell, and there is none here. Must never start or expand
 * anything. Invariant: quoting a text in the way of sh(1) and splitting it
 * again gives that text.
 */
#include "words.h"

#include <errno.h>

#include "hale/base.h"

struct split {
	const char *at, *end;
	char *word; /* room for all of the text */
	size_t used;
	char *error;
};

static int refuse(struct split *s, char c, const char *what)
{
	snprintf(s->error, 160, "%c %s", c, what);
	return -EINVAL;
}

#define NO_SHELL                                                               \
	"means something to a shell only, and there is none: quote it with "   \
	"'…', or write sh -c '…'"
#define NOT_CLOSED "is not closed"

static int take_single(struct split *s)
{
	const char *close = memchr(s->at, '\'', (size_t)(s->end - s->at));

	if (!close)
		return refuse(s, '\'', NOT_CLOSED);
	memcpy(s->word + s->used, s->at, (size_t)(close - s->at));
	s->used += (size_t)(close - s->at);
	s->at = close + 1;
	return 0;
}

static int take_double(struct split *s)
{
	for (; s->at < s->end && *s->at != '"'; s->at++) {
		if (*s->at == '$' || *s->at == '`')
			return refuse(s, *s->at, NO_SHELL);
		if (*s->at == '\\' && s->at + 1 < s->end &&
		    strchr("\"\\$`", s->at[1]) && s->at[1] != '\0')
			s->at++;
		s->word[s->used++] = *s->at;
	}
	if (s->at == s->end)
		return refuse(s, '"', NOT_CLOSED);
	s->at++;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static int take_bare(struct split *s, bool first)
{
	char c = s->at[-1];

	if (c == '\\') {
		if (s->at == s->end)
			return refuse(s, c,
				      "at the end, and nothing follows it");
		c = *s->at++;
	} else if (strchr("$`|&;<>()*?[]", c) ||
		   (first && (c == '~' || c == '#'))) {
		return refuse(s, c, NO_SHELL);
	}
	s->word[s->used++] = c;
	return 0;
}

/* One word; it begins at a byte that is no blank. */
static int take_word(struct split *s)
{
	const char *begin = s->at;
	int r = 0;

	s->used = 0;
	while (r == 0 && s->at < s->end && !is_blank(*s->at)) {
		char c = *s->at++;

		if (c == '\0')
			return refuse(s, '0', "as a byte: is it a text?");
		if (c == '\'')
			r = take_single(s);
		else if (c == '"')
			r = take_double(s);
		else
			r = take_bare(s, s->at == begin + 1);
	}
	return r;
}

static int take_all(struct split *s, char **words)
{
	size_t n = 0;
	int r;

	for (;;) {
		while (s->at < s->end && is_blank(*s->at))
			s->at++;
		if (s->at == s->end)
			break;
		if (n == WORDS_MAX) {
			snprintf(s->error, 160, "more than %d words",
				 WORDS_MAX);
			return -E2BIG;
		}
		r = take_word(s);
		if (r < 0)
			return r;
		words[n] = strndup(s->word, s->used);
		if (!words[n++])
			return -ENOMEM;
	}
	if (n > 0)
		return 0;
	snprintf(s->error, 160, "there is no command");
	return -EINVAL;
}

char **words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
	return NULL;
}

size_t words_count(char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

int words_split(const char *text, size_t len, char ret_error[160],
		char ***ret_words)
{
	_cleanup_free_ char *room = NULL;
	struct split s = { text, text + len, NULL, 0, ret_error };
	char **words = calloc(WORDS_MAX + 1, sizeof(*words));
	int r;

	room = malloc(len + 1);
	s.word = room;
	r = room && words ? take_all(&s, words) : -ENOMEM;
	if (r < 0) {
		words_free(words);
		return r;
	}
	*ret_words = words;
	return 0;
}
