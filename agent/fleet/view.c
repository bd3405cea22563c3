/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hosts. Decides who passes a filter, and makes the list of those that
 * do. Must never copy a host. Invariant: a filter that says nothing passes all,
 * and one more word in it never passes more.
 */
#include "agent/fleet/view_own.h"

#include <errno.h>

#include "hale/base.h"

bool view_text_in(const char *text, const char *in)
{
	return strcasestr(in, text) != NULL;
}

static bool has_label(const struct picture *p, uint32_t i, uint32_t n,
		      const struct told_label *want)
{
	for (uint32_t k = 0; k < n; k++) {
		struct told_label l = picture_label(p, i, k);

		if (strcmp(l.key, want->key) == 0 &&
		    (!want->value || strcmp(l.value, want->value) == 0))
			return true;
	}
	return false;
}

/* Of its key: this filter, or another of the same key. */
static bool passes_key(const struct picture *p, uint32_t i, uint32_t n,
		       const struct view_filter *f, const char *key)
{
	for (uint32_t k = 0; k < f->n_labels && k < VIEW_LABELS_MAX; k++)
		if (strcmp(f->labels[k].key, key) == 0 &&
		    has_label(p, i, n, &f->labels[k]))
			return true;
	return false;
}

static bool passes_labels(const struct picture *p, uint32_t i, uint32_t n,
			  const struct view_filter *f)
{
	for (uint32_t k = 0; k < f->n_labels && k < VIEW_LABELS_MAX; k++)
		if (!passes_key(p, i, n, f, f->labels[k].key))
			return false;
	return true;
}

/* "disk." and "disk" are all conditions of disks. */
static bool is_condition(const char *condition, const char *want)
{
	size_t len = strlen(want);

	if (strncmp(condition, want, len) != 0)
		return false;
	return condition[len] == '\0' || condition[len] == '.' ||
	       (len > 0 && want[len - 1] == '.');
}

static bool passes_condition(const struct picture *p, uint32_t i, uint32_t n,
			     const char *want)
{
	for (uint32_t k = 0; k < n; k++)
		if (is_condition(picture_condition(p, i, k), want))
			return true;
	return false;
}

static bool passes_text(const struct picture *p, uint32_t i,
			const struct picture_row *row, const char *text)
{
	if (view_text_in(text, row->name) || view_text_in(text, row->id) ||
	    view_text_in(text, row->why) || view_text_in(text, row->said_why))
		return true;
	for (uint32_t k = 0; k < row->n_labels; k++) {
		struct told_label l = picture_label(p, i, k);

		if (view_text_in(text, l.value) || view_text_in(text, l.key))
			return true;
	}
	for (uint32_t k = 0; k < row->n_disks; k++) {
		struct told_disk d = picture_disk(p, i, k);

		if (view_text_in(text, d.model) ||
		    view_text_in(text, d.firmware))
			return true;
	}
	return false;
}

static bool passes(const struct picture *p, uint32_t i,
		   const struct picture_row *row, const struct view_filter *f)
{
	if (f->verdicts != 0 && !(f->verdicts & 1u << row->verdict))
		return false;
	if (f->quarantined && row->quarantine == PICTURE_FREE)
		return false;
	if (!passes_labels(p, i, row->n_labels, f))
		return false;
	if (f->condition && *f->condition &&
	    !passes_condition(p, i, row->n_open, f->condition))
		return false;
	return !f->text || !*f->text || passes_text(p, i, row, f->text);
}

bool view_passes(const struct picture *p, uint32_t index,
		 const struct view_filter *f)
{
	struct picture_row row;

	return picture_row(p, index, &row) && passes(p, index, &row, f);
}

int view_make(const struct picture *p, const struct view_filter *f,
	      enum view_key key, bool reverse, struct view *ret_view)
{
	struct picture_counts counts;
	struct view_entry *entries;
	uint32_t cursor = PICTURE_NONE, n = 0, i;
	struct picture_row row;

	picture_counts(p, &counts);
	entries = malloc((counts.hosts + 1) * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	while (n < counts.hosts &&
	       (i = picture_changes(p, 0, &cursor)) != PICTURE_NONE)
		if (picture_row(p, i, &row) && passes(p, i, &row, f))
			view_entry(&row, i, key, &entries[n++]);
	view_sort(entries, n, reverse);
	/* in place: four bytes of what was more */
	ret_view->hosts = view_shrink(entries, n);
	ret_view->n = n;
	return 0;
}

void view_done(struct view *v)
{
	free(v->hosts);
	*v = (struct view){ 0 };
}
