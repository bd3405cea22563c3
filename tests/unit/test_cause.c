/* SPDX-License-Identifier: Apache-2.0 */
/* Why: from what a machine's findings and deaths were to the one root that
 * explains them, or to as many as there are. */
#include "causes.h"

static struct causes c;

/* A machine whose tools live on a virtual disk, a file on the host's drive C:;
 * builds and the engine's data are elsewhere. */
static void founding_day(struct world *w)
{
	world_bare(w);
	world_see_all(w);
	world_disk(w, "sde", 64, "disk/virtual-e");
	world_disk(w, "sdf", 80, "disk/virtual-f");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 64, "ext4", "/");
	world_mount(w, 8, 80, "ext4", "/data");
	world_map(w, HALE_FACT_MAP_END);
}

static void engine_rests(struct world *w, uint32_t major, uint32_t minor)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };

	f.u.rests.holds = true;
	f.u.rests.major = major;
	f.u.rests.minor = minor;
	HALE_SET(f.u.rests.part, "engine/docker");
	HALE_SET(f.u.rests.path, "/data/docker");
	world_fact(w, "engine", &f);
}

static void engine_says(struct world *w, enum hale_condition condition,
			const char *evidence)
{
	struct hale_observation o =
		world_observation(condition, HALE_REF_PART, "engine/docker");

	o.kind = HALE_OBSERVED_STATE;
	o.holds = true;
	HALE_SET(o.evidence, evidence);
	world_say(w, "engine", &o);
}

static void drive_is(struct world *w, const char *disk, uint64_t avail)
{
	struct hale_observation o =
		world_observation(HALE_CONDITION_NONE, HALE_REF_DISK, disk);

	o.kind = HALE_OBSERVED_MEASURE;
	o.metric = HALE_METRIC_BACKING_BYTES;
	o.value = avail;
	o.total = 931 * HALE_GIB;
	HALE_SET(o.evidence,
		 "drive C: (/mnt/c, 9p) has 0 B of 931 GiB free: the virtual "
		 "disks of this WSL are files on it");
	world_say(w, "virt", &o);
}

static void plugin_dies(struct world *w, const char *comm)
{
	struct hale_victim v = causes_victim(w, comm, 2);

	causes_maps(&v, HALE_HELD_EXE, 8, 64);
	v.files[0].faulted = true;
	causes_died(w, &v);
}

static void the_day_itself(struct world *w)
{
	founding_day(w);
	engine_rests(w, 8, 80);
	world_errors(w, HALE_DISK_IO_ERROR, "sde", 812, w->now);
	w->now += SECOND;
	plugin_dies(w, "docker-buildx");
	w->now += 3 * SECOND;
	plugin_dies(w, "docker-compose");
	plugin_dies(w, "docker-buildx");
	engine_says(w, HALE_ENGINE_PLUGIN_BROKEN,
		    "docker-buildx (/usr/libexec/docker/cli-plugins) died by "
		    "SIGBUS when started");
	engine_says(w, HALE_ENGINE_DOWN, "ping: HTTP 500");
	w->now += 90 * SECOND;
	drive_is(w, "sde", 0);
}

static void assert_nowhere(const char *words)
{
	for (uint32_t i = 0; i < c.n; i++) {
		const struct hale_cause *x = &c.list[i];

		assert_null(strcasestr(x->headline, words));
		assert_null(strcasestr(x->prevents, words));
		for (uint32_t k = 0; k < x->n_steps; k++) {
			enum hale_condition f = x->steps[k].finding.condition;

			assert_null(strcasestr(x->steps[k].text, words));
			assert_null(strcasestr(hale_condition_info(f)->advice,
					       words));
		}
	}
}

static void founding_day_has_one_root(void **state)
{
	const struct hale_cause_step *s;
	struct world w;

	(void)state;
	the_day_itself(&w);
	causes_of_all(&c, &w);
	causes_print(&c);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.list[0].headline,
			    "host drive C: is full (100 %)");
	assert_int_equal(c.list[0].build, HALE_CAUSE_HOST_DISK_FULL);
	assert_int_equal(c.list[0].confidence, HALE_CONFIDENCE_CERTAIN);
	assert_true(c.list[0].every_build);
	assert_non_null(causes_step(&c.list[0], HALE_DISK_IO_ERROR));
	s = causes_death(&c.list[0], "docker-buildx");
	assert_non_null(s);
	assert_int_equal(s->confidence, HALE_CONFIDENCE_CERTAIN);
	assert_int_equal(s->relation, HALE_RELATION_MAPPED);
	assert_int_equal(s->redone, 1);
	assert_non_null(causes_death(&c.list[0], "docker-compose"));
	assert_non_null(causes_step(&c.list[0], HALE_ENGINE_DOWN));
	s = causes_step(&c.list[0], HALE_ENGINE_PLUGIN_BROKEN);
	assert_non_null(s);
	assert_int_equal(s->confidence, HALE_CONFIDENCE_CERTAIN);
	assert_nowhere("reinstall");
	world_end(&w);
}

/* The build works in /data: its scope holds "/" all the same. */
static void founding_day_for_a_build(void **state)
{
	struct world w;

	(void)state;
	the_day_itself(&w);
	memset(&c.query, 0, sizeof(c.query));
	causes_path(&c, "/data/src", 8, 80);
	causes_path(&c, "/", 8, 64);
	c.query.since_ns = START;
	causes_ask(&c, &w);
	assert_fitness(HALE_UNFIT, c.verdict.fitness);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.list[0].headline,
			    "host drive C: is full (100 %)");
	assert_int_equal(c.list[0].n_paths, 1);
	assert_string_equal(c.list[0].paths[0], "/");
	/* and /data alone does not rest on it */
	memset(&c.query, 0, sizeof(c.query));
	causes_path(&c, "/data/src", 8, 80);
	causes_ask(&c, &w);
	assert_null(causes_rooted(&c, HALE_VIRT_BACKING_FULL));
	world_end(&w);
}

/* All virtual disks of a machine lie on its drive: still one root, which
 * touches what stands on any of them. */
static void one_drive_under_two_disks(void **state)
{
	struct world w;

	(void)state;
	the_day_itself(&w);
	drive_is(&w, "sdf", 0);
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.list[0].headline,
			    "host drive C: is full (100 %)");
	assert_int_equal(c.list[0].n_paths, 2);
	assert_true(c.list[0].every_build);
	assert_non_null(causes_death(&c.list[0], "docker-buildx"));
	world_end(&w);
}

/* Before anybody looked at the drive, the disk is the root; then no longer. */
static void a_better_root_takes_over(void **state)
{
	struct world w;

	(void)state;
	founding_day(&w);
	world_errors(&w, HALE_DISK_IO_ERROR, "sde", 3, w.now);
	plugin_dies(&w, "docker-buildx");
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.list[0].headline, "disk sde fails requests");
	assert_int_equal(c.list[0].build, HALE_CAUSE_HOST_IO);
	w.now += MINUTE;
	drive_is(&w, "sde", 0);
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 1);
	assert_non_null(causes_rooted(&c, HALE_VIRT_BACKING_FULL));
	world_end(&w);
}

static void two_roots_are_two_causes(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	world_event(&w, HALE_MEMORY_UNCORRECTED, HALE_REF_PART, "dimm/A1");
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 2);
	assert_non_null(causes_rooted(&c, HALE_DISK_MEDIUM_ERROR));
	assert_non_null(causes_rooted(&c, HALE_MEMORY_UNCORRECTED));
	world_end(&w);
}

static void from_disk_to_read_only(void **state)
{
	const struct hale_cause_step *error, *ro;
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += SECOND;
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	w.now += SECOND;
	world_state(&w, HALE_FS_READONLY, HALE_REF_FS, "sdb1", true);
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.list[0].headline,
			    "disk sdb cannot read some of its sectors");
	error = causes_step(&c.list[0], HALE_FS_ERROR);
	ro = causes_step(&c.list[0], HALE_FS_READONLY);
	assert_non_null(error);
	assert_non_null(ro);
	assert_int_equal(error->relation, HALE_RELATION_BENEATH);
	assert_int_equal(error->confidence, HALE_CONFIDENCE_CERTAIN);
	assert_int_equal(ro->relation, HALE_RELATION_SAME_PART);
	assert_ptr_equal(&c.list[0].steps[ro->from], error);
	assert_false(c.list[0].every_build);
	assert_int_equal(c.list[0].n_paths, 1);
	assert_string_equal(c.list[0].paths[0], "/home/ci");
	world_end(&w);
}

/* Another disk's errors explain nothing here, nor do those of yesterday. */
static void neither_elsewhere_nor_long_ago(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sda");
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 2);
	world_end(&w);

	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += 20 * HOUR;
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 2);
	/* a cause that comes later is none */
	world_end(&w);
	world_new(&w);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	w.now += 5 * MINUTE;
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 2);
	world_end(&w);
}

/* Two errors a day apart say nothing of the hours between them. */
static void rare_events_are_not_near(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += 12 * HOUR;
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	w.now += 12 * HOUR;
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 2);
	world_end(&w);
}

static void a_mirror_spares_its_filesystem(void **state)
{
	const struct hale_cause *disk;
	struct world w;

	(void)state;
	world_mirror(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	world_state(&w, HALE_ARRAY_DEGRADED, HALE_REF_ARRAY, "md0", true);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "9:0");
	causes_of_all(&c, &w);
	disk = causes_rooted(&c, HALE_DISK_IO_ERROR);
	assert_non_null(disk);
	assert_non_null(causes_step(disk, HALE_ARRAY_DEGRADED));
	assert_null(causes_step(disk, HALE_FS_ERROR));
	assert_int_equal(disk->n_paths, 0);
	/* until the other leg goes as well */
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdc");
	causes_of_all(&c, &w);
	assert_null(causes_rooted(&c, HALE_FS_ERROR));
	world_end(&w);
}

static void subject_picks_its_cause(void **state)
{
	static const char *const names[] = { "sdb", "disk/naa.build",
					     "fs.error", "/home/ci",
					     "naa.build" };
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	world_event(&w, HALE_MEMORY_UNCORRECTED, HALE_REF_PART, "dimm/A1");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		memset(&c.query, 0, sizeof(c.query));
		HALE_SET(c.query.subject, names[i]);
		causes_ask(&c, &w);
		assert_int_equal(c.n, 1);
		assert_non_null(causes_rooted(&c, HALE_DISK_MEDIUM_ERROR));
	}
	HALE_SET(c.query.subject, "sda");
	causes_ask(&c, &w);
	assert_int_equal(c.n, 0);
	world_end(&w);
}

static void nothing_is_wrong(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 0);
	assert_fitness(HALE_FIT, c.verdict.fitness);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(founding_day_has_one_root),
		cmocka_unit_test(founding_day_for_a_build),
		cmocka_unit_test(one_drive_under_two_disks),
		cmocka_unit_test(a_better_root_takes_over),
		cmocka_unit_test(two_roots_are_two_causes),
		cmocka_unit_test(from_disk_to_read_only),
		cmocka_unit_test(neither_elsewhere_nor_long_ago),
		cmocka_unit_test(rare_events_are_not_near),
		cmocka_unit_test(a_mirror_spares_its_filesystem),
		cmocka_unit_test(subject_picks_its_cause),
		cmocka_unit_test(nothing_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
