/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's half of the driver sensors: whether there is anything for the
 * helper to ask, and what it says where there is not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver sensors_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

/* Probes a host with these files, so many seconds after its boot. */
static int probe(const char *const *lines, unsigned int uptime_s, char **facts)
{
	size_t len;
	FILE *out = open_memstream(facts, &len);
	const int64_t boot_ns = 1700000000 * (int64_t)HALE_NS_PER_S;
	struct hale_probe p = { .event_fd = -1,
				.boot_to_agent_ns = boot_ns,
				.now_ns = (uint64_t)boot_ns +
					  uptime_s * HALE_NS_PER_S,
				.emit = print,
				.sink = out };
	struct tree t;
	int r;

	tree_new(&t);
	while (*lines)
		tree_line(&t, *lines++);
	p.root_fd = t.root_fd;
	r = sensors_driver.probe(&p);
	tree_remove(&t);
	fclose(out);
	return r;
}

static void test_something_to_ask(void **state)
{
	static const char *const chip[] = { "dir sys/class/hwmon/hwmon0",
					    NULL };
	static const char *const ups[] = { "dir sys/class/power_supply/ups",
					   NULL };
	char *facts;

	(void)state;
	assert_int_equal(probe(chip, 900, &facts), 0);
	assert_string_equal(facts, "");
	free(facts);
	assert_int_equal(probe(ups, 900, &facts), 0);
	free(facts);
}

static void test_nothing_to_ask(void **state)
{
	static const char *const none[] = { "dir sys/class/hwmon", NULL };
	static const char *const guest[] = {
		"file proc/cpuinfo = flags : fpu hypervisor", NULL
	};
	char *facts;

	(void)state;
	assert_int_equal(probe(none, 900, &facts), -ENODEV);
	assert_string_equal(facts, "coverage sensors blind why=\"no hardware "
				   "sensors\" remedy=\"run sensors-detect to "
				   "find the board's chip\"\n");
	free(facts);
	assert_int_equal(probe(guest, 900, &facts), -ENODEV);
	assert_non_null(strstr(facts, "none to expect in a virtual machine"));
	free(facts);
}

/* Modules may still be on their way: it is asked again. */
static void test_soon_after_boot(void **state)
{
	static const char *const none[] = { NULL };
	char *facts;

	(void)state;
	assert_int_equal(probe(none, 20, &facts), -EAGAIN);
	assert_non_null(strstr(facts, "coverage sensors blind"));
	free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_something_to_ask),
		cmocka_unit_test(test_nothing_to_ask),
		cmocka_unit_test(test_soon_after_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
