/* SPDX-License-Identifier: Apache-2.0 */
/* The driver limits, over roots whose numbers grow and shrink. */
#include "drivers/limits_read.h"
#include <errno.h>

#include "driver_room.h"

extern const struct hale_driver limits_driver;

static void host_new(struct host *h, const char *fixture)
{
	tree_unpack(fixture, &h->tree);
	host_init(h, &limits_driver);
}

static const char *sample(struct host *h)
{
	return host_sample(h, 0);
}

static void fixture(void **state)
{
	static const char *const names[] = { "limits/healthy", "limits/full",
					     "limits/container",
					     "limits/torn" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		struct host h;

		host_new(&h, names[i]);
		assert_int_equal(limits_driver.probe(&h.probe), 0);
		tree_expect(names[i], sample(&h));
		host_end(&h);
	}
}

static bool says(struct host *h, const char *what)
{
	return strstr(sample(h), what) != NULL;
}

/* It begins at 90 % and ends at 85 %, not in between. */
static void it_does_not_flicker(void **state)
{
	struct host h;

	(void)state;
	host_new(&h, "limits/healthy");
	assert_int_equal(limits_driver.probe(&h.probe), 0);
	tree_line(&h.tree, "file proc/loadavg = 9.0 9.0 9.0 3/890 77");
	assert_true(says(&h, "limit.pids part=host holds=0"));
	tree_line(&h.tree, "file proc/loadavg = 9.0 9.0 9.0 3/900 77");
	assert_true(says(&h, "limit.pids part=host holds=1 value=900"));
	tree_line(&h.tree, "file proc/loadavg = 9.0 9.0 9.0 3/860 77");
	assert_true(says(&h, "limit.pids part=host holds=1 value=860"));
	tree_line(&h.tree, "file proc/loadavg = 9.0 9.0 9.0 3/849 77");
	assert_true(says(&h, "limit.pids part=host holds=0"));
	tree_line(&h.tree, "file proc/loadavg = 9.0 9.0 9.0 3/890 77");
	assert_true(says(&h, "limit.pids part=host holds=0"));
	host_end(&h);
}

/* The module is loaded by whoever first wants it, long after the start. */
static void connection_tracking_may_come_later(void **state)
{
	struct host h;

	(void)state;
	host_new(&h, "limits/healthy");
	assert_int_equal(limits_driver.probe(&h.probe), 0);
	assert_true(says(&h, "limit.conntrack part=host holds=0"));
	tree_line(&h.tree,
		  "file proc/sys/net/netfilter/nf_conntrack_count = 990");
	tree_line(&h.tree,
		  "file proc/sys/net/netfilter/nf_conntrack_max = 1000");
	assert_true(says(&h, "990 of 1000 tracked connections are in use "
			     "(nf_conntrack_max)"));
	host_end(&h);
}

static void options(void **state)
{
	struct hale_option option = { "pids", "70%" };
	char error[HALE_CHECK_ERROR_MAX] = "";
	struct host h;

	(void)state;
	host_new(&h, "limits/healthy");
	h.probe.options = &option;
	h.probe.n_options = 1;
	tree_line(&h.tree, "file proc/loadavg = 9.0 9.0 9.0 3/700 77");
	assert_int_equal(limits_driver.check(&h.probe, error), 0);
	assert_int_equal(limits_driver.probe(&h.probe), 0);
	assert_true(says(&h, "limit.pids part=host holds=1"));
	option.value = "many";
	assert_int_equal(limits_driver.check(&h.probe, error), -EINVAL);
	assert_non_null(strstr(error, "pids: "));
	option.value = "101%";
	assert_int_equal(limits_driver.check(&h.probe, error), -EINVAL);
	option.value = "0";
	assert_int_equal(limits_driver.check(&h.probe, error), -EINVAL);
	host_end(&h);
}

static void without_proc_it_is_blind(void **state)
{
	struct host h;

	(void)state;
	host_new(&h, "limits/absent");
	assert_int_equal(host_hear(&h, limits_driver.probe), -ENODEV);
	tree_expect("limits/absent", h.facts);
	host_end(&h);
}

static void shares(void **state)
{
	const struct limits_use huge = { INT64_MAX / 2, INT64_MAX, "" };
	const struct limits_use over = { 5, 4, "" };
	uint64_t n;

	(void)state;
	assert_in_range(limits_permille(&huge), 498, 500);
	assert_int_equal(limits_permille(&over), 1000);
	assert_false(limits_number("max", &n));
	assert_false(limits_number("12 monkeys", &n));
	assert_false(limits_number("99999999999999999999999", &n));
	assert_true(limits_number("12\n", &n));
	assert_int_equal(n, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixture),
		cmocka_unit_test(it_does_not_flicker),
		cmocka_unit_test(connection_tracking_may_come_later),
		cmocka_unit_test(options),
		cmocka_unit_test(without_proc_it_is_blind),
		cmocka_unit_test(shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
