/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of conditions as a table. What a condition means, how it lives
 * and what ends it stands in catalogue.def and nowhere else; this file only
 * expands it. Entry 0 is "none", so that an index out of range has a name too.
 */
#include <string.h>

#include "hale/condition.h"

#define STATE	HALE_LIFE_STATE
#define LATCHED HALE_LIFE_LATCHED
#define RATE	HALE_LIFE_RATE
#define BLOCKS	HALE_EFFECT_BLOCKS
#define WARNS	HALE_EFFECT_WARNS
#define NOTES	HALE_EFFECT_NOTES
#define CLEARS	true
#define STAYS	false

#define CONDITION(family, item, life_, effect_, rate_, expires_, reboot_,      \
		  meaning_, advice_, clears_)                                  \
	{ .name = #family "." #item,                                           \
	  .life = life_,                                                       \
	  .effect = effect_,                                                   \
	  .rate = rate_,                                                       \
	  .expires = expires_,                                                 \
	  .reboot_clears = reboot_,                                            \
	  .meaning = meaning_,                                                 \
	  .advice = advice_,                                                   \
	  .clears = clears_ },

static const struct hale_condition_info catalogue[] = {
	{ .name = "none",
	  .effect = HALE_EFFECT_NONE,
	  .rate = "",
	  .expires = "",
	  .meaning = "",
	  .advice = "",
	  .clears = "" },
#include "catalogue.def"
};

_Static_assert(sizeof(catalogue) / sizeof(catalogue[0]) == HALE_CONDITION_COUNT,
	       "catalogue.awk and the preprocessor read catalogue.def alike");

const struct hale_condition_info *hale_condition_info(enum hale_condition c)
{
	if ((unsigned int)c >= HALE_CONDITION_COUNT)
		c = HALE_CONDITION_NONE;
	return &catalogue[c];
}

enum hale_condition hale_condition_from_name(const char *name, size_t len)
{
	for (size_t i = 1; i < HALE_CONDITION_COUNT; i++) {
		if (strlen(catalogue[i].name) == len &&
		    memcmp(catalogue[i].name, name, len) == 0)
			return (enum hale_condition)i;
	}
	return HALE_CONDITION_NONE;
}
