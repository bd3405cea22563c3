/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HELPER_H
#define HALE_HELPER_H

/*
 * A driver whose library is heavy lives in two places: drivers/<name>.c is its
 * row in the table (.helper = true, probe, no sample) and is linked into the
 * agent; drivers/<name>/ is linked into a program of its own,
 * libexec/hale-probe-<name>, which is started for each run and ends after it.
 * There it defines this one symbol; everything else of the program is
 * agent/helper/.
 */

#include "hale/driver.h"

struct hale_helper {
	const char *name; /* as the driver's */
	/* As hale_driver.sample; state is NULL. May block. */
	int (*sample)(struct hale_probe *p);
};

extern const struct hale_helper hale_helper;

#endif
