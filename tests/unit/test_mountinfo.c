/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of mountinfo as the kernel writes them, and as a hostile mounter would
 * have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/mountinfo.h"

static bool parse(const char *line, struct hale_mountinfo *m)
{
	return hale_mountinfo_parse(line, strlen(line), m);
}

static void assert_field(const struct hale_mountinfo_text *text,
			 const char *expected)
{
	assert_int_equal(text->len, strlen(expected));
	assert_memory_equal(text->at, expected, text->len);
}

static void test_fields(void **state)
{
	struct hale_mountinfo m;

	(void)state;
	assert_true(parse("36 35 98:12 /root /mnt rw,noatime master:1 "
			  "propagate_from:2 - ext4 /dev/sde1 rw,errors=x",
			  &m));
	assert_int_equal(m.id, 36);
	assert_int_equal(m.major, 98);
	assert_int_equal(m.minor, 12);
	assert_field(&m.root, "/root");
	assert_field(&m.mountpoint, "/mnt");
	assert_field(&m.flags, "rw,noatime");
	assert_field(&m.type, "ext4");
	assert_field(&m.source, "/dev/sde1");
	assert_field(&m.options, "rw,errors=x");
}

static void test_no_optional_fields_and_no_source(void **state)
{
	struct hale_mountinfo m;

	(void)state;
	assert_true(parse("1 0 0:5 / / rw - tmpfs  rw", &m));
	assert_field(&m.type, "tmpfs");
	assert_field(&m.source, "");
	assert_field(&m.options, "rw");
}

static void test_not_lines(void **state)
{
	static const char *const lines[] = {
		"",
		" ",
		"36",
		"36 35 98:0 /a /b rw",
		"36 35 98:0 /a /b rw master:1 ext4 /dev/x rw",
		"36 35 98 /a /b rw - ext4 /dev/x rw",
		"36 35 98: /a /b rw - ext4 /dev/x rw",
		"36 35 :0 /a /b rw - ext4 /dev/x rw",
		"-1 35 98:0 /a /b rw - ext4 /dev/x rw",
		"36x 35 98:0 /a /b rw - ext4 /dev/x rw",
		"4294967296 35 98:0 /a /b rw - ext4 /dev/x rw",
		"99999999999999999999 35 98:0 /a /b rw - ext4 /dev/x rw",
		"36 35 98:0 /a  rw - ext4 /dev/x rw",
		"36 35 98:0 /a b rw - ext4 /dev/x rw",
		"36 x 98:0 /a /b rw - ext4 /dev/x rw",
		"36 35 98:0 /a /b rw - ext4",
		"36 35 98:0 /a /b rw - ext4 /dev/x",
		"36 35 98:0 /a /b rw - ",
		"36 35 98:0 /a /b rw -",
	};
	struct hale_mountinfo m = { .id = 7 };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lines); i++) {
		if (parse(lines[i], &m))
			fail_msg("taken for a mount: %s", lines[i]);
		assert_int_equal(m.id, 7);
	}
}

static void test_unescape(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "/a\\040b", "/a b" },
		{ "\\134", "\\" },
		{ "\\011\\012", "\t\n" },
		{ "\\04", "\\04" },
		{ "\\", "\\" },
		{ "\\08x", "\\08x" },
		{ "\\377\\400", "\377\\400" },
		{ "", "" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		hale_mountinfo_unescape(buf, sizeof(buf), cases[i].in,
					strlen(cases[i].in));
		assert_string_equal(buf, cases[i].out);
	}
	hale_mountinfo_unescape(buf, 4, "abcdef", 6);
	assert_string_equal(buf, "abc");
	strcpy(buf, "/in\\040its place");
	hale_mountinfo_unescape(buf, sizeof(buf), buf, strlen(buf));
	assert_string_equal(buf, "/in its place");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_no_optional_fields_and_no_source),
		cmocka_unit_test(test_not_lines),
		cmocka_unit_test(test_unescape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
