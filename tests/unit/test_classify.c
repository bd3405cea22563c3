/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build's output says: which claim wins, how sure it is, what the exit
 * status adds, and that pieces, carriage returns and overlong lines change
 * nothing.
 */
#include <errno.h>

#include "classify_room.h"

#define KNOWN(word, text)                                                      \
	{                                                                      \
		word, text, -1                                                 \
	}

static void the_root_wins_over_what_it_wraps(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("host-memory",
		      "g++: fatal error: Killed signal terminated program "
		      "cc1plus\ncompilation terminated.\n"
		      "make: *** [Makefile:8: x.o] Error 1\n"),
		KNOWN("network",
		      "#9 4.1 curl: (6) Could not resolve host: a.invalid\n"
		      "ERROR: failed to solve: process \"/bin/sh -c x\" did "
		      "not complete successfully: exit code: 6\n"),
		KNOWN("network", "Err:1 http://a.invalid stable InRelease\n"
				 "  Temporary failure resolving 'a.invalid'\n"
				 "E: Unable to locate package libx-dev\n"),
		KNOWN("host-disk-full",
		      "/usr/bin/ld: final link failed: No space left on "
		      "device\ncollect2: error: ld returned 1 exit status\n"),
		/* a retry that helped is not why it failed */
		KNOWN("code",
		      "warning: spurious network error (2 tries remaining)\n"
		      "src/main.c:3:1: error: expected ';' before 'return'\n"
		      "src/main.c:9:1: error: expected ';' before 'return'\n"
		      "make: *** [Makefile:2: main.o] Error 1\n"),
		KNOWN("cache", "#20 sending cache export 30.0s done\n"
			       "#20 ERROR: maximum timeout reached\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void text_alone_is_never_sure_of_the_host(void **state)
{
	struct run_text t;

	(void)state;
	room_judge("tar: x: Cannot write: No space left on device\n", 2, &t);
	assert_int_equal(t.cause, HALE_CAUSE_HOST_DISK_FULL);
	assert_int_equal(t.confidence, HALE_CONFIDENCE_LIKELY);
	assert_int_equal(t.retry, HALE_RETRY_ELSEWHERE);
	room_judge("step 4 says: Input/output error\n", 1, &t);
	assert_int_equal(t.cause, HALE_CAUSE_HOST_IO);
	assert_int_equal(t.confidence, HALE_CONFIDENCE_POSSIBLE);
	room_judge("a.c:1:1: error: unknown type name 'x'\n", 1, &t);
	assert_int_equal(t.confidence, HALE_CONFIDENCE_CERTAIN);
	assert_int_equal(t.retry, HALE_RETRY_NO);
}

static void the_evidence_is_the_line_that_decided(void **state)
{
	struct run_text t;

	(void)state;
	room_judge("compiling\n\033[31mc++: internal compiler error: Killed "
		   "(program cc1plus)\033[0m\nmake: *** [x.o] Error 4\n",
		   2, &t);
	assert_int_equal(t.evidence[0].line, 2);
	assert_string_equal(t.evidence[0].text,
			    "c++: internal compiler error: Killed (program "
			    "cc1plus)");
	assert_string_equal(t.crashed, "cc1plus");
	assert_string_equal(t.tool, "gcc");
	assert_true(t.n_evidence >= 1 && t.n_evidence <= RUN_EVIDENCE_MAX);
}

static void a_question_counts_only_at_the_end(void **state)
{
	char output[4096];
	size_t n = 0;
	struct run_text t;

	(void)state;
	room_judge("Do you want to continue? [Y/n] ", -1, &t);
	assert_int_equal(t.cause, HALE_CAUSE_INTERACTIVE_STALL);
	n = (size_t)snprintf(output, sizeof(output),
			     "Do you want to continue? [Y/n] y\n");
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(output + n, sizeof(output) - n,
				      "Unpacking package %d ...\n", i);
	snprintf(output + n, sizeof(output) - n,
		 "a.c:1:1: error: stray character\n");
	room_judge(output, 1, &t);
	assert_int_equal(t.cause, HALE_CAUSE_CODE);
}

static void the_status_speaks_where_the_text_does_not(void **state)
{
	static const struct room_row rows[] = {
		{ "host-memory", "building\n", 137 },
		{ "timeout", "building\n", 124 },
		{ "host-sigbus", "building\n", 135 },
		{ "toolchain-crash", "building\n", 139 },
		{ "unknown", "building\n", 1 },
		{ "unknown", "building\n", -1 },
		{ "unknown", "", 0 },
		{ "code", "a.c:1:1: error: no such thing\n", 137 },
		{ "code", "make: *** [Makefile:4: all] Error 1\n", 2 },
	};
	struct run_text t;

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
	room_judge("building\n", 137, &t);
	assert_int_equal(t.confidence, HALE_CONFIDENCE_POSSIBLE);
	assert_int_equal(t.n_evidence, 0);
}

/* Any cut of the bytes must tell the same story. */
static void pieces_change_nothing(void **state)
{
	static const char output[] = "one\r\ntwo\n 10%\r 50%\rcc1plus: out of "
				     "memory allocating 65536 "
				     "bytes\nthree\n\nmake: *** [x] Error 1";
	struct run_text whole, cut;

	(void)state;
	room_judge(output, 2, &whole);
	assert_int_equal(whole.cause, HALE_CAUSE_HOST_MEMORY);
	assert_int_equal(whole.evidence[0].line, 3);
	for (size_t size = 1; size < 40; size++) {
		struct classify *c = room_classify();

		for (size_t at = 0; at < sizeof(output) - 1; at += size) {
			size_t left = sizeof(output) - 1 - at;

			classify_put(c, output + at, left < size ? left : size);
		}
		classify_end(c, 2, &cut);
		assert_int_equal(cut.cause, whole.cause);
		assert_int_equal(cut.n_evidence, whole.n_evidence);
		assert_int_equal(cut.evidence[0].line, whole.evidence[0].line);
		assert_string_equal(cut.evidence[0].text,
				    whole.evidence[0].text);
	}
}

static void an_endless_line_is_cut(void **state)
{
	static char junk[100000];
	struct classify *c = room_classify();
	struct run_text t;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	classify_put(c, "ld: final link failed: No space left on device ", 47);
	for (int i = 0; i < 50; i++)
		classify_put(c, junk, sizeof(junk));
	classify_put(c, "\nnext\n", 6);
	classify_end(c, 1, &t);
	assert_int_equal(t.cause, HALE_CAUSE_HOST_DISK_FULL);
	assert_int_equal(t.evidence[0].line, 1);
}

static void a_tail_keeps_its_line_numbers(void **state)
{
	struct classify *c = room_classify();
	struct run_text t;

	(void)state;
	classify_begin(c, 5001);
	classify_put(c, "x\nmake: *** No rule to make target 'a'.  Stop.\n",
		     48);
	classify_end(c, 2, &t);
	assert_int_equal(t.cause, HALE_CAUSE_CODE);
	assert_int_equal(t.evidence[0].line, 5002);
}

static void rules_of_ones_own_come_first(void **state)
{
	static const char text[] = "registry-outage tool=shipit weight=9\n"
				   "\tshipit: depot {word} is closed\n"
				   "benign\n\tfrobnicate: error: ignored\n";
	static const char wrong[] = "host-fire\n\tthe host burns\n";
	struct hale_rules_source own = { "own.rules", text, sizeof(text) - 1 };
	struct hale_rules_source bad = { "bad.rules", wrong,
					 sizeof(wrong) - 1 };
	struct classify *c = NULL;
	struct run_text t;
	char error[256];

	(void)state;
	assert_int_equal(classify_new(&own, 1, error, &c), 0);
	classify_put(c, "shipit: depot north is closed\n", 30);
	classify_end(c, 1, &t);
	assert_int_equal(t.cause, HALE_CAUSE_REGISTRY_OUTAGE);
	assert_string_equal(t.tool, "shipit");
	classify_begin(c, 1);
	classify_put(c, "frobnicate: error: ignored\n", 27);
	classify_end(c, -1, &t);
	assert_int_equal(t.cause, HALE_CAUSE_UNKNOWN);
	classify_free(c);
	assert_int_equal(classify_new(&bad, 1, error, &c), -EINVAL);
	assert_string_equal(error,
			    "bad.rules:1: unknown condition 'host-fire'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_wins_over_what_it_wraps),
		cmocka_unit_test(text_alone_is_never_sure_of_the_host),
		cmocka_unit_test(the_evidence_is_the_line_that_decided),
		cmocka_unit_test(a_question_counts_only_at_the_end),
		cmocka_unit_test(the_status_speaks_where_the_text_does_not),
		cmocka_unit_test(pieces_change_nothing),
		cmocka_unit_test(an_endless_line_is_cut),
		cmocka_unit_test(a_tail_keeps_its_line_numbers),
		cmocka_unit_test(rules_of_ones_own_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
