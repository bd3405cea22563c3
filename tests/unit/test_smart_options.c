/* SPDX-License-Identifier: Apache-2.0 */
/* The row of the driver smart: its options, and a host without sysfs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver smart_driver;

struct option_case {
	struct hale_option option;
	const char *error; /* NULL: it is right */
};

static const struct option_case cases[] = {
	{ { "wake", "yes" }, NULL },
	{ { "wake", "no" }, NULL },
	{ { "wake", "maybe" }, "wake: yes or no expected, not \"maybe\"" },
	{ { "smartctl", "/opt/sbin/smartctl" }, NULL },
	{ { "smartctl", "smartctl" },
	  "smartctl: yes, no or an absolute path expected, not \"smartctl\"" },
	{ { "wakes", "yes" }, "unknown key wakes" },
};

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_probe p = { .options = &cases[i].option,
					.n_options = 1 };
		char error[HALE_CHECK_ERROR_MAX] = "";
		int r = smart_driver.check(&p, error);

		assert_int_equal(r, cases[i].error ? -EINVAL : 0);
		assert_string_equal(error,
				    cases[i].error ? cases[i].error : "");
	}
}

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

static void test_no_sysfs(void **state)
{
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct hale_probe p = { .emit = print, .sink = out };
	struct tree t;

	(void)state;
	tree_new(&t);
	p.root_fd = t.root_fd;
	assert_int_equal(smart_driver.probe(&p), -ENODEV);
	fclose(out);
	assert_string_equal(text, "coverage disk_health blind why=\"there is "
				  "no /sys/class/block\" remedy=\"mount "
				  "/sys\"\n");
	tree_line(&t, "dir sys/class/block");
	assert_int_equal(smart_driver.probe(&p), 0);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_no_sysfs),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
