/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a driver in the probe process may say. Decides it by the driver's
 * senses: a library that fell to a hostile disk or server must not speak for
 * others. Must never judge whether a fact is true. Invariant: nobody over there
 * withdraws a finding of a kind that is not its own, nor what the log said.
 */
#include "hale/base.h"

#include "agent/daemon/probe_room.h"

#define KIND(name) (1U << HALE_FACT_##name)
#define MAP_KINDS                                                              \
	(KIND(DEVICE) | KIND(MAP_BEGIN) | KIND(MOUNT) | KIND(LAYER) |          \
	 KIND(MAP_END))
/* Whose these are is said by the parts of their text below. */
#define ALL_KINDS (KIND(OBSERVATION) | KIND(COVERAGE))

/* A driver with this sense may say @kinds, and that conditions whose names
 * begin so do not hold. */
struct right {
	enum hale_sense sense;
	uint32_t kinds;
	const char *withdraws[3];
};

static const struct right rights[] = {
	{ HALE_SENSE_STORAGE_MAP, MAP_KINDS, { "disk.stalled" } },
	{ HALE_SENSE_IDENTITY, KIND(DEVICE), { "disk.stalled" } },
	{ HALE_SENSE_FS_STATE, 0, { "fs." } },
	{ HALE_SENSE_DISK_HEALTH, KIND(DISK_READING), { "disk.stalled" } },
	{ HALE_SENSE_ARRAYS, 0, { "array.", "virt.", "disk.stalled" } },
	{ HALE_SENSE_BACKING, 0, { "virt.", "fs.hung" } },
	{ HALE_SENSE_SENSORS, 0, { "sensor.", "power." } },
	{ HALE_SENSE_ENGINE, KIND(RESTS), { "engine." } },
	{ HALE_SENSE_NETWORK, KIND(RESTS), { "net." } },
	{ HALE_SENSE_VICTIMS, KIND(VICTIM), { NULL } },
};

static bool has(const struct hale_driver *d, enum hale_sense sense)
{
	return (d->senses & 1U << sense) != 0;
}

static uint32_t kinds_of(const struct hale_driver *d)
{
	uint32_t kinds = ALL_KINDS;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(rights); i++) {
		if (has(d, rights[i].sense))
			kinds |= rights[i].kinds;
	}
	return kinds;
}

static bool may_withdraw(const struct hale_driver *d, const char *name)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rights); i++) {
		const struct right *r = &rights[i];

		for (size_t j = 0; j < HALE_ARRAY_SIZE(r->withdraws); j++) {
			const char *w = r->withdraws[j];

			if (w && has(d, r->sense) &&
			    strncmp(name, w, strlen(w)) == 0)
				return true;
		}
	}
	return false;
}

/* A measure may turn out well, and so end what it is measured for. */
static const char *measured(enum hale_metric metric)
{
	switch (metric) {
	case HALE_METRIC_FS_BYTES:
		return "fs.full";
	case HALE_METRIC_FS_INODES:
		return "fs.inodes_full";
	case HALE_METRIC_BACKING_BYTES:
		return "virt.backing_full";
	case HALE_METRIC_NONE:
	case HALE_METRIC_COUNT:
		break;
	}
	return "";
}

static bool may_observe(const struct hale_driver *d,
			const struct hale_observation *o)
{
	if (o->kind == HALE_OBSERVED_MEASURE)
		return may_withdraw(d, measured(o->metric));
	if (o->kind != HALE_OBSERVED_STATE || o->holds)
		return true;
	return may_withdraw(d, hale_condition_info(o->condition)->name);
}

bool probe_may_say(const struct hale_driver *d, const struct hale_fact *f)
{
	if ((kinds_of(d) & 1U << f->kind) == 0)
		return false;
	if (f->kind == HALE_FACT_COVERAGE)
		return has(d, f->u.coverage.sense);
	return f->kind != HALE_FACT_OBSERVATION ||
	       may_observe(d, &f->u.observation);
}
