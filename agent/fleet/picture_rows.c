/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's labels, standing conditions and disks. Decides what of them is kept:
 * the first TOLD_…_MAX of each, as words that hosts share. Must never hold a
 * word that no row needs. Invariant: each number in rows->at that is a word is
 * one use of it, and @cut counts what found no place.
 */
#include <errno.h>

#include "agent/fleet/hash.h"
#include "agent/fleet/picture_own.h"

/* Rows as they are put together. */
struct draft {
	struct picture *p;
	uint32_t n, cut;
	uint32_t at[ROWS_MAX];
};

static bool draft_word(struct draft *d, const char *first, const char *second)
{
	uint32_t word = intern_take(&d->p->words, first, second);

	if (word == INTERN_NONE) {
		d->cut += first && *first;
		return false;
	}
	d->at[d->n++] = word;
	return true;
}

static uint32_t draft_labels(struct draft *d, const struct told_state *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n_labels; i++)
		if (n == TOLD_LABELS_MAX)
			d->cut++;
		else if (s->labels[i].key && *s->labels[i].key)
			n += draft_word(d, s->labels[i].key,
					s->labels[i].value);
	return n;
}

static uint32_t draft_open(struct draft *d, const struct told_state *s)
{
	uint32_t n = 0, from = d->n;

	for (uint32_t i = 0; i < s->n_open; i++) {
		uint32_t k = from;

		if (n == TOLD_OPEN_MAX) {
			d->cut++;
			continue;
		}
		if (!draft_word(d, s->open[i].condition, ""))
			continue;
		/* one condition of ten disks is one condition */
		while (d->at[k] != d->at[d->n - 1])
			k++;
		if (k < d->n - 1)
			intern_drop(&d->p->words, d->at[--d->n]);
		else
			n++;
	}
	return n;
}

/* Is disk @n of these the first of its model? */
bool rows_first_of_model(const uint32_t *disks, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (disks[3 * i] == disks[3 * n])
			return false;
	return true;
}

static uint32_t draft_disks(struct draft *d, const struct told_state *s)
{
	uint32_t n = 0, from = d->n;

	for (uint32_t i = 0; i < s->n_disks; i++) {
		const struct told_disk *disk = &s->disks[i];
		uint64_t hash = picture_part(disk->part);

		if (n == TOLD_DISKS_MAX) {
			d->cut++;
			continue;
		}
		if (!draft_word(d, disk->model, disk->firmware))
			continue;
		d->at[d->n++] = (uint32_t)(hash >> 32);
		d->at[d->n++] = (uint32_t)(hash & UINT32_MAX);
		if (!rows_first_of_model(d->at + from, n))
			intern_drop(&d->p->words, d->at[from + 3 * n]);
		n++;
	}
	return n;
}

/* Of @words, and of a host's @disks: each model is one use a host. */
static void drop_words(struct picture *p, const uint32_t *at, uint32_t words,
		       uint32_t disks)
{
	for (uint32_t i = 0; i < words; i++)
		intern_drop(&p->words, at[i]);
	for (uint32_t i = 0; i < disks; i++)
		if (rows_first_of_model(at + words, i))
			intern_drop(&p->words, at[words + 3 * i]);
}

static size_t rows_size(const struct rows *r)
{
	return sizeof(*r) +
	       (r->n_labels + r->n_open + 3 * r->n_disks) * sizeof(r->at[0]);
}

void picture_rows_drop(struct picture *p, struct host *h)
{
	if (!h->rows)
		return;
	drop_words(p, h->rows->at, h->rows->n_labels + h->rows->n_open,
		   h->rows->n_disks);
	p->counts.bytes -= rows_size(h->rows);
	free(h->rows);
	h->rows = NULL;
}

static bool same(const struct rows *old, const struct rows *head,
		 const struct draft *d)
{
	if (!old)
		return d->n == 0;
	return old->n_labels == head->n_labels && old->n_open == head->n_open &&
	       old->n_disks == head->n_disks &&
	       memcmp(old->at, d->at, d->n * sizeof(d->at[0])) == 0;
}

static struct rows *rows_new(const struct rows *head, const struct draft *d)
{
	struct rows *r = malloc(rows_size(head));

	if (!r)
		return NULL;
	*r = *head;
	memcpy(r->at, d->at, d->n * sizeof(d->at[0]));
	return r;
}

int picture_rows(struct picture *p, struct host *h, const struct told_state *s)
{
	struct draft d = { .p = p };
	struct rows head = { 0 }, *made = NULL;
	bool changed;

	head.n_labels = draft_labels(&d, s);
	head.n_open = draft_open(&d, s);
	head.n_disks = draft_disks(&d, s);
	changed = !same(h->rows, &head, &d);
	if (changed && d.n > 0)
		made = rows_new(&head, &d);
	if (!changed || (d.n > 0 && !made)) {
		drop_words(p, d.at, head.n_labels + head.n_open, head.n_disks);
		return changed ? -ENOMEM : 0;
	}
	picture_rows_drop(p, h);
	p->counts.cut += d.cut;
	p->counts.bytes += made ? rows_size(made) : 0;
	h->rows = made;
	return 1;
}

/* Where the words of its disks begin; NULL: it has none. */
static const uint32_t *disks_of(const struct picture *p, uint32_t host,
				uint32_t *ret_n)
{
	const struct host *h = picture_there(p, host);

	if (!h || !h->rows)
		return NULL;
	*ret_n = h->rows->n_disks;
	return h->rows->at + h->rows->n_labels + h->rows->n_open;
}

uint64_t picture_part(const char *part)
{
	return part ? fleet_hash(0, part, strlen(part)) : 0;
}

bool picture_disk_word(const struct picture *p, uint32_t host, uint64_t part,
		       uint32_t *ret_word)
{
	uint32_t n = 0;
	const uint32_t *disks = disks_of(p, host, &n);

	for (uint32_t i = 0; i < n; i++) {
		const uint32_t *d = disks + 3 * i;

		if (((uint64_t)d[1] << 32 | d[2]) != part)
			continue;
		*ret_word = d[0];
		return true;
	}
	return false;
}

uint32_t picture_disk_words(const struct picture *p, uint32_t host,
			    uint32_t ret_words[TOLD_DISKS_MAX])
{
	uint32_t n = 0;
	const uint32_t *disks = disks_of(p, host, &n);

	for (uint32_t i = 0; i < n; i++)
		ret_words[i] = disks[3 * i];
	return n;
}

uint32_t picture_host_words(const struct picture *p, uint32_t host,
			    struct picture_word ret[PICTURE_WORDS_MAX])
{
	const struct host *h = picture_there(p, host);
	uint32_t n = 0, n_disks = 0;
	const uint32_t *disks = disks_of(p, host, &n_disks);

	if (!h)
		return 0;
	for (uint32_t i = 0; h->rows && i < h->rows->n_labels; i++)
		ret[n++] = (struct picture_word){ h->rows->at[i], false };
	if (h->version != INTERN_NONE)
		ret[n++] = (struct picture_word){ h->version, false };
	for (uint32_t i = 0; i < n_disks; i++)
		if (rows_first_of_model(disks, i))
			ret[n++] = (struct picture_word){ disks[3 * i], true };
	return n;
}

struct told_label picture_label(const struct picture *p, uint32_t index,
				uint32_t n)
{
	const struct host *h = picture_there(p, index);
	uint32_t word = INTERN_NONE;

	if (h && h->rows && n < h->rows->n_labels)
		word = h->rows->at[n];
	return (struct told_label){ intern_first(&p->words, word),
				    intern_second(&p->words, word) };
}

const char *picture_condition(const struct picture *p, uint32_t index,
			      uint32_t n)
{
	const struct host *h = picture_there(p, index);
	uint32_t word = INTERN_NONE;

	if (h && h->rows && n < h->rows->n_open)
		word = h->rows->at[h->rows->n_labels + n];
	return intern_first(&p->words, word);
}

struct told_disk picture_disk(const struct picture *p, uint32_t index,
			      uint32_t n)
{
	const struct host *h = picture_there(p, index);
	uint32_t word = INTERN_NONE;

	if (h && h->rows && n < h->rows->n_disks)
		word = h->rows->at[h->rows->n_labels + h->rows->n_open + 3 * n];
	return (struct told_disk){ "", intern_first(&p->words, word),
				   intern_second(&p->words, word) };
}
