/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One failure on many hosts at once. Decides when that is no accident, which
 * hosts it is about, what they share, and when it is over. Must never
 * quarantine anyone. Invariant: of one cause, each host that has it now is
 * counted to one group at most.
 */
#include "agent/fleet/judge_ask.h"

/* A window is judged once four times as long is known: before that nobody can
 * say what is usual. */
#define LEARN_WINDOWS 4
/* An outage is not what is usual, unless it lasts. */
#define OUTAGE_NS   JUDGE_DAY_NS
#define GROUPS_EACH 4 /* of one cause in one window */

/* An outage or a power cut strikes within minutes; what is rolled out host by
 * host, within hours. */
static const struct window windows[] = {
	{ 0, 10 * 60 * HALE_NS_PER_S, 10 * 60 * HALE_NS_PER_S },
	{ 1, RECENT_NS, 60 * 60 * HALE_NS_PER_S },
};

/* The group that was named last time, if it still answers for as many: a name
 * that changes with each host that joins helps nobody. */
static void stay_with(const struct question *q, struct answer *best)
{
	const struct judge *j = q->j;

	for (uint32_t n = 0; n < j->n_kept; n++) {
		const struct judgment *g = &j->kept[n];
		uint32_t word = j->own[n].word, k;
		struct answer a;

		if (g->kind != JUDGMENT_COMMON_CAUSE || g->ended_ns != 0 ||
		    strcmp(g->cause, cause_name(q->cause)) != 0)
			continue;
		k = word == INTERN_NONE ? q->n : q->t.hosts[word];
		if ((uint64_t)k * 5 < (uint64_t)best->k * 4 || k > best->k ||
		    !common_ask(q, word, k, common_group_size(q, word), &a))
			continue;
		*best = a;
		return;
	}
}

static bool in_group(const struct question *q, uint32_t host, uint32_t word)
{
	struct picture_word words[PICTURE_WORDS_MAX];
	uint32_t n;

	if (word == INTERN_NONE)
		return true;
	n = picture_host_words(q->j->p, host, words);
	for (uint32_t i = 0; i < n; i++)
		if (words[i].word == word)
			return true;
	return false;
}

/* By how much of it failed, then by size. */
static bool is_rarer(const struct judgment_group *a,
		     const struct judgment_group *b)
{
	uint64_t x = (uint64_t)a->failed * b->of;
	uint64_t y = (uint64_t)b->failed * a->of;

	return x != y ? x > y : a->of < b->of;
}

static void put_shared(struct judgment *g, const struct judgment_group *s)
{
	uint32_t at = g->n_shared;

	while (at > 0 && is_rarer(s, &g->shared[at - 1]))
		at--;
	if (at == JUDGE_SHARED_MAX)
		return;
	if (g->n_shared < JUDGE_SHARED_MAX)
		g->n_shared++;
	memmove(&g->shared[at + 1], &g->shared[at],
		(g->n_shared - at - 1) * sizeof(g->shared[0]));
	g->shared[at] = *s;
}

/* What at least four in five of them have, and fewer of those that were
 * spared. */
static void say_shared(const struct question *q, const struct answer *a,
		       struct judgment *g)
{
	for (uint32_t i = 0; i < q->t.n_seen; i++) {
		uint32_t word = q->t.seen[i], k = q->t.hosts[word];
		struct judgment_group s;

		if (word == a->word || k > a->k ||
		    (uint64_t)k * 5 < (uint64_t)a->k * 4)
			continue;
		tally_group(&q->t, q->j->p, word, &s);
		if ((uint64_t)s.failed * q->counts.hosts <=
		    (uint64_t)s.of * q->n)
			continue;
		s.others_failed = q->n - s.failed;
		s.others_of = q->counts.hosts - s.of;
		put_shared(g, &s);
	}
}

static void say_group(const struct question *q, const struct answer *a,
		      struct judgment *g)
{
	if (a->word != INTERN_NONE)
		tally_group(&q->t, q->j->p, a->word, &g->group);
	g->group.failed = a->k;
	g->group.of = a->n;
	g->group.others_failed = q->n - a->k;
	g->group.others_of = q->counts.hosts - a->n;
}

static bool times_of(const struct question *q, uint32_t word,
		     uint64_t *ret_first, uint64_t *ret_last)
{
	*ret_first = UINT64_MAX;
	*ret_last = 0;
	for (uint32_t i = 0; i < q->n; i++) {
		const struct recent_failure *f = &q->f[i];

		if (!in_group(q, f->host, word))
			continue;
		if (f->at_ns < *ret_first)
			*ret_first = f->at_ns;
		if (f->last_ns > *ret_last)
			*ret_last = f->last_ns;
	}
	return q->j->now_ns - *ret_last < q->w->quiet_ns;
}

static void hold(const struct question *q, const struct answer *a)
{
	struct judgment g = { .kind = JUDGMENT_COMMON_CAUSE,
			      .window_ns = q->w->ns,
			      .bits = a->bits,
			      .cause = cause_name(q->cause),
			      .host = PICTURE_NONE };
	uint64_t last;

	if (!times_of(q, a->word, &g.since_ns, &last))
		return;
	say_group(q, a, &g);
	say_shared(q, a, &g);
	kept_hold(q->j, &g,
		  &(struct kept_own){ .newest_ns = last,
				      .word = a->word,
				      .cause = q->cause });
}

static void count_words(struct question *q)
{
	tally_clear(&q->t);
	for (uint32_t i = 0; i < q->n; i++)
		tally_add(&q->t, q->j->p, q->f[i].host,
			  cause_of_disk(q->cause));
}

/* Those of other groups, for another answer. */
static void leave_out(struct question *q, uint32_t word)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < q->n; i++)
		if (!in_group(q, q->f[i].host, word))
			q->f[n++] = q->f[i];
	q->n = n;
}

/* Are all that it names in the group of one that holds? Then they are late for
 * that one, and no story of their own. */
static bool is_part(const struct question *q, uint32_t word)
{
	const struct judge *j = q->j;

	for (uint32_t n = 0; n < j->n_kept; n++) {
		uint32_t i = 0;

		if (j->kept[n].kind != JUDGMENT_COMMON_CAUSE ||
		    j->kept[n].ended_ns != 0 || j->own[n].cause != q->cause ||
		    j->own[n].word == word)
			continue;
		while (i < q->n && (!in_group(q, q->f[i].host, word) ||
				    kept_has_host(j, n, q->f[i].host)))
			i++;
		if (i == q->n)
			return true;
	}
	return false;
}

static void answer_question(struct question *q)
{
	for (uint32_t i = 0; i < GROUPS_EACH && q->n >= HOSTS_MIN; i++) {
		struct answer a;

		count_words(q);
		if (q->learning || !common_best(q, &a)) {
			if (i == 0)
				common_remember(q);
			return;
		}
		stay_with(q, &a);
		if (!is_part(q, a.word))
			hold(q, &a);
		leave_out(q, a.word);
	}
}

static int compare(const void *va, const void *vb)
{
	const struct recent_failure *a = va, *b = vb;

	if (a->cause != b->cause)
		return a->cause < b->cause ? -1 : 1;
	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	return a->last_ns < b->last_ns ? 1 : a->last_ns > b->last_ns ? -1 : 0;
}

/* What began in a window, by cause; of each host once. */
static uint32_t gather(const struct judge *j, uint64_t window_ns,
		       struct recent_failure *f)
{
	struct picture_row row;
	uint32_t n = 0, kept = 0;

	for (uint32_t i = 0; i < j->recent.n; i++) {
		const struct recent_failure *one = recent_at(&j->recent, i);

		if (one->at_ns + window_ns > j->now_ns &&
		    picture_row(j->p, one->host, &row))
			f[n++] = *one;
	}
	qsort(f, n, sizeof(*f), compare);
	for (uint32_t i = 0; i < n; i++)
		if (kept == 0 || f[i].cause != f[kept - 1].cause ||
		    f[i].host != f[kept - 1].host)
			f[kept++] = f[i];
	return kept;
}

/* Of a judgment: how many of its hosts fail since it was looked at last, or
 * since it ended, and until when. */
static uint32_t go_on(const struct judge *j, uint32_t n, uint64_t *ret_last_ns)
{
	const struct kept_own *own = &j->own[n];
	uint32_t more = 0;

	*ret_last_ns = own->newest_ns;
	for (uint32_t i = 0; i < j->recent.n; i++) {
		const struct recent_failure *f = recent_at(&j->recent, i);

		if (f->last_ns <= own->newest_ns || f->cause != own->cause ||
		    f->at_ns < j->kept[n].since_ns ||
		    !kept_has_host(j, n, f->host))
			continue;
		more++;
		if (f->last_ns > *ret_last_ns)
			*ret_last_ns = f->last_ns;
	}
	return more;
}

/* What goes on, holds; what ended a while ago holds again, if it strikes half
 * of its hosts again. */
static void carry_on(struct judge *j)
{
	for (uint32_t n = 0; n < j->n_kept; n++) {
		struct judgment *g = &j->kept[n];
		uint64_t last_ns;
		uint32_t more;

		if (g->kind != JUDGMENT_COMMON_CAUSE ||
		    (g->ended_ns != 0 && g->ended_ns + RECENT_NS < j->now_ns))
			continue;
		more = go_on(j, n, &last_ns);
		if (g->ended_ns != 0 &&
		    (more < HOSTS_MIN || more * 2 < g->group.failed))
			continue;
		j->change += g->ended_ns != 0;
		g->ended_ns = 0;
		j->own[n].newest_ns = last_ns;
	}
}

static void ask_all(struct question *q, struct recent_failure *f, uint32_t n)
{
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && f[end].cause == f[i].cause;)
			end++;
		q->cause = f[i].cause;
		q->f = &f[i];
		q->n = end - i;
		q->peak = common_peak(q);
		answer_question(q);
	}
}

static uint64_t quiet_of(const struct judgment *g)
{
	return g->window_ns == windows[0].ns ? windows[0].quiet_ns
					     : windows[1].quiet_ns;
}

/* Another group answers for that cause now. */
static bool is_overtaken(const struct judge *j, uint32_t n)
{
	for (uint32_t i = 0; i < j->n_kept; i++)
		if (j->kept[i].kind == JUDGMENT_COMMON_CAUSE &&
		    j->own[i].held_ns == j->now_ns &&
		    strcmp(j->kept[i].cause, j->kept[n].cause) == 0)
			return true;
	return false;
}

/* What had no failure for a while, of those for which it held, is over. */
static void end_quiet(struct judge *j)
{
	for (uint32_t n = 0; n < j->n_kept; n++) {
		const struct judgment *g = &j->kept[n];

		if (g->kind != JUDGMENT_COMMON_CAUSE || g->ended_ns != 0)
			continue;
		if (j->own[n].newest_ns + quiet_of(g) <= j->now_ns ||
		    (j->own[n].held_ns < j->now_ns && is_overtaken(j, n)))
			kept_end(j, n);
	}
}

void judge_common(struct judge *j)
{
	_cleanup_free_ struct recent_failure *f = NULL;
	struct question q = { .j = j };

	picture_counts(j->p, &q.counts);
	f = calloc(j->recent.n + 1, sizeof(*f));
	if (!f || tally_init(&q.t, j->p) < 0)
		return;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(windows); i++) {
		q.w = &windows[i];
		q.learning = j->now_ns - j->from_ns < LEARN_WINDOWS * q.w->ns;
		ask_all(&q, f, gather(j, q.w->ns, f));
	}
	tally_done(&q.t);
	carry_on(j);
	end_quiet(j);
}

const struct judgment *judge_explains(const struct judge *j, uint32_t host,
				      const char *cause)
{
	for (uint32_t n = 0; n < j->n_kept; n++) {
		const struct judgment *g = &j->kept[n];

		if (g->kind == JUDGMENT_COMMON_CAUSE && g->ended_ns == 0 &&
		    strcmp(g->cause, cause) == 0 && kept_has_host(j, n, host))
			return g;
	}
	return NULL;
}

bool judge_is_outage(const struct judge *j, uint32_t host, uint16_t cause)
{
	const struct judgment *g = judge_explains(j, host, cause_name(cause));

	return g && j->now_ns < g->made_ns + OUTAGE_NS;
}

bool judge_was_common(const struct judge *j, uint32_t host, uint16_t cause,
		      uint64_t at_ns)
{
	for (uint32_t n = 0; n < j->n_kept; n++) {
		const struct judgment *g = &j->kept[n];

		if (g->kind == JUDGMENT_COMMON_CAUSE &&
		    at_ns + HALE_NS_PER_S >= g->since_ns &&
		    at_ns <= j->own[n].newest_ns + quiet_of(g) &&
		    strcmp(g->cause, cause_name(cause)) == 0 &&
		    kept_has_host(j, n, host))
			return true;
	}
	return false;
}
