/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads chips through libsensors, which applies what the administrator wrote
 * into sensors3.conf about scales, labels and inputs to ignore. Decides which
 * chips are asked: those of disks are not, because to ask one can wake it, and
 * its limits are the driver smart's to judge; nor is any that sleeps. The
 * library's doubles end here.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sensors/error.h>
#include <sensors/sensors.h>

#include "sensors.h"

/* Past a petavolt it is no reading. */
#define MILLI_MAX 1e15

struct row {
	sensors_feature_type feature;
	enum sensor_kind kind;
	sensors_subfeature_type subfeatures[SENSOR_VALUE_COUNT];
};

/* Subfeature 0 is in0_input, which nothing but the voltage's input is. */
static const struct row rows[] = {
	{ SENSORS_FEATURE_TEMP,
	  SENSOR_TEMPERATURE,
	  { [SENSOR_INPUT] = SENSORS_SUBFEATURE_TEMP_INPUT,
	    [SENSOR_MIN] = SENSORS_SUBFEATURE_TEMP_MIN,
	    [SENSOR_MAX] = SENSORS_SUBFEATURE_TEMP_MAX,
	    [SENSOR_MAX_HYST] = SENSORS_SUBFEATURE_TEMP_MAX_HYST,
	    [SENSOR_LCRIT] = SENSORS_SUBFEATURE_TEMP_LCRIT,
	    [SENSOR_CRIT] = SENSORS_SUBFEATURE_TEMP_CRIT,
	    [SENSOR_CRIT_HYST] = SENSORS_SUBFEATURE_TEMP_CRIT_HYST,
	    [SENSOR_EMERGENCY] = SENSORS_SUBFEATURE_TEMP_EMERGENCY,
	    [SENSOR_ALARM] = SENSORS_SUBFEATURE_TEMP_ALARM,
	    [SENSOR_MIN_ALARM] = SENSORS_SUBFEATURE_TEMP_MIN_ALARM,
	    [SENSOR_LCRIT_ALARM] = SENSORS_SUBFEATURE_TEMP_LCRIT_ALARM,
	    [SENSOR_CRIT_ALARM] = SENSORS_SUBFEATURE_TEMP_CRIT_ALARM,
	    [SENSOR_FAULT] = SENSORS_SUBFEATURE_TEMP_FAULT } },
	{ SENSORS_FEATURE_FAN,
	  SENSOR_FAN,
	  { [SENSOR_INPUT] = SENSORS_SUBFEATURE_FAN_INPUT,
	    [SENSOR_MIN] = SENSORS_SUBFEATURE_FAN_MIN,
	    [SENSOR_MAX] = SENSORS_SUBFEATURE_FAN_MAX,
	    [SENSOR_ALARM] = SENSORS_SUBFEATURE_FAN_ALARM,
	    [SENSOR_MIN_ALARM] = SENSORS_SUBFEATURE_FAN_MIN_ALARM,
	    [SENSOR_FAULT] = SENSORS_SUBFEATURE_FAN_FAULT } },
	{ SENSORS_FEATURE_IN,
	  SENSOR_VOLTAGE,
	  { [SENSOR_INPUT] = SENSORS_SUBFEATURE_IN_INPUT,
	    [SENSOR_MIN] = SENSORS_SUBFEATURE_IN_MIN,
	    [SENSOR_MAX] = SENSORS_SUBFEATURE_IN_MAX,
	    [SENSOR_LCRIT] = SENSORS_SUBFEATURE_IN_LCRIT,
	    [SENSOR_CRIT] = SENSORS_SUBFEATURE_IN_CRIT,
	    [SENSOR_ALARM] = SENSORS_SUBFEATURE_IN_ALARM,
	    [SENSOR_MIN_ALARM] = SENSORS_SUBFEATURE_IN_MIN_ALARM,
	    [SENSOR_LCRIT_ALARM] = SENSORS_SUBFEATURE_IN_LCRIT_ALARM,
	    [SENSOR_CRIT_ALARM] = SENSORS_SUBFEATURE_IN_CRIT_ALARM } },
};

/* A line of sensors3.conf that it cannot parse: its own tool says so. */
static void quiet(const char *text, const char *file, int line)
{
	(void)text;
	(void)file;
	(void)line;
}

static void quiet_without_file(const char *text, int line)
{
	(void)text;
	(void)line;
}

static int errno_of(int sensors_error)
{
	switch (sensors_error) {
	case -SENSORS_ERR_KERNEL:
	case -SENSORS_ERR_IO:
		return EIO;
	case -SENSORS_ERR_ACCESS_R:
		return EACCES;
	default:
		return ENODATA;
	}
}

static void print(char *dst, size_t size, const char *text)
{
	hale_print_text(dst, size, text, strlen(text));
}

static const struct row *row_of(const sensors_feature *f)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		if (rows[i].feature == f->type)
			return &rows[i];
	}
	return NULL;
}

static void read_value(const sensors_chip_name *chip, const sensors_feature *f,
		       const struct row *row, enum sensor_value v,
		       struct sensor *s)
{
	const sensors_subfeature *sub;
	double x = 0;
	int r;

	if (row->subfeatures[v] == 0 && v != SENSOR_INPUT)
		return;
	sub = sensors_get_subfeature(chip, f, row->subfeatures[v]);
	if (!sub || (sub->flags & SENSORS_MODE_R) == 0)
		return;
	r = sensors_get_value(chip, sub->number, &x);
	if (r < 0 && v == SENSOR_INPUT)
		s->error = errno_of(r);
	if (r < 0 || !isfinite(x) || fabs(x) > MILLI_MAX / 1000)
		return;
	s->value[v] = (int64_t)llround(x * 1000);
	s->known |= 1U << v;
}

static void read_feature(const sensors_chip_name *chip,
			 const sensors_feature *f, const struct row *row,
			 struct sensor *s)
{
	char name[64];
	char *label = sensors_get_label(chip, f);

	*s = (struct sensor){ .kind = row->kind };
	if (sensors_snprintf_chip_name(name, sizeof(name), chip) < 0)
		HALE_SET(name, chip->prefix);
	print(s->chip, sizeof(s->chip), name);
	print(s->prefix, sizeof(s->prefix), chip->prefix);
	print(s->label, sizeof(s->label), label ? label : f->name);
	free(label);
	for (int v = 0; v < SENSOR_VALUE_COUNT; v++)
		read_value(chip, f, row, (enum sensor_value)v, s);
}

static bool is_disk(const sensors_chip_name *chip)
{
	return strcmp(chip->prefix, "nvme") == 0 ||
	       strcmp(chip->prefix, "drivetemp") == 0;
}

/* Drivers of graphics cards wake them to ask them; and what sleeps is cool. */
static bool is_asleep(const sensors_chip_name *chip)
{
	char path[HALE_PATH_MAX], status[16];

	snprintf(path, sizeof(path), "%s/device/power/runtime_status",
		 chip->path ? chip->path : "");
	return hale_read_at(AT_FDCWD, path, status, sizeof(status)) > 0 &&
	       strcmp(status, "suspended") == 0;
}

static void read_chip(const sensors_chip_name *chip, struct sensors *all)
{
	const sensors_feature *f;
	int nr = 0;

	while ((f = sensors_get_features(chip, &nr)) != NULL) {
		const struct row *row = row_of(f);

		if (!row)
			continue;
		if (all->n < SENSORS_MAX)
			read_feature(chip, f, row, &all->all[all->n++]);
		else
			all->n_lost++;
	}
}

int sensors_read(struct sensors *ret_sensors)
{
	const sensors_chip_name *chip;
	bool disks = false, others = false;
	int nr = 0;

	sensors_parse_error_wfn = quiet;
	sensors_parse_error = quiet_without_file;
	memset(ret_sensors, 0, sizeof(*ret_sensors));
	if (sensors_init(NULL) != 0)
		return -EIO;
	while ((chip = sensors_get_detected_chips(NULL, &nr)) != NULL) {
		disks |= is_disk(chip);
		others |= !is_disk(chip);
		if (!is_disk(chip) && !is_asleep(chip))
			read_chip(chip, ret_sensors);
	}
	ret_sensors->disks_only = disks && !others;
	sensors_cleanup();
	return 0;
}
