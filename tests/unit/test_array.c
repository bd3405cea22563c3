/* SPDX-License-Identifier: Apache-2.0 */
/* The driver array over recorded roots: md, btrfs, ZFS, and what it cannot see.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver array_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

static char *facts_of(const struct tree *t, struct hale_probe p)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	p.root_fd = t->root_fd;
	p.event_fd = -1;
	p.now_ns = HALE_NS_PER_S;
	p.emit = print;
	p.sink = out;
	if (array_driver.probe(&p) == 0)
		assert_int_equal(array_driver.sample(&p), 0);
	array_driver.remove(&p);
	fclose(out);
	return text;
}

static void fixtures(void **state)
{
	static const char *const names[] = {
		"array/md-healthy", "array/md-faulty", "array/md-rebuild",
		"array/md-raid0",   "array/md-raid10", "array/md-torn",
		"array/btrfs",	    "array/zfs",       "array/dm-refused",
		"array/absent",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		struct tree t;
		char *facts;

		tree_unpack(names[i], &t);
		facts = facts_of(&t, (struct hale_probe){ .once = false });
		tree_remove(&t);
		tree_expect(names[i], facts);
		free(facts);
	}
}

/* One that a child is stuck in is left alone, and the others are looked at. */
static void a_stuck_array_is_not_asked(void **state)
{
	static const char skip[][HALE_PART_MAX] = { "md0" };
	const struct hale_probe p = { .skip = skip, .n_skip = 1 };
	struct tree t;
	char *facts;

	(void)state;
	tree_unpack("array/md-faulty", &t);
	facts = facts_of(&t, p);
	assert_null(strstr(facts, "array=md0"));
	assert_non_null(strstr(facts, "coverage arrays of md0 blind"));
	assert_non_null(strstr(facts, "array.degraded array=md1"));
	free(facts);
	tree_remove(&t);
}

static void options(void **state)
{
	struct hale_option option = { "pool_warns", "80%" };
	const struct hale_probe p = { .options = &option, .n_options = 1 };
	char error[HALE_CHECK_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(array_driver.check(&p, error), 0);
	option.value = "80 pieces";
	assert_int_equal(array_driver.check(&p, error), -EINVAL);
	assert_non_null(strstr(error, "pool_warns: "));
	option.value = "0%";
	assert_int_equal(array_driver.check(&p, error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures),
		cmocka_unit_test(a_stuck_array_is_not_asked),
		cmocka_unit_test(options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
