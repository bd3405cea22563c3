/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words and numbers by which the outside knows hale's enums: names of
 * senses and effects, the exit code of a fitness. Decides that what is not
 * known, or not known yet, is never taken for fit. A name once given out stays.
 */
#include <string.h>

#include "hale/condition.h"
#include "hale/coverage.h"
#include "hale/verdict.h"

const char *hale_sense_name(enum hale_sense sense)
{
	static const char *const names[HALE_SENSE_COUNT] = {
		[HALE_SENSE_BLOCK_ERRORS] = "block_errors",
		[HALE_SENSE_FS_STATE] = "fs_state",
		[HALE_SENSE_STORAGE_MAP] = "storage_map",
		[HALE_SENSE_IDENTITY] = "identity",
		[HALE_SENSE_KERNEL_LOG] = "kernel_log",
		[HALE_SENSE_PROCESS_DEATHS] = "process_deaths",
		[HALE_SENSE_DISK_HEALTH] = "disk_health",
		[HALE_SENSE_MEMORY_ERRORS] = "memory_errors",
		[HALE_SENSE_SENSORS] = "sensors",
		[HALE_SENSE_ARRAYS] = "arrays",
		[HALE_SENSE_PRESSURE] = "pressure",
		[HALE_SENSE_NETWORK] = "network",
		[HALE_SENSE_THERMAL] = "thermal",
		[HALE_SENSE_CRASHES] = "crashes",
		[HALE_SENSE_CLOCK] = "clock",
		[HALE_SENSE_LIMITS] = "limits",
		[HALE_SENSE_ENGINE] = "engine",
		[HALE_SENSE_BACKING] = "backing",
		[HALE_SENSE_HISTORY] = "history",
		[HALE_SENSE_VICTIMS] = "victims",
		[HALE_SENSE_STALLS] = "stalls",
		[HALE_SENSE_SANDBOX] = "sandbox",
	};

	return (unsigned int)sense < HALE_SENSE_COUNT ? names[sense] : "";
}

enum hale_sense hale_sense_from_name(const char *name, size_t len)
{
	enum hale_sense s = HALE_SENSE_BLOCK_ERRORS;

	for (; s < HALE_SENSE_COUNT; s++) {
		const char *known = hale_sense_name(s);

		if (strlen(known) == len && memcmp(known, name, len) == 0)
			break;
	}
	return s;
}

const char *hale_effect_name(enum hale_effect e)
{
	static const char *const names[HALE_EFFECT_COUNT] = {
		[HALE_EFFECT_NONE] = "none",
		[HALE_EFFECT_NOTES] = "notes",
		[HALE_EFFECT_WARNS] = "warns",
		[HALE_EFFECT_BLOCKS] = "blocks",
	};

	return (unsigned int)e < HALE_EFFECT_COUNT ? names[e] : names[0];
}

int hale_exit_code(enum hale_fitness fitness, bool strict)
{
	switch (fitness) {
	case HALE_FIT:
		return HALE_EXIT_OK;
	case HALE_DEGRADED:
		return strict ? HALE_EXIT_UNFIT : HALE_EXIT_OK;
	case HALE_UNFIT:
		return HALE_EXIT_UNFIT;
	case HALE_UNKNOWN:
	case HALE_FITNESS_COUNT:
		break;
	}
	return HALE_EXIT_UNKNOWN;
}
