/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The senses, and whether they can be relied on. Decides when a sense is
 * missing: no driver has it, all that have it are blind, or it is one that is
 * measured in rounds and no round came for too long. Never guesses: a driver
 * that said nothing about a sense does not have it.
 */
#include "coverage.h"

/* Event drivers may be silent for days; only rounds can be missed. */
static bool is_periodic(enum hale_sense sense)
{
	return sense == HALE_SENSE_FS_STATE;
}

static struct coverage_row *find_row(struct coverage *cov, const char *driver,
				     enum hale_sense sense)
{
	for (uint32_t i = 0; i < cov->n; i++) {
		struct coverage_row *row = &cov->rows[i];

		if (row->c.sense == sense && strcmp(row->c.driver, driver) == 0)
			return row;
	}
	return NULL;
}

bool coverage_take(struct coverage *cov, const char *driver,
		   const struct hale_coverage *c, uint64_t now_ns)
{
	struct coverage_row *row = find_row(cov, driver, c->sense);
	bool changed;

	if ((unsigned int)c->sense >= HALE_SENSE_COUNT)
		return false;
	if (!row) {
		if (cov->n == COVERAGE_MAX)
			return false;
		row = &cov->rows[cov->n++];
		memset(row, 0, sizeof(*row));
		row->c.since_ns = c->since_ns ? c->since_ns : now_ns;
		changed = true;
	} else {
		changed = row->stale || row->c.sight != c->sight ||
			  strcmp(row->c.why, c->why) != 0 ||
			  strcmp(row->c.remedy, c->remedy) != 0;
		if (row->c.sight != c->sight)
			row->c.since_ns = c->since_ns ? c->since_ns : now_ns;
	}
	row->c.sense = c->sense;
	row->c.sight = c->sight;
	HALE_SET(row->c.driver, driver);
	HALE_SET(row->c.why, c->why);
	HALE_SET(row->c.remedy, c->remedy);
	row->heard_ns = now_ns;
	row->stale = false;
	return changed;
}

bool coverage_heard(struct coverage *cov, const char *driver, uint64_t now_ns)
{
	bool changed = false;

	for (uint32_t i = 0; i < cov->n; i++) {
		struct coverage_row *row = &cov->rows[i];

		if (strcmp(row->c.driver, driver) != 0)
			continue;
		row->heard_ns = now_ns;
		changed |= row->stale;
		row->stale = false;
	}
	return changed;
}

uint64_t coverage_age(struct coverage *cov, uint32_t stale_s, uint64_t now_ns,
		      bool *changed)
{
	uint64_t keep_ns = stale_s * HALE_NS_PER_S;
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < cov->n; i++) {
		struct coverage_row *row = &cov->rows[i];

		if (stale_s == 0 || row->stale || !is_periodic(row->c.sense) ||
		    row->c.sight == HALE_SIGHT_BLIND)
			continue;
		if (now_ns > row->heard_ns && now_ns - row->heard_ns > keep_ns)
			row->stale = *changed = true;
		else if (row->heard_ns + keep_ns + 1 < next)
			next = row->heard_ns + keep_ns + 1;
	}
	return next;
}

/* The blind ones explain best; a silent one explains itself. */
static void tell_missing(const struct coverage_row *row, const char *sense,
			 char *ret_story, size_t size)
{
	if (!row)
		snprintf(ret_story, size, "%s: no driver has it", sense);
	else if (row->stale)
		snprintf(ret_story, size, "%s: %s: has fallen silent", sense,
			 row->c.driver);
	else
		snprintf(ret_story, size, "%s: %s: %s", sense, row->c.driver,
			 row->c.why[0] ? row->c.why : "does not work");
}

bool coverage_has(const struct coverage *cov, enum hale_sense sense,
		  char *ret_story, size_t size)
{
	const struct coverage_row *missing = NULL;

	for (uint32_t i = 0; i < cov->n; i++) {
		const struct coverage_row *row = &cov->rows[i];

		if (row->c.sense != sense)
			continue;
		if (row->c.sight != HALE_SIGHT_BLIND && !row->stale)
			return true;
		if (!missing)
			missing = row;
	}
	tell_missing(missing, hale_sense_name(sense), ret_story, size);
	return false;
}
