/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_SENSORS_H
#define TESTS_FAKE_SENSORS_H

/*
 * A libsensors of our own, over a table of chips: the program that links it
 * defines the calls that the driver makes.
 */

#include <sensors/sensors.h>

struct fake_value {
	sensors_subfeature_type type;
	double value;
	int error; /* of reading it, as of sensors_get_value() */
};

struct fake_feature {
	sensors_feature_type type;
	const char *label;
	struct fake_value values[8]; /* ends with one whose type is END */
};

#define FAKE_END SENSORS_SUBFEATURE_UNKNOWN

struct fake_chip {
	const char *prefix;
	struct fake_feature features[8]; /* ends with a label of NULL */
};

struct fake_sensors {
	const struct fake_chip *chips;
	int n, init_error;
	const char *path; /* of the first chip; NULL: not told */
	int open, reads;  /* balance of init and cleanup; values read */
};

extern struct fake_sensors fake;

#endif
