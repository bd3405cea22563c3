/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that no path leads to: engines count for builds in containers, network
 * interfaces where the host rests on them. */
#include "world.h"

/* "engine/docker" on "/srv/docker" at @major:@minor, or no longer. */
static bool rests(struct world *w, const char *path, uint32_t major,
		  uint32_t minor, bool holds)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };

	f.u.rests.holds = holds;
	f.u.rests.major = major;
	f.u.rests.minor = minor;
	HALE_SET(f.u.rests.part, "engine/docker");
	HALE_SET(f.u.rests.path, path);
	return world_fact(w, "engine", &f);
}

static bool routed(struct world *w, const char *on, bool holds)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };

	f.u.rests.holds = holds;
	HALE_SET(f.u.rests.part, "host");
	HALE_SET(f.u.rests.on, on);
	return world_fact(w, "link", &f);
}

static enum hale_fitness check(struct world *w, bool container,
			       uint64_t need_bytes)
{
	struct hale_scope_request req = { .n_paths = 1,
					  .container = container,
					  .need_bytes = need_bytes };

	/* a path with room of its own: only the data-root may lack it */
	req.paths[0] = world_path("/srv", 8, 1, "ext4");
	req.paths[0].measured = true;
	req.paths[0].avail_bytes = 900 * HALE_GIB;
	req.paths[0].total_bytes = 1000 * HALE_GIB;
	req.paths[0].total_inodes = 0;
	middle_judge(w->m, &req, w->now, &w->verdict);
	return w->verdict.fitness;
}

static enum hale_fitness in_container(struct world *w)
{
	return check(w, true, 0);
}

static enum hale_fitness on_host(struct world *w)
{
	return check(w, false, 0);
}

/* "/" on sda1, the engine's data on sdb1; an engine that answers. */
static void engine_new(struct world *w)
{
	world_new(w);
	world_sight(w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_LIVE, "");
	assert_true(rests(w, "/home/ci/docker", 8, 17, true));
}

static void a_host_without_engine(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_fitness(HALE_FIT, on_host(&w));
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_assert_story(&w, "engine: no driver has it");
	world_sight(&w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_BLIND,
		    "no container engine is here");
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_assert_story(&w, "engine: engine: no container engine is here");
	/* it answers, but does not say where its data is */
	world_sight(&w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_LIVE, "");
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_assert_story(&w, "where it keeps its data is not known");
	assert_fitness(HALE_FIT, on_host(&w));
	world_end(&w);
}

/* So that who runs a build can look at it. */
static void where_it_keeps_its_data(void **state)
{
	const char *paths[2];
	struct world w;

	(void)state;
	engine_new(&w);
	assert_int_equal(middle_engine_paths(w.m, paths, 0), 0);
	assert_int_equal(middle_engine_paths(w.m, paths, 2), 1);
	assert_string_equal(paths[0], "/home/ci/docker");
	/* within a namespace where no path leads */
	rests(&w, "/home/ci/docker", 0, 0, true);
	assert_int_equal(middle_engine_paths(w.m, paths, 2), 0);
	world_end(&w);
}

static void an_engine_that_is_down(void **state)
{
	struct world w;

	(void)state;
	engine_new(&w);
	assert_fitness(HALE_FIT, in_container(&w));
	world_state(&w, HALE_ENGINE_DOWN, HALE_REF_PART, "engine/docker", true);
	assert_fitness(HALE_UNFIT, in_container(&w));
	assert_int_equal(HALE_ENGINE_DOWN,
			 world_reason(&w, 0)->finding.condition);
	assert_fitness(HALE_FIT, on_host(&w));
	assert_fitness(HALE_FIT, world_check_host(&w));
	world_state(&w, HALE_ENGINE_DOWN, HALE_REF_PART, "engine/docker",
		    false);
	assert_fitness(HALE_FIT, in_container(&w));
	world_end(&w);
}

/* One that was down from the start never told of its data-root. */
static void down_from_the_start(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_sight(&w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_LIVE, "");
	world_state(&w, HALE_ENGINE_DOWN, HALE_REF_PART, "engine/docker", true);
	assert_fitness(HALE_UNFIT, in_container(&w));
	assert_int_equal(w.verdict.n_reasons, 1);
	world_end(&w);
}

static void the_host_that_builds_in_containers(void **state)
{
	struct hale_policy policy;
	struct world w;

	(void)state;
	engine_new(&w);
	world_state(&w, HALE_ENGINE_DOWN, HALE_REF_PART, "engine/docker", true);
	assert_fitness(HALE_FIT, world_check_host(&w));
	hale_policy_default(&policy);
	policy.containers = true;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_UNFIT, world_check_host(&w));
	assert_fitness(HALE_FIT, on_host(&w));
	world_end(&w);
}

static void the_disk_under_the_data_root(void **state)
{
	struct world w;

	(void)state;
	engine_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_FIT, on_host(&w));
	assert_fitness(HALE_UNFIT, in_container(&w));
	assert_string_equal(world_reason(&w, 0)->path, "/home/ci/docker");
	assert_string_equal(world_reason(&w, 0)->via, "ext4 on sdb1");
	world_end(&w);
}

static void a_full_data_root(void **state)
{
	struct world w;

	(void)state;
	engine_new(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 0, 100 * HALE_GIB);
	assert_fitness(HALE_FIT, on_host(&w));
	assert_fitness(HALE_UNFIT, in_container(&w));
	assert_int_equal(HALE_FS_FULL, world_reason(&w, 0)->finding.condition);
	world_end(&w);
}

static void a_need_holds_for_the_data_root(void **state)
{
	struct world w;

	(void)state;
	engine_new(&w);
	/* nobody has measured it since the engine told of it */
	assert_fitness(HALE_UNKNOWN, check(&w, true, 20 * HALE_GIB));
	world_assert_story(&w, "/home/ci/docker: its free space is not known");
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 15 * HALE_GIB,
		      100 * HALE_GIB);
	assert_fitness(HALE_FIT, in_container(&w));
	assert_fitness(HALE_UNFIT, check(&w, true, 20 * HALE_GIB));
	assert_string_equal(world_reason(&w, 0)->path, "/home/ci/docker");
	assert_string_equal(world_reason(&w, 0)->finding.evidence,
			    "needs 20 GiB, 15 GiB free");
	assert_fitness(HALE_FIT, check(&w, true, 12 * HALE_GIB));
	assert_fitness(HALE_FIT, check(&w, false, 20 * HALE_GIB));
	world_end(&w);
}

/* The agent has just begun: filesystems are measured, then the engine tells
 * where it is; a build need not wait for the next round. */
static void room_that_was_measured_before_the_engine_spoke(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_sight(&w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_LIVE, "");
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 15 * HALE_GIB,
		      100 * HALE_GIB);
	w.now += 5 * SECOND;
	rests(&w, "/home/ci/docker", 8, 17, true);
	assert_fitness(HALE_FIT, check(&w, true, 12 * HALE_GIB));
	assert_fitness(HALE_UNFIT, check(&w, true, 20 * HALE_GIB));
	/* but not for ever: the number may be another filesystem's by then */
	for (int minute = 0; minute < 10; minute++) {
		w.now += MINUTE;
		world_see_all(&w);
	}
	assert_fitness(HALE_UNKNOWN, check(&w, true, 12 * HALE_GIB));
	world_end(&w);
}

static void a_data_root_that_moved(void **state)
{
	struct world w;

	(void)state;
	engine_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, in_container(&w));
	/* two folders of one run both count */
	rests(&w, "/var/lib/docker", 8, 1, true);
	assert_fitness(HALE_UNFIT, in_container(&w));
	world_wait(&w, 5 * MINUTE);
	world_see_all(&w);
	assert_true(rests(&w, "/var/lib/docker", 8, 1, true));
	assert_false(rests(&w, "/var/lib/docker", 8, 1, true));
	assert_fitness(HALE_FIT, in_container(&w));
	assert_true(rests(&w, "/var/lib/docker", 8, 1, false));
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_end(&w);
}

/* Docker Desktop's engine lives in another machine. */
static void a_data_root_elsewhere(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_sight(&w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_LIVE, "");
	rests(&w, "/var/lib/docker", 0, 0, true);
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_assert_story(&w, "engine/docker: its folder /var/lib/docker is "
			       "not on this host");
	rests(&w, "/gone", 8, 99, true);
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_assert_story(&w, "is not in the storage map");
	world_end(&w);
}

/* Docker Desktop in WSL: another distribution has mounted its disk. */
static void a_data_root_on_an_idle_disk(void **state)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };
	struct world w;

	(void)state;
	world_new(&w);
	world_sight(&w, "engine", HALE_SENSE_ENGINE, HALE_SIGHT_LIVE, "");
	world_disk(&w, "sdc", 32, "disk/naa.idle");
	f.u.rests.holds = true;
	HALE_SET(f.u.rests.part, "engine/docker");
	HALE_SET(f.u.rests.on, HALE_RESTS_UNMOUNTED);
	assert_true(world_fact(&w, "engine", &f));
	rests(&w, "/var/lib/docker", 0, 0, true);
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	/* one that somebody stands on is another's */
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdc");
	assert_fitness(HALE_FIT, on_host(&w));
	assert_fitness(HALE_UNFIT, in_container(&w));
	assert_string_equal(world_reason(&w, 0)->finding.part, "disk/naa.idle");
	f.u.rests.holds = false;
	assert_true(world_fact(&w, "engine", &f));
	assert_fitness(HALE_UNKNOWN, in_container(&w));
	world_end(&w);
}

static void interfaces_the_host_rests_on(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_state(&w, HALE_NET_TX_TIMEOUT, HALE_REF_PART, "net/eth0", true);
	assert_fitness(HALE_FIT, on_host(&w));
	assert_fitness(HALE_FIT, world_check_host(&w));
	assert_true(routed(&w, "net/eth0", true));
	assert_fitness(HALE_DEGRADED, on_host(&w));
	assert_fitness(HALE_DEGRADED, world_check_host(&w));
	/* a second route does not end the first, also not much later */
	world_wait(&w, 5 * MINUTE);
	world_see_all(&w);
	assert_true(routed(&w, "net/wlan0", true));
	assert_false(routed(&w, "net/wlan0", true));
	assert_fitness(HALE_DEGRADED, on_host(&w));
	assert_true(routed(&w, "net/eth0", false));
	assert_false(routed(&w, "net/eth0", false));
	assert_fitness(HALE_FIT, on_host(&w));
	world_end(&w);
}

/* More than there is room for: the last ones said are kept. */
static void more_than_fit(void **state)
{
	char name[HALE_NAME_MAX];
	struct world w;

	(void)state;
	world_new(&w);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "net/eth%d", i);
		w.now += SECOND;
		routed(&w, name, true);
	}
	world_state(&w, HALE_NET_TX_TIMEOUT, HALE_REF_PART, "net/eth0", true);
	assert_fitness(HALE_FIT, on_host(&w));
	world_state(&w, HALE_NET_TX_TIMEOUT, HALE_REF_PART, "net/eth99", true);
	assert_fitness(HALE_DEGRADED, on_host(&w));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_without_engine),
		cmocka_unit_test(where_it_keeps_its_data),
		cmocka_unit_test(an_engine_that_is_down),
		cmocka_unit_test(down_from_the_start),
		cmocka_unit_test(the_host_that_builds_in_containers),
		cmocka_unit_test(the_disk_under_the_data_root),
		cmocka_unit_test(a_full_data_root),
		cmocka_unit_test(a_need_holds_for_the_data_root),
		cmocka_unit_test(
			room_that_was_measured_before_the_engine_spoke),
		cmocka_unit_test(a_data_root_that_moved),
		cmocka_unit_test(a_data_root_elsewhere),
		cmocka_unit_test(a_data_root_on_an_idle_disk),
		cmocka_unit_test(interfaces_the_host_rests_on),
		cmocka_unit_test(more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
