/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SENSORS_H
#define DRIVERS_SENSORS_H

/* Private to the driver sensors: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

enum sensor_kind {
	SENSOR_TEMPERATURE = 0, /* values in millidegrees Celsius */
	SENSOR_FAN,		/* in thousandths of a turn a minute */
	SENSOR_VOLTAGE,		/* in millivolts */
	SENSOR_KIND_COUNT
};

/* Documentation/hwmon/sysfs-interface.rst; flags are 0 or more. */
enum sensor_value {
	SENSOR_INPUT = 0,
	SENSOR_MIN,
	SENSOR_MAX,
	SENSOR_MAX_HYST,
	SENSOR_LCRIT,
	SENSOR_CRIT,
	SENSOR_CRIT_HYST,
	SENSOR_EMERGENCY,
	SENSOR_ALARM,
	SENSOR_MIN_ALARM,
	SENSOR_LCRIT_ALARM,
	SENSOR_CRIT_ALARM,
	SENSOR_FAULT,
	SENSOR_VALUE_COUNT
};

/* One input of a chip, as the chip tells it. */
struct sensor {
	enum sensor_kind kind;
	uint32_t known; /* 1 << SENSOR_…: the values that it gave */
	int64_t value[SENSOR_VALUE_COUNT];
	int error;	 /* errno: the input is there and cannot be read */
	char chip[48];	 /* "coretemp-isa-0000" */
	char prefix[24]; /* "coretemp" */
	char label[32];	 /* "Core 0" */
};

static inline bool sensor_knows(const struct sensor *s, enum sensor_value v)
{
	return (s->known >> v & 1) != 0;
}

enum sensor_word {
	SENSOR_IGNORED = 0, /* no limit to hold it against, or nonsense */
	SENSOR_GOOD,
	SENSOR_BETWEEN, /* neither good nor bad: what was said stands */
	SENSOR_BAD,
	SENSOR_UNREADABLE
};

struct sensor_judgment {
	enum sensor_word word;
	enum hale_condition condition;
	char text[HALE_EVIDENCE_MAX]; /* of a bad one: value and limit */
};

/* judge.c: pure. */
void sensor_judge(const struct sensor *s, struct sensor_judgment *ret);

/* chips.c: libsensors. */

/* Sensors that a pass looks at: a large server has some 200. */
#define SENSORS_MAX 256

struct sensors {
	uint32_t n, n_lost;
	bool disks_only; /* there are chips, but all of them are disks */
	struct sensor all[SENSORS_MAX];
};

/* Reads every chip but those of disks, which the driver smart asks.
 * Return: 0 or negative errno. May block. */
int sensors_read(struct sensors *ret_sensors);

/* supplies.c: says of every UPS whether the host runs on its battery. Returns
 * how many there are. */
uint32_t sensors_say_supplies(struct hale_probe *p);

/* "sensor/CHIP.LABEL", in letters that need no quotes. */
void sensor_part(const char *chip, const char *label,
		 char ret_part[HALE_PART_MAX]);

#endif
