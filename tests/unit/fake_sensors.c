/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libsensors of fake_sensors.h. A feature's number is its place in its
 * chip, a value's is its place in the feature.
 */
#include <sensors/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "fake_sensors.h"

struct fake_sensors fake;

static sensors_chip_name name;
static sensors_feature feature;
static sensors_subfeature subfeature;

void (*sensors_parse_error)(const char *err, int lineno);
void (*sensors_parse_error_wfn)(const char *err, const char *file, int lineno);

int sensors_init(FILE *input)
{
	assert_null(input);
	assert_non_null(sensors_parse_error_wfn);
	fake.open += fake.init_error == 0;
	return fake.init_error;
}

void sensors_cleanup(void)
{
	fake.open--;
}

static const struct fake_chip *chip_of(const sensors_chip_name *n)
{
	assert_int_equal(fake.open, 1);
	assert_in_range(n->addr, 0, fake.n - 1);
	return &fake.chips[n->addr];
}

const sensors_chip_name *
sensors_get_detected_chips(const sensors_chip_name *match, int *nr)
{
	assert_null(match);
	if (*nr >= fake.n)
		return NULL;
	name.prefix = (char *)(uintptr_t)fake.chips[*nr].prefix;
	name.path = *nr == 0 ? (char *)(uintptr_t)fake.path : NULL;
	name.addr = (*nr)++;
	return &name;
}

int sensors_snprintf_chip_name(char *str, size_t size,
			       const sensors_chip_name *chip)
{
	return snprintf(str, size, "%s-isa-%04d", chip->prefix, chip->addr);
}

const sensors_feature *sensors_get_features(const sensors_chip_name *n, int *nr)
{
	const struct fake_feature *f = &chip_of(n)->features[*nr];

	if (!f->label)
		return NULL;
	feature = (sensors_feature){ .name = (char *)(uintptr_t)f->label,
				     .number = (*nr)++,
				     .type = f->type };
	return &feature;
}

char *sensors_get_label(const sensors_chip_name *n, const sensors_feature *f)
{
	return strdup(chip_of(n)->features[f->number].label);
}

const sensors_subfeature *sensors_get_subfeature(const sensors_chip_name *n,
						 const sensors_feature *f,
						 sensors_subfeature_type type)
{
	const struct fake_value *v = chip_of(n)->features[f->number].values;

	for (int i = 0; v[i].type != FAKE_END; i++) {
		if (v[i].type != type)
			continue;
		subfeature = (sensors_subfeature){
			.number = f->number * 8 + i,
			.type = type,
			.flags = SENSORS_MODE_R,
		};
		return &subfeature;
	}
	return NULL;
}

int sensors_get_value(const sensors_chip_name *n, int number, double *value)
{
	const struct fake_value *v =
		&chip_of(n)->features[number / 8].values[number % 8];

	fake.reads++;
	if (v->error)
		return v->error;
	*value = v->value;
	return 0;
}
