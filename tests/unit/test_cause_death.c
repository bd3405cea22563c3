/* SPDX-License-Identifier: Apache-2.0 */
/* Whose fault a death by a signal is: poison, a bad disk, a full filesystem, a
 * file cut short, another process's wish, or the program's own. */
#include <signal.h>

#include "causes.h"

static struct causes c;

/* The four SIGBUSes that look the same: bad disk, poison, full tmpfs,
 * the program's own truncation. */
static void of_a_bad_disk(void **state)
{
	const struct hale_cause *x;
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += SECOND;
	v = causes_victim(&w, "cc1", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 1);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 17);
	v.files[1].faulted = true;
	causes_died(&w, &v);
	x = causes_of(&c, &w, "cc1");
	assert_int_equal(x->steps[0].finding.condition, HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(x->build, HALE_CAUSE_HOST_IO);
	assert_int_equal(causes_death(x, "cc1")->confidence,
			 HALE_CONFIDENCE_CERTAIN);
	assert_non_null(strstr(causes_death(x, "cc1")->text, "/home/ci"));
	world_end(&w);
}

static void of_poison(void **state)
{
	const struct hale_cause *x;
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	/* a disk fails at the same time: that is another matter */
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_event(&w, HALE_MEMORY_POISONED, HALE_REF_PART, "host");
	for (int32_t code = 4; code <= 5; code++) {
		v = causes_victim(&w, code == 4 ? "ld" : "as", code);
		causes_maps(&v, HALE_HELD_MAPPED, 8, 17);
		causes_died(&w, &v);
	}
	x = causes_of(&c, &w, "ld");
	assert_ptr_equal(x, causes_killing(&c, "as"));
	assert_int_equal(x->steps[0].finding.condition, HALE_MEMORY_POISONED);
	assert_int_equal(x->build, HALE_CAUSE_HOST_MEMORY);
	assert_int_equal(causes_death(x, "ld")->confidence,
			 HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
	/* the code alone says it, where nothing else does */
	causes_machine(&w);
	v = causes_victim(&w, "ld", 4);
	causes_died(&w, &v);
	x = causes_of(&c, &w, "ld");
	assert_true(x->steps[0].death);
	assert_int_equal(x->build, HALE_CAUSE_HOST_MEMORY);
	assert_int_equal(x->confidence, HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
}

static void of_a_full_tmpfs(void **state)
{
	const struct hale_cause *x;
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "0:40", 0, 64 * HALE_MIB);
	v = causes_victim(&w, "lto1", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 0, 40);
	v.files[0].faulted = v.files[0].full = true;
	causes_died(&w, &v);
	x = causes_of(&c, &w, "lto1");
	assert_int_equal(x->steps[0].finding.condition, HALE_FS_FULL);
	assert_string_equal(x->headline, "/dev/shm is full (100 %)");
	assert_int_equal(x->build, HALE_CAUSE_HOST_DISK_FULL);
	assert_int_equal(x->confidence, HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
	/* it was made free by the death before anybody measured it */
	causes_machine(&w);
	causes_died(&w, &v);
	x = causes_of(&c, &w, "lto1");
	assert_true(x->steps[0].death);
	assert_int_equal(x->build, HALE_CAUSE_HOST_DISK_FULL);
	assert_int_equal(x->confidence, HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
}

/* A program of a full filesystem runs as well as any: only who writes through
 * a mapping finds no room. */
static void not_of_a_full_disk_that_it_only_runs_from(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:1", 0, 100 * HALE_GIB);
	v = causes_victim(&w, "sloppy", 2);
	causes_maps(&v, HALE_HELD_EXE, 8, 1);
	v.files[0].full = true;
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "sloppy"), HALE_CAUSE_CODE,
			  HALE_CONFIDENCE_LIKELY);
	world_end(&w);
}

static void of_its_own_truncation(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	v = causes_victim(&w, "indexer", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 1);
	v.files[0].faulted = v.files[0].truncated = true;
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "indexer"), HALE_CAUSE_CODE,
			  HALE_CONFIDENCE_CERTAIN);
	/* of a file on the failing disk: either may have cut it */
	v = causes_victim(&w, "linker", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 17);
	v.files[0].faulted = v.files[0].truncated = true;
	causes_died(&w, &v);
	assert_int_equal(
		causes_death(causes_of(&c, &w, "linker"), "linker")->confidence,
		HALE_CONFIDENCE_LIKELY);
	world_end(&w);
}

/* Its disk fails, too, but only then. */
static void of_its_own_truncation_before_the_disk_failed(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	v = causes_victim(&w, "linker", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 17);
	v.files[0].truncated = true;
	causes_died(&w, &v);
	w.now += 5 * SECOND;
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	causes_assert_own(causes_of(&c, &w, "linker"), HALE_CAUSE_CODE,
			  HALE_CONFIDENCE_LIKELY);
	world_end(&w);
}

static void of_its_own(void **state)
{
	static const struct {
		const char *comm;
		int32_t code;
		enum hale_build_cause build;
		enum hale_confidence confidence;
	} cases[] = {
		{ "aligned", 1, HALE_CAUSE_CODE, HALE_CONFIDENCE_CERTAIN },
		{ "stack", 0x80, HALE_CAUSE_CODE, HALE_CONFIDENCE_LIKELY },
		{ "queued", -1, HALE_CAUSE_UNKNOWN, HALE_CONFIDENCE_CERTAIN },
		{ "tkilled", -6, HALE_CAUSE_UNKNOWN, HALE_CONFIDENCE_CERTAIN },
	};
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		v = causes_victim(&w, cases[i].comm, cases[i].code);
		causes_maps(&v, HALE_HELD_MAPPED, 8, 17);
		causes_died(&w, &v);
	}
	/* kill(2) is code 0, and known to be */
	v = causes_victim(&w, "killed", 0);
	v.code_known = true;
	causes_died(&w, &v);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++)
		causes_assert_own(causes_of(&c, &w, cases[i].comm),
				  cases[i].build, cases[i].confidence);
	causes_assert_own(causes_of(&c, &w, "killed"), HALE_CAUSE_UNKNOWN,
			  HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
}

/* A filter of system calls is somebody's rule: bad memory does not break it. */
static void by_its_filter(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_MEMORY_SUSPECT, HALE_REF_PART, "host");
	world_event(&w, HALE_MEMORY_UNCORRECTED, HALE_REF_PART, "host");
	w.now += SECOND;
	v = causes_victim(&w, "confined", 1);
	v.signal = SIGSYS;
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "confined"), HALE_CAUSE_CODE,
			  HALE_CONFIDENCE_LIKELY);
	assert_non_null(strstr(
		causes_death(causes_of(&c, &w, "confined"), "confined")->text,
		"system call"));
	v = causes_victim(&w, "sent", -6);
	v.signal = SIGSYS;
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "sent"), HALE_CAUSE_UNKNOWN,
			  HALE_CONFIDENCE_CERTAIN);
	world_end(&w);
}

static void near_in_time_is_likely(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	w.now += 5 * SECOND;
	v = causes_victim(&w, "cc1", 0);
	causes_died(&w, &v);
	assert_int_equal(
		causes_death(causes_of(&c, &w, "cc1"), "cc1")->relation,
		HALE_RELATION_NEAR);
	assert_int_equal(
		causes_death(causes_of(&c, &w, "cc1"), "cc1")->confidence,
		HALE_CONFIDENCE_LIKELY);
	/* five minutes later it is not near any more */
	w.now += 5 * MINUTE;
	v = causes_victim(&w, "later", 0);
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "later"), HALE_CAUSE_CODE,
			  HALE_CONFIDENCE_LIKELY);
	world_end(&w);
}

/* The page that was missing is known, and its disk is well. */
static void known_elsewhere_is_not_blamed(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	v = causes_victim(&w, "cc1", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 1);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 17);
	v.files[0].faulted = true;
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "cc1"), HALE_CAUSE_CODE,
			  HALE_CONFIDENCE_LIKELY);
	world_end(&w);
}

/* Only the name of its program is known, as from a wait status. */
static void by_its_programs_name(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sda");
	v = causes_victim(&w, "docker-buildx", 0);
	v.witnesses = HALE_WITNESS_PARENT;
	HALE_SET(v.exe, "/usr/libexec/docker/cli-plugins/docker-buildx");
	causes_died(&w, &v);
	assert_int_equal(causes_death(causes_of(&c, &w, "docker-buildx"),
				      "docker-buildx")
				 ->relation,
			 HALE_RELATION_MAPPED);
	/* in a container the same name is another file */
	v = causes_victim(&w, "inside", 0);
	HALE_SET(v.exe, "/usr/bin/inside");
	HALE_SET(v.cgroup, "/system.slice/docker-12ab.scope");
	causes_died(&w, &v);
	assert_int_equal(
		causes_death(causes_of(&c, &w, "inside"), "inside")->relation,
		HALE_RELATION_NEAR);
	world_end(&w);
}

static void by_swap(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 16, "swap", "/dev/sdb");
	world_layer(&w, "8:1", "8:0", "partition");
	world_map(&w, HALE_FACT_MAP_END);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	v = causes_victim(&w, "ld", 2);
	causes_maps(&v, HALE_HELD_MAPPED, 8, 1);
	causes_died(&w, &v);
	assert_non_null(strstr(
		causes_death(causes_of(&c, &w, "ld"), "ld")->text, "swap"));
	assert_int_equal(
		causes_death(causes_of(&c, &w, "ld"), "ld")->confidence,
		HALE_CONFIDENCE_LIKELY);
	world_end(&w);
}

/* Where errors of disks cannot be seen, nothing says that there were none. */
static void blind_is_not_its_own(void **state)
{
	struct hale_victim v;
	struct world w;

	(void)state;
	causes_machine(&w);
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_BLIND,
		    "dmesg_restrict");
	v = causes_victim(&w, "cc1", 2);
	causes_died(&w, &v);
	causes_assert_own(causes_of(&c, &w, "cc1"), HALE_CAUSE_UNKNOWN,
			  HALE_CONFIDENCE_POSSIBLE);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_bad_disk),
		cmocka_unit_test(of_poison),
		cmocka_unit_test(of_a_full_tmpfs),
		cmocka_unit_test(not_of_a_full_disk_that_it_only_runs_from),
		cmocka_unit_test(of_its_own_truncation),
		cmocka_unit_test(of_its_own_truncation_before_the_disk_failed),
		cmocka_unit_test(of_its_own),
		cmocka_unit_test(by_its_filter),
		cmocka_unit_test(near_in_time_is_likely),
		cmocka_unit_test(known_elsewhere_is_not_blamed),
		cmocka_unit_test(by_its_programs_name),
		cmocka_unit_test(by_swap),
		cmocka_unit_test(blind_is_not_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
