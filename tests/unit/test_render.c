/* SPDX-License-Identifier: Apache-2.0 */
/* What people read, word for word. */
#include "render_text.h"

/* The disk of the first page of the README. */
static struct hale_entry disk(void)
{
	return (struct hale_entry){
		.condition = "disk.medium_error",
		.effect = HALE_EFFECT_BLOCKS,
		.count = 14,
		.first_ns = NOW - 192 * S,
		.last_ns = NOW - 12 * S,
		.part = "disk/wwn-0x50014ee2b1",
		.alias = "sde",
		.model = "WDC WD40EZRZ",
		.serial = "WD-WCC7K1",
		.where = "",
		.driver = "kmsg",
		.evidence = "critical medium error, dev sde, sector 7814037 op "
			    "0x0:(READ)",
		.meaning = "",
		.advice = "",
		.clears = "the disk is replaced",
		.path = "/home/ci/src",
		.via = "ext4 on sde1",
		.text = "",
	};
}

static const char *entry_text(const struct hale_entry *e)
{
	struct out o = { 0 };

	render_entry(&o, e, NOW);
	return text_of(&o);
}

static void test_disk(void **state)
{
	struct hale_entry e = disk();

	(void)state;
	assert_string_equal(
		entry_text(&e),
		"  disk.medium_error  sde  WDC WD40EZRZ  serial WD-WCC7K1\n"
		"    14 in 3 min, last 12 s ago; under /home/ci/src (ext4 on "
		"sde1)\n"
		"    critical medium error, dev sde, sector 7814037 op "
		"0x0:(READ)\n"
		"    clears when the disk is replaced\n");
}

static void test_once_and_redundant(void **state)
{
	struct hale_entry e = disk();

	(void)state;
	e.count = 1;
	e.first_ns = e.last_ns;
	e.redundant = true;
	e.effect = HALE_EFFECT_WARNS;
	e.model = e.serial = e.evidence = e.clears = "";
	assert_string_equal(entry_text(&e),
			    "  disk.medium_error  sde  (warns)\n"
			    "    once, 12 s ago; under /home/ci/src (ext4 on "
			    "sde1); another leg still works\n");
}

static void test_many_at_once(void **state)
{
	struct hale_entry e = disk();
	struct out o = { 0 };

	(void)state;
	e.first_ns = e.last_ns - 1000;
	render_extent(&o, &e, NOW);
	assert_string_equal(text_of(&o), "14 times, 12 s ago");
}

static void test_at_least(void **state)
{
	struct hale_entry e = disk();
	struct out o = { 0 };

	(void)state;
	e.at_least = true;
	render_extent(&o, &e, NOW);
	assert_string_equal(text_of(&o), "at least 14 in 3 min, last 12 s ago");
	e.count = 1;
	e.first_ns = e.last_ns;
	render_extent(&o, &e, NOW);
	assert_string_equal(text_of(&o), "at least once, 12 s ago");
}

static void test_space(void **state)
{
	struct hale_entry e = disk();
	struct out o = { 0 };

	(void)state;
	e.condition = "fs.full";
	e.value = HALE_GIB;
	e.total = 100 * HALE_GIB;
	render_extent(&o, &e, NOW);
	assert_string_equal(text_of(&o), "1 GiB of 100 GiB available");
	e.condition = "fs.inodes_full";
	e.value = 7;
	e.total = 1000;
	render_extent(&o, &e, NOW);
	assert_string_equal(text_of(&o), "7 of 1000 inodes free");
}

static void test_state_tells_since_when(void **state)
{
	struct hale_entry e = disk();
	struct out o = { 0 };

	(void)state;
	e.condition = "fs.readonly";
	render_extent(&o, &e, NOW);
	assert_string_equal(text_of(&o), "for 3 min");
}

static void test_part_without_alias(void **state)
{
	struct hale_entry e = disk();

	(void)state;
	e.alias = e.model = e.serial = e.path = e.via = "";
	e.where = "/srv";
	assert_non_null(strstr(entry_text(&e),
			       "disk.medium_error  disk/wwn-0x50014ee2b1\n"));
	assert_non_null(strstr(entry_text(&e), "ago; on /srv\n"));
}

static void test_missing_sense(void **state)
{
	struct hale_entry e = disk();

	(void)state;
	e.condition = "";
	e.text = "block_errors: /dev/kmsg: not permitted";
	assert_string_equal(entry_text(&e),
			    "  cannot tell  block_errors: /dev/kmsg: not "
			    "permitted; under /home/ci/src\n");
}

static void test_condition_of_a_newer_agent(void **state)
{
	struct hale_entry e = disk();

	(void)state;
	e.condition = "disk.haunted";
	assert_non_null(strstr(entry_text(&e), "disk.haunted  sde"));
	assert_non_null(strstr(entry_text(&e), "14 in 3 min"));
}

static void test_hostile_texts(void **state)
{
	struct hale_entry e = disk();

	(void)state;
	e.evidence = e.alias = e.model = e.serial = e.clears = e.path = e.via =
		"a\033[2J\r\nb\233";
	for (const char *s = entry_text(&e); *s; s++)
		assert_true(*s == '\n' || ((unsigned char)*s >= 0x20 &&
					   (unsigned char)*s != 0x7f));
}

static void test_headlines(void **state)
{
	struct hale_summary s = { .fitness = HALE_UNFIT,
				  .host = "build-07",
				  .as_of_ns = NOW - 200 * HALE_NS_PER_MS };
	struct out o = { 0 };

	(void)state;
	render_headline(&o, &s, NOW);
	assert_string_equal(text_of(&o), "UNFIT  build-07   0.2 s ago\n");
	s = (struct hale_summary){ .fitness = HALE_FIT, .host = "" };
	render_headline(&o, &s, NOW);
	assert_string_equal(text_of(&o), "FIT\n");
}

static void test_colours(void **state)
{
	struct hale_summary s = { .fitness = HALE_DEGRADED, .host = "h" };
	struct out o = { .color = true };

	(void)state;
	render_headline(&o, &s, NOW);
	assert_string_equal(text_of(&o), "\033[33mDEGRADED\033[0m  h\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_once_and_redundant),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_at_least),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_state_tells_since_when),
		cmocka_unit_test(test_part_without_alias),
		cmocka_unit_test(test_missing_sense),
		cmocka_unit_test(test_condition_of_a_newer_agent),
		cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_headlines),
		cmocka_unit_test(test_colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
