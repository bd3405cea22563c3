/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver whose work is done by a helper program, for the tests of that way:
 * its row in the table. What it says stands in drivers/test_helper/. It must
 * never be built into an agent that people use.
 */
#include "hale/driver.h"

HALE_DRIVER(test_helper) = {
	.name = "test_helper",
	.about = "says what it was asked to say (tests only)",
	.period_ms = 10 * 60 * 1000,
	.deadline_ms = 20 * 1000,
	.senses = 1 << HALE_SENSE_SENSORS | 1 << HALE_SENSE_DISK_HEALTH,
	.may_block = true,
	.helper = true,
};
