/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet's hosts as lines: what 80 columns hold, sums, JSON and CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/fleetcli/counts.h"
#include "agent/fleetcli/rows.h"

#define NOW (UINT64_C(1800000000) * HALE_NS_PER_S)

static char text[8192];

static const char *text_of(struct out *o)
{
	hale_copy(text, sizeof(text), o->text ? o->text : "", o->len);
	out_done(o);
	return text;
}

static struct picture *fleet_of(const char *name, enum hale_fitness fitness,
				const char *why)
{
	const struct told_label label = { "rack", "7" };
	const struct told_state s = {
		.id = "UHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		      "B",
		.name = name,
		.no = { 1, 1 },
		.fitness = fitness,
		.why = why,
		.labels = &label,
		.n_labels = 1,
		.host_sent_ns = NOW,
		.host_since_ns = NOW - 180 * HALE_NS_PER_S,
	};
	struct picture *p = picture_new(NULL);

	assert_non_null(p);
	assert_int_equal(picture_state(p, &s, NOW), 0);
	picture_tick(p, NOW + 1);
	return p;
}

static const char *line(struct picture *p, size_t width)
{
	const uint32_t host = 0;
	struct rows_layout l;
	struct picture_row r;
	struct out o = { 0 };

	rows_layout(p, &host, 1, width, &l);
	assert_true(picture_row(p, 0, &r));
	rows_text(&o, &l, &r, NOW);
	picture_free(p);
	return text_of(&o);
}

static size_t longest(const char *lines)
{
	size_t most = 0;

	while (*lines) {
		size_t n = strcspn(lines, "\n");

		most = n > most ? n : most;
		lines += n + (lines[n] == '\n');
	}
	return most;
}

static void test_a_reason_is_wrapped_whole(void **state)
{
	static const char why[] =
		"disk.medium_error sda: critical medium error, dev sda, "
		"sector 7814037 op 0x0:(READ) flags 0x0 phys_seg 1 prio class "
		"2";
	const char *lines;
	char whole[400] = "";

	(void)state;
	lines = line(fleet_of("build-00042", HALE_UNFIT, why), 80);
	assert_true(longest(lines) <= 80);
	assert_ptr_equal(strstr(lines, "UNFIT     build-00042"), lines);
	for (const char *at = strstr(lines, "disk."); *at; at++) {
		size_t n = strlen(whole);

		if (*at == '\n' || (*at == ' ' && n > 0 && whole[n - 1] == ' '))
			continue;
		whole[n] = *at;
		whole[n + 1] = '\0';
	}
	/* each line's indent is one space again */
	assert_non_null(strstr(whole, "critical medium error, dev sda"));
	assert_non_null(strstr(whole, "flags 0x0 phys_seg 1 prio class 2"));
}

static void test_a_long_name_is_whole(void **state)
{
	static const char name[] =
		"a-very-long-name-of-a-build-host-in-some-cloud.internal."
		"example.org";
	const char *lines = line(fleet_of(name, HALE_UNFIT, "fs.full /"), 80);

	(void)state;
	assert_non_null(strstr(lines, name));
	assert_non_null(strstr(lines, "fs.full /"));
	assert_true(longest(lines) <= 80);
}

static void test_a_program_gets_one_line_a_host(void **state)
{
	char why[190];
	const char *lines;

	(void)state;
	memset(why, 'x', sizeof(why));
	why[sizeof(why) - 1] = '\0';
	lines = line(fleet_of("b", HALE_UNFIT, why), 0);
	assert_ptr_equal(strchr(lines, '\n'), lines + strlen(lines) - 1);
	assert_non_null(strstr(lines, why));
}

static void test_a_terminal_is_given_no_commands(void **state)
{
	const char *lines = line(
		fleet_of("evil\033[2J", HALE_UNFIT, "\033]0;title\a fs.full"),
		80);

	(void)state;
	assert_null(strchr(lines, '\033'));
	assert_null(strchr(lines, '\a'));
}

static void test_the_sum(void **state)
{
	struct picture_counts c = { .hosts = 10000 };
	struct out o = { 0 };

	(void)state;
	c.by_verdict[PICTURE_FIT] = 9981;
	c.by_verdict[PICTURE_UNFIT] = 12;
	c.by_verdict[PICTURE_SILENT] = 7;
	rows_summary(&o, &c, 10000);
	assert_string_equal(text_of(&o), "9,981 FIT, 12 UNFIT, 7 SILENT\n");
	o = (struct out){ 0 };
	c.quarantined = 3;
	rows_summary(&o, &c, 12);
	assert_string_equal(text_of(&o),
			    "9,981 FIT, 12 UNFIT, 7 SILENT; 3 in quarantine; "
			    "shown: 12\n");
	o = (struct out){ 0 };
	rows_count(&o, 1234567);
	assert_string_equal(text_of(&o), "1,234,567");
}

static void test_json_and_csv_quote(void **state)
{
	struct picture *p = fleet_of("b\"1", HALE_UNFIT, "=1+1, \"x\"");
	struct out o = { 0 };

	(void)state;
	rows_json(&o, p, 0);
	assert_non_null(strstr(text_of(&o), "\"host\":\"b\\\"1\""));
	assert_non_null(strstr(text, "\"labels\":{\"rack\":\"7\"}"));
	o = (struct out){ 0 };
	rows_csv(&o, p, 0);
	/* what a spreadsheet would run is no formula any more */
	assert_non_null(strstr(text_of(&o), ",\"'=1+1, \"\"x\"\"\","));
	picture_free(p);
}

static void test_counts_are_sorted_and_bounded(void **state)
{
	struct counts c = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		assert_true(counts_add(&c, name, false));
		assert_false(counts_add(&c, name, i == 77));
	}
	counts_add(&c, "n78", false);
	counts_sort(&c);
	assert_int_equal(c.n, 5000);
	assert_string_equal(c.slots[0].name, "n77");
	assert_string_equal(c.slots[1].name, "n78");
	assert_int_equal(c.slots[1].all, 3);
	counts_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_reason_is_wrapped_whole),
		cmocka_unit_test(test_a_long_name_is_whole),
		cmocka_unit_test(test_a_program_gets_one_line_a_host),
		cmocka_unit_test(test_a_terminal_is_given_no_commands),
		cmocka_unit_test(test_the_sum),
		cmocka_unit_test(test_json_and_csv_quote),
		cmocka_unit_test(test_counts_are_sorted_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
