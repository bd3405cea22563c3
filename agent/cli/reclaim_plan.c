/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done, and in which order: what nothing can miss first, the oldest
 * before the younger. Decides by sizes, ages and places alone.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "agent/cli/reclaim.h"
#include "hale/base.h"

struct reclaim_step *reclaim_add(struct reclaim *r, enum reclaim_kind kind)
{
	struct reclaim_step *s;

	if (r->n == RECLAIM_STEPS_MAX)
		return NULL;
	s = &r->steps[r->n++];
	*s = (struct reclaim_step){ .kind = kind };
	return s;
}

size_t reclaim_ages(const struct reclaim_options *o, uint64_t usual_ns,
		    uint64_t ret_ages[4])
{
	size_t n = 0;

	if (o->until_free > 0)
		ret_ages[n++] = 4 * usual_ns;
	if (o->until_free > 0 || !o->aggressive)
		ret_ages[n++] = usual_ns;
	if (o->until_free > 0 && o->aggressive)
		ret_ages[n++] = usual_ns / 7;
	if (o->aggressive)
		ret_ages[n++] = 0;
	return n;
}

static const char *place_of(const struct reclaim_step *s)
{
	return s->engine ? s->engine->root : s->cache->path;
}

uint64_t reclaim_room(const struct reclaim_step *s)
{
	struct statvfs f;

	if (!place_of(s)[0] || statvfs(place_of(s), &f) < 0)
		return UINT64_MAX;
	return (uint64_t)f.f_bavail * f.f_frsize;
}

static bool lies_there(const struct reclaim_step *s, const char *path)
{
	struct stat a, b;

	return !path || (place_of(s)[0] && stat(place_of(s), &a) == 0 &&
			 stat(path, &b) == 0 && a.st_dev == b.st_dev);
}

static bool before(const struct reclaim_step *a, const struct reclaim_step *b)
{
	/* what is aggressive comes last, whatever its age */
	bool late_a = a->kind >= RECLAIM_CONTAINERS;
	bool late_b = b->kind >= RECLAIM_CONTAINERS;

	if (late_a != late_b)
		return late_b;
	if ((a->kind == RECLAIM_DANGLING) != (b->kind == RECLAIM_DANGLING))
		return a->kind == RECLAIM_DANGLING;
	if (a->age_ns != b->age_ns)
		return a->age_ns > b->age_ns;
	return a->kind < b->kind;
}

void reclaim_sort_out(struct reclaim *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct reclaim_step s = r->steps[i];
		size_t at = kept;

		if ((s.bytes == 0 && s.count == 0) ||
		    !lies_there(&s, r->options.path))
			continue;
		for (; at > 0 && before(&s, &r->steps[at - 1]); at--)
			r->steps[at] = r->steps[at - 1];
		r->steps[at] = s;
		kept++;
	}
	r->n = kept;
}
