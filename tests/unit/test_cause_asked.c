/* SPDX-License-Identifier: Apache-2.0 */
/* Deaths as they are asked about: of a finding alone, for want of memory, seen
 * by the asker, by two witnesses, in one cgroup. */
#include <signal.h>

#include "causes.h"

static struct causes c;

/* The finding alone, of an agent that heard of the signal only. */
static void of_a_finding(void **state)
{
	const struct hale_cause *x;
	struct hale_observation o;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_MEMORY_POISONED, HALE_REF_PART, "host");
	o = world_observation(HALE_PROCESS_SIGBUS, HALE_REF_PART,
			      "process/cc1");
	HALE_SET(o.evidence, "pid 71 (cc1) got SIGBUS, code 4 (poison)");
	world_say(&w, "trace", &o);
	x = causes_of(&c, &w, "cc1");
	assert_int_equal(x->steps[0].finding.condition, HALE_MEMORY_POISONED);
	assert_int_equal(causes_death(x, "cc1")->victim.pid, 71);
	world_end(&w);
}

static void says_kill(struct world *w, enum hale_condition condition,
		      uint32_t pid)
{
	struct hale_observation o =
		world_observation(condition, HALE_REF_PART, "host");

	snprintf(o.evidence, sizeof(o.evidence),
		 "Killed process %u (cc1plus) total-vm:9000000kB", pid);
	world_say(w, "kmsg", &o);
}

static void of_memory_that_ran_out(void **state)
{
	const struct hale_cause *x;
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	v = causes_victim(&w, "cc1plus", 0);
	v.signal = SIGKILL;
	v.oom = true;
	causes_died(&w, &v);
	says_kill(&w, HALE_MEMORY_OOM, v.pid);
	x = causes_of(&c, &w, "cc1plus");
	assert_string_equal(x->headline, "this host ran out of memory");
	assert_int_equal(x->build, HALE_CAUSE_HOST_MEMORY);
	assert_int_equal(causes_death(x, "cc1plus")->confidence,
			 HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
	/* its own limit is the job's, though the host is short as well */
	causes_machine(&w);
	causes_died(&w, &v);
	says_kill(&w, HALE_MEMORY_OOM, v.pid + 1);
	says_kill(&w, HALE_MEMORY_LIMIT, v.pid);
	x = causes_of(&c, &w, "cc1plus");
	assert_int_equal(x->build, HALE_CAUSE_BUILD_LIMIT);
	world_end(&w);
	/* the finding names the last that was chosen, the others died of it */
	causes_machine(&w);
	causes_died(&w, &v);
	says_kill(&w, HALE_MEMORY_OOM, v.pid + 1);
	x = causes_of(&c, &w, "cc1plus");
	assert_string_equal(x->headline, "this host ran out of memory");
	assert_int_equal(causes_death(x, "cc1plus")->confidence,
			 HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
	/* at its own limit, while the host was short: not the host's */
	v.oom_limit = true;
	causes_machine(&w);
	causes_died(&w, &v);
	says_kill(&w, HALE_MEMORY_OOM, v.pid + 1);
	x = causes_of(&c, &w, "cc1plus");
	assert_int_equal(x->build, HALE_CAUSE_BUILD_LIMIT);
	world_end(&w);
	v.oom_limit = false;
	/* pressure before it is told as what it came to */
	causes_machine(&w);
	world_state(&w, HALE_MEMORY_PRESSURE, HALE_REF_PART, "host", true);
	causes_died(&w, &v);
	says_kill(&w, HALE_MEMORY_OOM, v.pid);
	x = causes_of(&c, &w, "cc1plus");
	assert_int_equal(x->steps[0].finding.condition, HALE_MEMORY_PRESSURE);
	assert_string_equal(x->headline, "this host ran out of memory");
	world_end(&w);
}

/* What the asker saw itself is explained, whoever else has seen it. */
static void the_askers_own(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	memset(&c.query, 0, sizeof(c.query));
	causes_path(&c, "/home/ci", 8, 17);
	v = causes_victim(&w, "cc1", 0);
	v.witnesses = HALE_WITNESS_PARENT;
	causes_maps(&v, HALE_HELD_CWD, 8, 17);
	c.query.victims[c.query.n_victims++] = v;
	v = causes_victim(&w, "make", 0);
	v.signal = SIGTERM;
	c.query.victims[c.query.n_victims++] = v;
	/* and one of somebody else's */
	v = causes_victim(&w, "stranger", 1);
	causes_died(&w, &v);
	causes_ask(&c, &w);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.list[0].steps[0].finding.condition,
			 HALE_DISK_IO_ERROR);
	assert_int_equal(c.list[0].confidence, HALE_CONFIDENCE_CERTAIN);
	causes_assert_own(causes_killing(&c, "make"), HALE_CAUSE_UNKNOWN,
			  HALE_CONFIDENCE_LIKELY);
	assert_int_equal(c.told.n_deaths, 2);
	world_end(&w);
}

/* Two witnesses of one death are one death: the agent knows the code, the
 * asker the files. */
static void one_death_of_two_witnesses(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	v = causes_victim(&w, "cc1", 2);
	causes_died(&w, &v);
	memset(&c.query, 0, sizeof(c.query));
	v.code_known = false;
	v.witnesses = HALE_WITNESS_PARENT;
	causes_maps(&v, HALE_HELD_EXE, 8, 17);
	c.query.victims[c.query.n_victims++] = v;
	causes_ask(&c, &w);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.told.n_deaths, 1);
	assert_int_equal(causes_death(&c.list[0], "cc1")->relation,
			 HALE_RELATION_MAPPED);
	assert_true(causes_death(&c.list[0], "cc1")->victim.code_known);
	world_end(&w);
}

static void deaths_of_a_cgroup(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	v = causes_victim(&w, "mine", 1);
	HALE_SET(v.cgroup, "/ci/build-7/step");
	causes_died(&w, &v);
	v = causes_victim(&w, "other", 1);
	HALE_SET(v.cgroup, "/ci/build-77");
	causes_died(&w, &v);
	memset(&c.query, 0, sizeof(c.query));
	HALE_SET(c.query.cgroup, "/ci/build-7");
	causes_ask(&c, &w);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.told.n_deaths, 1);
	causes_killing(&c, "mine");
	world_end(&w);
}

/* What was over before the build began did not harm it; what ended during it
 * may have. */
static void time_bounds_the_question(void **state)
{
	struct world w;

	(void)state;
	causes_machine(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 0, 100 * HALE_GIB);
	w.now += MINUTE;
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 50 * HALE_GIB,
		      100 * HALE_GIB);
	w.now += MINUTE;
	memset(&c.query, 0, sizeof(c.query));
	causes_path(&c, "/home/ci", 8, 17);
	c.query.since_ns = START;
	causes_ask(&c, &w);
	assert_int_equal(c.n, 1);
	assert_non_null(causes_rooted(&c, HALE_FS_FULL));
	assert_true(c.list[0].steps[0].finding.closed_ns > 0);
	c.query.since_ns = w.now - SECOND;
	causes_ask(&c, &w);
	assert_int_equal(c.n, 0);
	world_end(&w);
}

/* The disk went before the build began, what came of it during the build: the
 * root answers only by that, and is no surer than the way to it. */
static void by_what_came_of_it(void **state)
{
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_TIMEOUT, HALE_REF_DISK, "sdb");
	w.now += 2 * MINUTE;
	memset(&c.query, 0, sizeof(c.query));
	causes_path(&c, "/home/ci", 8, 17);
	c.query.since_ns = w.now;
	w.now += MINUTE;
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	causes_ask(&c, &w);
	assert_int_equal(c.n, 1);
	assert_non_null(causes_rooted(&c, HALE_DISK_TIMEOUT));
	assert_int_equal(c.list[0].confidence, HALE_CONFIDENCE_LIKELY);
	c.query.since_ns = START;
	causes_ask(&c, &w);
	assert_int_equal(c.list[0].confidence, HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_finding),
		cmocka_unit_test(of_memory_that_ran_out),
		cmocka_unit_test(the_askers_own),
		cmocka_unit_test(one_death_of_two_witnesses),
		cmocka_unit_test(deaths_of_a_cgroup),
		cmocka_unit_test(time_bounds_the_question),
		cmocka_unit_test(by_what_came_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
