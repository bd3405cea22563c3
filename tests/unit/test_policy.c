/* SPDX-License-Identifier: Apache-2.0 */
/* Defaults, thresholds of room, and what people write in configurations. */
#include <errno.h>

#include "world.h"

#include "agent/core/space.h"

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int error;
		uint64_t bytes;
	} cases[] = {
		{ "4096", 0, 4096 },
		{ "0", 0, 0 },
		{ "10B", 0, 10 },
		{ "10K", 0, 10240 },
		{ "1KiB", 0, 1024 },
		{ "500M", 0, 500 * HALE_MIB },
		{ "1MiB", 0, HALE_MIB },
		{ "10G", 0, 10 * HALE_GIB },
		{ " 2 GiB ", 0, 2 * HALE_GIB },
		{ "2T", 0, 2048 * HALE_GIB },
		{ "1TiB", 0, 1024 * HALE_GIB },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "17179869184G", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "G", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1.5G", -EINVAL, 0 },
		{ "10GB", -EINVAL, 0 },
		{ "10 G x", -EINVAL, 0 },
		{ "10g", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 77;
		int r = hale_size_parse(cases[i].text, &bytes);

		if (r != cases[i].error)
			fail_msg("\"%s\": %d", cases[i].text, r);
		assert_int_equal(bytes, r < 0 ? 77 : cases[i].bytes);
	}
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns; /* 0: refused */
	} cases[] = {
		{ "30", 30 * SECOND },
		{ "30s", 30 * SECOND },
		{ "15min", 15 * MINUTE },
		{ "24h", DAY },
		{ "3d", 3 * DAY },
		{ "\t3 d", 3 * DAY },
		{ "", 0 },
		{ "3m", 0 },
		{ "h", 0 },
		{ "3 d 2", 0 },
		{ "99999999999999d", 0 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		uint64_t ns = 0;
		int r = hale_duration_parse(cases[i].text, &ns);

		assert_int_equal(r, cases[i].ns ? 0 : -EINVAL);
		assert_int_equal(ns, cases[i].ns);
	}
}

static void rates(void **state)
{
	static const struct {
		const char *text;
		struct hale_rate rate; /* limit 0: refused */
	} cases[] = {
		{ "10 / 24h", { 10, DAY } },
		{ "3/10min", { 3, 10 * MINUTE } },
		{ " 1 /1", { 1, SECOND } },
		{ "10000 / 366d", { 10000, 366 * DAY } },
		{ "0 / 1h", { 0, 0 } },
		{ "10001 / 1h", { 0, 0 } },
		{ "1 / 0s", { 0, 0 } },
		{ "1 / 367d", { 0, 0 } },
		{ "1 24h", { 0, 0 } },
		{ "/ 24h", { 0, 0 } },
		{ "1 /", { 0, 0 } },
		{ "", { 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_rate rate = { 0, 0 };
		int r = hale_rate_parse(cases[i].text, &rate);

		if (r != (cases[i].rate.limit ? 0 : -EINVAL))
			fail_msg("\"%s\": %d", cases[i].text, r);
		assert_int_equal(rate.limit, cases[i].rate.limit);
		assert_int_equal(rate.window_ns, cases[i].rate.window_ns);
	}
}

static void defaults_are_the_catalogues(void **state)
{
	struct hale_policy p;

	(void)state;
	hale_policy_default(&p);
	assert_int_equal(p.effect[HALE_DISK_MEDIUM_ERROR], HALE_EFFECT_BLOCKS);
	assert_int_equal(p.expires_ns[HALE_DISK_MEDIUM_ERROR], 0);
	assert_int_equal(p.expires_ns[HALE_DISK_IO_ERROR], DAY);
	assert_int_equal(p.rate[HALE_MEMORY_CORRECTED].limit, 10);
	assert_int_equal(p.rate[HALE_MEMORY_CORRECTED].window_ns, DAY);
	assert_int_equal(p.rate[HALE_DISK_IO_ERROR].limit, 0);
	assert_int_equal(p.effect[HALE_CONDITION_NONE], HALE_EFFECT_NONE);
	assert_int_equal(p.required_senses,
			 1 << HALE_SENSE_BLOCK_ERRORS |
				 1 << HALE_SENSE_FS_STATE |
				 1 << HALE_SENSE_STORAGE_MAP);
	assert_false(p.host_scope_set);
}

static void room(void **state)
{
	static const struct {
		enum hale_metric metric;
		uint64_t avail, total;
		enum hale_effect before, now;
	} cases[] = {
		/* large: 2 GiB and 10 GiB count */
		{ 1, 2 * HALE_GIB - 1, 1000 * HALE_GIB, 0, 3 },
		{ 1, 2 * HALE_GIB, 1000 * HALE_GIB, 0, 2 },
		{ 1, 10 * HALE_GIB - 1, 1000 * HALE_GIB, 0, 2 },
		{ 1, 10 * HALE_GIB, 1000 * HALE_GIB, 0, 0 },
		/* small: 2 % and 10 % */
		{ 1, 19 * HALE_MIB, 1000 * HALE_MIB, 0, 3 },
		{ 1, 20 * HALE_MIB, 1000 * HALE_MIB, 0, 2 },
		{ 1, 99 * HALE_MIB, 1000 * HALE_MIB, 0, 2 },
		{ 1, 100 * HALE_MIB, 1000 * HALE_MIB, 0, 0 },
		/* to get better takes a tenth more */
		{ 1, 21 * HALE_MIB, 1000 * HALE_MIB, 3, 3 },
		{ 1, 22 * HALE_MIB, 1000 * HALE_MIB, 3, 2 },
		{ 1, 109 * HALE_MIB, 1000 * HALE_MIB, 3, 2 },
		{ 1, 109 * HALE_MIB, 1000 * HALE_MIB, 2, 2 },
		{ 1, 110 * HALE_MIB, 1000 * HALE_MIB, 2, 0 },
		/* to get worse takes nothing */
		{ 1, 19 * HALE_MIB, 1000 * HALE_MIB, 2, 3 },
		{ 2, 9999, 10000000, 0, 3 },
		{ 2, 10000, 10000000, 0, 2 },
		{ 2, 99999, 10000000, 0, 2 },
		{ 2, 100000, 10000000, 0, 0 },
		/* no limit, no lack */
		{ 2, 0, 0, 0, 0 },
		{ 1, 0, 0, 3, 0 },
		{ 1, 0, 1, 0, 0 }, /* 2 % of one byte */
		{ 1, UINT64_MAX, UINT64_MAX, 0, 0 },
		{ 1, 0, UINT64_MAX, 0, 3 },
	};
	struct hale_policy p;

	(void)state;
	hale_policy_default(&p);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		enum hale_effect now =
			space_level(&p, cases[i].metric, cases[i].avail,
				    cases[i].total, cases[i].before);

		if (now != cases[i].now)
			fail_msg("case %zu: %d", i, (int)now);
	}
	p.space_blocks.bytes = 0;
	p.space_warns.permille = 0;
	assert_int_equal(space_level(&p, HALE_METRIC_FS_BYTES, 0, HALE_GIB, 0),
			 HALE_EFFECT_NONE);
}

static void sizes_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1 KiB" },
		{ HALE_MIB - 1, "1023.9 KiB" },
		{ 512 * HALE_MIB, "512 MiB" },
		{ HALE_GIB + HALE_GIB / 4, "1.2 GiB" },
		{ 10 * HALE_GIB - 1, "9.9 GiB" },
		{ 10 * HALE_GIB, "10 GiB" },
		/* one of these is needed, the other there */
		{ 13 * HALE_GIB + HALE_GIB / 2, "13.5 GiB" },
		{ 13 * HALE_GIB + HALE_GIB / 4, "13.2 GiB" },
		{ 3 * (HALE_GIB << 10), "3 TiB" },
		{ UINT64_MAX, "15.9 EiB" },
	};
	char text[HALE_SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		hale_size_print(text, cases[i].bytes);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(durations),
		cmocka_unit_test(rates),
		cmocka_unit_test(defaults_are_the_catalogues),
		cmocka_unit_test(room),
		cmocka_unit_test(sizes_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
