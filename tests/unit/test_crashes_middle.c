/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash history through the middle: deaths in, a finding out, and what ends
 * it. Time is invented.
 */
#include <signal.h>

#include "agent/core/victims.h"

#include "world.h"

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

static const char *const tools[] = { "/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
				     "/usr/bin/x86_64-linux-gnu-ld.bfd",
				     "/usr/bin/python3.11", "/usr/bin/git",
				     "/usr/bin/make" };

static void dies(struct world *w, const struct hale_victim *v)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };

	f.u.victim = *v;
	f.u.victim.time_ns = w->now;
	world_fact(w, "trace", &f);
}

static void five_die(struct world *w, uint32_t uid)
{
	for (uint32_t i = 0; i < 5; i++) {
		struct hale_victim v = crash(tools[i], i + 1);

		v.uid = uid;
		dies(w, &v);
		w->now += 5 * SECOND;
		middle_tick(w->m, w->now);
		w->now += HOUR;
	}
}

static bool has_suspect(struct world *w, enum hale_effect effect)
{
	for (size_t i = 0; middle_finding(w->m, i, w->now, &w->finding); i++) {
		if (w->finding.condition == HALE_MEMORY_SUSPECT)
			return w->finding.effect == effect;
	}
	return false;
}

static void test_the_finding(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	five_die(&w, 110);
	assert_true(has_suspect(&w, HALE_EFFECT_WARNS));
	assert_non_null(strstr(w.finding.evidence, "cc1plus, ld.bfd"));
	world_end(&w);
	world_new(&w);
	five_die(&w, 1001);
	assert_true(has_suspect(&w, HALE_EFFECT_NOTES));
	assert_non_null(strstr(w.finding.evidence, "uid 1001"));
	world_end(&w);
}

/* The next crash alone does not bring back what was cleared. */
static void test_cleared_is_over(void **state)
{
	struct hale_victim v = crash("/usr/bin/tar", 99);
	struct world w;

	(void)state;
	world_new(&w);
	five_die(&w, 110);
	assert_true(has_suspect(&w, HALE_EFFECT_WARNS));
	assert_int_equal(middle_clear(w.m, "host", HALE_MEMORY_SUSPECT, w.now),
			 1);
	w.now += HOUR;
	dies(&w, &v);
	w.now += 5 * SECOND;
	middle_tick(w.m, w.now);
	assert_false(has_suspect(&w, HALE_EFFECT_WARNS));
	world_end(&w);
}

static void test_a_failing_disk_explains_them(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sda");
	five_die(&w, 0);
	assert_false(has_suspect(&w, HALE_EFFECT_WARNS));
	world_end(&w);
}

/* Only of a death that the agent has seen itself, by who may know. */
static void test_a_retest_of_nobody(void **state)
{
	struct hale_victim v = crash(tools[0], 1);
	struct middle_teller root = { .pid = v.pid, .trusted = true };
	struct middle_teller own = { .pid = v.pid, .uid = v.uid };
	struct middle_teller other = { .pid = v.pid, .uid = 1234 };
	struct world w;

	(void)state;
	world_new(&w);
	assert_false(middle_retested(w.m, &root, w.now));
	dies(&w, &v);
	assert_false(middle_retested(w.m, &other, w.now));
	assert_true(middle_retested(w.m, &own, w.now));
	assert_false(has_suspect(&w, HALE_EFFECT_WARNS));
	assert_true(middle_retested(w.m, &root, w.now));
	assert_true(has_suspect(&w, HALE_EFFECT_WARNS));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_finding),
		cmocka_unit_test(test_cleared_is_over),
		cmocka_unit_test(test_a_failing_disk_explains_them),
		cmocka_unit_test(test_a_retest_of_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
