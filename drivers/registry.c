/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of drivers, as the configuration chose them: $(O)/gen/drivers.inc
 * holds one HALE_DRIVER_ROW(name) each. It is expanded twice, once into extern
 * declarations and once into the table, so that a driver that got lost on the
 * way is a link error and never a blind agent.
 */
#include "hale/driver.h"

#define HALE_DRIVER_ROW(x) extern const struct hale_driver x##_driver;
#include "drivers.inc"
#undef HALE_DRIVER_ROW

const struct hale_driver *const hale_drivers[] = {
#define HALE_DRIVER_ROW(x) &x##_driver,
#include "drivers.inc"
#undef HALE_DRIVER_ROW
	NULL,
};
