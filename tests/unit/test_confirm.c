/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the log has the disks asked: soon for what is new, never often.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/confirm.h"

#define S     HALE_NS_PER_S
#define NEVER UINT64_MAX

static struct hale_observation event(enum hale_condition condition,
				     const char *part)
{
	struct hale_observation o = { .condition = condition };

	HALE_SET(o.part, part);
	return o;
}

static void test_what_is_new_is_looked_at_soon(void **state)
{
	struct hale_observation a = event(HALE_DISK_MEDIUM_ERROR, "sda");
	struct hale_observation b = event(HALE_FS_ERROR, "sda1");
	struct confirm c = { 0 };

	(void)state;
	assert_int_equal(confirm_delay(&c, &a, 100 * S), S);
	/* together with what follows at once */
	assert_true(confirm_delay(&c, &b, 100 * S + S / 2) == NEVER);
	assert_true(confirm_delay(&c, &a, 102 * S) == NEVER);
}

static void test_a_storm_is_one_look_a_minute(void **state)
{
	struct confirm c = { 0 };
	uint64_t looks = 0;
	char part[16];

	(void)state;
	for (uint64_t t = 0; t < 600; t++) {
		struct hale_observation o;

		snprintf(part, sizeof(part), "sd%u", (unsigned int)t);
		o = event(HALE_DISK_IO_ERROR, part);
		looks += confirm_delay(&c, &o, (1000 + t) * S) != NEVER;
	}
	assert_true(looks >= 10 && looks <= 11);
}

static void test_one_that_goes_on_is_asked_about_each_hour(void **state)
{
	struct hale_observation o = event(HALE_DISK_TIMEOUT, "sda");
	struct confirm c = { 0 };
	uint64_t looks = 0;

	(void)state;
	for (uint64_t t = 0; t < 3 * 3600; t++)
		looks += confirm_delay(&c, &o, (1000 + t) * S) != NEVER;
	assert_int_equal(looks, 3);
}

static void test_what_does_not_matter(void **state)
{
	struct hale_observation o = event(HALE_MEMORY_OOM, "host");
	struct confirm c = { 0 };

	(void)state;
	assert_true(confirm_delay(&c, &o, S) == NEVER);
	o = event(HALE_FS_HUNG, "8:1");
	o.kind = HALE_OBSERVED_STATE;
	assert_true(confirm_delay(&c, &o, S) == NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_new_is_looked_at_soon),
		cmocka_unit_test(test_a_storm_is_one_look_a_minute),
		cmocka_unit_test(
			test_one_that_goes_on_is_asked_about_each_hour),
		cmocka_unit_test(test_what_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
