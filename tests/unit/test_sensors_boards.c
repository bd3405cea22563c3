/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chips whose numbers mean something else than they say, on boards and cards
 * that are well: none of it may become an alarm.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "drivers/sensors/sensors.h"

static struct sensor sensor(enum sensor_kind kind, const char *prefix,
			    int64_t input)
{
	struct sensor s = { .kind = kind, .known = 1U << SENSOR_INPUT };

	s.value[SENSOR_INPUT] = input * 1000;
	HALE_SET(s.chip, "chip-isa-0290");
	HALE_SET(s.prefix, prefix);
	HALE_SET(s.label, "x");
	return s;
}

static void set(struct sensor *s, enum sensor_value what, int64_t value)
{
	s->known |= 1U << what;
	s->value[what] = value * 1000;
}

static enum sensor_word word(const struct sensor *s)
{
	struct sensor_judgment j;

	sensor_judge(s, &j);
	return j.word;
}

/* Inputs that lead nowhere, held against what the chip wakes up with. */
static void limits_that_nobody_chose(void **state)
{
	static const char *const chips[] = { "nct6779", "nct6687", "w83627ehf",
					     "f71882fg" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(chips); i++) {
		struct sensor s = sensor(SENSOR_TEMPERATURE, chips[i], 107);

		set(&s, SENSOR_MAX, 80);
		set(&s, SENSOR_MAX_HYST, 75);
		set(&s, SENSOR_ALARM, 1);
		assert_int_equal(word(&s), SENSOR_IGNORED);
		/* but somebody chose this one */
		set(&s, SENSOR_MAX, 85);
		assert_int_equal(word(&s), SENSOR_BAD);
	}
}

/* Intel's critical alarm stays until the next boot. */
static void an_alarm_of_the_past(void **state)
{
	struct sensor s = sensor(SENSOR_TEMPERATURE, "coretemp", 95);

	(void)state;
	set(&s, SENSOR_CRIT, 100);
	set(&s, SENSOR_CRIT_ALARM, 1);
	assert_int_equal(word(&s), SENSOR_GOOD);
}

/* Evidence names the limit that there is. */
static void an_alarm_below_the_limit(void **state)
{
	struct sensor s = sensor(SENSOR_TEMPERATURE, "lm90", 95);
	struct sensor_judgment j;

	(void)state;
	set(&s, SENSOR_CRIT, 100);
	set(&s, SENSOR_CRIT_ALARM, 1);
	sensor_judge(&s, &j);
	assert_int_equal(j.word, SENSOR_BAD);
	assert_string_equal(j.text,
			    "x of chip-isa-0290: 95.0 C, its limit is 100.0 C, "
			    "and the chip raises its critical alarm");
}

/* The speed that a fan is driven at when there is little to cool. */
static void fans_that_may_be_slow(void **state)
{
	static const struct {
		const char *prefix;
		int64_t turns, min;
	} fans[] = {
		{ "applesmc", 1996, 2000 },
		{ "amdgpu", 0, 400 },
		{ "dell_smm", 0, 2300 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fans); i++) {
		struct sensor s =
			sensor(SENSOR_FAN, fans[i].prefix, fans[i].turns);

		set(&s, SENSOR_MIN, fans[i].min);
		assert_int_equal(word(&s), SENSOR_IGNORED);
	}
}

/* It has no limit, so nobody would judge it: nothing is missing. */
static void a_radio_that_is_off(void **state)
{
	struct sensor s = sensor(SENSOR_TEMPERATURE, "iwlwifi_1", 0);

	(void)state;
	s.known = 0;
	s.error = ENODATA;
	assert_int_equal(word(&s), SENSOR_IGNORED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_that_nobody_chose),
		cmocka_unit_test(an_alarm_of_the_past),
		cmocka_unit_test(an_alarm_below_the_limit),
		cmocka_unit_test(fans_that_may_be_slow),
		cmocka_unit_test(a_radio_that_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
