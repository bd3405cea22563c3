/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgments, kept. Decides which found now is the one found before, and which
 * is dropped when there are too many: the oldest that has ended, then the
 * oldest. Must never give one number to two. Invariant: the newest is first.
 */
#include "agent/fleet/judge_own.h"

/* One that ended a while ago may begin again, and is the same then. */
static bool same(const struct judge *j, const struct judgment *a,
		 const struct judgment *b)
{
	if (a->kind != b->kind || a->host != b->host)
		return false;
	if (a->ended_ns != 0 && a->ended_ns + RECENT_NS < j->now_ns)
		return false;
	if (a->kind == JUDGMENT_BLACK_HOLE)
		return true;
	return strcmp(a->cause, b->cause) == 0 &&
	       strcmp(a->group.key, b->group.key) == 0 &&
	       strcmp(a->group.value, b->group.value) == 0;
}

static void drop(struct judge *j, uint32_t n)
{
	picture_word_drop(j->p, j->own[n].word);
	j->n_kept--;
	memmove(&j->kept[n], &j->kept[n + 1],
		(j->n_kept - n) * sizeof(j->kept[0]));
	memmove(&j->own[n], &j->own[n + 1],
		(j->n_kept - n) * sizeof(j->own[0]));
}

static void make_room(struct judge *j)
{
	if (j->n_kept < JUDGE_KEPT)
		return;
	for (uint32_t n = j->n_kept; n-- > 0;)
		if (j->kept[n].ended_ns != 0) {
			drop(j, n);
			return;
		}
	drop(j, j->n_kept - 1);
}

static uint32_t find(const struct judge *j, const struct judgment *like)
{
	uint32_t n = 0;

	while (n < j->n_kept && !same(j, &j->kept[n], like))
		n++;
	return n;
}

/* The numbers that a reader sees. */
static bool news(const struct judgment *a, const struct judgment *b)
{
	return a->group.failed != b->group.failed ||
	       a->group.of != b->group.of || a->failures != b->failures ||
	       a->n_shared != b->n_shared ||
	       a->group.others_failed != b->group.others_failed;
}

static void renew(struct judge *j, struct judgment *old,
		  const struct judgment *found)
{
	struct judgment was = *old;

	*old = *found;
	old->number = was.number;
	old->made_ns = was.made_ns;
	if (was.since_ns < found->since_ns)
		old->since_ns = was.since_ns;
	if (was.window_ns < found->window_ns)
		old->window_ns = was.window_ns;
	if (was.ended_ns != 0 || news(&was, found))
		j->change++;
}

static uint32_t add(struct judge *j, const struct judgment *found)
{
	make_room(j);
	memmove(&j->kept[1], &j->kept[0], j->n_kept * sizeof(j->kept[0]));
	memmove(&j->own[1], &j->own[0], j->n_kept * sizeof(j->own[0]));
	j->n_kept++;
	j->kept[0] = *found;
	j->kept[0].number = ++j->numbers;
	j->kept[0].made_ns = j->now_ns;
	j->own[0] = (struct kept_own){ 0 };
	j->change++;
	return 0;
}

void kept_hold(struct judge *j, const struct judgment *found,
	       const struct kept_own *now)
{
	uint32_t n = find(j, found);
	struct kept_own *own;

	if (n < j->n_kept) {
		own = &j->own[n];
		/* nothing new since it ended, or the nearer look was taken */
		if ((j->kept[n].ended_ns != 0 &&
		     now->newest_ns <= own->newest_ns) ||
		    (own->held_ns == j->now_ns &&
		     found->window_ns > j->kept[n].window_ns))
			return;
		renew(j, &j->kept[n], found);
	} else {
		n = add(j, found);
	}
	own = &j->own[n];
	picture_word_hold(j->p, now->word);
	picture_word_drop(j->p, own->word);
	*own = *now;
	own->held_ns = j->now_ns;
}

void kept_done(struct judge *j)
{
	while (j->n_kept > 0)
		drop(j, j->n_kept - 1);
}

void kept_end(struct judge *j, uint32_t n)
{
	j->kept[n].ended_ns = j->now_ns;
	j->change++;
}

bool kept_has_host(const struct judge *j, uint32_t n, uint32_t host)
{
	const struct judgment *g = &j->kept[n];
	struct picture_word words[PICTURE_WORDS_MAX];
	uint32_t n_words;

	if (g->group.key[0] == '\0')
		return true;
	n_words = picture_host_words(j->p, host, words);
	for (uint32_t i = 0; i < n_words; i++)
		if (words[i].word == j->own[n].word)
			return true;
	return false;
}

const struct judgment *judge_at(const struct judge *j, uint32_t n)
{
	return n < j->n_kept ? &j->kept[n] : NULL;
}

uint64_t judge_change(const struct judge *j)
{
	return j->change;
}
