/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What some hosts have in common: how many of them have each word. Decides
 * nothing; counts. Invariant: between two questions all counts are zero.
 */
#include <errno.h>

#include "agent/fleet/judge_own.h"

int tally_init(struct tally *t, const struct picture *p)
{
	*t = (struct tally){ .end = picture_words_end(p) };
	t->hosts = calloc(t->end, sizeof(*t->hosts));
	t->model = calloc(t->end, sizeof(*t->model));
	t->seen = calloc(t->end, sizeof(*t->seen));
	if (t->hosts && t->model && t->seen)
		return 0;
	tally_done(t);
	return -ENOMEM;
}

void tally_done(struct tally *t)
{
	free(t->hosts);
	free(t->model);
	free(t->seen);
	*t = (struct tally){ 0 };
}

void tally_clear(struct tally *t)
{
	for (uint32_t i = 0; i < t->n_seen; i++)
		t->hosts[t->seen[i]] = 0;
	t->n_seen = 0;
}

void tally_add(struct tally *t, const struct picture *p, uint32_t host,
	       bool models)
{
	struct picture_word words[PICTURE_WORDS_MAX];
	uint32_t n = picture_host_words(p, host, words);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t w = words[i].word;

		if (words[i].model && !models)
			continue;
		if (t->hosts[w]++ == 0)
			t->seen[t->n_seen++] = w;
		t->model[w] = words[i].model;
	}
}

void tally_group(const struct tally *t, const struct picture *p, uint32_t word,
		 struct judgment_group *ret)
{
	struct told_label text = picture_word_text(p, word);

	*ret = (struct judgment_group){ 0 };
	if (t->model[word]) {
		HALE_SET(ret->key, "disk model");
		snprintf(ret->value, sizeof(ret->value), "%.80s%s%.40s",
			 text.key, *text.value ? " " : "", text.value);
	} else {
		HALE_SET(ret->key, text.key);
		HALE_SET(ret->value, text.value);
	}
	ret->failed = t->hosts[word];
	ret->of = picture_word_hosts(p, word);
}
