/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hosts fail by, as one list: the catalogue's conditions, the causes of
 * failed builds, and silence. Decides which of them may be judged: a name that
 * this hale does not know is a stranger's word, and no cause.
 */
#include "agent/fleet/judge_own.h"
#include "hale/cause.h"
#include "hale/condition.h"

#define FIRST_BUILD HALE_CONDITION_COUNT
#define SILENCE	    (FIRST_BUILD + HALE_CAUSE_COUNT)

uint16_t cause_of_condition(const char *name)
{
	if (!name)
		return CAUSE_NONE;
	return (uint16_t)hale_condition_from_name(name, strlen(name));
}

/* A failure that nobody can name is one as well: "unknown". */
uint16_t cause_of_build(const char *name)
{
	enum hale_build_cause c = HALE_CAUSE_UNKNOWN;

	if (name)
		c = hale_build_cause_from_name(name, strlen(name));
	return (uint16_t)(FIRST_BUILD + (uint32_t)c);
}

uint16_t cause_of_silence(void)
{
	return SILENCE;
}

uint16_t cause_end(void)
{
	return SILENCE + 1;
}

const char *cause_name(uint16_t cause)
{
	if (cause == SILENCE)
		return "silent";
	if (cause >= FIRST_BUILD)
		return hale_build_cause_name(
			(enum hale_build_cause)(cause - FIRST_BUILD));
	return hale_condition_info((enum hale_condition)cause)->name;
}

/* Not what its cable (link_error), its room (hot) or its use (worn_out) does to
 * it. */
bool cause_of_disk(uint16_t cause)
{
	static const uint16_t own[] = {
		HALE_DISK_IO_ERROR,	 HALE_DISK_MEDIUM_ERROR,
		HALE_DISK_TIMEOUT,	 HALE_DISK_OFFLINE,
		HALE_DISK_SMART_FAILING, HALE_DISK_SMART_PREFAIL,
		HALE_DISK_STALLED,
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(own); i++)
		if (own[i] == cause)
			return true;
	return false;
}
