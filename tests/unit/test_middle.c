/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle over time: silence, what it says has changed, what it shows.
 * Time is invented.
 */
#include "world.h"

#define DISK "disk/naa.build"

static void a_silent_driver_is_missed(void **state)
{
	struct hale_coverage c;
	uint64_t generation, due;
	struct world w;

	(void)state;
	world_new(&w);
	due = world_wait(&w, 0);
	assert_int_equal(due, START + 180 * SECOND + 1);
	world_wait(&w, 180 * SECOND);
	assert_fitness(HALE_FIT, world_check_build(&w));
	generation = middle_generation(w.m);
	assert_int_equal(world_wait(&w, 1), UINT64_MAX);
	assert_true(middle_generation(w.m) > generation);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	assert_string_equal(w.verdict.reasons[0].finding.evidence,
			    "fs_state: space: has fallen silent; haled's log "
			    "may say why; restart haled");
	for (size_t i = 0; middle_coverage(w.m, i, &c); i++) {
		if (strcmp(c.driver, "space") == 0) {
			assert_int_equal(c.sight, HALE_SIGHT_BLIND);
			assert_string_equal(c.why, "has fallen silent");
		}
	}
	/* any word of it brings it back */
	generation = middle_generation(w.m);
	assert_true(world_measure(&w, HALE_METRIC_FS_BYTES, "8:1",
				  500 * HALE_GIB, 1000 * HALE_GIB));
	assert_true(middle_generation(w.m) > generation);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void silence_may_be_allowed(void **state)
{
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	hale_policy_default(&policy);
	policy.stale_s = 0;
	middle_set_policy(w.m, &policy);
	assert_int_equal(world_wait(&w, DAY), UINT64_MAX);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void coverage_is_shown(void **state)
{
	struct hale_coverage c;
	uint64_t generation;
	struct world w;

	(void)state;
	world_bare(&w);
	assert_false(middle_coverage(w.m, 0, &c));
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_PARTIAL,
		    "12 records lost");
	assert_true(middle_coverage(w.m, 0, &c));
	assert_string_equal(c.driver, "kmsg");
	assert_string_equal(c.why, "12 records lost");
	assert_int_equal(c.since_ns, START);
	assert_false(middle_coverage(w.m, 1, &c));
	generation = middle_generation(w.m);
	w.now += MINUTE;
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_PARTIAL,
		    "12 records lost");
	assert_int_equal(middle_generation(w.m), generation);
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_PARTIAL,
		    "13 records lost");
	assert_true(middle_generation(w.m) > generation);
	assert_true(middle_coverage(w.m, 0, &c));
	assert_int_equal(c.since_ns, START);
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_LIVE, "");
	assert_true(middle_coverage(w.m, 0, &c));
	assert_int_equal(c.since_ns, START + MINUTE);
	/* nonsense, and more than any host has */
	world_sight(&w, "kmsg", HALE_SENSE_COUNT, HALE_SIGHT_LIVE, "");
	assert_false(middle_coverage(w.m, 1, &c));
	for (int i = 0; i < 60; i++) {
		char driver[16];

		snprintf(driver, sizeof(driver), "d%d", i);
		world_sight(&w, driver, HALE_SENSE_IDENTITY, HALE_SIGHT_BLIND,
			    "");
	}
	assert_true(middle_coverage(w.m, 39, &c));
	assert_string_equal(c.driver, "d38");
	assert_true(middle_coverage(w.m, 40, &c));
	assert_string_equal(c.driver, "core");
	assert_int_equal(c.sight, HALE_SIGHT_PARTIAL);
	assert_false(middle_coverage(w.m, 41, &c));
	world_end(&w);
}

static void blindness_without_a_reason(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_sight(&w, "space", HALE_SENSE_FS_STATE, HALE_SIGHT_BLIND, "");
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	assert_string_equal(w.verdict.reasons[0].finding.evidence,
			    "fs_state: space: does not work");
	world_end(&w);
}

static void worst_findings_first(void **state)
{
	static const struct {
		enum hale_condition condition;
		const char *part;
	} order[] = {
		{ HALE_DISK_IO_ERROR, "disk/naa.root" },
		{ HALE_DISK_MEDIUM_ERROR, DISK },
		{ HALE_KERNEL_OOPS, "host" },
		{ HALE_PROCESS_SIGBUS, "process/cc1" },
	};
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_KERNEL_OOPS, HALE_REF_PART, "host");
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += SECOND;
	world_event(&w, HALE_PROCESS_SIGBUS, HALE_REF_PART, "process/cc1");
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sda");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(order); i++) {
		assert_true(middle_finding(w.m, i, w.now, &w.finding));
		assert_int_equal(w.finding.condition, order[i].condition);
		assert_string_equal(w.finding.part, order[i].part);
	}
	assert_false(middle_finding(w.m, 4, w.now, &w.finding));
	world_end(&w);
}

static void filesystems_without_a_device(void **state)
{
	struct hale_scope_path p = world_path("/srv/x", 0, 70, "nfs4");
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	{
		struct hale_fact f = world_mount_fact(0, 70, "nfs4", "/srv");

		f.u.mount.remote = true;
		HALE_SET(f.u.mount.source, "server:/x");
		world_fact(&w, "storage", &f);
	}
	world_map(&w, HALE_FACT_MAP_END);
	world_state(&w, HALE_FS_HUNG, HALE_REF_FS, "0:70", true);
	HALE_SET(p.source, "server:/x");
	assert_fitness(HALE_UNFIT, world_check_path(&w, &p));
	assert_string_equal(w.verdict.reasons[0].via, "nfs4 on server:/x");
	assert_string_equal(w.verdict.reasons[0].finding.alias, "server:/x");
	assert_string_equal(w.verdict.reasons[0].finding.where, "/srv");
	assert_fitness(HALE_FIT, world_check_root(&w));
	world_end(&w);
}

/* A chip whose module was unloaded, an engine that was removed, a disk that
 * cooled down asleep: nobody will ever say that it is over. */
static void what_is_not_said_again_ends(void **state)
{
	static const struct {
		enum hale_condition condition;
		const char *part;
	} states[] = {
		{ HALE_SENSOR_TEMPERATURE, "sensor/nct6775.temp1" },
		{ HALE_SENSOR_FAN, "sensor/nct6775.fan2" },
		{ HALE_SENSOR_VOLTAGE, "sensor/nct6775.in0" },
		{ HALE_POWER_SUPPLY, "sensor/psu1" },
		{ HALE_CPU_THROTTLED, "cpu/0" },
		{ HALE_MEMORY_PRESSURE, "host" },
		{ HALE_IO_PRESSURE, "host" },
		{ HALE_LIMIT_PIDS, "host" },
		{ HALE_LIMIT_FILES, "host" },
		{ HALE_LIMIT_CONNTRACK, "host" },
		{ HALE_CLOCK_UNSYNCED, "host" },
		{ HALE_NET_LINK_DOWN, "net/eth0" },
		{ HALE_ENGINE_DOWN, "engine/podman" },
		{ HALE_ENGINE_PLUGIN_BROKEN, "engine/docker" },
		{ HALE_ENGINE_STORAGE, "engine/docker" },
		{ HALE_ENGINE_RECLAIMABLE, "engine/docker" },
		{ HALE_DISK_HOT, DISK },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(states); i++) {
		const char *part = states[i].part;
		enum hale_condition c = states[i].condition;
		struct world w;

		world_new(&w);
		world_state(&w, c, HALE_REF_PART, part, true);
		/* it is said again for as long as it holds */
		for (int hour = 0; hour < 12; hour++) {
			world_wait(&w, 59 * MINUTE);
			world_state(&w, c, HALE_REF_PART, part, true);
			assert_non_null(world_finding(&w, part, c));
			assert_true(w.finding.first_ns < w.now - 58 * MINUTE);
		}
		world_wait(&w, 6 * HOUR);
		assert_null(world_finding(&w, part, c));
		world_end(&w);
	}
}

static void free_takes_null(void **state)
{
	(void)state;
	assert_null(middle_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_driver_is_missed),
		cmocka_unit_test(silence_may_be_allowed),
		cmocka_unit_test(coverage_is_shown),
		cmocka_unit_test(blindness_without_a_reason),
		cmocka_unit_test(worst_findings_first),
		cmocka_unit_test(filesystems_without_a_device),
		cmocka_unit_test(what_is_not_said_again_ends),
		cmocka_unit_test(free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
