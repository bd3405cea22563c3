/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test for a common cause: of the n hosts of a group, k had it within a
 * window; if each had it as often as is usual, how likely were k or more?
 * (Binomial, exact, one-sided.) Decides whether that is too unlikely, and which
 * group is the least likely of all. Invariant: what is usual is never taken for
 * lower than what the fleet, and the group itself, had in the last month.
 */
#include "agent/fleet/judge_ask.h"

/* Fewer of a group are not the group's, however unlikely. */
#define SHARE_MIN_PERCENT 10
/* ... and how far above the usual rate. */
#define RATE_MIN_TIMES 4
/* Before anything is known: one host in a hundred fails per window, weighed as
 * a hundred windows. A new fleet is slow to judge, not quick. */
#define PRIOR_FAILED  1.0
#define PRIOR_WINDOWS 100.0
/* Until a whole day is known, with its morning and its night, one in ten is
 * taken for usual. */
#define FIRST_DAYS	2
#define FIRST_DAYS_RATE 0.1
/* A group is named if half of it is struck, or if it holds a third of all that
 * are: three hosts of a rack while ten fail elsewhere are not the rack's. */
#define STRUCK_PART 2
#define HOLDS_PART  3
/* The worst of other days counts where it was more than a few hosts: the
 * largest of many small counts is chance. */
#define PEAK_MIN 10

struct peaks {
	struct peak {
		uint32_t day[JUDGE_DAYS + 1], n[JUDGE_DAYS + 1];
	} at[2]; /* by window */
};

static struct peak *peak_of(const struct question *q)
{
	struct judge *j = q->j;

	if (!j->peaks)
		j->peaks = calloc(cause_end(), sizeof(*j->peaks));
	return j->peaks ? &j->peaks[q->cause].at[q->w->number] : NULL;
}

static uint32_t today(const struct question *q)
{
	return (uint32_t)(q->j->now_ns / JUDGE_DAY_NS);
}

void common_remember(const struct question *q)
{
	struct peak *p = peak_of(q);
	uint32_t day = today(q), i = day % (JUDGE_DAYS + 1);

	if (!p)
		return;
	if (p->day[i] != day)
		p->n[i] = 0;
	p->day[i] = day;
	if (q->n > p->n[i])
		p->n[i] = q->n;
}

double common_peak(const struct question *q)
{
	const struct peak *p = peak_of(q);
	uint32_t day = today(q), most = 0;

	for (uint32_t i = 0; p && i <= JUDGE_DAYS; i++)
		if (p->day[i] < day && p->day[i] + JUDGE_DAYS >= day &&
		    p->n[i] > most)
			most = p->n[i];
	if (most < PEAK_MIN || q->counts.hosts == 0)
		return 0;
	return (double)most / q->counts.hosts;
}

/* How much of the past before this window is known, in windows of a host. */
static double windows_before(const struct question *q)
{
	uint64_t span = q->j->now_ns - q->j->from_ns - q->w->ns;

	if (span > JUDGE_DAYS * JUDGE_DAY_NS)
		span = JUDGE_DAYS * JUDGE_DAY_NS;
	return (double)span / (double)q->w->ns;
}

/* How often a host has the cause in one window, without those asked about. */
static double usual_rate(const struct question *q, uint32_t word, uint32_t k,
			 uint32_t n)
{
	const struct judge *j = q->j;
	uint64_t group =
		word == INTERN_NONE ? 0 : picture_word_hash(j->p, word);
	uint64_t all = recent_usual(&j->recent, q->cause, 0, j->now_ns);
	uint64_t here = recent_usual(&j->recent, q->cause, group, j->now_ns);
	double windows = windows_before(q), rate, own;

	all -= all < q->n ? all : q->n;
	here -= here < k ? here : k;
	rate = (PRIOR_FAILED + (double)all) /
	       (PRIOR_WINDOWS + windows * q->counts.hosts);
	own = (double)here / (windows * n);
	rate = own > rate ? own : rate;
	rate = q->peak > rate ? q->peak : rate;
	if (j->now_ns - j->from_ns < FIRST_DAYS * JUDGE_DAY_NS &&
	    rate < FIRST_DAYS_RATE)
		rate = FIRST_DAYS_RATE;
	return rate < 1 ? rate : 1;
}

bool common_ask(const struct question *q, uint32_t word, uint32_t k, uint32_t n,
		struct answer *ret)
{
	double rate;
	uint32_t bits;

	if (n < k)
		n = k;
	if (k < HOSTS_MIN ||
	    (uint64_t)k * 100 < (uint64_t)n * SHARE_MIN_PERCENT)
		return false;
	rate = usual_rate(q, word, k, n);
	if ((double)k < RATE_MIN_TIMES * rate * (double)n)
		return false;
	if ((uint64_t)k * STRUCK_PART < n &&
	    (double)k * HOLDS_PART < q->n - rate * q->counts.hosts)
		return false;
	bits = exact_binomial(k, n, rate);
	if (bits < JUDGE_BITS)
		return false;
	*ret = (struct answer){ word, k, n, bits };
	return true;
}

static bool is_better(const struct answer *a, const struct answer *b)
{
	if (a->bits != b->bits)
		return a->bits > b->bits;
	if (a->k != b->k)
		return a->k > b->k;
	return a->n < b->n;
}

uint32_t common_group_size(const struct question *q, uint32_t word)
{
	return word == INTERN_NONE ? q->counts.hosts
				   : picture_word_hosts(q->j->p, word);
}

/* The group that is least likely to be one by chance. */
bool common_best(const struct question *q, struct answer *ret)
{
	bool found = common_ask(q, INTERN_NONE, q->n, q->counts.hosts, ret);

	for (uint32_t i = 0; i < q->t.n_seen; i++) {
		uint32_t word = q->t.seen[i];
		struct answer a;

		if (!common_ask(q, word, q->t.hosts[word],
				common_group_size(q, word), &a))
			continue;
		if (!found || is_better(&a, ret))
			*ret = a;
		found = true;
	}
	return found;
}
