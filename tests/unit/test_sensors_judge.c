/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sensor's value means, case by case: limits of boards as they are
 * found, and the nonsense that unconnected inputs say.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "drivers/sensors/sensors.h"

/* Values in the sensor's unit, not in thousandths; ended by a count of 0. */
struct given {
	enum sensor_value what;
	double value;
};

struct judged {
	const char *about;
	enum sensor_kind kind;
	const char *prefix, *label;
	struct given given[6];
	unsigned int n;
	enum sensor_word word;
};

#define T SENSOR_TEMPERATURE
#define F SENSOR_FAN
#define V SENSOR_VOLTAGE

static const struct judged cases[] = {
	{ "a processor at work is above max, below crit",
	  T,
	  "coretemp",
	  "a",
	  { { SENSOR_INPUT, 91 }, { SENSOR_MAX, 84 }, { SENSOR_CRIT, 100 } },
	  3,
	  SENSOR_GOOD },
	{ "a processor at its end",
	  T,
	  "coretemp",
	  "a",
	  { { SENSOR_INPUT, 100 }, { SENSOR_MAX, 84 }, { SENSOR_CRIT, 100 } },
	  3,
	  SENSOR_BAD },
	{ "within 2 degrees nothing is said",
	  T,
	  "coretemp",
	  "a",
	  { { SENSOR_INPUT, 99 }, { SENSOR_CRIT, 100 } },
	  2,
	  SENSOR_BETWEEN },
	{ "max of old AMD processors is 70 for all",
	  T,
	  "k10temp",
	  "a",
	  { { SENSOR_INPUT, 78 }, { SENSOR_MAX, 70 } },
	  2,
	  SENSOR_IGNORED },
	{ "max alone is a limit",
	  T,
	  "lm75",
	  "a",
	  { { SENSOR_INPUT, 80 }, { SENSOR_MAX, 80 }, { SENSOR_MAX_HYST, 75 } },
	  3,
	  SENSOR_BAD },
	{ "above its hysteresis",
	  T,
	  "lm75",
	  "a",
	  { { SENSOR_INPUT, 76 }, { SENSOR_MAX, 80 }, { SENSOR_MAX_HYST, 75 } },
	  3,
	  SENSOR_BETWEEN },
	{ "at its hysteresis",
	  T,
	  "lm75",
	  "a",
	  { { SENSOR_INPUT, 75 }, { SENSOR_MAX, 80 }, { SENSOR_MAX_HYST, 75 } },
	  3,
	  SENSOR_GOOD },
	{ "a hysteresis that is none",
	  T,
	  "lm75",
	  "a",
	  { { SENSOR_INPUT, 60 }, { SENSOR_MAX, 80 }, { SENSOR_MAX_HYST, 0 } },
	  3,
	  SENSOR_GOOD },
	{ "an open diode",
	  T,
	  "nct6775",
	  "a",
	  { { SENSOR_INPUT, 127.5 }, { SENSOR_MAX, 80 } },
	  2,
	  SENSOR_IGNORED },
	{ "another one",
	  T,
	  "it87",
	  "a",
	  { { SENSOR_INPUT, -128 }, { SENSOR_MAX, 80 } },
	  2,
	  SENSOR_IGNORED },
	{ "0 K",
	  T,
	  "x",
	  "a",
	  { { SENSOR_INPUT, -273.15 }, { SENSOR_CRIT, 90 } },
	  2,
	  SENSOR_IGNORED },
	{ "a diode that the chip knows is broken",
	  T,
	  "x",
	  "a",
	  { { SENSOR_INPUT, 99 }, { SENSOR_CRIT, 90 }, { SENSOR_FAULT, 1 } },
	  3,
	  SENSOR_IGNORED },
	{ "limits of a chip nobody has set up",
	  T,
	  "jc42",
	  "a",
	  { { SENSOR_INPUT, 45 }, { SENSOR_MAX, 0 }, { SENSOR_CRIT, 0 } },
	  3,
	  SENSOR_IGNORED },
	{ "no limit at all",
	  T,
	  "acpitz",
	  "a",
	  { { SENSOR_INPUT, 99 } },
	  1,
	  SENSOR_IGNORED },
	{ "a critical alarm near the limit",
	  T,
	  "lm90",
	  "a",
	  { { SENSOR_INPUT, 95 },
	    { SENSOR_CRIT, 100 },
	    { SENSOR_CRIT_ALARM, 1 } },
	  3,
	  SENSOR_BAD },
	{ "one that has stuck",
	  T,
	  "coretemp",
	  "a",
	  { { SENSOR_INPUT, 35 },
	    { SENSOR_CRIT, 100 },
	    { SENSOR_CRIT_ALARM, 1 } },
	  3,
	  SENSOR_GOOD },
	{ "only an emergency limit",
	  T,
	  "amdgpu",
	  "a",
	  { { SENSOR_INPUT, 106 }, { SENSOR_EMERGENCY, 105 } },
	  2,
	  SENSOR_BAD },

	{ "a fan that turns",
	  F,
	  "nct6775",
	  "f",
	  { { SENSOR_INPUT, 1200 }, { SENSOR_MIN, 600 } },
	  2,
	  SENSOR_GOOD },
	{ "one that is slow",
	  F,
	  "nct6775",
	  "f",
	  { { SENSOR_INPUT, 300 }, { SENSOR_MIN, 600 } },
	  2,
	  SENSOR_BAD },
	{ "one that stands still",
	  F,
	  "nct6775",
	  "f",
	  { { SENSOR_INPUT, 0 }, { SENSOR_MIN, 600 }, { SENSOR_ALARM, 1 } },
	  3,
	  SENSOR_BAD },
	{ "just above its minimum",
	  F,
	  "nct6775",
	  "f",
	  { { SENSOR_INPUT, 610 }, { SENSOR_MIN, 600 } },
	  2,
	  SENSOR_BETWEEN },
	{ "nothing connected",
	  F,
	  "nct6775",
	  "f",
	  { { SENSOR_INPUT, 0 }, { SENSOR_MIN, 0 }, { SENSOR_ALARM, 1 } },
	  3,
	  SENSOR_IGNORED },
	{ "a minimum that somebody chose",
	  F,
	  "w83627hf",
	  "f",
	  { { SENSOR_INPUT, 0 }, { SENSOR_MIN, 2400 }, { SENSOR_ALARM, 1 } },
	  3,
	  SENSOR_BAD },
	{ "nothing connected, the minimum it wakes up with",
	  F,
	  "w83627hf",
	  "f",
	  { { SENSOR_INPUT, 0 }, { SENSOR_MIN, 1323 }, { SENSOR_ALARM, 1 } },
	  3,
	  SENSOR_IGNORED },
	{ "a power supply's, at work",
	  F,
	  "pmbus",
	  "f",
	  { { SENSOR_INPUT, 9000 }, { SENSOR_FAULT, 0 } },
	  2,
	  SENSOR_GOOD },
	{ "a power supply's, failed",
	  F,
	  "pmbus",
	  "f",
	  { { SENSOR_INPUT, 0 }, { SENSOR_FAULT, 1 } },
	  2,
	  SENSOR_BAD },
	{ "no minimum and no fault flag",
	  F,
	  "amdgpu",
	  "f",
	  { { SENSOR_INPUT, 0 } },
	  1,
	  SENSOR_IGNORED },

	{ "a rail in its window",
	  V,
	  "nct6775",
	  "+12V",
	  { { SENSOR_INPUT, 12.1 },
	    { SENSOR_MIN, 10.8 },
	    { SENSOR_MAX, 13.2 } },
	  3,
	  SENSOR_GOOD },
	{ "a rail that sags",
	  V,
	  "nct6775",
	  "+12V",
	  { { SENSOR_INPUT, 10.2 },
	    { SENSOR_MIN, 10.8 },
	    { SENSOR_MAX, 13.2 } },
	  3,
	  SENSOR_BAD },
	{ "a rail too high",
	  V,
	  "nct6775",
	  "+12V",
	  { { SENSOR_INPUT, 13.9 },
	    { SENSOR_MIN, 10.8 },
	    { SENSOR_MAX, 13.2 } },
	  3,
	  SENSOR_BAD },
	{ "limits 0 and 0",
	  V,
	  "nct6775",
	  "in1",
	  { { SENSOR_INPUT, 1.85 },
	    { SENSOR_MIN, 0 },
	    { SENSOR_MAX, 0 },
	    { SENSOR_ALARM, 1 } },
	  4,
	  SENSOR_IGNORED },
	{ "the whole scale",
	  V,
	  "nct6775",
	  "in0",
	  { { SENSOR_INPUT, 1.9 }, { SENSOR_MIN, 0 }, { SENSOR_MAX, 1.74 } },
	  3,
	  SENSOR_IGNORED },
	{ "a scale that is not that of its limits",
	  V,
	  "it87",
	  "+5V",
	  { { SENSOR_INPUT, 2.0 }, { SENSOR_MIN, 4.5 }, { SENSOR_MAX, 5.5 } },
	  3,
	  SENSOR_IGNORED },
	{ "not connected",
	  V,
	  "it87",
	  "-12V",
	  { { SENSOR_INPUT, 0 }, { SENSOR_MIN, 10 }, { SENSOR_MAX, 14 } },
	  3,
	  SENSOR_IGNORED },
	{ "critical limits",
	  V,
	  "pmbus",
	  "vout1",
	  { { SENSOR_INPUT, 10.9 }, { SENSOR_LCRIT, 11 }, { SENSOR_CRIT, 13 } },
	  3,
	  SENSOR_BAD },
	{ "a supply that is fed",
	  V,
	  "pmbus",
	  "vin",
	  { { SENSOR_INPUT, 230 }, { SENSOR_LCRIT, 90 } },
	  2,
	  SENSOR_GOOD },
	{ "a supply without its feed",
	  V,
	  "pmbus",
	  "vin",
	  { { SENSOR_INPUT, 0 }, { SENSOR_LCRIT, 90 } },
	  2,
	  SENSOR_BAD },
	{ "a supply that does not know what it needs",
	  V,
	  "pmbus",
	  "vin",
	  { { SENSOR_INPUT, 0 } },
	  1,
	  SENSOR_IGNORED },
	{ "nothing known",
	  V,
	  "x",
	  "in0",
	  { { SENSOR_MIN, 1 } },
	  1,
	  SENSOR_IGNORED },
};

static void make(const struct judged *c, struct sensor *s)
{
	memset(s, 0, sizeof(*s));
	s->kind = c->kind;
	HALE_SET(s->chip, "chip-isa-0290");
	HALE_SET(s->prefix, c->prefix);
	HALE_SET(s->label, c->label);
	for (unsigned int i = 0; i < c->n; i++) {
		double x = c->given[i].value;

		s->value[c->given[i].what] =
			(int64_t)(x * 1000 + (x < 0 ? -0.5 : 0.5));
		s->known |= 1U << c->given[i].what;
	}
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct sensor_judgment j;
		struct sensor s;

		make(&cases[i], &s);
		sensor_judge(&s, &j);
		if (j.word != cases[i].word)
			fail_msg("%s: judged %d, not %d (%s)", cases[i].about,
				 j.word, cases[i].word, j.text);
		assert_true(j.word != SENSOR_BAD || j.text[0]);
	}
}

static void test_what_it_is_called(void **state)
{
	struct sensor_judgment j;
	struct sensor s;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		make(&cases[i], &s);
		sensor_judge(&s, &j);
		if (j.word == SENSOR_IGNORED)
			continue;
		if (strcmp(s.label, "vin") == 0)
			assert_int_equal(j.condition, HALE_POWER_SUPPLY);
		else if (s.kind == SENSOR_VOLTAGE)
			assert_int_equal(j.condition, HALE_SENSOR_VOLTAGE);
		else if (s.kind == SENSOR_FAN)
			assert_int_equal(j.condition, HALE_SENSOR_FAN);
		else
			assert_int_equal(j.condition, HALE_SENSOR_TEMPERATURE);
	}
}

/* Not zero degrees: no word about it at all. */
static void test_unreadable(void **state)
{
	struct sensor s = { .error = EIO, .known = 1U << SENSOR_CRIT };
	struct sensor_judgment j;

	(void)state;
	sensor_judge(&s, &j);
	assert_int_equal(j.word, SENSOR_UNREADABLE);
	assert_non_null(strstr(j.text, "Input/output error"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_what_it_is_called),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
