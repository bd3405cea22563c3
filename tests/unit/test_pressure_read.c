/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the driver pressure reads: the kernel's files and the configuration's
 * limits, above all those that are not well formed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "drivers/pressure_read.h"
#include "hale/driver.h"

extern const struct hale_driver pressure_driver;

static void test_torn_files(void **state)
{
	static const char *const texts[] = {
		"",
		"some",
		"some avg10=",
		"some avg10=1.00 avg60=1.00\n",
		"some avg10=101.00 avg60=0\nfull avg10=0.00 avg60=0.00\n",
		"some avg10=1.5 avg60=0.00\nfull avg10=0.00 avg60=0.00\n",
		"some avg10=-1.00 avg60=0.00\nfull avg10=0.00 avg60=0.00\n",
		"full avg10=0.00 avg60=0.00\nsome avg10=0.00 avg60=0.00\n",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(texts); i++) {
		struct pressure_reading reading;

		assert_int_equal(pressure_parse(texts[i], &reading), -EINVAL);
	}
}

static void test_meminfo(void **state)
{
	static const char *const bad[] = {
		"",
		"MemTotal: 5 kB\n",
		"MemTotal: 5 kB\nMemAvailable: -1 kB\n",
		"MemTotal: 5 kB\nMemAvailable: 1",
		"xMemTotal: 5 kB\n",
		"MemTotal: 99999999999999999999 kB\nMemAvailable: 1 kB\n",
	};
	struct pressure_memory m;

	(void)state;
	assert_int_equal(pressure_memory_parse("MemTotal:    5 kB\n"
					       "MemFree:     1 kB\n"
					       "MemAvailable: 4 kB\n",
					       &m),
			 0);
	assert_int_equal(m.total_kib, 5);
	assert_int_equal(m.available_kib, 4);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++)
		assert_int_equal(pressure_memory_parse(bad[i], &m), -EINVAL);
}

static void test_what_check_refuses(void **state)
{
	static const char *const bad[] = {
		"full",
		"full 20",
		"full 20%",
		"full 0% / 10s",
		"full 100% / 10s",
		"full 20% / 3s",
		"full 20% / 12s",
		"any 20% / 10s",
		"full 20% / 10s x",
		"20% / 10s",
		"none",
	};
	char error[HALE_CHECK_ERROR_MAX];
	struct hale_option o = { "memory", "full  5%/2s" };
	struct hale_probe p = { .options = &o, .n_options = 1 };

	(void)state;
	assert_int_equal(pressure_driver.check(&p, error), 0);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++) {
		o.value = bad[i];
		assert_int_equal(pressure_driver.check(&p, error), -EINVAL);
		assert_non_null(strstr(error, bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_torn_files),
		cmocka_unit_test(test_meminfo),
		cmocka_unit_test(test_what_check_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
