/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name passes from one device to another before the agent starts: what the
 * log says of the old one is not held against the new one, whether the log or
 * the list of devices is read first.
 */
#include "world_hosts.h"

#include "agent/core/bearers.h"

/* The log begins here; the agent starts at START. */
#define LOG (START - HOUR)

static void at(struct world *w, enum hale_condition c, enum hale_ref ref,
	       const char *name, uint64_t time_ns)
{
	struct hale_observation o = world_observation(c, ref, name);

	o.time_ns = time_ns;
	world_say(w, "kmsg", &o);
}

static void io_error(struct world *w, const char *name, uint64_t time_ns)
{
	at(w, HALE_DISK_IO_ERROR, HALE_REF_DISK, name, time_ns);
}

/* @log says its lines before or after the devices are listed. */
static void start(struct world *w, void (*log)(struct world *w), bool first)
{
	world_bare(w);
	world_see_all(w);
	if (first)
		log(w);
	world_devices(w);
	if (!first)
		log(w);
}

static void log_of_a_swap(struct world *w)
{
	world_bearer(w, HALE_BEARER_ANNOUNCED, "sdb", LOG);
	world_bearer(w, HALE_BEARER_CAME, "sdb", LOG + SECOND);
	io_error(w, "sdb", LOG + MINUTE);
	io_error(w, "sdb1", LOG + MINUTE);
	at(w, HALE_FS_ERROR, HALE_REF_FS, "sdb1", LOG + MINUTE);
	world_bearer(w, HALE_BEARER_LEFT, "sdb", LOG + 2 * MINUTE);
	/* late, of the old one */
	at(w, HALE_FS_ERROR, HALE_REF_FS, "sdb1", LOG + 3 * MINUTE);
	at(w, HALE_DISK_OFFLINE, HALE_REF_DISK, "sdb", LOG + 3 * MINUTE);
	world_bearer(w, HALE_BEARER_ANNOUNCED, "sdb", LOG + 5 * MINUTE);
	world_bearer(w, HALE_BEARER_CAME, "sdb", LOG + 5 * MINUTE + SECOND);
}

static void a_disk_swapped_before_us(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct world w;

		start(&w, log_of_a_swap, first);
		assert_fitness(HALE_FIT, world_check_build(&w));
		assert_int_equal(w.verdict.n_reasons, 0);
		assert_false(world_has(&w, "disk/naa.build"));
		assert_true(world_has(&w, "disk/unresolved-sdb"));
		assert_null(world_finding(&w, "fs/uuid-build", HALE_FS_ERROR));
		/* a line of the old one that was held back */
		io_error(&w, "sdb", LOG + 4 * MINUTE);
		assert_fitness(HALE_FIT, world_check_build(&w));
		/* and one of the new one */
		io_error(&w, "sdb", LOG + 6 * MINUTE);
		assert_fitness(HALE_UNFIT, world_check_build(&w));
		assert_true(world_has(&w, "disk/naa.build"));
		world_end(&w);
	}
}

static void log_of_two_bad_ones(struct world *w)
{
	log_of_a_swap(w);
	/* while its partitions are looked for: before "Attached" */
	io_error(w, "sdb", LOG + 5 * MINUTE + 1);
}

static void the_new_disk_is_bad_too(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct world w;
		const struct hale_finding *f;

		start(&w, log_of_two_bad_ones, first);
		assert_fitness(HALE_UNFIT, world_check_build(&w));
		f = world_finding(&w, "disk/naa.build", HALE_DISK_IO_ERROR);
		assert_non_null(f);
		assert_int_equal(f->count, 1);
		world_end(&w);
	}
}

static void log_of_a_boot(struct world *w)
{
	at(w, HALE_DISK_LINK_ERROR, HALE_REF_DISK, "ata2", LOG);
	world_bearer(w, HALE_BEARER_ANNOUNCED, "sdb", LOG + SECOND);
	io_error(w, "sdb", LOG + 2 * SECOND);
	world_bearer(w, HALE_BEARER_CAME, "sdb", LOG + 3 * SECOND);
	/* it grows, and the host sleeps for a while */
	world_bearer(w, HALE_BEARER_ANNOUNCED, "sdb", LOG + MINUTE);
	world_bearer(w, HALE_BEARER_LEFT, "sdb", LOG + 2 * MINUTE);
}

static void a_disk_of_the_boot_keeps_all(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct world w;

		start(&w, log_of_a_boot, first);
		assert_fitness(HALE_UNFIT, world_check_build(&w));
		assert_true(world_has(&w, "disk/naa.build"));
		assert_non_null(world_finding(&w, "disk/naa.build",
					      HALE_DISK_LINK_ERROR));
		world_end(&w);
	}
}

static void log_without_goodbye(struct world *w)
{
	world_bearer(w, HALE_BEARER_CAME, "sdb", LOG);
	io_error(w, "sdb", LOG + MINUTE);
	world_bearer(w, HALE_BEARER_CAME, "sdb", LOG + 2 * MINUTE);
}

/* No cache to write back, nothing is said when it leaves. */
static void a_disk_that_left_silently(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct world w;

		start(&w, log_without_goodbye, first);
		assert_fitness(HALE_FIT, world_check_build(&w));
		world_end(&w);
	}
}

/* We saw the old disk: its findings stay its own, whatever comes first of the
 * log and udev. */
static void a_disk_swapped_under_our_eyes(void **state)
{
	struct world w;

	(void)state;
	start(&w, log_of_a_boot, true);
	w.now += HOUR;
	io_error(&w, "sdb", w.now);
	w.now += MINUTE;
	world_bearer(&w, HALE_BEARER_LEFT, "sdb", w.now);
	world_bearer(&w, HALE_BEARER_CAME, "sdb", w.now + SECOND);
	assert_true(world_has(&w, "disk/naa.build"));
	w.now += 2 * SECOND;
	world_remove(&w, "sdb1", 17);
	world_remove(&w, "sdb", 16);
	world_disk(&w, "sdb", 16, "disk/naa.new");
	assert_false(world_has(&w, "disk/naa.new"));
	/* the old one is put into another slot */
	world_disk(&w, "sdc", 32, "disk/naa.build");
	assert_true(world_has(&w, "disk/naa.build"));
	io_error(&w, "sdb", w.now);
	assert_true(world_has(&w, "disk/naa.new"));
	world_end(&w);
}

static void loop_devices(struct world *w, const char *uuid)
{
	struct hale_device d = world_device("loop0", 7, 0, HALE_BLOCK_LOOP);

	HALE_SET(d.fs_uuid, uuid);
	world_disk(w, "sda", 0, "disk/naa.root");
	world_partition(w, "sda1", 1, "uuid-root");
	world_add(w, &d);
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_mount(w, 7, 0, "ext4", "/x");
	world_layer(w, "8:1", "8:0", "partition");
	world_layer(w, "7:0", "8:1", "loop");
	world_map(w, HALE_FACT_MAP_END);
}

static void loop_log(struct world *w)
{
	at(w, HALE_FS_ERROR, HALE_REF_FS, "loop0", LOG);
	io_error(w, "loop0", LOG);
	world_bearer(w, HALE_BEARER_SET_UP, "loop0", LOG + MINUTE);
}

static void loop_start(struct world *w, bool first)
{
	world_bare(w);
	world_see_all(w);
	if (first)
		loop_log(w);
	loop_devices(w, "uuid-x");
	if (!first)
		loop_log(w);
}

static void a_loop_set_up_anew_before_us(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct world w;

		loop_start(&w, first);
		assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 0));
		assert_null(world_finding(&w, "fs/uuid-x", HALE_FS_ERROR));
		/* the fault was on this one, and we came after it */
		at(&w, HALE_FS_ERROR, HALE_REF_FS, "loop0", LOG + HOUR / 2);
		assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 0));
		assert_non_null(world_finding(&w, "fs/uuid-x", HALE_FS_ERROR));
		world_end(&w);
	}
}

/* Detached and set up between two looks: what it said meanwhile is its own. */
static void a_loop_set_up_anew_under_our_eyes(void **state)
{
	struct world w;
	uint64_t set_up;

	(void)state;
	loop_start(&w, true);
	io_error(&w, "loop0", w.now);
	assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 0));
	w.now += MINUTE;
	set_up = w.now;
	world_bearer(&w, HALE_BEARER_SET_UP, "loop0", set_up);
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 0));
	io_error(&w, "loop0", set_up + 1);
	w.now += SECOND;
	loop_devices(&w, "uuid-y");
	assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 0));
	world_end(&w);
}

/* Whoever said it, and however: ext4's own count, a failed request seen as it
 * failed. */
static void nothing_of_a_loop_outlives_its_setting_up(void **state)
{
	struct hale_observation kept =
		world_observation(HALE_FS_ERROR, HALE_REF_FS, "7:0");
	struct hale_observation failed =
		world_observation(HALE_DISK_IO_ERROR, HALE_REF_DISK, "loop0");
	struct world w;

	(void)state;
	loop_start(&w, true);
	kept.kind = HALE_OBSERVED_STATE;
	kept.holds = true;
	kept.time_ns = w.now;
	failed.time_ns = w.now;
	world_say(&w, "space", &kept);
	world_say(&w, "trace", &failed);
	assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 0));
	w.now += MINUTE;
	world_bearer(&w, HALE_BEARER_SET_UP, "loop0", w.now);
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 0));
	world_end(&w);
}

static void an_nvme_name_is_its_controllers(void **state)
{
	struct hale_device d = world_device("nvme1n1", 259, 3, HALE_BLOCK_DISK);
	struct world w;

	(void)state;
	world_new(&w);
	world_bearer(&w, HALE_BEARER_CAME, "nvme1", LOG);
	io_error(&w, "nvme1n1", LOG + MINUTE);
	world_bearer(&w, HALE_BEARER_CAME, "nvme1", LOG + 2 * MINUTE);
	HALE_SET(d.identity, "disk/eui.1");
	world_add(&w, &d);
	assert_false(world_has(&w, "disk/eui.1"));
	io_error(&w, "nvme1n1p2", LOG + 3 * MINUTE);
	assert_true(world_has(&w, "disk/eui.1"));
	world_end(&w);
}

static void what_a_name_means(void **state)
{
	(void)state;
	assert_true(bearers_means("sda", "sda"));
	assert_true(bearers_means("sda", "sda12"));
	assert_false(bearers_means("sda", "sdab"));
	assert_false(bearers_means("sda", "sda1x"));
	assert_true(bearers_means("loop1", "loop1p2"));
	assert_false(bearers_means("loop1", "loop12"));
	assert_true(bearers_means("nvme0", "nvme0n1p3"));
	assert_true(bearers_means("nvme0n1", "nvme0n1p3"));
	assert_false(bearers_means("nvme0", "nvme01n1"));
	assert_false(bearers_means("", "sda"));
}

static void names_are_bounded(void **state)
{
	static struct bearers b;
	struct hale_bearer f = { .news = HALE_BEARER_SET_UP };

	(void)state;
	for (uint64_t i = 1; i <= 3 * BEARERS_MAX; i++) {
		snprintf(f.name, sizeof(f.name), "loop%llu",
			 (unsigned long long)i);
		f.time_ns = i;
		assert_int_equal(bearers_take(&b, &f), i);
		assert_int_equal(bearers_since(&b, f.name), i);
	}
	assert_int_equal(bearers_since(&b, "loop1"), 0);
	assert_int_equal(b.n, BEARERS_MAX);
	/* read a second time: no news */
	assert_int_equal(bearers_take(&b, &f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_swapped_before_us),
		cmocka_unit_test(the_new_disk_is_bad_too),
		cmocka_unit_test(a_disk_of_the_boot_keeps_all),
		cmocka_unit_test(a_disk_that_left_silently),
		cmocka_unit_test(a_disk_swapped_under_our_eyes),
		cmocka_unit_test(a_loop_set_up_anew_before_us),
		cmocka_unit_test(a_loop_set_up_anew_under_our_eyes),
		cmocka_unit_test(nothing_of_a_loop_outlives_its_setting_up),
		cmocka_unit_test(an_nvme_name_is_its_controllers),
		cmocka_unit_test(what_a_name_means),
		cmocka_unit_test(names_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
