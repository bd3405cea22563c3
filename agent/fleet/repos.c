/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repositories and their last builds. Decides which builds are remembered. Must
 * never let one host write another's builds out: of failures of one host the
 * oldest gives way to the newest. Invariant: each repository is in one bucket
 * and in the list by last build.
 */
#include "agent/fleet/repos.h"

#include <errno.h>

#include "agent/fleet/hash.h"
#include "hale/base.h"

#define NOWHERE	   UINT32_MAX
#define FIRST_SIZE 256

static uint32_t *new_buckets(uint32_t n)
{
	uint32_t *b = malloc(n * sizeof(*b));

	if (b)
		memset(b, 0xff, n * sizeof(*b));
	return b;
}

int repos_init(struct repos *r)
{
	*r = (struct repos){ .size = FIRST_SIZE,
			     .newest = NOWHERE,
			     .oldest = NOWHERE };
	r->all = calloc(r->size, sizeof(struct repo *));
	r->buckets = new_buckets(r->size);
	if (r->all && r->buckets)
		return 0;
	repos_done(r);
	return -ENOMEM;
}

void repos_done(struct repos *r)
{
	for (uint32_t i = 0; r->all && i < r->n; i++)
		free(r->all[i]);
	free(r->all);
	free(r->buckets);
	*r = (struct repos){ 0 };
}

static uint32_t *bucket(const struct repos *r, uint64_t hash)
{
	return &r->buckets[fleet_mix(hash) & (r->size - 1)];
}

static uint32_t find(const struct repos *r, uint64_t hash)
{
	uint32_t i = *bucket(r, hash);

	while (i != NOWHERE && r->all[i]->hash != hash)
		i = r->all[i]->next;
	return i;
}

const struct repo *repos_find(const struct repos *r, uint64_t hash)
{
	uint32_t i = find(r, hash);

	return i == NOWHERE ? NULL : r->all[i];
}

static void link_bucket(struct repos *r, uint32_t i)
{
	uint32_t *at = bucket(r, r->all[i]->hash);

	r->all[i]->next = *at;
	*at = i;
}

static void unlink_bucket(struct repos *r, uint32_t i)
{
	uint32_t *at = bucket(r, r->all[i]->hash);

	while (*at != i)
		at = &r->all[*at]->next;
	*at = r->all[i]->next;
}

static void unlink_age(struct repos *r, uint32_t i)
{
	struct repo *repo = r->all[i];

	if (repo->newer != NOWHERE)
		r->all[repo->newer]->older = repo->older;
	else
		r->newest = repo->older;
	if (repo->older != NOWHERE)
		r->all[repo->older]->newer = repo->newer;
	else
		r->oldest = repo->newer;
}

static void link_newest(struct repos *r, uint32_t i)
{
	struct repo *repo = r->all[i];

	repo->newer = NOWHERE;
	repo->older = r->newest;
	if (r->newest != NOWHERE)
		r->all[r->newest]->newer = i;
	else
		r->oldest = i;
	r->newest = i;
}

static bool grow(struct repos *r)
{
	uint32_t size = r->size * 2, *buckets;
	struct repo **all;

	if (size > REPOS_MAX)
		return false;
	all = reallocarray(r->all, size, sizeof(struct repo *));
	if (!all)
		return false;
	r->all = all;
	buckets = new_buckets(size);
	if (!buckets)
		return false;
	free(r->buckets);
	r->buckets = buckets;
	r->size = size;
	for (uint32_t i = 0; i < r->n; i++)
		link_bucket(r, i);
	return true;
}

/* A place for a repository that is not known yet; NOWHERE: no memory. */
static uint32_t vacant(struct repos *r)
{
	uint32_t i = r->oldest;

	if (r->n == r->size && !grow(r)) {
		unlink_age(r, i);
		unlink_bucket(r, i);
		return i;
	}
	r->all[r->n] = calloc(1, sizeof(**r->all));
	return r->all[r->n] ? r->n++ : NOWHERE;
}

static uint32_t place(struct repos *r, uint64_t hash)
{
	uint32_t i = find(r, hash);

	if (i != NOWHERE) {
		unlink_age(r, i);
	} else {
		i = vacant(r);
		if (i == NOWHERE)
			return NOWHERE;
		*r->all[i] = (struct repo){ .hash = hash };
		link_bucket(r, i);
	}
	link_newest(r, i);
	return i;
}

static void drop_attempt(struct repo *repo, uint32_t k)
{
	repo->n--;
	memmove(&repo->at[k], &repo->at[k + 1],
		(repo->n - k) * sizeof(repo->at[0]));
}

/* Which attempt gives way to this one; REPO_ATTEMPTS: none needs to. */
static uint32_t gives_way(const struct repo *repo, const struct repo_attempt *a)
{
	uint32_t oldest = REPO_ATTEMPTS, n = 0;

	for (uint32_t k = repo->n; !a->ok && k-- > 0;) {
		if (repo->at[k].host != a->host || repo->at[k].ok)
			continue;
		oldest = k;
		n++;
	}
	if (n >= REPO_FAILURES_EACH)
		return oldest;
	return repo->n == REPO_ATTEMPTS ? 0 : REPO_ATTEMPTS;
}

int repos_add(struct repos *r, uint64_t hash, const struct repo_attempt *a)
{
	uint32_t i = place(r, hash), k;
	struct repo *repo;

	if (i == NOWHERE)
		return -ENOMEM;
	repo = r->all[i];
	k = gives_way(repo, a);
	if (k < REPO_ATTEMPTS)
		drop_attempt(repo, k);
	repo->at[repo->n++] = *a;
	return 0;
}

void repos_forget(struct repos *r, uint32_t host)
{
	for (uint32_t i = 0; i < r->n; i++)
		for (uint32_t k = r->all[i]->n; k-- > 0;)
			if (r->all[i]->at[k].host == host)
				drop_attempt(r->all[i], k);
}
