/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes device-mapper's status and table lines apart. Pure. Each is words with
 * blanks between them; a word that is not of its form makes the whole line one
 * that says nothing, never one that says all is well.
 */
#include "dm_status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hale/base.h"

/* Steps over one word; NULL at the end. */
static const char *next_word(const char *s)
{
	s += strcspn(s, " ");
	s += strspn(s, " ");
	return *s ? s : NULL;
}

static const char *nth_word(const char *s, uint64_t n)
{
	s += strspn(s, " ");
	if (!*s)
		return NULL;
	while (n-- && s)
		s = next_word(s);
	return s;
}

/* What follows the number, or NULL. */
static const char *number(const char *word, uint64_t *ret)
{
	uint64_t n;
	char *end;

	if (!word || *word < '0' || *word > '9')
		return NULL;
	errno = 0;
	n = strtoull(word, &end, 10);
	if (errno)
		return NULL;
	*ret = n;
	return end;
}

/* "12/1024" */
static bool ratio(const char *word, uint64_t *ret_part, uint64_t *ret_whole)
{
	uint64_t part;
	const char *end = number(word, &part);

	if (!end || *end != '/' || !number(end + 1, ret_whole))
		return false;
	*ret_part = part;
	return true;
}

static bool is_word(const char *at, const char *word)
{
	size_t len = strlen(word);

	return strncmp(at, word, len) == 0 && (at[len] == ' ' || !at[len]);
}

/* "AAD": A alive and in sync, a alive, D dead, '-' absent; of a mirror also
 * F S U R, each a way to be of no use. */
static bool letters(const char *word, uint64_t n, struct dm_legs *legs)
{
	size_t all = word ? strcspn(word, " ") : 0;

	if (all == 0 || all != n || n > DM_LEGS_MAX ||
	    strspn(word, "AaDSFUR-") != all)
		return false;
	legs->n = (uint32_t)all;
	for (size_t i = 0; i < all; i++) {
		if (word[i] == 'A' || word[i] == 'a')
			continue;
		legs->lost++;
		legs->dead |= UINT64_C(1) << i;
	}
	return true;
}

static uint32_t bears(const char *level, uint32_t n)
{
	if (strcmp(level, "raid1") == 0)
		return n - 1;
	if (strncmp(level, "raid6", 5) == 0)
		return 2;
	if (strncmp(level, "raid4", 5) == 0 ||
	    strncmp(level, "raid5", 5) == 0 || strncmp(level, "raid10", 6) == 0)
		return 1;
	return 0;
}

/* "<level> <#devs> <health> <sync>/<total> …" */
bool dm_status_raid(const char *status, struct dm_legs *ret_legs)
{
	struct dm_legs legs = { 0 };
	const char *health = nth_word(status, 2);
	uint64_t n;

	if (!number(nth_word(status, 1), &n) || !letters(health, n, &legs))
		return false;
	hale_copy(legs.level, sizeof(legs.level), status, strcspn(status, " "));
	legs.bears = bears(legs.level, legs.n);
	ratio(nth_word(health, 1), &legs.done, &legs.all);
	*ret_legs = legs;
	return true;
}

/* "<#devs> <dev>… <sync>/<total> 1 <health> …" */
bool dm_status_mirror(const char *status, struct dm_legs *ret_legs)
{
	struct dm_legs legs = { .level = "mirror" };
	uint64_t n;

	if (!number(status, &n) || n == 0 || n > DM_LEGS_MAX ||
	    !letters(nth_word(status, n + 3), n, &legs))
		return false;
	legs.bears = legs.n - 1;
	ratio(nth_word(status, n + 1), &legs.done, &legs.all);
	*ret_legs = legs;
	return true;
}

bool dm_number(const char *word, uint32_t *ret_major, uint32_t *ret_minor)
{
	uint64_t major, minor;
	const char *end = number(word, &major);

	end = end && *end == ':' ? number(end + 1, &minor) : NULL;
	if (!end || (*end && *end != ' ') || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return false;
	*ret_major = (uint32_t)major;
	*ret_minor = (uint32_t)minor;
	return true;
}

static void add_path(struct dm_legs *legs, bool failed)
{
	if (failed && legs->n < DM_LEGS_MAX)
		legs->dead |= UINT64_C(1) << legs->n;
	legs->lost += failed;
	legs->n++;
}

/* "… 8:16 A 0 0 1 8:32 F 1 …": a path, then A(ctive) or F(ailed) */
bool dm_status_multipath(const char *status,
			 void (*see)(void *ctx, const char *dev, bool failed),
			 void *ctx, struct dm_legs *ret_legs)
{
	struct dm_legs legs = { .level = "multipath" };
	uint32_t major, minor;

	for (const char *w = nth_word(status, 0); w; w = next_word(w)) {
		const char *state = next_word(w);
		bool failed = state && is_word(state, "F");
		char dev[24];

		if (!state || !dm_number(w, &major, &minor) ||
		    (!failed && !is_word(state, "A")))
			continue;
		hale_copy(dev, sizeof(dev), w, strcspn(w, " "));
		add_path(&legs, failed);
		if (see)
			see(ctx, dev, failed);
	}
	if (legs.n == 0)
		return false;
	legs.bears = legs.n - 1;
	*ret_legs = legs;
	return true;
}

/* "<transaction> <meta>/<meta all> <data>/<data all> <root> <mode> <discard>
 * <if no space> <check> …", "Fail", or "Error" */
bool dm_status_thin_pool(const char *status, struct dm_pool *ret_pool)
{
	struct dm_pool pool = { .mode = DM_POOL_FAILED };
	const char *mode = nth_word(status, 4);

	if (is_word(status, "Fail") || is_word(status, "Error")) {
		*ret_pool = pool;
		return true;
	}
	if (!mode ||
	    !ratio(nth_word(status, 1), &pool.meta_used, &pool.meta_total) ||
	    !ratio(nth_word(status, 2), &pool.used, &pool.total))
		return false;
	if (is_word(mode, "rw"))
		pool.mode = DM_POOL_WRITE;
	else if (is_word(mode, "out_of_data_space"))
		pool.mode = DM_POOL_NO_SPACE;
	else if (is_word(mode, "ro"))
		pool.mode = DM_POOL_READ_ONLY;
	else
		return false;
	mode = nth_word(mode, 3);
	pool.needs_check = mode && is_word(mode, "needs_check");
	*ret_pool = pool;
	return true;
}

/* "<device> <mode> <in recovery> <index> <compression> <used> <all>", blocks of
 * 4 KiB */
bool dm_status_vdo(const char *status, struct dm_pool *ret_pool)
{
	struct dm_pool pool = { .mode = DM_POOL_WRITE };
	const char *mode = nth_word(status, 1);

	if (!mode || !number(nth_word(status, 5), &pool.used) ||
	    !number(nth_word(status, 6), &pool.total))
		return false;
	if (is_word(mode, "read-only"))
		pool.mode = DM_POOL_READ_ONLY;
	*ret_pool = pool;
	return true;
}

/* "<metadata> <data> <sectors a block> <low water> …" */
bool dm_table_thin_pool(const char *table, uint64_t *ret_block_bytes)
{
	uint64_t sectors;

	if (!number(nth_word(table, 2), &sectors) || sectors == 0 ||
	    sectors > UINT32_MAX)
		return false;
	*ret_block_bytes = sectors * 512;
	return true;
}

bool dm_table_thin(const char *table, uint32_t *ret_major, uint32_t *ret_minor)
{
	return dm_number(table, ret_major, ret_minor);
}

/* "<level> <#params> <param>… <#devs> <meta> <data> …" */
static bool raid_device(const char *table, uint64_t nth, char *ret_dev,
			size_t size)
{
	const char *word;
	uint32_t major, minor;
	uint64_t params;

	if (!number(nth_word(table, 1), &params) || params > 256)
		return false;
	word = nth_word(table, 2 + params + 1 + nth);
	if (!word || !dm_number(word, &major, &minor))
		return false;
	return hale_copy(ret_dev, size, word, strcspn(word, " "));
}

bool dm_table_raid_leg(const char *table, uint32_t nth, char *ret_dev,
		       size_t size)
{
	return raid_device(table, 2 * (uint64_t)nth + 1, ret_dev, size);
}

bool dm_table_raid_metadata(const char *table, uint32_t nth, char *ret_dev,
			    size_t size)
{
	return raid_device(table, 2 * (uint64_t)nth, ret_dev, size);
}

bool dm_status_thin(const char *status, uint64_t *ret_sectors)
{
	return number(status, ret_sectors) != NULL;
}
