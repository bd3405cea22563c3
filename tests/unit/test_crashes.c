/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crash history: what bad memory looks like is suspected, and each of its
 * look-alikes is not. Time is invented.
 */
#include <errno.h>
#include <signal.h>

#include "agent/core/crashes.h"
#include "agent/core/memory.h"
#include "agent/core/pool.h"
#include "agent/core/victims.h"

#include "world.h"

static struct crashes history;
static struct crashes_suspicion found;
static struct hale_uids builders;

static int reset(void **state)
{
	(void)state;
	memset(&history, 0, sizeof(history));
	memset(&builders, 0, sizeof(builders));
	return 0;
}

/* A job of its own for each session. */
static struct hale_victim crash(const char *exe, uint32_t session)
{
	struct hale_victim v = { .time_ns = START,
				 .pid = 100 + session,
				 .session = session,
				 .signal = SIGSEGV,
				 .code_known = true,
				 .code = 1,
				 .uid_known = true,
				 .uid = 110 };

	HALE_SET(v.exe, exe);
	return v;
}

static bool take(struct hale_victim v, uint64_t now)
{
	const struct crashes_death d = { .victim = &v };

	return crashes_take(&history, &d, now);
}

static bool suspicious(uint64_t now)
{
	return crashes_judge(&history, &builders, 0, now, &found);
}

static const char *const tools[] = { "/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
				     "/usr/bin/x86_64-linux-gnu-ld.bfd",
				     "/usr/bin/python3.11", "/usr/bin/git",
				     "/usr/bin/make" };

static void test_bad_memory(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		assert_false(suspicious(START + i * HOUR));
		assert_true(take(crash(tools[i], i + 1), START + i * HOUR));
	}
	assert_true(suspicious(START + 5 * HOUR));
	assert_int_equal(found.signs, 5);
	assert_false(found.single);
	assert_string_equal(found.names, "cc1plus, ld.bfd, python, git, make");
	assert_int_equal(found.since_ns, START);
	/* and days later that is no news any more */
	assert_false(suspicious(START + 5 * DAY));
}

static void test_one_program_is_its_own_fault(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 50; i++)
		take(crash(tools[0], i), START + i * HOUR);
	assert_false(suspicious(START + 50 * HOUR));
	assert_int_equal(found.signs, 1);
}

/* By the operator's word, each time; also once more after that was cleared,
 * when it is news again: not by the first sign, which is over. */
static void test_run_again_after_a_clear(void **state)
{
	struct hale_victim v = crash(tools[0], 1);
	struct crashes_death d = { .victim = &v,
				   .retested = true,
				   .trusted = true };

	(void)state;
	assert_true(crashes_take(&history, &d, START));
	assert_true(suspicious(START));
	assert_true(found.retested);
	assert_false(crashes_take(&history, &d, START + 1));
	d.over_ns = START + 2;
	assert_true(crashes_take(&history, &d, START + 3));
	assert_true(crashes_judge(&history, &builders, d.over_ns, START + 3,
				  &found));
	assert_int_equal(found.since_ns, START + 3);
	/* a crash alone is one sign of five */
	d = (struct crashes_death){ .victim = &v, .over_ns = START + 4 };
	assert_true(crashes_take(&history, &d, START + 5));
	assert_false(crashes_judge(&history, &builders, d.over_ns, START + 5,
				   &found));
	assert_int_equal(found.signs, 1);
	assert_false(found.retested);
}

/* LD_PRELOAD, a broken library, a job that overflows its stack. */
static void test_one_job_is_one_cause(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		take(crash(tools[i], 7), START + i * HOUR);
	assert_false(suspicious(START + 5 * HOUR));
	assert_int_equal(found.signs, 2);
}

/* A service runs its jobs in one session, all week. */
static void test_jobs_of_one_session(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		take(crash(tools[i], 7), START + i * 6 * HOUR);
	assert_true(suspicious(START + 30 * HOUR));
}

static void test_a_container_is_one_job(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i);

		HALE_SET(v.cgroup, "/system.slice/docker-1234.scope");
		take(v, START + i * HOUR);
	}
	assert_false(suspicious(START + 5 * HOUR));
}

static void test_all_at_once_is_one_cause(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		take(crash(tools[i], i + 1), START + i * MINUTE);
	assert_false(suspicious(START + HOUR));
}

/* What crashes whenever it runs is broken, not unlucky. */
static void test_programs_that_always_crash(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		for (uint32_t j = 0; j < 10; j++)
			take(crash(tools[i], 10 * i + j),
			     START + i * HOUR + j * MINUTE);
	}
	assert_false(suspicious(START + 6 * HOUR));
	assert_int_equal(found.signs, 0);
}

static void test_what_people_built_themselves(void **state)
{
	static const char *const own[] = {
		"/home/ci/build/tests/unit/test_a",
		"/tmp/cc1plus",
		"/srv/out/ld",
		"/usr/local/bin/python3",
		"/opt/tool/git",
		"/usr/lib/firefox/firefox",
		"/usr/bin/qemu-aarch64-static",
		"/var/lib/make",
	};

	(void)state;
	for (uint32_t i = 0; i < HALE_ARRAY_SIZE(own); i++)
		assert_false(take(crash(own[i], i + 1), START + i * HOUR));
	assert_false(suspicious(START + DAY));
	for (uint32_t i = 0; i < 1000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "/usr/bin/tool-%u", i);
		take(crash(name, i), START + i * HOUR);
	}
	assert_int_equal(history.programs[0].key, 0);
}

static void test_what_somebody_sent(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i + 1);

		v.code = 0; /* kill(1) */
		assert_false(take(v, START + i * HOUR));
		v.code_known = false;
		assert_false(take(v, START + i * HOUR));
		v = crash(tools[i], i + 1);
		v.signal = SIGABRT; /* an assertion */
		v.code = -6;
		assert_false(take(v, START + i * HOUR));
	}
	assert_false(suspicious(START + DAY));
}

/* Built for another processor; /dev/shm is 64 MiB in a container. */
static void test_signals_with_reasons_of_their_own(void **state)
{
	static const uint32_t signals[] = { SIGILL, SIGBUS };

	(void)state;
	for (size_t s = 0; s < 2; s++) {
		reset(NULL);
		for (uint32_t i = 0; i < 5; i++) {
			struct hale_victim v = crash(tools[i], i + 1);

			v.signal = signals[s];
			take(v, START + i * HOUR);
		}
		assert_false(suspicious(START + DAY));
		assert_int_equal(found.signs, 1);
	}
}

static void test_what_the_host_explains(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i + 1);
		struct crashes_death d = { .victim = &v, .explained = true };

		assert_false(crashes_take(&history, &d, START + i * HOUR));
		d.explained = false;
		v.n_files = 1;
		v.files[0].truncated = true;
		assert_false(
			crashes_take(&history, &d, START + i * HOUR + MINUTE));
	}
	assert_false(suspicious(START + DAY));
}

/* A user may crash what it likes: others need not believe it. */
static void test_one_user_alone(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i + 1);

		v.uid = 1001;
		take(v, START + i * HOUR);
	}
	assert_true(suspicious(START + DAY));
	assert_true(found.single);
	assert_int_equal(found.uid, 1001);
	/* nor by dying so fast that nobody sees whose they are */
	reset(NULL);
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i + 1);

		v.uid = 1001;
		v.uid_known = i % 2;
		take(v, START + i * HOUR);
	}
	assert_true(suspicious(START + DAY));
	assert_true(found.single);
}

static void test_a_retest_that_differs(void **state)
{
	struct hale_victim v = crash(tools[0], 1);
	struct crashes_death d = { .victim = &v, .retested = true };

	(void)state;
	v.uid = 1001;
	assert_true(crashes_take(&history, &d, START));
	assert_false(crashes_take(&history, &d, START + MINUTE));
	assert_false(suspicious(START + HOUR));
	assert_int_equal(found.signs, 2);
	/* root did it again itself */
	d.trusted = true;
	assert_true(crashes_take(&history, &d, START + HOUR));
	assert_true(suspicious(START + HOUR));
	assert_false(found.single);
}

static void test_an_operator_clears_it(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		take(crash(tools[i], i + 1), START + i * HOUR);
	assert_false(crashes_judge(&history, &builders, START + 4 * HOUR,
				   START + DAY, &found));
	assert_int_equal(found.signs, 0);
}

static void test_it_is_remembered(void **state)
{
	struct hale_memory_crash row;
	struct crashes other = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		take(crash(tools[i], i + 1), START + i * HOUR);
	for (size_t i = 0; crashes_save(&history, i, &row); i++) {
		if (row.key != 0)
			assert_int_equal(
				crashes_load(&other, &row, START + DAY), 0);
	}
	assert_true(crashes_judge(&other, &builders, 0, START + DAY, &found));
	crashes_save(&history, 0, &row);
	assert_int_equal(crashes_load(&other, &row, START - 1), -EINVAL);
	HALE_SET(row.name, "nobody-knows");
	assert_int_equal(crashes_load(&other, &row, START + DAY), -EINVAL);
}

#define CASE(f) cmocka_unit_test_setup(f, reset)

/* CI runs its jobs as an ordinary user: who runs the host may say that this one
 * is as good as its own. */
static void test_builders_speak_for_the_host(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i + 1);

		v.uid = 1003;
		take(v, START + i * HOUR);
	}
	assert_true(suspicious(START + 5 * HOUR));
	assert_true(found.single);
	builders.n = 1;
	builders.ranges[0].first = builders.ranges[0].last = 1002;
	assert_true(suspicious(START + 5 * HOUR));
	assert_true(found.single);
	builders.ranges[0].last = 1003;
	assert_true(suspicious(START + 5 * HOUR));
	assert_false(found.single);
}

/* Each project brings its own native extensions: five interpreters that crash
 * on a busy host in three days are nothing strange. */
static void test_interpreters_run_anybodys_code(void **state)
{
	static const char *const many[] = {
		"/usr/bin/python3.11", "/usr/bin/perl", "/usr/bin/ruby",
		"/usr/bin/node",       "/usr/bin/php",	"/usr/bin/git",
		"/usr/bin/make",       "/usr/bin/ld"
	};

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		take(crash(many[i], i + 1), START + i * HOUR);
	assert_false(suspicious(START + 8 * HOUR));
	assert_int_equal(found.signs, 4);
	take(crash("/usr/bin/cc1", 9), START + 9 * HOUR);
	assert_true(suspicious(START + 9 * HOUR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_builders_speak_for_the_host, reset),
		cmocka_unit_test_setup(test_interpreters_run_anybodys_code,
				       reset),
		CASE(test_bad_memory),
		CASE(test_one_program_is_its_own_fault),
		CASE(test_run_again_after_a_clear),
		CASE(test_one_job_is_one_cause),
		CASE(test_jobs_of_one_session),
		CASE(test_a_container_is_one_job),
		CASE(test_all_at_once_is_one_cause),
		CASE(test_programs_that_always_crash),
		CASE(test_what_people_built_themselves),
		CASE(test_what_somebody_sent),
		CASE(test_signals_with_reasons_of_their_own),
		CASE(test_what_the_host_explains),
		CASE(test_one_user_alone),
		CASE(test_a_retest_that_differs),
		CASE(test_an_operator_clears_it),
		CASE(test_it_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
