/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a device-mapper target's status line and says whether it has a leg to
 * lose. Pure. A line that it does not understand means no redundancy. A table
 * is redundant only if each of its targets is.
 */
#include <ctype.h>

#include "array.h"

/* Steps over one word; NULL at the end. */
static const char *next_word(const char *s)
{
	s += strcspn(s, " ");
	s += strspn(s, " ");
	return *s ? s : NULL;
}

static const char *nth_word(const char *s, unsigned int n)
{
	s += strspn(s, " ");
	if (!*s)
		return NULL;
	while (n-- && s)
		s = next_word(s);
	return s;
}

/* Health letters "AAD": A alive and in sync, a alive, D dead, '-' absent. */
static bool letters_spare(struct storage_array *array, const char *letters,
			  uint32_t tolerance)
{
	size_t all = strcspn(letters, " ");
	size_t alive = strspn(letters, "Aa");
	uint32_t lost = 0;

	if (all == 0 || strspn(letters, "AaDSFUR-") != all || alive > all)
		return false;
	for (size_t i = 0; i < all; i++)
		lost += letters[i] != 'A' && letters[i] != 'a';
	array->members = (uint32_t)all;
	array->lost = lost;
	array->bears = tolerance;
	return lost < tolerance && lost < all;
}

/* dm-raid: "<level> <#devs> <health> <sync>/<total> …" (dm-raid.rst) */
static bool raid_spare(struct storage_array *array, const char *status)
{
	const char *devs = nth_word(status, 1), *health = nth_word(status, 2);
	uint32_t n;

	if (!devs || !health || !storage_parse_count(devs, &n) || n == 0)
		return false;
	if (strncmp(status, "raid1 ", 6) == 0)
		return letters_spare(array, health, n - 1);
	if (strncmp(status, "raid6", 5) == 0)
		return letters_spare(array, health, 2);
	if (strncmp(status, "raid4", 5) == 0 ||
	    strncmp(status, "raid5", 5) == 0 ||
	    strncmp(status, "raid10", 6) == 0)
		return letters_spare(array, health, 1);
	return false;
}

/* dm-mirror: "<#devs> <dev>… <sync>/<total> 1 <health> …" */
static bool mirror_spare(struct storage_array *array, const char *status)
{
	const char *health;
	uint32_t n;

	if (!storage_parse_count(status, &n) || n == 0 ||
	    n > STORAGE_SLAVES_MAX)
		return false;
	health = nth_word(status, n + 3);
	return health && letters_spare(array, health, n - 1);
}

static void note_failed(struct storage_array *array, const char *dev)
{
	struct storage_dev at;

	if (array->n_failed < HALE_ARRAY_SIZE(array->failed) &&
	    storage_parse_dev(dev, &at))
		array->failed[array->n_failed++] = at;
}

/* dm-multipath: "… 8:16 A 0 0 1 8:32 F 1 …": a path, then A(ctive) or F */
static bool multipath_spare(struct storage_array *array, const char *status)
{
	unsigned int live = 0;

	for (const char *w = nth_word(status, 0); w; w = next_word(w)) {
		size_t digits = strspn(w, "0123456789");
		const char *state = next_word(w);

		if (!digits || w[digits] != ':' || !state)
			continue;
		if (strncmp(state, "A ", 2) == 0)
			live++;
		else if (strncmp(state, "F ", 2) == 0)
			note_failed(array, w);
	}
	if (live == 0) /* nothing to lean on: each path matters */
		array->n_failed = 0;
	return live >= 2;
}

static bool target_spare(struct storage_array *array, const char *type,
			 const char *status)
{
	if (strcmp(type, "raid") == 0)
		return raid_spare(array, status);
	if (strcmp(type, "mirror") == 0)
		return mirror_spare(array, status);
	if (strcmp(type, "multipath") == 0)
		return multipath_spare(array, status);
	return false;
}

void storage_dm_target(struct storage_array *array, unsigned int nth,
		       const char *type, const char *status)
{
	bool spare = target_spare(array, type, status);
	const char *name = type;
	char level[HALE_NAME_MAX];

	if (strcmp(type, "raid") == 0 && isalpha((unsigned char)status[0])) {
		hale_copy(level, sizeof(level), status, strcspn(status, " "));
		name = level;
	}
	if (nth == 0) {
		HALE_SET(array->via, name);
		array->redundant = spare;
		return;
	}
	array->redundant = array->redundant && spare;
	if (strcmp(array->via, name) != 0)
		HALE_SET(array->via, "dm");
}
