/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring of recent deaths: several witnesses make one death, nobody's storm
 * pushes out another's, and what is old is forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "agent/core/victims.h"

#define NOW (UINT64_C(1700000000) * HALE_NS_PER_S)

static struct victims ring;

static int reset(void **state)
{
	(void)state;
	memset(&ring, 0, sizeof(ring));
	return 0;
}

/* What the tracepoint knows: a thread, what for. */
static struct hale_victim traced(uint32_t thread, int signal, int code)
{
	return (struct hale_victim){ .time_ns = NOW,
				     .pid = thread,
				     .thread = thread,
				     .signal = (uint32_t)signal,
				     .code_known = true,
				     .code = code,
				     .witnesses = HALE_WITNESS_SIGNAL };
}

/* What the connector knows: which process, once it is over. */
static struct hale_victim exited(uint32_t pid, uint32_t thread, int signal)
{
	struct hale_victim v = { .time_ns = NOW,
				 .pid = pid,
				 .thread = thread,
				 .signal = (uint32_t)signal,
				 .dumped = true,
				 .witnesses = HALE_WITNESS_SIGNAL };

	HALE_SET(v.comm, "cc1");
	return v;
}

static struct hale_victim looked_at(uint32_t pid, uint32_t thread, uint32_t uid)
{
	struct hale_victim v = { .time_ns = NOW,
				 .pid = pid,
				 .thread = thread,
				 .parent = 5,
				 .uid = uid,
				 .uid_known = true,
				 .n_files = 1,
				 .witnesses = HALE_WITNESS_PROC };

	v.files[0].major = 8;
	v.files[0].minor = 65;
	HALE_SET(v.files[0].path, "/mnt/plugin");
	HALE_SET(v.exe, "/mnt/plugin");
	return v;
}

static bool take(struct hale_victim v, uint64_t now)
{
	return victims_take(&ring, &v, now);
}

static void test_three_witnesses_one_death(void **state)
{
	const struct hale_victim *v;

	(void)state;
	assert_true(take(traced(101, SIGBUS, 2), NOW));
	assert_true(take(looked_at(100, 101, 1000), NOW));
	assert_true(take(exited(100, 101, SIGBUS), NOW + HALE_NS_PER_S));
	/* a further thread of it, and the same said again */
	assert_false(take(exited(100, 102, SIGBUS), NOW + HALE_NS_PER_S));
	assert_false(take(looked_at(100, 101, 1000), NOW + HALE_NS_PER_S));
	v = victims_at(&ring, 0);
	assert_non_null(v);
	assert_null(victims_at(&ring, 1));
	assert_int_equal(v->pid, 100);
	assert_int_equal(v->thread, 101);
	assert_int_equal(v->code, 2);
	assert_int_equal(v->parent, 5);
	assert_true(v->dumped);
	assert_string_equal(v->comm, "cc1");
	assert_int_equal(v->n_files, 1);
	assert_int_equal(v->witnesses, HALE_WITNESS_SIGNAL | HALE_WITNESS_PROC);
}

static void test_in_any_order(void **state)
{
	(void)state;
	assert_true(take(exited(100, 101, SIGSEGV), NOW));
	assert_true(take(traced(101, SIGSEGV, 1), NOW));
	assert_true(take(looked_at(100, 101, 0), NOW));
	assert_null(victims_at(&ring, 1));
	assert_int_equal(victims_at(&ring, 0)->pid, 100);
	assert_int_equal(victims_at(&ring, 0)->code, 1);
}

/* A later look knows the devices that the first had no time for. */
static void test_a_file_is_told_twice(void **state)
{
	struct hale_victim v = looked_at(100, 0, 0);

	(void)state;
	v.files[0].major = v.files[0].minor = 0;
	assert_true(take(v, NOW));
	assert_true(take(looked_at(100, 0, 0), NOW));
	v = looked_at(100, 0, 0);
	v.files[0].truncated = true;
	assert_true(take(v, NOW));
	assert_int_equal(victims_at(&ring, 0)->n_files, 1);
	assert_int_equal(victims_at(&ring, 0)->files[0].minor, 65);
	assert_true(victims_at(&ring, 0)->files[0].truncated);
}

static void test_pids_come_again(void **state)
{
	(void)state;
	assert_true(take(exited(100, 100, SIGSEGV), NOW));
	assert_true(take(exited(100, 100, SIGBUS), NOW + HALE_NS_PER_S));
	assert_int_equal(victims_at(&ring, 1)->signal, SIGSEGV);
	/* by the same signal, an hour later */
	struct hale_victim v = exited(100, 100, SIGBUS);
	v.time_ns += 3600 * HALE_NS_PER_S;
	assert_true(take(v, v.time_ns));
	assert_non_null(victims_at(&ring, 2));
}

static void test_the_latest_comes_first(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 5; i++) {
		struct hale_victim v = exited(i, i, SIGSEGV);

		v.time_ns += (i * 7 % 5) * HALE_NS_PER_S;
		take(v, NOW + 60 * HALE_NS_PER_S);
	}
	for (size_t i = 1; i < 5; i++)
		assert_true(victims_at(&ring, i - 1)->time_ns >=
			    victims_at(&ring, i)->time_ns);
}

static uint32_t count_uid(uint32_t uid)
{
	const struct hale_victim *v;
	uint32_t n = 0;

	for (size_t i = 0; (v = victims_at(&ring, i)); i++)
		n += v->uid_known && v->uid == uid;
	return n;
}

static struct hale_victim crash(uint32_t pid, uint32_t uid, int signal)
{
	struct hale_victim v = traced(pid, signal, 1);

	v.uid = uid;
	v.uid_known = true;
	v.time_ns += pid;
	return v;
}

static void test_a_storm_takes_its_own_room(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 8; i++)
		take(crash(i, 1000, SIGSEGV), NOW + 100000);
	for (uint32_t i = 1; i <= 10000; i++)
		take(crash(1000 + i, 1001, SIGBUS), NOW + 100000);
	assert_int_equal(count_uid(1000), 8);
	assert_int_equal(count_uid(1001), VICTIMS_MAX - 8);
	/* nor do deaths of which nobody knows whose they are */
	for (uint32_t i = 1; i <= 10000; i++)
		take(traced(20000 + i, SIGBUS, 2), NOW + 200000);
	assert_int_equal(count_uid(1000), 8);
	assert_true(count_uid(1001) >= (VICTIMS_MAX - 8) / 2 - 1);
	assert_int_equal(ring.n, VICTIMS_MAX);
	assert_true(ring.dropped > 19000);
}

static void test_what_tells_more_stays(void **state)
{
	(void)state;
	take(crash(1, 1000, SIGBUS), NOW + 100000);
	for (uint32_t i = 2; i <= 200; i++)
		take(crash(i, 1000, SIGABRT), NOW + 100000);
	assert_int_equal(victims_at(&ring, VICTIMS_MAX - 1)->signal, SIGBUS);
}

static void test_it_is_forgotten(void **state)
{
	(void)state;
	take(exited(1, 1, SIGSEGV), NOW);
	assert_int_equal(victims_age(&ring, NOW), NOW + VICTIMS_KEEP_NS + 1);
	assert_non_null(victims_at(&ring, 0));
	assert_int_equal(victims_age(&ring, NOW + VICTIMS_KEEP_NS + 1),
			 UINT64_MAX);
	assert_null(victims_at(&ring, 0));
	/* one that is told too late is none */
	assert_false(take(exited(1, 1, SIGSEGV), NOW + 2 * VICTIMS_KEEP_NS));
}

static void test_it_is_looked_at_once(void **state)
{
	struct hale_victim v = traced(7, SIGBUS, 2);

	(void)state;
	take(v, NOW);
	assert_true(victims_look(&ring, &v, NOW));
	assert_false(victims_look(&ring, &v, NOW));
	/* of the log's beginning: its number may be another's by now */
	v.pid = v.thread = 321;
	v.time_ns = NOW - 60 * HALE_NS_PER_S;
	take(v, NOW);
	assert_false(victims_look(&ring, &v, NOW));
	v.time_ns = NOW;
	v = exited(7, 7, SIGBUS);
	take(v, NOW);
	assert_false(victims_look(&ring, &v, NOW));
}

static void test_parents_are_asked_later(void **state)
{
	struct hale_victim v = traced(7, SIGBUS, 2);

	(void)state;
	take(v, NOW);
	v = exited(7, 7, SIGBUS);
	v.parent = 5;
	take(v, NOW);
	take(looked_at(8, 8, 0), NOW);
	assert_null(victims_late(&ring, NOW));
	assert_int_equal(victims_late(&ring, NOW + VICTIMS_LATE_NS)->parent, 5);
	assert_null(victims_late(&ring, NOW + VICTIMS_LATE_NS));
}

static void test_looks_have_a_bound(void **state)
{
	uint32_t looks = 0;

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct hale_victim v = crash(i, i, SIGSEGV);

		take(v, NOW + 100000);
		looks += victims_look(&ring, &v, NOW + 100000);
	}
	assert_int_equal(looks, VICTIMS_LOOKS);
}

#define CASE(f) cmocka_unit_test_setup(f, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_three_witnesses_one_death),
		CASE(test_in_any_order),
		CASE(test_a_file_is_told_twice),
		CASE(test_pids_come_again),
		CASE(test_the_latest_comes_first),
		CASE(test_a_storm_takes_its_own_room),
		CASE(test_what_tells_more_stays),
		CASE(test_it_is_forgotten),
		CASE(test_it_is_looked_at_once),
		CASE(test_parents_are_asked_later),
		CASE(test_looks_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
