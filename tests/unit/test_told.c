/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says of its build: what is refused, set right and hidden. */
#include "store_room.h"

#include <errno.h>

#include "agent/ship/ship.h"
#include "proto/arena.h"

static uint8_t mem[256 * 1024];
static char *words[] = { (char *)(uintptr_t) "curl",
			 (char *)(uintptr_t) "--token",
			 (char *)(uintptr_t) "S3CRET" };

static Hale__V1__BuildResult build(void)
{
	Hale__V1__BuildResult m;

	hale__v1__build_result__init(&m);
	m.id = (char *)(uintptr_t) "0123456789abcdef";
	m.outcome = HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
	m.started_ns = NOW - HALE_NS_PER_S;
	m.ended_ns = NOW;
	m.uid = 0;
	m.host = (char *)(uintptr_t) "elsewhere";
	m.repo = (char *)(uintptr_t) "https://u:S3CRET@h.example/a/b.git";
	m.command = words;
	m.n_command = HALE_ARRAY_SIZE(words);
	m.headline = (char *)(uintptr_t) "bell \a and \x1b[31m, token=S3CRET";
	return m;
}

static const char *clean(Hale__V1__BuildResult *m)
{
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };

	return told_clean(&a, m, "here", 1000, NOW);
}

static void test_set_right(void **state)
{
	Hale__V1__BuildResult m = build();

	(void)state;
	assert_null(clean(&m));
	assert_int_equal(m.uid, 1000);
	assert_string_equal(m.host, "here");
	assert_string_equal(m.repo, "h.example/a/b");
	assert_string_equal(m.command[2], "***");
	assert_string_equal(m.headline, "bell ? and ?[31m, token=***");
}

static void test_refused(void **state)
{
	Hale__V1__BuildResult m;

	(void)state;
	m = build();
	m.id = (char *)(uintptr_t) "../../etc";
	assert_non_null(clean(&m));
	m = build();
	m.id = (char *)(uintptr_t) "";
	assert_non_null(clean(&m));
	m = build();
	m.outcome = 77;
	assert_non_null(clean(&m));
	m = build();
	m.ended_ns = m.started_ns - 1;
	assert_non_null(clean(&m));
	m = build();
	m.ended_ns = NOW + 2 * DAY;
	assert_non_null(clean(&m));
	m = build();
	m.n_attempts = 33;
	assert_non_null(clean(&m));
}

/* Others hear that it was and how it ended, and nothing of what it did. */
static void test_others(void **state)
{
	Hale__V1__BuildResult m = build();
	Hale__V1__Attempt a, *list = &a;
	Hale__V1__BuildTriage text;

	hale__v1__attempt__init(&a);
	hale__v1__build_triage__init(&text);
	(void)state;
	a.command = words;
	a.n_command = 3;
	a.headline = a.waits = m.headline;
	text.n_evidence = 2;
	a.text = &text;
	m.attempts = &list;
	m.n_attempts = 1;
	m.directory = (char *)(uintptr_t) "/home/ci/private";
	m.cause = (char *)(uintptr_t) "host-io";
	told_to_others(&m);
	assert_int_equal(m.n_command + a.n_command, 0);
	assert_string_equal(m.directory, "");
	assert_string_equal(m.headline, "");
	assert_string_equal(a.headline, "");
	assert_int_equal(text.n_evidence, 0);
	assert_string_equal(m.cause, "host-io");
	assert_int_equal(m.n_attempts, 1);
}

/* --- builds that wait in memory --- */

static void test_pending_is_bounded(void **state)
{
	static const uint8_t bytes[40000];
	struct pending p = { .n = 0 };
	int r = 0, theirs = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		theirs += pending_add(&p, 1, "x", 1) == 0;
	assert_int_equal(theirs, PENDING_PER_USER);
	assert_int_equal(pending_add(&p, 1, "x", 1), -ENOBUFS);
	assert_int_equal(pending_add(&p, 2, "y", 1), 0);
	for (uid_t uid = 3; uid < 60 && r == 0; uid++)
		r = pending_add(&p, uid, bytes, sizeof(bytes));
	assert_int_equal(r, -ENOBUFS);
	assert_true(p.bytes <= PENDING_BYTES_MAX);
	pending_drop_first(&p);
	assert_int_equal(pending_add(&p, 1, "z", 1), 0);
	pending_done(&p);
	assert_int_equal(p.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_right),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_pending_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
