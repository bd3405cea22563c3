/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room and rights: what the client measured of its own paths, what it needs,
 * and what the agent knew before. Time is invented.
 */
#include "world.h"

static struct hale_scope_path measured(const char *path, uint64_t avail)
{
	struct hale_scope_path p = world_path(path, 8, 17, "ext4");

	p.measured = true;
	p.avail_bytes = avail;
	p.total_bytes = 1000 * HALE_GIB;
	p.avail_inodes = p.total_inodes = 50000000;
	return p;
}

static enum hale_fitness check_need(struct world *w, struct hale_scope_path p,
				    uint64_t bytes, uint64_t inodes)
{
	struct hale_scope_request req = { .n_paths = 1,
					  .need_bytes = bytes,
					  .need_inodes = inodes };

	req.paths[0] = p;
	middle_judge(w->m, &req, w->now, &w->verdict);
	return w->verdict.fitness;
}

static void room_in_the_request(void **state)
{
	static const struct {
		uint64_t avail, inodes;
		enum hale_fitness fitness;
		enum hale_condition condition;
		const char *evidence;
	} cases[] = {
		{ 100 * HALE_GIB, 50000000, HALE_FIT, 0, "" },
		{ 9 * HALE_GIB, 50000000, HALE_DEGRADED, HALE_FS_FULL,
		  "9 GiB free" },
		{ HALE_GIB, 50000000, HALE_UNFIT, HALE_FS_FULL, "1 GiB free" },
		{ 100 * HALE_GIB, 99999, HALE_DEGRADED, HALE_FS_INODES_FULL,
		  "99999 inodes free" },
		{ 100 * HALE_GIB, 0, HALE_UNFIT, HALE_FS_INODES_FULL,
		  "0 inodes free" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_scope_path p = measured("/home/ci", cases[i].avail);
		struct world w;

		world_new(&w);
		p.avail_inodes = cases[i].inodes;
		assert_fitness(cases[i].fitness, world_check_path(&w, &p));
		if (cases[i].condition) {
			const struct hale_finding *f =
				&world_reason(&w, 0)->finding;

			assert_int_equal(f->condition, cases[i].condition);
			assert_string_equal(f->evidence, cases[i].evidence);
			assert_string_equal(f->part, "fs/uuid-build");
			assert_string_equal(f->where, "/home/ci");
			assert_string_equal(world_reason(&w, 0)->via,
					    "ext4 on sdb1");
		}
		/* an answer is no memory */
		assert_null(world_finding(&w, "fs/uuid-build", HALE_FS_FULL));
		world_end(&w);
	}
}

static void needs_beyond_the_thresholds(void **state)
{
	const uint64_t avail = 13 * HALE_GIB + HALE_GIB / 10;
	struct hale_scope_path p = measured("/home/ci", avail);
	const struct hale_finding *f;
	struct world w;

	(void)state;
	world_new(&w);
	assert_fitness(HALE_FIT, check_need(&w, p, 0, 0));
	assert_fitness(HALE_FIT, check_need(&w, p, avail, 50000000));
	assert_fitness(HALE_UNFIT, check_need(&w, p, 20 * HALE_GIB, 0));
	f = &world_reason(&w, 0)->finding;
	assert_int_equal(f->condition, HALE_FS_FULL);
	assert_string_equal(f->evidence, "needs 20 GiB, 13 GiB free");
	assert_int_equal(f->value, avail);
	assert_int_equal(f->total, 1000 * HALE_GIB);
	assert_fitness(HALE_UNFIT, check_need(&w, p, 0, 50000001));
	assert_string_equal(world_reason(&w, 0)->finding.evidence,
			    "needs 50000001 inodes, 50000000 inodes free");
	/* btrfs has no number of inodes, and so none to lack */
	p.total_inodes = p.avail_inodes = 0;
	assert_fitness(HALE_FIT, check_need(&w, p, 0, 50000001));
	/* what is needed of the build's path is not needed of "/" */
	p.implied = true;
	assert_fitness(HALE_FIT, check_need(&w, p, 20 * HALE_GIB, 0));
	/* a need that cannot be answered is not fulfilled */
	p.implied = p.measured = false;
	assert_fitness(HALE_UNKNOWN, check_need(&w, p, 1, 0));
	world_assert_story(&w, "/home/ci: its free space is not known");
	assert_fitness(HALE_UNKNOWN, check_need(&w, p, 0, 1));
	p.implied = true;
	assert_fitness(HALE_FIT, check_need(&w, p, 0, 1));
	world_end(&w);
}

static void need_of_memory(void **state)
{
	struct hale_scope_request req = { .n_paths = 1 };
	struct world w;

	(void)state;
	world_new(&w);
	req.paths[0] = world_path("/home/ci", 8, 17, "ext4");
	req.need_memory_bytes = 8 * HALE_GIB;
	req.mem_available_bytes = 8 * HALE_GIB;
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_FIT, w.verdict.fitness);
	req.mem_available_bytes = 3 * HALE_GIB / 2;
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_UNFIT, w.verdict.fitness);
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_MEMORY_PRESSURE);
	assert_string_equal(world_reason(&w, 0)->finding.part, "host");
	assert_string_equal(world_reason(&w, 0)->finding.evidence,
			    "needs 8 GiB, 1.5 GiB available");
	req.mem_available_bytes = 0;
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_UNKNOWN, w.verdict.fitness);
	world_end(&w);
}

static void fresh_numbers_beat_the_last_measure(void **state)
{
	struct hale_scope_path full = measured("/home/ci", HALE_GIB);
	struct hale_scope_path roomy = measured("/home/ci", 100 * HALE_GIB);
	struct hale_scope_path edge =
		measured("/home/ci", 2 * HALE_GIB + HALE_MIB);
	struct world w;

	(void)state;
	world_new(&w);
	assert_fitness(HALE_DEGRADED, world_check_path(&w, &edge));
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", HALE_GIB,
		      1000 * HALE_GIB);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_int_equal(w.verdict.n_reasons, 1);
	/* said once, not by both */
	assert_fitness(HALE_UNFIT, world_check_path(&w, &full));
	assert_int_equal(w.verdict.n_reasons, 1);
	/* just made room: the old measure is over */
	assert_fitness(HALE_FIT, world_check_path(&w, &roomy));
	/* but a hair above the limit is still the same state */
	assert_fitness(HALE_UNFIT, world_check_path(&w, &edge));
	world_end(&w);
}

static bool doubted(struct world *w, struct hale_scope_path p)
{
	struct hale_scope_request req = { .n_paths = 1 };

	req.paths[0] = p;
	return middle_doubts_room(w->m, &req);
}

/* The host's own word lags behind a client's look until somebody measures. */
static void other_numbers_are_worth_a_look(void **state)
{
	struct hale_scope_path full = measured("/home/ci", HALE_GIB);
	struct hale_scope_path roomy = measured("/home/ci", 100 * HALE_GIB);
	struct hale_scope_path scarce = roomy, other = full, image = full;
	struct world w;

	(void)state;
	world_new(&w);
	scarce.avail_inodes = 10;
	assert_true(doubted(&w, full));
	assert_true(doubted(&w, scarce));
	assert_false(doubted(&w, roomy));
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", HALE_GIB,
		      1000 * HALE_GIB);
	assert_false(doubted(&w, full));
	assert_true(doubted(&w, roomy));
	/* nobody's numbers, those of a choice, and a container's own */
	full.avail_bytes = 5 * HALE_GIB;
	assert_true(doubted(&w, full));
	full.read_only = true;
	assert_false(doubted(&w, full));
	roomy.measured = false;
	assert_false(doubted(&w, roomy));
	other.minor = 99;
	other.avail_bytes = 0;
	assert_false(doubted(&w, other));
	HALE_SET(image.type, "squashfs");
	image.avail_bytes = 100 * HALE_GIB;
	assert_false(doubted(&w, image));
	world_end(&w);
}

static void read_only_paths(void **state)
{
	struct hale_scope_path p = measured("/home/ci", 100 * HALE_GIB);
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	p.read_only = true;
	assert_fitness(HALE_UNFIT, world_check_path(&w, &p));
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_FS_READONLY);
	assert_string_equal(world_reason(&w, 0)->finding.evidence,
			    "mounted read-only");
	/* "/" may be read-only by choice */
	p.implied = true;
	assert_fitness(HALE_FIT, check_need(&w, p, 0, 0));
	/* but not by error */
	world_event(&w, HALE_FS_READONLY, HALE_REF_FS, "sdb1");
	assert_fitness(HALE_UNFIT, check_need(&w, p, 0, 0));
	world_end(&w);

	world_new(&w);
	hale_policy_default(&policy);
	policy.effect[HALE_FS_READONLY] = HALE_EFFECT_NONE;
	middle_set_policy(w.m, &policy);
	p.implied = false;
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	world_end(&w);
}

static void images_are_full_by_nature(void **state)
{
	struct hale_scope_path p = world_path("/snap/core", 7, 3, "squashfs");
	struct world w;

	(void)state;
	world_new(&w);
	world_layered(&w, "loop3", 7, 3, HALE_BLOCK_LOOP);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 7, 3, "squashfs", "/snap/core");
	world_layer(&w, "7:3", "8:1", "loop");
	world_map(&w, HALE_FACT_MAP_END);
	world_measure(&w, HALE_METRIC_FS_BYTES, "7:3", 0, HALE_GIB);
	assert_null(world_finding(&w, "fs/loop3", HALE_FS_FULL));
	p.measured = true;
	p.total_bytes = HALE_GIB;
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	world_end(&w);
}

static void a_tmpfs_of_the_clients_own(void **state)
{
	struct hale_scope_path p = world_path("/tmp", 0, 77, "tmpfs");
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	p.measured = true;
	p.total_bytes = HALE_GIB;
	p.avail_bytes = HALE_MIB;
	assert_fitness(HALE_UNFIT, world_check_path(&w, &p));
	assert_string_equal(world_reason(&w, 0)->finding.part, "fs/tmpfs@/tmp");
	assert_string_equal(world_reason(&w, 0)->via, "tmpfs");
	hale_policy_default(&policy);
	policy.effect[HALE_FS_FULL] = HALE_EFFECT_WARNS;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_DEGRADED, world_check_path(&w, &p));
	world_end(&w);
}

static void more_paths_than_can_be_asked(void **state)
{
	struct hale_scope_request req = { .n_paths = UINT32_MAX };
	struct world w;

	(void)state;
	world_new(&w);
	for (uint32_t i = 0; i < HALE_SCOPE_PATHS_MAX; i++)
		req.paths[i] = world_path("/srv", 8, 1, "ext4");
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_FIT, w.verdict.fitness);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_in_the_request),
		cmocka_unit_test(needs_beyond_the_thresholds),
		cmocka_unit_test(need_of_memory),
		cmocka_unit_test(fresh_numbers_beat_the_last_measure),
		cmocka_unit_test(other_numbers_are_worth_a_look),
		cmocka_unit_test(read_only_paths),
		cmocka_unit_test(images_are_full_by_nature),
		cmocka_unit_test(a_tmpfs_of_the_clients_own),
		cmocka_unit_test(more_paths_than_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
