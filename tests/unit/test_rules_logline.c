/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same kernel line in every form that logs are kept in, and lines that
 * only quote the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/rules/logline.h"
#include "hale/base.h"

#define SAID "usb 1-1: said"

static const char *const forms[] = {
	SAID,
	"  \t" SAID "\r",
	"[    1.234567] " SAID,
	"[12345.678901] " SAID,
	"[    1.234567] [    T1] " SAID,
	"[    1.234567][   T11] " SAID,
	"[    1.234567][    C3] " SAID,
	"[    1.234567,0] " SAID,
	"[  +0.000016] " SAID,
	"[    1.234567 <    0.000016>] " SAID,
	"[Mon Jan 27 19:27:15 2020] " SAID,
	"[wo jul 28 05:19:47 2021] " SAID,
	"[Mo M\xc3\xa4r  2 05:19:47 2021] " SAID,
	"<3>" SAID,
	"<6>[    1.234567] " SAID,
	"<3>Jan  9 01:02:03 host kernel: " SAID,
	"kern  :err   : [    1.234567] " SAID,
	"kern  :warn  : [Mon Jan 27 19:27:15 2020] " SAID,
	"6,1234,5678901,-;" SAID,
	"3,1234,5678901,-,caller=T7;" SAID,
	"Jan  9 01:02:03 host kernel: " SAID,
	"Jan  9 01:02:03 host kernel: [    1.234567] " SAID,
	"Jan 19 01:02:03 my-host.example kernel: [    1.2345] " SAID,
	"Jan  9 01:02:03 kernel: " SAID,
	"Jan  9 01:02:03 host [kernel] [19262.384853] " SAID,
	"Jan  9 01:02:03 host kernel[0]: " SAID,
	"Mon Dec 31 10:50:03 2018 kern.err kernel: [   "
	"15.078978] " SAID,
	"2025 Jul  2 06:56:57.749624 host ERR kernel: [  9.6] " SAID,
	"2024-05-01T12:00:00.123456+00:00 host kernel: [ 1.2] " SAID,
	"2024-05-01T12:00:00+0200 host kernel: " SAID,
	"2024-05-01T12:00:00Z host kernel: " SAID,
	"2024-05-01 12:00:00 host kernel: " SAID,
	"2024-05-01T12:00:00,123456+00:00 " SAID,
	"Mon 2024-05-01 12:00:00 UTC host kernel: " SAID,
	"1714560000.123456 host kernel: " SAID,
	"[    1.234567] host kernel: " SAID,
	"[    1.234567] kernel: " SAID,
	"kernel: " SAID,
	"[kernel] " SAID,
	"05-12 18:22:01.123     0     0 E         : [   12.345] " SAID,
	"<6>[   12.345678,0] [0:  swapper/0:    0] " SAID,
	"    kernel: [    1.234567] " SAID,
	"22734.139015] " SAID,
	"host login: [   59.287063] " SAID,
	"Loading, please wait[   59.287063] " SAID,
	"Jan  9 01:02:03 host kernel: : " SAID,
	"\xd1\x84\xd0\xb5\xd0\xb2 27 14:08:03 host kernel: " SAID,
	/* dmesg -H, in a locale with commas too */
	"[Nov 2 13:45] " SAID,
	"[Nov12 13:45] " SAID,
	"[  +0,000016] " SAID,
	"[ +12.345678] " SAID,
	/* what a mail, a table or a collector puts before it */
	"> [    1.234567] " SAID,
	"> > Jan  9 01:02:03 host kernel: " SAID,
	"| Jan  9 01:02:03 host kernel: [    1.234567] " SAID,
	"\xe2\x94\x82Jan  9 01:02:03 host kernel: " SAID,
	"10.1.2.3: kern:   alert: [2024-05-01T12:00:00.123456789Z]: " SAID,
	"2024-05-01T12:00:00.123Z In(05) vcpu-1 - Guest: <3>[   99.5] " SAID,
};

static void every_form_gives_the_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(forms); i++) {
		struct logline l;

		logline_parse(forms[i], strlen(forms[i]), &l);
		if (l.foreign || l.len != strlen(SAID) ||
		    memcmp(l.text, SAID, l.len) != 0)
			fail_msg("%s\n  gives \"%.*s\"%s", forms[i], (int)l.len,
				 l.text, l.foreign ? " of another" : "");
	}
}

/* Either said to be another's, or with what makes no rule match it. */
static void quotes_stay_quotes(void **state)
{
	static const char *const lines[] = {
		"<30>" SAID,
		"30,1,2,-;" SAID,
		"daemon:info  : [    1.234567] " SAID,
		"Jan  9 01:02:03 host dockerd[7]: " SAID,
		"Jan  9 01:02:03 host dockerd[7]: kernel: " SAID,
		"Jan  9 01:02:03 host app: " SAID,
		"2024-05-01T12:00:00Z host app[7]: [    1.234567] " SAID,
		"[    1.234567] cloud-init[7]: [    1.234999] " SAID,
		"[    1.234567] cloud-init[7]: " SAID,
		"cloud-init[7]: [    1.234999] " SAID,
		"the kernel said: " SAID,
		"> Jan  9 01:02:03 host dockerd[7]: " SAID,
		"> app[7]: <3>[    1.234567] " SAID,
		"Jan  9 01:02:03 host app[7]: <3>[    1.234567] " SAID,
		"[Novx12 13:4] " SAID,
		"[+1,] " SAID,
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lines); i++) {
		struct logline l;

		logline_parse(lines[i], strlen(lines[i]), &l);
		if (!l.foreign && l.len == strlen(SAID))
			fail_msg("%s\n  was believed", lines[i]);
	}
}

static uint64_t between_ns(const char *a, const char *b)
{
	struct logline x, y;

	logline_parse(a, strlen(a), &x);
	logline_parse(b, strlen(b), &y);
	assert_int_equal(x.clock, y.clock);
	assert_int_not_equal(x.clock, LOGLINE_NO_CLOCK);
	return y.time_ns - x.time_ns;
}

static void times_are_read(void **state)
{
	(void)state;
	assert_int_equal(between_ns("[    1.000001] x", "[    2.500001] x"),
			 1500 * HALE_NS_PER_MS);
	assert_int_equal(between_ns("[Feb28 23:59] x", "[Feb29 00:01] x"),
			 120 * HALE_NS_PER_S);
	assert_int_equal(between_ns("6,1,1000000,-;x", "6,2,1000500,-;x"),
			 500 * HALE_NS_PER_US);
	assert_int_equal(between_ns("Jan 31 23:59:59 h kernel: x",
				    "Feb  1 00:00:01 h kernel: x"),
			 2 * HALE_NS_PER_S);
	assert_int_equal(between_ns("[Fri Feb 28 23:59:59 2020] x",
				    "[Sat Feb 29 00:00:00 2020] x"),
			 HALE_NS_PER_S);
	assert_int_equal(between_ns("2023-12-31T23:59:59Z h kernel: x",
				    "2024-01-01T00:00:00Z h kernel: x"),
			 HALE_NS_PER_S);
}

static void no_line_is_too_odd(void **state)
{
	static const char *const pieces[] = { "[",  "<", "[ 1.0] ", "kernel: ",
					      "0,", ";", "\xff",    "Jan 1 ",
					      ":",  "\0" };
	static char line[1 << 20];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(pieces); i++) {
		size_t n = pieces[i][0] ? strlen(pieces[i]) : 1;
		struct logline l;

		for (size_t at = 0; at + n <= sizeof(line); at += n)
			memcpy(line + at, pieces[i], n);
		logline_parse(line, sizeof(line), &l);
		assert_true(l.text >= line &&
			    l.text + l.len <= line + sizeof(line));
		for (size_t len = 0; len < 64; len++) {
			logline_parse(line, len, &l);
			assert_true(l.text + l.len <= line + len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_gives_the_text),
		cmocka_unit_test(quotes_stay_quotes),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(no_line_is_too_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
