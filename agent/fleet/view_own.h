/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_VIEW_OWN_H
#define HALE_FLEET_VIEW_OWN_H

/* What view.c and view_sort.c share; for no one else. */

#include "agent/fleet/view.h"

/* A host while hosts are put in order. Texts are the picture's. */
struct view_entry {
	uint64_t rank;	  /* lower is earlier */
	const char *name; /* then by this */
	const char *id;	  /* then by this */
	uint32_t host;
};

void view_entry(const struct picture_row *row, uint32_t host, enum view_key key,
		struct view_entry *ret);
void view_sort(struct view_entry *entries, uint32_t n, bool reverse);
/* Their hosts only, in the same memory. Never NULL. */
uint32_t *view_shrink(struct view_entry *entries, uint32_t n);

/* Is @text in @in, no matter the case of A to Z? */
bool view_text_in(const char *text, const char *in);

#endif
