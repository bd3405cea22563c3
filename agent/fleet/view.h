/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_VIEW_H
#define HALE_FLEET_VIEW_H

/*
 * Which hosts of a picture, in which order. A view is a list of indexes of
 * hosts, nothing is copied: 4 bytes a host that matches. It is of the picture
 * as it was when made; rows are looked up as they are now.
 */

#include "agent/fleet/picture.h"

#define VIEW_LABELS_MAX 8

struct view_filter {
	uint32_t verdicts;     /* bits 1 << PICTURE_UNFIT …; 0: any */
	const char *condition; /* one of it stands; "disk." is all of disks */
	const char *text;      /* in its name, id, why, a label, a model; no
				* matter the case */
	bool quarantined;      /* only those */
	uint32_t n_labels;
	/* All of these keys have one of their values: two filters of one key
	 * are "or". A value NULL: the key is there. */
	struct told_label labels[VIEW_LABELS_MAX];
};

enum view_key {
	VIEW_WORST = 0, /* UNFIT, SILENT, UNKNOWN, DEGRADED, FIT; then name */
	VIEW_NAME,	/* numbers in names by value: b9 before b10 */
	VIEW_SINCE,	/* the newest verdict first */
	VIEW_HEARD,	/* who was not heard for longest first */
	VIEW_FINDINGS,	/* most first */
	VIEW_KEYS
};

const char *view_key_name(enum view_key k); /* "worst" */
/* -EINVAL: no such key. */
int view_key_from_name(const char *name, enum view_key *ret_key);

struct view {
	uint32_t *hosts; /* indexes; view_done() frees them */
	uint32_t n;
};

/* -ENOMEM; @ret_view is untouched then. Equal hosts are ordered by id: two
 * views of one picture are the same. */
int view_make(const struct picture *p, const struct view_filter *f,
	      enum view_key key, bool reverse, struct view *ret_view);
void view_done(struct view *v);

/* Does one host pass? A watcher asks this of what changed. */
bool view_passes(const struct picture *p, uint32_t index,
		 const struct view_filter *f);

#endif
