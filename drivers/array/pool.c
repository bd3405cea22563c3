/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the numbers of a pool mean. Pure. A pool may be full and well: where
 * its volumes have got all that they were promised, no write asks for more.
 * What matters is whether what is left can bear what was promised.
 */
#include "array.h"

/* Metadata is small and extended seldom; LVM's monitor speaks up there, too. */
#define META_WARN_PERCENT 80

static unsigned int percent(uint64_t used, uint64_t total)
{
	if (total == 0)
		return 0;
	if (used >= total)
		return 100;
	return (unsigned int)(total < UINT64_MAX / 100 ? used * 100 / total
						       : used / (total / 100));
}

static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t n;

	return __builtin_mul_overflow(a, b, &n) ? UINT64_MAX : n;
}

/* What a volume shares with its snapshot is the pool's once and counts as had
 * by both; the first of them to write there wants a block of its own. Snapshots
 * that are not active are not known of. */
static uint64_t wanted_bytes(const struct array_pool *pool)
{
	uint64_t used = times(pool->state.used, pool->block_bytes);
	uint64_t shared =
		pool->mapped_bytes > used ? pool->mapped_bytes - used : 0;

	return pool->promised_bytes > UINT64_MAX - shared
		       ? UINT64_MAX
		       : pool->promised_bytes + shared;
}

/* "; its volumes may still want 40.0 GiB" */
static void print_wish(const struct array_pool *pool, char *text, size_t size)
{
	char wish[32];

	text[0] = '\0';
	if (!pool->promised_known || wanted_bytes(pool) == 0)
		return;
	array_print_size(wish, sizeof(wish), wanted_bytes(pool));
	snprintf(text, size, "; its volumes may still want %s", wish);
}

static void judge_failed(const struct array_pool *pool, char *text, size_t size)
{
	const struct dm_pool *s = &pool->state;

	if (s->mode == DM_POOL_FAILED)
		snprintf(text, size, "pool %s: the kernel has given it up",
			 pool->name);
	else if (s->mode == DM_POOL_READ_ONLY)
		snprintf(text, size,
			 "pool %s is read-only%s: nothing new can be written "
			 "to its volumes%s",
			 pool->name, s->needs_check ? " and needs a check" : "",
			 percent(s->meta_used, s->meta_total) == 100
				 ? " (metadata is full)"
				 : "");
}

static void judge_room(const struct array_pool *pool,
		       struct array_pool_judgment *j)
{
	const struct dm_pool *s = &pool->state;
	uint64_t free_bytes = s->used < s->total ? times(s->total - s->used,
							 pool->block_bytes)
						 : 0;
	bool bears = pool->promised_known && wanted_bytes(pool) <= free_bytes;
	unsigned int used = percent(s->used, s->total);
	char all[32], wish[72];

	array_print_size(all, sizeof(all), times(s->total, pool->block_bytes));
	print_wish(pool, wish, sizeof(wish));
	if (s->mode == DM_POOL_NO_SPACE ||
	    (s->total && s->used >= s->total && !bears))
		snprintf(j->full, sizeof(j->full),
			 "pool %s is full: all of its %s are given out%s",
			 pool->name, all, wish);
	else if (s->total && used >= pool->warn_percent && !bears)
		snprintf(j->low, sizeof(j->low),
			 "pool %s: %u %% of its %s are given out%s", pool->name,
			 used, all, wish);
}

void array_pool_judge(const struct array_pool *pool,
		      struct array_pool_judgment *ret)
{
	const struct dm_pool *s = &pool->state;
	unsigned int meta = percent(s->meta_used, s->meta_total);

	memset(ret, 0, sizeof(*ret));
	judge_failed(pool, ret->failed, sizeof(ret->failed));
	if (s->mode == DM_POOL_FAILED)
		return;
	judge_room(pool, ret);
	if (!ret->low[0] && meta >= META_WARN_PERCENT)
		snprintf(ret->low, sizeof(ret->low),
			 "pool %s: %u %% of its metadata space is used",
			 pool->name, meta);
}
