/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The senses, and whether they can be relied on. Decides when a sense is
 * missing: no driver has it, all that have it are blind, or its driver speaks
 * in periods and missed three of them. Never guesses: a driver that said
 * nothing about a sense does not have it. Invariant: a row of a part stands
 * behind one of its whole sense, and says something else than that it is seen.
 */
#include "coverage.h"

/* One period may be late for a busy host, two for a bad disk. */
#define PERIODS_MISSED 3
/* Who is asked this much too late was asleep with the whole host, and gives the
 * drivers that slept, too, so long to wake up. */
#define LATE_NS	 (10 * HALE_NS_PER_S)
#define GRACE_NS (60 * HALE_NS_PER_S)

static struct coverage_driver *find_driver(struct coverage *cov,
					   const char *name)
{
	for (uint32_t i = 0; i < cov->n_drivers; i++) {
		if (strcmp(cov->drivers[i].name, name) == 0)
			return &cov->drivers[i];
	}
	return NULL;
}

static struct coverage_driver *take_driver(struct coverage *cov,
					   const char *name)
{
	struct coverage_driver *d = find_driver(cov, name);

	if (d || cov->n_drivers == COVERAGE_DRIVERS_MAX)
		return d;
	d = &cov->drivers[cov->n_drivers++];
	memset(d, 0, sizeof(*d));
	HALE_SET(d->name, name);
	return d;
}

static struct coverage_row *find_row(struct coverage *cov, uint8_t driver,
				     enum hale_sense sense, const char *part)
{
	for (uint32_t i = 0; i < cov->n; i++) {
		struct coverage_row *row = &cov->rows[i];

		if (row->sense == sense && row->driver == driver &&
		    strcmp(row->part, part) == 0)
			return row;
	}
	return NULL;
}

static struct coverage_row *add_row(struct coverage *cov, uint8_t driver,
				    const struct hale_coverage *c,
				    uint64_t now_ns)
{
	struct coverage_row *row;

	if (cov->n == COVERAGE_MAX ||
	    (c->part[0] && cov->n_parts == COVERAGE_PARTS_MAX))
		return NULL;
	row = &cov->rows[cov->n++];
	memset(row, 0, sizeof(*row));
	cov->n_parts += c->part[0] != '\0';
	row->driver = driver;
	row->sense = (uint8_t)c->sense;
	row->since_ns = c->since_ns ? c->since_ns : now_ns;
	row->sight = (uint8_t)c->sight;
	HALE_SET(row->part, c->part);
	HALE_SET(row->why, c->why);
	HALE_SET(row->remedy, c->remedy);
	row->said = true;
	return row;
}

static void drop_row(struct coverage *cov, struct coverage_row *row)
{
	size_t behind = (size_t)(&cov->rows[cov->n] - (row + 1));

	cov->n_parts -= row->part[0] != '\0';
	memmove(row, row + 1, behind * sizeof(*row));
	cov->n--;
}

static bool update_row(struct coverage_row *row, const struct hale_coverage *c,
		       uint64_t now_ns)
{
	bool changed = row->sight != c->sight ||
		       strcmp(row->why, c->why) != 0 ||
		       strcmp(row->remedy, c->remedy) != 0;

	if (row->sight != c->sight)
		row->since_ns = c->since_ns ? c->since_ns : now_ns;
	row->sight = (uint8_t)c->sight;
	HALE_SET(row->why, c->why);
	HALE_SET(row->remedy, c->remedy);
	row->said = true;
	row->resumed = false;
	return changed;
}

/* The whole sense was said: its parts have one more round to be said. */
static bool turn_parts(struct coverage *cov, uint8_t driver,
		       enum hale_sense sense)
{
	bool changed = false;

	for (uint32_t i = cov->n; i-- > 0;) {
		struct coverage_row *row = &cov->rows[i];

		if (row->driver != driver || row->sense != sense ||
		    !row->part[0])
			continue;
		if (!row->said) {
			drop_row(cov, row);
			changed = true;
		} else {
			row->said = false;
		}
	}
	return changed;
}

static bool take_whole(struct coverage *cov, uint8_t driver,
		       const struct hale_coverage *c, uint64_t now_ns)
{
	struct coverage_row *row = find_row(cov, driver, c->sense, "");
	bool changed;

	/* what the core before this one knew is better than nothing yet */
	if (row && row->resumed && strcmp(c->why, HALE_NOT_YET) == 0)
		return false;
	changed = turn_parts(cov, driver, c->sense);
	row = find_row(cov, driver, c->sense, "");
	if (row) {
		changed |= row->unsaid > row->unsaid_now;
		row->unsaid = row->unsaid_now;
		row->unsaid_now = 0;
		return update_row(row, c, now_ns) || changed;
	}
	row = add_row(cov, driver, c, now_ns);
	changed |= row || !cov->full;
	cov->full |= !row;
	return changed;
}

/* A part without its sense is nonsense; one that is seen needs no row. */
static bool take_part(struct coverage *cov, uint8_t driver,
		      const struct hale_coverage *c, uint64_t now_ns)
{
	struct coverage_row *whole = find_row(cov, driver, c->sense, "");
	struct coverage_row *row = find_row(cov, driver, c->sense, c->part);

	if (row && c->sight == HALE_SIGHT_LIVE) {
		drop_row(cov, row);
		return true;
	}
	if (row)
		return update_row(row, c, now_ns);
	if (!whole || c->sight == HALE_SIGHT_LIVE)
		return false;
	if (add_row(cov, driver, c, now_ns))
		return true;
	if (whole->unsaid_now < UINT16_MAX)
		whole->unsaid_now++;
	return whole->unsaid_now > whole->unsaid;
}

bool coverage_take(struct coverage *cov, const char *driver,
		   const struct hale_coverage *c, uint64_t now_ns)
{
	struct coverage_driver *d;
	uint8_t index;
	bool changed;

	if ((unsigned int)c->sense >= HALE_SENSE_COUNT)
		return false;
	d = take_driver(cov, driver);
	if (!d) {
		changed = !cov->full;
		cov->full = true;
		return changed;
	}
	changed = d->stale;
	d->stale = false;
	d->heard_ns = now_ns;
	d->period_s = c->period_s;
	index = (uint8_t)(d - cov->drivers);
	changed |= c->part[0] ? take_part(cov, index, c, now_ns)
			      : take_whole(cov, index, c, now_ns);
	return changed;
}

bool coverage_heard(struct coverage *cov, const char *driver, uint64_t now_ns)
{
	struct coverage_driver *d = find_driver(cov, driver);
	bool changed = d && d->stale;

	if (d) {
		d->heard_ns = now_ns;
		d->stale = false;
	}
	return changed;
}

/* When it has missed its periods; UINT64_MAX: it speaks in none. */
static uint64_t over_at(const struct coverage_driver *d, uint32_t stale_s)
{
	uint64_t keep_s = (uint64_t)d->period_s * PERIODS_MISSED;

	if (stale_s == 0 || d->period_s == 0 || d->stale)
		return UINT64_MAX;
	keep_s = keep_s > stale_s ? keep_s : stale_s;
	return d->heard_ns + keep_s * HALE_NS_PER_S + 1;
}

uint64_t coverage_age(struct coverage *cov, uint32_t stale_s, uint64_t now_ns,
		      bool *changed)
{
	bool late = cov->due_ns && now_ns > cov->due_ns &&
		    now_ns - cov->due_ns > LATE_NS;
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < cov->n_drivers; i++) {
		struct coverage_driver *d = &cov->drivers[i];
		uint64_t over_ns = over_at(d, stale_s);

		if (now_ns >= over_ns && late) {
			d->heard_ns += now_ns - over_ns + GRACE_NS + 1;
			over_ns = over_at(d, stale_s);
		}
		if (now_ns >= over_ns)
			d->stale = *changed = true;
		else if (over_ns < next)
			next = over_ns;
	}
	cov->due_ns = next == UINT64_MAX ? 0 : next;
	return next;
}

static bool is_stale(const struct coverage *cov, const struct coverage_row *row)
{
	return cov->drivers[row->driver].stale &&
	       row->sight != HALE_SIGHT_BLIND;
}

static void row_get(const struct coverage *cov, const struct coverage_row *row,
		    struct hale_coverage *ret)
{
	const struct coverage_driver *d = &cov->drivers[row->driver];

	memset(ret, 0, sizeof(*ret));
	ret->sense = (enum hale_sense)row->sense;
	ret->sight = (enum hale_sight)row->sight;
	ret->since_ns = row->since_ns;
	ret->period_s = d->period_s;
	HALE_SET(ret->driver, d->name);
	HALE_SET(ret->part, row->part);
	HALE_SET(ret->why, row->why);
	HALE_SET(ret->remedy, row->remedy);
	if (!is_stale(cov, row) || row->part[0])
		return;
	ret->sight = HALE_SIGHT_BLIND;
	HALE_SET(ret->why, "has fallen silent");
	HALE_SET(ret->remedy, "haled's log may say why; restart haled");
}

void coverage_doubt(struct coverage *cov, const char *driver)
{
	for (uint32_t i = 0; i < cov->n; i++) {
		struct coverage_row *row = &cov->rows[i];

		row->resumed |=
			strcmp(cov->drivers[row->driver].name, driver) == 0;
	}
}

bool coverage_unsaid(struct coverage *cov, struct hale_coverage *ret)
{
	for (uint32_t i = cov->n; i-- > 0;) {
		struct coverage_row *row = &cov->rows[i];

		if (!row->resumed)
			continue;
		row_get(cov, row, ret);
		ret->sight = HALE_SIGHT_BLIND;
		drop_row(cov, row);
		return true;
	}
	return false;
}

void coverage_tell(const struct hale_coverage *c, char *ret_story, size_t size)
{
	snprintf(ret_story, size, "%s: %s: %s%s%s", hale_sense_name(c->sense),
		 c->part[0] ? c->part : c->driver,
		 c->why[0] ? c->why : "does not work", c->remedy[0] ? "; " : "",
		 c->remedy);
}

bool coverage_has(const struct coverage *cov, enum hale_sense sense,
		  char *ret_story, size_t size)
{
	struct hale_coverage c, best = { 0 };
	bool any = false;

	for (uint32_t i = 0; i < cov->n; i++) {
		const struct coverage_row *row = &cov->rows[i];

		if (row->sense != sense || row->part[0])
			continue;
		row_get(cov, row, &c);
		if (c.sight != HALE_SIGHT_BLIND)
			return true;
		/* of several, one that can be helped */
		if (!any || (!best.remedy[0] && c.remedy[0]))
			best = c;
		any = true;
	}
	if (any)
		coverage_tell(&best, ret_story, size);
	else
		snprintf(ret_story, size, "%s: no driver has it",
			 hale_sense_name(sense));
	return false;
}

bool coverage_sees(const struct coverage *cov, enum hale_sense sense,
		   const char *part, const char *but)
{
	bool sees = false;

	for (uint32_t i = 0; i < cov->n; i++) {
		const struct coverage_row *row = &cov->rows[i];
		const struct coverage_driver *d = &cov->drivers[row->driver];

		if (row->sense != sense || strcmp(d->name, but) == 0)
			continue;
		if (row->part[0] && strcmp(row->part, part) == 0)
			return false;
		sees |= !row->part[0] && row->sight != HALE_SIGHT_BLIND &&
			!d->stale;
	}
	return sees;
}

static uint32_t left_out(const struct coverage_row *row)
{
	return row->unsaid > row->unsaid_now ? row->unsaid : row->unsaid_now;
}

static void loss_get(const struct coverage *cov, const struct coverage_row *row,
		     struct hale_coverage *ret)
{
	*ret = (struct hale_coverage){ .sense = HALE_SENSE_STORAGE_MAP,
				       .sight = HALE_SIGHT_PARTIAL,
				       .driver = "core" };
	if (!row) {
		HALE_SET(ret->why, "what some drivers see is left out: "
				   "no room");
		return;
	}
	ret->sense = (enum hale_sense)row->sense;
	ret->since_ns = row->since_ns;
	snprintf(ret->why, sizeof(ret->why),
		 "%u more parts that %s cannot see: no room", left_out(row),
		 cov->drivers[row->driver].name);
}

bool coverage_get(const struct coverage *cov, size_t i,
		  struct hale_coverage *ret)
{
	if (i < cov->n) {
		row_get(cov, &cov->rows[i], ret);
		return true;
	}
	i -= cov->n;
	for (uint32_t k = 0; k < cov->n; k++) {
		if (left_out(&cov->rows[k]) > 0 && i-- == 0) {
			loss_get(cov, &cov->rows[k], ret);
			return true;
		}
	}
	if (!cov->full || i != 0)
		return false;
	loss_get(cov, NULL, ret);
	return true;
}
