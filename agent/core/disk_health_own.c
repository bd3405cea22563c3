/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a disk itself says: its overall word, its attributes against their own
 * thresholds, its temperature against its own limit. Decides which of its
 * limits mean damage. Must never take a threshold of age (hours, starts, load
 * cycles) for one, nor a temperature, which is the room's. Invariant: nothing
 * here counts by a raw number.
 */
#include <inttypes.h>

#include "disk_health.h"

/* SPC-5, ASC/ASCQ assignments */
#define ASC_WARNING	      0x0b
#define ASC_PREDICTION	      0x5d
#define ASCQ_WARN_TEMPERATURE 0x01
#define ASCQ_WARN_ENCLOSURE   0x02
#define ASCQ_TEST	      0xff

/* NVM Express base specification, SMART / health log, critical warning */
#define NVME_WARN_TEMPERATURE 0x02

#define LIFE_LEFT_LIMIT 5  /* percent; see ENDURANCE_LIMIT */
#define HALF_LEFT	50 /* percent of life: used and left say the same */
#define HOT_ROTATING	55 /* Celsius: what a threshold alone may say */
#define HOT_FLASH	70
#define LIMIT_MIN	40  /* a limit below is a number without a meaning */
#define TEMPERATURE_MAX 125 /* beyond: not a temperature */

static void judge_nvme(struct judging *j, uint64_t warning)
{
	static const struct {
		uint64_t bit;
		const char *what;
	} bits[] = {
		{ 0x01, "its spare blocks are below its limit" },
		{ 0x04, "media or internal errors have made it unreliable" },
		{ 0x08, "it has gone read-only" },
		{ 0x10, "its backup of volatile memory has failed" },
		{ 0x20, "its persistent memory region is unreliable" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(bits); i++) {
		if ((warning & bits[i].bit) != 0)
			judging_add(j, HALE_DISK_SMART_FAILING,
				    "the disk warns: %s (critical warning "
				    "0x%02" PRIx64 ")",
				    bits[i].what, warning);
	}
}

/* Return: whether that was the reason why it does not pass. */
static bool judge_exception(struct judging *j)
{
	uint64_t asc = j->d->value[HALE_DISK_IE_ASC];
	uint64_t ascq = j->d->value[HALE_DISK_IE_ASCQ];

	if (!hale_disk_knows(j->d, HALE_DISK_IE_ASC) || asc == 0)
		return false;
	if (asc == ASC_PREDICTION)
		judging_add(j, HALE_DISK_SMART_FAILING,
			    "the disk predicts its failure (asc 5d, ascq "
			    "%02" PRIx64 "%s)",
			    ascq, ascq == ASCQ_TEST ? ": its test report" : "");
	else if (asc == ASC_WARNING && ascq == ASCQ_WARN_TEMPERATURE)
		judging_add(j, HALE_DISK_HOT,
			    "the disk says that it is too hot (asc 0b, ascq "
			    "01)");
	else if (asc == ASC_WARNING && ascq != ASCQ_WARN_ENCLOSURE)
		judging_add(j, HALE_DISK_SMART_PREFAIL,
			    "the disk warns of itself (asc 0b, ascq "
			    "%02" PRIx64 ")",
			    ascq);
	return asc == ASC_PREDICTION || asc == ASC_WARNING;
}

void judging_status(struct judging *j)
{
	const struct hale_disk_reading *d = j->d;
	uint64_t warning = d->value[HALE_DISK_CRITICAL_WARNING];

	if (d->protocol == HALE_DISK_NVME &&
	    hale_disk_knows(d, HALE_DISK_CRITICAL_WARNING) &&
	    warning < UINT8_MAX) {
		/* "passed" is only another word for no warning at all */
		judge_nvme(j, warning);
		if (warning != 0)
			return;
	}
	if (judge_exception(j))
		return;
	if (hale_disk_knows(d, HALE_DISK_PASSED) &&
	    d->value[HALE_DISK_PASSED] == 0)
		judging_add(j, HALE_DISK_SMART_FAILING,
			    "the disk's own overall status is FAILED");
}

/* What it means that an attribute is below its threshold. */
enum matter {
	MATTER_NONE = 0, /* age, shocks, or nobody knows */
	MATTER_DAMAGE,
	MATTER_SPEED, /* spin-up, seek time: now it counts, later it is past */
	MATTER_FLASH, /* its life or its spare blocks */
	MATTER_HEAT,
	MATTER_LINK,
};

static const struct {
	uint8_t id, matter;
	const char *name;
} known[] = {
	{ 1, MATTER_DAMAGE, "read error rate" },
	{ 2, MATTER_SPEED, "throughput" },
	{ 3, MATTER_SPEED, "spin-up time" },
	{ 5, MATTER_DAMAGE, "reallocated sectors" },
	{ 7, MATTER_DAMAGE, "seek error rate" },
	{ 8, MATTER_SPEED, "seek time" },
	{ 10, MATTER_DAMAGE, "spin-up retries" },
	{ 11, MATTER_DAMAGE, "calibration retries" },
	{ 22, MATTER_DAMAGE, "helium level" },
	{ 170, MATTER_FLASH, "reserved blocks" },
	{ 173, MATTER_FLASH, "wear levelling" },
	{ 177, MATTER_FLASH, "wear levelling" },
	{ 180, MATTER_FLASH, "unused reserved blocks" },
	{ 184, MATTER_DAMAGE, "end-to-end errors" },
	{ 187, MATTER_DAMAGE, "uncorrectable errors" },
	{ 190, MATTER_HEAT, "temperature" },
	{ 194, MATTER_HEAT, "temperature" },
	{ 196, MATTER_DAMAGE, "reallocation events" },
	{ 197, MATTER_DAMAGE, "pending sectors" },
	{ 198, MATTER_DAMAGE, "offline uncorrectable sectors" },
	{ 199, MATTER_LINK, "interface CRC errors" },
	{ 200, MATTER_DAMAGE, "write error rate" },
	{ 202, MATTER_FLASH, "life left" },
	{ 230, MATTER_FLASH, "drive life" },
	{ 231, MATTER_FLASH, "life left" },
	{ 232, MATTER_FLASH, "reserved space" },
	{ 233, MATTER_FLASH, "media wear-out" },
};

/* Ids that mean nothing of flash mean nothing of a rotating disk. */
static enum matter matter_of(const struct judging *j,
			     const struct hale_disk_attribute *a,
			     const char **ret_name)
{
	*ret_name = "";
	for (size_t i = 0; i < HALE_ARRAY_SIZE(known); i++) {
		if (known[i].id != a->id)
			continue;
		if (known[i].matter == MATTER_FLASH && j->d->rotational)
			break;
		*ret_name = known[i].name;
		return (enum matter)known[i].matter;
	}
	return MATTER_NONE;
}

static bool is_age(uint8_t id)
{
	/* start/stop, hours, power cycles, shocks, retracts, load cycles */
	return id == 4 || id == 9 || id == 12 || (id >= 191 && id <= 193) ||
	       id == 222 || id == 225 || (id >= 240 && id <= 242);
}

/* Has it a threshold, and has the value been set? 0 and 254 up are not values
 * of the standard; a value of 0 that was never seen before is a slip. */
static bool can_fail(const struct judging *j,
		     const struct hale_disk_attribute *a)
{
	bool failed = hale_disk_knows(j->d, HALE_DISK_PASSED) &&
		      j->d->value[HALE_DISK_PASSED] == 0;

	if (a->foreign || !a->threshold_known || a->threshold == 0 ||
	    a->threshold >= 254 || a->value >= 254)
		return false;
	return a->value > 0 || a->worst == 0 || failed;
}

static void judge_below(struct judging *j, const struct hale_disk_attribute *a,
			enum matter matter, const char *name)
{
	bool prefailure = (a->flags & 1) != 0;
	enum hale_condition c = HALE_DISK_SMART_PREFAIL;

	if (matter == MATTER_HEAT || is_age(a->id))
		return;
	if (prefailure)
		c = HALE_DISK_SMART_FAILING;
	else if (matter == MATTER_FLASH)
		c = HALE_DISK_WORN_OUT;
	else if (matter == MATTER_LINK)
		c = HALE_DISK_LINK_ERROR;
	else if (matter != MATTER_DAMAGE)
		return;
	judging_add(j, c, "attribute %u%s%s%s is at %u, its threshold is %u",
		    a->id, name[0] ? ", " : "", name, name[0] ? "," : "",
		    a->value, a->threshold);
}

/*
 * Some firmware puts what is left where the standard asks for what is used: the
 * number is then that of an attribute of life. Only one that has a threshold is
 * looked at: the others may stand at 100 for ever.
 */
static bool is_inverted(const struct hale_disk_reading *d, uint64_t used)
{
	static const uint8_t life[] = { 169, 173, 177, 201, 202, 231, 233 };

	for (uint32_t i = 0;
	     i < d->n_attributes && i < HALE_DISK_ATTRIBUTES_MAX; i++) {
		const struct hale_disk_attribute *a = &d->attributes[i];

		if (memchr(life, a->id, sizeof(life)) && !a->foreign &&
		    a->threshold_known && a->threshold > 0 &&
		    a->value > HALF_LEFT && a->value <= 100 &&
		    used <= a->value + UINT64_C(1) && used + 1 >= a->value)
			return true;
	}
	return false;
}

/* One byte: 255 is "that or more" in NVMe, and means nothing in ATA. */
bool judging_endurance(const struct hale_disk_reading *d)
{
	uint64_t used = d->value[HALE_DISK_ENDURANCE_USED];

	if (!hale_disk_knows(d, HALE_DISK_ENDURANCE_USED))
		return false;
	if (d->protocol == HALE_DISK_ATA)
		return used < UINT8_MAX && !is_inverted(d, used);
	return d->protocol == HALE_DISK_NVME ? used <= UINT8_MAX
					     : used < UINT8_MAX;
}

/* Of 231 some count the value up as flash is used, and leave in the raw number
 * what is left: the two make 100, and nothing says which is which. */
static bool is_either_way(const struct hale_disk_attribute *a)
{
	return a->id == 231 && a->raw <= 100 && a->value + a->raw >= 99 &&
	       a->value + a->raw <= 101;
}

static void judge_life(struct judging *j, const struct hale_disk_attribute *a,
		       const char *name)
{
	/* the standard's own percentage is the better one */
	if (judging_endurance(j->d) || a->foreign || a->value == 0 ||
	    a->value > LIFE_LEFT_LIMIT || a->worst > LIFE_LEFT_LIMIT ||
	    a->id == 230 || is_either_way(a))
		return;
	judging_add(j, HALE_DISK_WORN_OUT,
		    "attribute %u, %s: %u %% left of its rated life", a->id,
		    name, a->value);
}

static void judge_attribute(struct judging *j,
			    const struct hale_disk_attribute *a)
{
	const char *name;
	enum matter matter = matter_of(j, a, &name);

	if (can_fail(j, a) && a->value <= a->threshold) {
		judge_below(j, a, matter, name);
		return;
	}
	if (matter == MATTER_FLASH)
		judge_life(j, a, name);
	if (can_fail(j, a) && matter == MATTER_DAMAGE && j->d->rotational &&
	    (a->flags & 1) != 0 && a->worst > 0 && a->worst <= a->threshold)
		judging_add(j, HALE_DISK_SMART_PREFAIL,
			    "attribute %u, %s, was at %u once, its threshold "
			    "is %u",
			    a->id, name, a->worst, a->threshold);
}

void judging_attributes(struct judging *j)
{
	const struct hale_disk_reading *d = j->d;

	if (d->protocol != HALE_DISK_ATA)
		return;
	for (uint32_t i = 0;
	     i < d->n_attributes && i < HALE_DISK_ATTRIBUTES_MAX; i++)
		judge_attribute(j, &d->attributes[i]);
}

static bool temperature_of(const struct hale_disk_reading *d,
			   uint64_t *ret_degrees)
{
	static const uint8_t ids[] = { 194, 190 };
	uint64_t t = d->value[HALE_DISK_TEMPERATURE];

	/* 0 is what a disk without a sensor says */
	if (hale_disk_knows(d, HALE_DISK_TEMPERATURE) && t > 0 &&
	    t <= TEMPERATURE_MAX) {
		*ret_degrees = t;
		return true;
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ids); i++) {
		const struct hale_disk_attribute *a =
			judging_attribute(d, ids[i]);

		/* the low byte; minimum and maximum stand above it */
		if (!a || (a->raw & 0xff) == 0 ||
		    (a->raw & 0xff) > TEMPERATURE_MAX)
			continue;
		*ret_degrees = a->raw & 0xff;
		return true;
	}
	return false;
}

/* By a threshold that the disk has passed: only where the heat is real. */
static bool past_threshold(const struct hale_disk_reading *d, uint64_t degrees)
{
	if (degrees < (d->rotational ? HOT_ROTATING : HOT_FLASH))
		return false;
	for (uint32_t i = 0;
	     i < d->n_attributes && i < HALE_DISK_ATTRIBUTES_MAX; i++) {
		const struct hale_disk_attribute *a = &d->attributes[i];

		if ((a->id == 190 || a->id == 194) && !a->foreign &&
		    a->threshold_known && a->threshold > 0 && a->value > 0 &&
		    a->value <= a->threshold)
			return true;
	}
	return false;
}

/* The disk's own limit; false where it has none that can be one. */
static bool limit_of(const struct hale_disk_reading *d, uint64_t *ret_limit)
{
	static const enum hale_disk_value limits[] = {
		HALE_DISK_TEMPERATURE_LIMIT, HALE_DISK_TEMPERATURE_CRITICAL
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(limits); i++) {
		uint64_t limit = d->value[limits[i]];

		if (!hale_disk_knows(d, limits[i]) || limit < LIMIT_MIN ||
		    limit > TEMPERATURE_MAX)
			continue;
		*ret_limit = limit;
		return true;
	}
	return false;
}

void judging_temperature(struct judging *j)
{
	const struct hale_disk_reading *d = j->d;
	bool nvme_warns = d->protocol == HALE_DISK_NVME &&
			  hale_disk_knows(d, HALE_DISK_CRITICAL_WARNING) &&
			  d->value[HALE_DISK_CRITICAL_WARNING] < UINT8_MAX &&
			  (d->value[HALE_DISK_CRITICAL_WARNING] &
			   NVME_WARN_TEMPERATURE) != 0;
	uint64_t degrees, limit;

	if (!temperature_of(d, &degrees)) {
		if (nvme_warns)
			judging_add(j, HALE_DISK_HOT,
				    "the disk says that its temperature is "
				    "beyond a limit");
		return;
	}
	if (limit_of(d, &limit)) {
		if (degrees >= limit || nvme_warns)
			judging_add(j, HALE_DISK_HOT,
				    "%" PRIu64 " C, its limit is %" PRIu64 " C",
				    degrees, limit);
	} else if (nvme_warns || past_threshold(d, degrees)) {
		judging_add(j, HALE_DISK_HOT,
			    "%" PRIu64 " C, which the disk says is too hot",
			    degrees);
	}
}
