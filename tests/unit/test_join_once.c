/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages, victims, deaths and machine checks: each counts once, whoever tells it
 * first, and says what the better informed one knows.
 */
#include "join_world.h"

static struct hale_observation event(enum hale_condition c, const char *part,
				     enum hale_join join, uint64_t key)
{
	struct hale_observation o = world_observation(c, HALE_REF_PART, part);

	o.count = 1;
	o.join = join;
	o.join_key = key;
	return o;
}

/* Of something that happened at o.time_ns. */
static void say_late(struct world *w, const char *driver,
		     struct hale_observation o, const char *evidence)
{
	if (strcmp(driver, "kmsg") == 0)
		o.seq = ++log_seq;
	HALE_SET(o.evidence, evidence);
	world_say(w, driver, &o);
}

static void say(struct world *w, const char *driver, struct hale_observation o,
		const char *evidence)
{
	o.time_ns = w->now;
	say_late(w, driver, o, evidence);
}

static void test_a_page_is_poisoned_once(void **state)
{
	struct hale_observation page =
		event(HALE_MEMORY_POISONED, "host", HALE_JOIN_PAGE, 0x1234);
	struct hale_observation other =
		event(HALE_MEMORY_POISONED, "host", HALE_JOIN_PAGE, 0x99);
	struct hale_observation nameless =
		event(HALE_MEMORY_POISONED, "host", HALE_JOIN_PAGE,
		      HALE_SECTOR_UNKNOWN);
	struct world w;

	(void)state;
	begin(&w, true);
	say(&w, "kmsg", nameless, "Killing cc1:7");
	say(&w, "trace", page, "page");
	say(&w, "kmsg", page, "recovery action");
	say(&w, "kmsg", nameless, "Killing cc1:7");
	assert_int_equal(world_finding(&w, "host", HALE_MEMORY_POISONED)->count,
			 1);
	say(&w, "kmsg", other, "recovery action");
	assert_int_equal(world_finding(&w, "host", HALE_MEMORY_POISONED)->count,
			 2);
	world_end(&w);
}

static void test_whose_memory_is_the_logs_to_say(void **state)
{
	struct hale_observation host =
		event(HALE_MEMORY_OOM, "host", HALE_JOIN_OOM, 7);
	struct hale_observation cgroup =
		event(HALE_MEMORY_LIMIT, "host", HALE_JOIN_OOM, 7);
	struct world w;

	(void)state;
	begin(&w, true);
	say(&w, "trace", host, "stack");
	assert_int_equal(world_finding(&w, "host", HALE_MEMORY_OOM)->count, 1);
	say(&w, "kmsg", cgroup, "Memory cgroup out of memory");
	assert_null(world_finding(&w, "host", HALE_MEMORY_OOM));
	assert_int_equal(world_finding(&w, "host", HALE_MEMORY_LIMIT)->count,
			 1);
	say(&w, "trace", host, "stack");
	assert_null(world_finding(&w, "host", HALE_MEMORY_OOM));
	world_end(&w);
}

static const uint64_t tid_of_7 = UINT64_C(9) << 32 | 7;
static const uint64_t main_of_7 = UINT64_C(7) << 32 | 7;

static void test_a_death_and_what_it_died_of(void **state)
{
	struct hale_observation got =
		event(HALE_PROCESS_SIGBUS, "process/cc1", HALE_JOIN_DEATH, 7);
	struct hale_observation died =
		event(HALE_PROCESS_SIGBUS, "process/unknown", HALE_JOIN_DEATH,
		      main_of_7);

	(void)state;
	for (int order = 0; order < 2; order++) {
		const struct hale_finding *f;
		struct world w;

		begin(&w, true);
		deaths_are_heard(&w);
		if (order == 0)
			say(&w, "trace", got, "got it: code 4");
		assert_null(
			world_finding(&w, "process/cc1", HALE_PROCESS_SIGBUS));
		say(&w, "procevent", died, "pid 7 died by SIGBUS");
		if (order == 1)
			say(&w, "trace", got, "got it: code 4");
		f = world_finding(&w, "process/cc1", HALE_PROCESS_SIGBUS);
		assert_non_null(f);
		assert_int_equal(f->count, 1);
		assert_non_null(strstr(f->evidence, "code 4"));
		assert_null(world_finding(&w, "process/unknown",
					  HALE_PROCESS_SIGBUS));
		world_end(&w);
	}
}

static void test_a_thread_got_it_and_the_process_died(void **state)
{
	struct hale_observation got = event(
		HALE_PROCESS_SIGBUS, "process/worker", HALE_JOIN_DEATH, 9);
	struct hale_observation died =
		event(HALE_PROCESS_SIGBUS, "process/java", HALE_JOIN_DEATH,
		      main_of_7);
	const struct hale_finding *f;
	struct world w;

	(void)state;
	begin(&w, true);
	deaths_are_heard(&w);
	say(&w, "trace", got, "got it: code 2");
	say(&w, "procevent", died, "pid 7 died by SIGBUS");
	died.join_key = tid_of_7;
	died.count = 0;
	say(&w, "procevent", died, "pid 7 died by SIGBUS");
	f = world_finding(&w, "process/java", HALE_PROCESS_SIGBUS);
	assert_non_null(f);
	assert_int_equal(f->count, 1);
	assert_non_null(strstr(f->evidence, "code 2"));
	assert_null(world_finding(&w, "process/worker", HALE_PROCESS_SIGBUS));
	world_end(&w);
}

static void test_a_signal_alone_counts_where_deaths_are_not_heard(void **state)
{
	struct hale_observation got =
		event(HALE_PROCESS_SIGBUS, "process/cc1", HALE_JOIN_DEATH, 7);
	struct hale_observation sent = got;
	struct world w;

	(void)state;
	begin(&w, true);
	sent.count = 0;
	sent.join_key = 8;
	say(&w, "trace", sent, "sent by pid 1");
	assert_null(world_finding(&w, "process/cc1", HALE_PROCESS_SIGBUS));
	say(&w, "trace", got, "got it");
	say(&w, "trace", got, "got it");
	assert_int_equal(
		world_finding(&w, "process/cc1", HALE_PROCESS_SIGBUS)->count,
		1);
	world_end(&w);
}

static void test_a_machine_check_whose_cpu_the_log_left_out(void **state)
{
	struct hale_observation line =
		event(HALE_CPU_MACHINE_CHECK, "cpu/unknown", HALE_JOIN_OTHER,
		      HALE_SECTOR_UNKNOWN);
	struct hale_observation check =
		event(HALE_CPU_MACHINE_CHECK, "cpu/3", HALE_JOIN_OTHER, 0x90);

	(void)state;
	for (int order = 0; order < 2; order++) {
		struct world w;

		begin(&w, true);
		if (order == 0)
			say(&w, "kmsg", line, "events logged");
		say(&w, "trace", check, "CPU 3");
		if (order == 1)
			say(&w, "kmsg", line, "events logged");
		assert_null(world_finding(&w, "cpu/unknown",
					  HALE_CPU_MACHINE_CHECK));
		assert_int_equal(
			world_finding(&w, "cpu/3", HALE_CPU_MACHINE_CHECK)
				->count,
			1);
		world_end(&w);
	}
}

/* A tracepoint names bank and status, the log a number among others. */
static void test_a_line_about_the_same_leaves_what_was_said(void **state)
{
	struct hale_observation check =
		event(HALE_CPU_MACHINE_CHECK, "cpu/3", HALE_JOIN_OTHER, 0x90);
	struct hale_observation line =
		event(HALE_CPU_MACHINE_CHECK, "cpu/3", HALE_JOIN_OTHER,
		      HALE_SECTOR_UNKNOWN);
	const struct hale_finding *f;

	(void)state;
	for (int order = 0; order < 2; order++) {
		struct world w;

		begin(&w, true);
		check.time_ns = w.now;
		line.time_ns = w.now + MS;
		w.now += 2 * MS;
		if (order == 0)
			say_late(&w, "trace", check, "CPU 3 bank 9: corrected");
		say_late(&w, "kmsg", line, "Machine Check: 0 Bank 9");
		if (order == 1)
			say_late(&w, "trace", check, "CPU 3 bank 9: corrected");
		f = world_finding(&w, "cpu/3", HALE_CPU_MACHINE_CHECK);
		assert_int_equal(f->count, 1);
		assert_string_equal(f->evidence, "CPU 3 bank 9: corrected");
		/* one that only the log tells of is told by it */
		say(&w, "kmsg", line, "Machine Check: 0 Bank 4");
		f = world_finding(&w, "cpu/3", HALE_CPU_MACHINE_CHECK);
		assert_int_equal(f->count, 2);
		assert_string_equal(f->evidence, "Machine Check: 0 Bank 4");
		world_end(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page_is_poisoned_once),
		cmocka_unit_test(test_whose_memory_is_the_logs_to_say),
		cmocka_unit_test(test_a_death_and_what_it_died_of),
		cmocka_unit_test(test_a_thread_got_it_and_the_process_died),
		cmocka_unit_test(
			test_a_signal_alone_counts_where_deaths_are_not_heard),
		cmocka_unit_test(
			test_a_machine_check_whose_cpu_the_log_left_out),
		cmocka_unit_test(
			test_a_line_about_the_same_leaves_what_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
