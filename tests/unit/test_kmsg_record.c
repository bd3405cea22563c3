/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as kernels of all ages frame them, and what a program may put into
 * one: the frame is the kernel's, the rest is anybody's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "drivers/kmsg_record.h"

static char buf[KMSG_RECORD_MAX];
static struct kmsg_record r;

static int parse(const char *text)
{
	size_t len = strlen(text);

	assert_true(len <= sizeof(buf));
	memcpy(buf, text, len);
	return kmsg_record_parse(buf, len, &r);
}

static void text_is(const char *expected)
{
	assert_int_equal(r.len, strlen(expected));
	assert_memory_equal(r.text, expected, r.len);
}

static void test_a_record_of_today(void **state)
{
	(void)state;
	assert_int_equal(parse("3,1042,987654321,-,caller=T77;sd 2:0:0:0: "
			       "[sde] tag#5 Sense Key : Medium Error [current]"
			       "\n SUBSYSTEM=scsi\n DEVICE=+scsi:2:0:0:0\n"),
			 0);
	assert_int_equal(r.level, 3);
	assert_int_equal(r.facility, 0);
	assert_int_equal(r.seq, 1042);
	assert_int_equal(r.time_ns, UINT64_C(987654321000));
	assert_false(r.fragment);
	assert_string_equal(r.device, "+scsi:2:0:0:0");
	text_is("sd 2:0:0:0: [sde] tag#5 Sense Key : Medium Error [current]");
}

static void test_a_record_of_a_program(void **state)
{
	(void)state;
	assert_int_equal(parse("12,7,1,-;I/O error, dev sde, sector 1\n"), 0);
	assert_int_equal(r.facility, 1);
	assert_int_equal(r.level, 4);
	assert_string_equal(r.device, "");
}

static void test_old_heads_and_fragments(void **state)
{
	(void)state;
	assert_int_equal(parse("6,1,2;no flags yet\n"), 0);
	text_is("no flags yet");
	assert_int_equal(parse("6,1,2,c;begun\n"), 0);
	assert_true(r.fragment);
	assert_int_equal(parse("6,1,2,+;gone on\n"), 0);
	assert_true(r.fragment);
	assert_int_equal(parse("6,1,2,-;no newline at the end"), 0);
	text_is("no newline at the end");
	assert_int_equal(parse("6,1,2,-;\n"), 0);
	text_is("");
}

static void test_escapes_are_resolved(void **state)
{
	(void)state;
	assert_int_equal(parse("6,1,2,-;a\\x0ab\\x5cx41\\xc3\\xa9\n"), 0);
	text_is("a\nb\\x41\xc3\xa9");
	/* not escapes: cut off, or not hexadecimal */
	assert_int_equal(parse("6,1,2,-;\\xg1\\x4\n"), 0);
	text_is("\\xg1\\x4");
	assert_int_equal(parse("6,1,2,-;\\x4"), 0);
	text_is("\\x4");
}

/* The text ends at the first newline, which only the kernel can write. */
static void test_fields_cannot_be_forged_by_the_text(void **state)
{
	(void)state;
	assert_int_equal(parse("6,1,2,-;x\\x0a DEVICE=b8:0\n DEVICE=b8:16\n"),
			 0);
	assert_string_equal(r.device, "b8:16");
	assert_int_equal(parse("6,1,2,-;x\n DEVICE=\n"), 0);
	assert_string_equal(r.device, "");
	assert_int_equal(parse("6,1,2,-;x\n NODEVICE=b8:0\nDEVICE=b8:0\n"), 0);
	assert_string_equal(r.device, "");
}

static void test_what_is_no_record(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		";",
		"6",
		"6,",
		"6,1",
		"6,1,",
		"6,1,2",
		"6,1,2,-",
		"6,1,2,-\n;text",
		"x,1,2,-;t",
		"6,x,2,-;t",
		"6,1,x,-;t",
		"-6,1,2,-;t",
		" 6,1,2,-;t",
		"6,,2,-;t",
		"6,18446744073709551616,2,-;t",
		"4294967295,1,2,-;t",
		"6,1,18446744073709551615,-;t",
		"plain text\n",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++) {
		memset(&r, 0x55, sizeof(r));
		assert_int_equal(parse(bad[i]), -EBADMSG);
		assert_int_equal(r.level, 0x55555555);
	}
}

static void test_the_longest_record(void **state)
{
	(void)state;
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(kmsg_record_parse(buf, sizeof(buf), &r), -EBADMSG);
	memcpy(buf, "6,1,2,-;", 8);
	assert_int_equal(kmsg_record_parse(buf, sizeof(buf), &r), 0);
	assert_int_equal(r.len, sizeof(buf) - 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_of_today),
		cmocka_unit_test(test_a_record_of_a_program),
		cmocka_unit_test(test_old_heads_and_fragments),
		cmocka_unit_test(test_escapes_are_resolved),
		cmocka_unit_test(test_fields_cannot_be_forged_by_the_text),
		cmocka_unit_test(test_what_is_no_record),
		cmocka_unit_test(test_the_longest_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
