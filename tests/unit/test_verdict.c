/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build is told. Each test breaks a part of a small host and asks as
 * `hale check` would: for the path on the broken part, for a path elsewhere,
 * for the host. Time is invented.
 */
#include "world.h"

struct host_case {
	enum hale_condition condition;
	const char *part;
	enum hale_fitness path, host;
};

static void healthy_is_fit(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_fitness(HALE_FIT, world_check_build(&w));
	assert_int_equal(w.verdict.n_reasons, 0);
	assert_int_equal(w.verdict.as_of_ns, w.now);
	assert_true(w.verdict.n_parts >= 4);
	assert_fitness(HALE_FIT, world_check_root(&w));
	assert_fitness(HALE_FIT, world_check_host(&w));
	world_end(&w);
}

static void medium_error_closes_its_own_path_only(void **state)
{
	const struct hale_reason *r;
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	r = world_reason(&w, 0);
	assert_int_equal(r->finding.condition, HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(r->effect, HALE_EFFECT_BLOCKS);
	assert_string_equal(r->finding.part, "disk/naa.build");
	assert_string_equal(r->finding.alias, "sdb");
	assert_string_equal(r->finding.model, "WDC WD40EZRZ");
	assert_string_equal(r->finding.serial, "naa.build");
	assert_string_equal(r->finding.evidence, "disk.medium_error on sdb");
	assert_string_equal(r->finding.driver, "kmsg");
	assert_string_equal(r->path, "/home/ci/src");
	assert_string_equal(r->via, "ext4 on sdb1");
	assert_fitness(HALE_FIT, world_check_root(&w));
	assert_fitness(HALE_UNFIT, world_check_host(&w));
	assert_string_equal(world_reason(&w, 0)->path, "/home/ci");
	world_end(&w);
}

static void root_is_in_every_scope(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sda1");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_string_equal(world_reason(&w, 0)->path, "/");
	assert_string_equal(world_reason(&w, 0)->via, "ext4 on sda1");
	world_end(&w);
}

static void parts_under_no_path(void **state)
{
	static const struct host_case cases[] = {
		{ HALE_MEMORY_POISONED, "host", HALE_UNFIT, HALE_UNFIT },
		{ HALE_MEMORY_UNCORRECTED, "dimm/A1", HALE_UNFIT, HALE_UNFIT },
		{ HALE_CPU_MACHINE_CHECK, "cpu/3", HALE_DEGRADED,
		  HALE_DEGRADED },
		{ HALE_KERNEL_OOPS, "host", HALE_DEGRADED, HALE_DEGRADED },
		{ HALE_MEMORY_LIMIT, "process/cc1", HALE_FIT, HALE_FIT },
		{ HALE_PROCESS_SIGBUS, "process/cc1", HALE_FIT, HALE_FIT },
		/* test_verdict_aside.c says when they count */
		{ HALE_ENGINE_DOWN, "engine/docker", HALE_FIT, HALE_FIT },
		{ HALE_NET_TX_TIMEOUT, "net/eth0", HALE_FIT, HALE_FIT },
		{ HALE_GPU_FAULT, "gpu/0", HALE_FIT, HALE_DEGRADED },
		{ HALE_MEMORY_UNCORRECTED, "gpu/0", HALE_FIT, HALE_DEGRADED },
		{ HALE_GPU_FAULT, "pci/0000:07:00.0", HALE_FIT, HALE_DEGRADED },
		/* the controller of both disks */
		{ HALE_GPU_FAULT, "pci/0000:00:1f.2", HALE_DEGRADED,
		  HALE_DEGRADED },
		{ HALE_DISK_IO_ERROR, "disk/unknown", HALE_FIT, HALE_DEGRADED },
		{ HALE_DISK_IO_ERROR, "disk/never-seen", HALE_FIT,
		  HALE_DEGRADED },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct world w;

		world_new(&w);
		world_state(&w, cases[i].condition, HALE_REF_PART,
			    cases[i].part, true);
		assert_fitness(cases[i].path, world_check_build(&w));
		assert_fitness(cases[i].host, world_check_host(&w));
		if (cases[i].path == HALE_UNFIT)
			assert_string_equal(world_reason(&w, 0)->path, "");
		world_end(&w);
	}
}

static void missing_senses_are_unknown(void **state)
{
	static const struct {
		enum hale_sense sense;
		const char *story;
	} cases[] = {
		{ HALE_SENSE_BLOCK_ERRORS,
		  "block_errors: kmsg: kernel.dmesg_restrict is set" },
		{ HALE_SENSE_FS_STATE,
		  "fs_state: space: kernel.dmesg_restrict is set" },
		{ HALE_SENSE_STORAGE_MAP,
		  "storage_map: storage: kernel.dmesg_restrict is set" },
	};
	static const char *const drivers[] = { "kmsg", "space", "storage" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct world w;

		world_new(&w);
		world_sight(&w, drivers[i], cases[i].sense, HALE_SIGHT_BLIND,
			    "kernel.dmesg_restrict is set");
		assert_fitness(HALE_UNKNOWN, world_check_build(&w));
		assert_int_equal(w.verdict.n_reasons, 1);
		assert_string_equal(world_reason(&w, 0)->finding.evidence,
				    cases[i].story);
		assert_fitness(HALE_UNKNOWN, world_check_host(&w));
		/* another driver that sees it makes up for it */
		world_sight(&w, "trace", cases[i].sense, HALE_SIGHT_PARTIAL,
			    "not all");
		assert_fitness(HALE_FIT, world_check_build(&w));
		world_end(&w);
	}
}

static void nothing_seen_is_unknown(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "fs_state: no driver has it");
	world_assert_story(&w, "storage_map: it has not been read yet");
	assert_fitness(HALE_UNKNOWN, world_check_host(&w));
	world_see_all(&w);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	assert_fitness(HALE_UNKNOWN, world_check_host(&w));
	world_end(&w);
}

static void other_blindness_is_no_reason(void **state)
{
	struct world w;
	struct hale_policy policy;

	(void)state;
	world_new(&w);
	world_sight(&w, "procevent", HALE_SENSE_PROCESS_DEATHS,
		    HALE_SIGHT_BLIND, "needs root");
	assert_fitness(HALE_FIT, world_check_build(&w));
	hale_policy_default(&policy);
	policy.required_senses |= 1U << HALE_SENSE_PROCESS_DEATHS;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "process_deaths: procevent: needs root");
	world_end(&w);
}

static void order_of_answers(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	/* DEGRADED beats FIT */
	world_event(&w, HALE_KERNEL_OOPS, HALE_REF_PART, "host");
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	/* UNKNOWN beats DEGRADED, and its reason comes first */
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_BLIND,
		    "gone");
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_CONDITION_NONE);
	assert_int_equal(world_reason(&w, 1)->finding.condition,
			 HALE_KERNEL_OOPS);
	/* UNFIT beats UNKNOWN */
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_int_equal(world_reason(&w, 0)->finding.condition, HALE_FS_ERROR);
	assert_int_equal(w.verdict.n_reasons, 3);
	world_end(&w);
}

static void causes_come_before_symptoms(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += SECOND;
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	world_state(&w, HALE_FS_READONLY, HALE_REF_FS, "sdb1", true);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(world_reason(&w, 1)->finding.condition, HALE_FS_ERROR);
	assert_string_equal(world_reason(&w, 1)->finding.part, "fs/uuid-build");
	assert_string_equal(world_reason(&w, 1)->finding.where, "/home/ci");
	assert_string_equal(world_reason(&w, 1)->finding.alias, "sdb1");
	world_end(&w);
}

static void only_the_worst_reasons_fit(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (int i = 0; i < 20; i++) {
		char cpu[16];

		snprintf(cpu, sizeof(cpu), "cpu/%d", i);
		world_event(&w, HALE_CPU_LOCKUP, HALE_REF_PART, cpu);
	}
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_int_equal(w.verdict.n_reasons, HALE_REASONS_MAX);
	assert_int_equal(w.verdict.n_reasons_total, 21);
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_DISK_IO_ERROR);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_is_fit),
		cmocka_unit_test(medium_error_closes_its_own_path_only),
		cmocka_unit_test(root_is_in_every_scope),
		cmocka_unit_test(parts_under_no_path),
		cmocka_unit_test(missing_senses_are_unknown),
		cmocka_unit_test(nothing_seen_is_unknown),
		cmocka_unit_test(other_blindness_is_no_reason),
		cmocka_unit_test(order_of_answers),
		cmocka_unit_test(causes_come_before_symptoms),
		cmocka_unit_test(only_the_worst_reasons_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
