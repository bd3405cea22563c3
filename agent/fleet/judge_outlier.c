/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models of disks that fail more than others. Decides when a model with its
 * firmware is an outlier. Must never take what befell a machine for its disks'
 * fault: failures by a common cause are left out, and of one host no more than
 * two count. The test: Fisher's exact test, one-sided, of the disks of this
 * model that failed in thirty days against those of all others. Invariant: a
 * disk that was replaced still counts, as one that failed and as one that was
 * there.
 */
#include <errno.h>

#include "agent/fleet/judge_own.h"

/* From one of two, or two of two, nothing follows. */
#define DISKS_MIN 3
#define HOSTS_MIN 3
#define EACH_MAX  2 /* of one host */
#define TIMES_MIN 3 /* as often as others */
/* One in 10^5 (17 bits) that any model at all is called one by chance: shared
 * among those that are asked about (Bonferroni). */
#define BITS_ALL 17
#define EVERY_NS (600 * HALE_NS_PER_S)

/* The disks of a model. */
struct model {
	uint32_t disks, failed, hosts;
	uint32_t last_host, last_failed; /* while failures go by */
	uint64_t first_ns;
};

static void resolve(struct judge *j, struct failed_disk *d)
{
	uint32_t word;

	if (d->word != INTERN_NONE ||
	    !picture_disk_word(j->p, d->host, d->part, &word))
		return;
	picture_word_hold(j->p, word);
	d->word = word;
}

static void drop_failed(struct judge *j, uint32_t i)
{
	picture_word_drop(j->p, j->disks[i].word);
	j->disks[i] = j->disks[--j->n_disks];
	j->disks_changed = true;
}

static struct failed_disk *known(struct judge *j, uint64_t part)
{
	for (uint32_t i = 0; i < j->n_disks; i++)
		if (j->disks[i].part == part)
			return &j->disks[i];
	return NULL;
}

static int room_for_disk(struct judge *j)
{
	uint32_t size = j->size_disks ? j->size_disks * 2 : 64, oldest = 0;
	struct failed_disk *disks;

	if (j->n_disks < j->size_disks)
		return 0;
	if (size <= FAILED_DISKS_MAX) {
		disks = reallocarray(j->disks, size, sizeof(*disks));
		if (!disks)
			return -ENOMEM;
		j->disks = disks;
		j->size_disks = size;
		return 0;
	}
	for (uint32_t i = 1; i < j->n_disks; i++)
		if (j->disks[i].at_ns < j->disks[oldest].at_ns)
			oldest = i;
	drop_failed(j, oldest);
	return 0;
}

int judge_disk(struct judge *j, uint32_t host, const struct told_finding *f,
	       uint64_t at_ns)
{
	struct failed_disk d = { .part = picture_part(f->part),
				 .at_ns = at_ns,
				 .host = host,
				 .cause = cause_of_condition(f->condition) };
	struct failed_disk *old;

	if (!cause_of_disk(d.cause) || !f->part || !*f->part)
		return 0;
	old = known(j, d.part);
	if (old) {
		if (at_ns > old->at_ns)
			old->at_ns = at_ns;
		return 0;
	}
	if (room_for_disk(j) < 0)
		return -ENOMEM;
	resolve(j, &d);
	j->disks[j->n_disks++] = d;
	j->disks_changed = true;
	return 0;
}

/* Forgets what is a month old, and what befell many at once. */
static void age(struct judge *j)
{
	uint64_t month_ns = JUDGE_DAYS * JUDGE_DAY_NS;

	for (uint32_t i = j->n_disks; i-- > 0;) {
		struct failed_disk *d = &j->disks[i];

		resolve(j, d);
		if (!d->excused)
			d->excused = judge_was_common(j, d->host, d->cause,
						      d->at_ns);
		if (d->at_ns + month_ns < j->now_ns)
			drop_failed(j, i);
	}
}

static int compare(const void *va, const void *vb)
{
	const struct failed_disk *a = va, *b = vb;

	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	return a->part < b->part ? -1 : a->part > b->part;
}

static void count_disks(const struct judge *j, struct model *m)
{
	uint32_t cursor = PICTURE_NONE, i, words[TOLD_DISKS_MAX];

	while ((i = picture_changes(j->p, 0, &cursor)) != PICTURE_NONE) {
		uint32_t n = picture_disk_words(j->p, i, words);

		for (uint32_t k = 0; k < n; k++)
			m[words[k]].disks++;
	}
}

static void count_failed(struct judge *j, struct model *m)
{
	qsort(j->disks, j->n_disks, sizeof(*j->disks), compare);
	for (uint32_t i = 0; i < j->n_disks; i++) {
		const struct failed_disk *d = &j->disks[i];
		struct model *of = &m[d->word];
		uint32_t word;

		if (d->word == INTERN_NONE)
			continue;
		if (!picture_disk_word(j->p, d->host, d->part, &word))
			of->disks++; /* replaced: it was there */
		if (d->excused)
			continue;
		if (of->hosts == 0 || of->last_host != d->host) {
			of->hosts++;
			of->last_host = d->host;
			of->last_failed = 0;
		}
		if (of->last_failed++ < EACH_MAX)
			of->failed++;
		if (of->first_ns == 0 || d->at_ns < of->first_ns)
			of->first_ns = d->at_ns;
	}
}

static uint32_t bits_needed(uint32_t models)
{
	uint32_t bits = BITS_ALL;

	for (; models > 1; models = (models + 1) / 2)
		bits++;
	return bits;
}

static void say_model(const struct judge *j, uint32_t word,
		      struct judgment_group *g)
{
	struct told_label t = picture_word_text(j->p, word);

	HALE_SET(g->key, "disk model");
	snprintf(g->value, sizeof(g->value), "%.80s%s%.40s", t.key,
		 *t.value ? " " : "", t.value);
}

static void ask(struct judge *j, uint32_t word, const struct model *m,
		const struct model *all)
{
	struct judgment g = { .kind = JUDGMENT_OUTLIER,
			      .cause = "",
			      .host = PICTURE_NONE,
			      .since_ns = m->first_ns,
			      .window_ns = JUDGE_DAYS * JUDGE_DAY_NS };

	g.group.failed = m->failed;
	g.group.of = m->disks;
	g.group.others_failed = all->failed - m->failed;
	g.group.others_of = all->disks - m->disks;
	if (m->failed < DISKS_MIN || m->hosts < HOSTS_MIN ||
	    (uint64_t)m->failed * g.group.others_of <
		    (uint64_t)TIMES_MIN * g.group.others_failed * m->disks)
		return;
	g.bits = exact_fisher(m->failed, m->disks, g.group.others_failed,
			      g.group.others_of);
	if (g.bits < bits_needed(all->hosts))
		return;
	say_model(j, word, &g.group);
	kept_hold(j, &g,
		  &(struct kept_own){ .newest_ns = j->now_ns, .word = word });
}

/* Of all models; its @hosts: how many models. */
static struct model sum(const struct model *m, uint32_t end)
{
	struct model all = { 0 };

	for (uint32_t i = 0; i < end; i++) {
		all.disks += m[i].disks;
		all.failed += m[i].failed;
		all.hosts += m[i].disks > 0;
	}
	return all;
}

static void end_others(struct judge *j)
{
	for (uint32_t n = 0; n < j->n_kept; n++)
		if (j->kept[n].kind == JUDGMENT_OUTLIER &&
		    j->kept[n].ended_ns == 0 && j->own[n].held_ns < j->now_ns)
			kept_end(j, n);
}

void judge_outliers(struct judge *j)
{
	_cleanup_free_ struct model *m = NULL;
	uint32_t end = picture_words_end(j->p);
	struct model all;

	if (j->now_ns < j->disks_judged_ns + EVERY_NS)
		return;
	j->disks_judged_ns = j->now_ns;
	age(j);
	if (j->n_disks == 0 && !j->disks_changed)
		return;
	m = calloc(end, sizeof(*m));
	if (!m)
		return;
	j->disks_changed = false;
	count_disks(j, m);
	count_failed(j, m);
	all = sum(m, end);
	for (uint32_t i = 1; i < end; i++)
		ask(j, i, &m[i], &all);
	end_others(j);
}

void judge_disks_done(struct judge *j)
{
	while (j->n_disks > 0)
		drop_failed(j, j->n_disks - 1);
	free(j->disks);
}
