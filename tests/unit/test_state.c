/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file, with the real middle on both ends: what comes back, and what
 * becomes of files that are damaged, cut off or of the future.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/verified.h"
#include "proto/codec_read.h"
#include "tests/unit/state_store.h"

static char dir[] = "/tmp/hale-state-XXXXXX";
static int dir_fd;
static struct hale_clock agent_clock;
static struct middle *middle;
static struct keep_clears clears;
static struct keep_memory mem;
static uint8_t bytes[64 * 1024];

static struct middle *new_middle(void)
{
	static struct hale_policy policy;
	struct middle *m = NULL;

	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &m), 0);
	return m;
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(&clears, 0, sizeof(clears));
	clock_init(&agent_clock);
	middle = new_middle();
	return dir_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "state.pb", ".state.pb.new",
					     "state.pb.bad", "state.pb.bad.2" };

	(void)state;
	middle = middle_free(middle);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++)
		unlinkat(dir_fd, names[i], 0);
	close(dir_fd);
	return rmdir(dir);
}

static void fault(const char *disk)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;
	uint64_t now = clock_now_ns(&agent_clock);

	o->condition = HALE_DISK_MEDIUM_ERROR;
	o->ref = HALE_REF_DISK;
	o->count = 3;
	o->time_ns = now;
	HALE_SET(o->part, disk);
	HALE_SET(o->evidence, "its own words");
	middle_fact(middle, "kmsg", &f, now);
}

static void read_up_to(uint64_t seq)
{
	struct hale_fact f = { .kind = HALE_FACT_POSITION, .u.position = seq };

	middle_fact(middle, "kmsg", &f, clock_now_ns(&agent_clock));
}

static int load(void)
{
	middle = middle_free(middle);
	middle = new_middle();
	memset(&clears, 0, sizeof(clears));
	mem = (struct keep_memory){ .middle = middle,
				    .clock = &agent_clock,
				    .clears = &clears };
	return keep_read(dir_fd, &mem);
}

static void store(void)
{
	assert_int_equal(state_store(dir_fd, middle, &agent_clock, &clears), 0);
}

static size_t read_file(void)
{
	int fd = openat(dir_fd, "state.pb", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	close(fd);
	assert_true(n > 0);
	return (size_t)n;
}

static void write_file(const void *from, size_t len)
{
	int fd = openat(dir_fd, "state.pb",
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, from, len), (ssize_t)len);
	close(fd);
}

static void test_nothing_saved(void **state)
{
	(void)state;
	assert_int_equal(load(), -ENOENT);
}

static void test_comes_back(void **state)
{
	static struct hale_finding f;

	(void)state;
	fault("sdq");
	read_up_to(4711);
	store();
	assert_int_equal(load(), 0);
	assert_string_equal(mem.error, "");
	assert_int_equal(mem.position, 4711);
	/* a clear before kmsg speaks, and a write before it, know it too */
	assert_int_equal(middle_position(middle), 4711);
	assert_true(middle_finding(middle, 0, clock_now_ns(&agent_clock), &f));
	assert_int_equal(f.condition, HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(f.count, 3);
	assert_string_equal(f.evidence, "its own words");
	assert_false(middle_finding(middle, 1, clock_now_ns(&agent_clock), &f));
}

/* Also that errors named none: then the list is not whole. */
static void test_failing_sectors_come_back(void **state)
{
	struct hale_failing before, after;
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;

	(void)state;
	fault("sdb");
	o->condition = HALE_DISK_MEDIUM_ERROR;
	o->ref = HALE_REF_DISK;
	o->count = 1;
	o->time_ns = clock_now_ns(&agent_clock);
	o->join = HALE_JOIN_BLOCK;
	o->join_key = HALE_BLOCK_KEY(HALE_OP_READ, 60000);
	HALE_SET(o->part, "sdb");
	middle_fact(middle, "kmsg", &f, o->time_ns);
	middle_failing(middle, "disk/unresolved-sdb", &before);
	assert_int_equal(before.n, 1);
	store();
	assert_int_equal(load(), 0);
	middle_failing(middle, "disk/unresolved-sdb", &after);
	assert_int_equal(after.n, 1);
	assert_int_equal(after.ranges[0].first, 60000);
	assert_int_equal(after.gaps, HALE_GAP_UNPLACED);
	assert_int_equal(after.gaps, before.gaps);
}

static void test_another_boot_reads_the_log_from_its_start(void **state)
{
	static struct hale_finding f;

	(void)state;
	fault("sdq");
	read_up_to(4711);
	HALE_SET(agent_clock.boot_id, "00000000-0000-0000-0000-000000000001");
	store();
	clock_init(&agent_clock);
	assert_int_equal(load(), 0);
	assert_int_equal(mem.position, 0);
	assert_int_equal(middle_position(middle), 0);
	/* the dying disk is still known */
	assert_true(middle_finding(middle, 0, clock_now_ns(&agent_clock), &f));
}

static void test_clears_keep_who_and_why(void **state)
{
	static struct hale_finding f;

	(void)state;
	fault("sdq");
	assert_true(middle_finding(middle, 0, clock_now_ns(&agent_clock), &f));
	assert_int_equal(middle_clear(middle, f.part, HALE_CONDITION_NONE,
				      clock_now_ns(&agent_clock)),
			 1);
	HALE_SET(clears.list[0].part, f.part);
	HALE_SET(clears.list[0].by, "uid 0, pid 1: replaced");
	clears.n = 1;
	store();
	assert_int_equal(load(), 0);
	assert_false(middle_finding(middle, 0, clock_now_ns(&agent_clock), &f));
	assert_int_equal(clears.n, 1);
	assert_string_equal(clears.list[0].by, "uid 0, pid 1: replaced");
}

static void test_damaged_files_are_set_aside(void **state)
{
	struct stat st;

	(void)state;
	write_file("this is no state", 16);
	assert_int_equal(load(), -EBADMSG);
	assert_non_null(strstr(mem.error, "state.pb is damaged"));
	assert_string_equal(state_disk_set_aside(dir_fd), "state.pb.bad");
	write_file("", 0);
	assert_int_equal(load(), -EBADMSG);
	assert_string_equal(state_disk_set_aside(dir_fd), "state.pb.bad.2");
	assert_int_equal(fstatat(dir_fd, "state.pb.bad", &st, 0), 0);
	assert_int_equal(st.st_size, 16);
	assert_int_equal(load(), -ENOENT);
	assert_string_equal(state_disk_set_aside(dir_fd), STATE_DISK_NONE);
}

static void test_the_future_is_not_guessed_at(void **state)
{
	Hale__V1__Memory m;

	(void)state;
	hale__v1__memory__init(&m);
	m.version = 2;
	write_file(bytes, hale__v1__memory__pack(&m, bytes));
	assert_int_equal(load(), -EPROTONOSUPPORT);
	assert_non_null(strstr(mem.error, "later version"));
}

/* Whatever of the file is lost or wrong: a result or an mem.error, never a
 * crash; and never a finding on a part that it did not name. */
static void test_every_cut_and_every_flipped_byte(void **state)
{
	static uint8_t whole[sizeof(bytes)];
	size_t len;

	(void)state;
	fault("sdq");
	fault("sdr");
	store();
	len = read_file();
	memcpy(whole, bytes, len);
	for (size_t cut = 0; cut < len; cut++) {
		write_file(whole, cut);
		load();
	}
	for (size_t i = 0; i < len; i++) {
		memcpy(bytes, whole, len);
		bytes[i] ^= 0x55;
		write_file(bytes, len);
		load();
	}
}

static void test_a_full_ledger_fits(void **state)
{
	char name[16];
	size_t n = 0;
	static struct hale_finding f;

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "sd%c%c%c", 'a' + i / 676,
			 'a' + i / 26 % 26, 'a' + i % 26);
		fault(name);
	}
	store();
	assert_int_equal(load(), 0);
	while (middle_finding(middle, n, clock_now_ns(&agent_clock), &f))
		n++;
	assert_int_equal(n, 500);
}

static void test_a_failed_write_leaves_the_old_file(void **state)
{
	(void)state;
	fault("sdq");
	store();
	/* a directory in the new file's place: it cannot be opened */
	assert_int_equal(mkdirat(dir_fd, ".state.pb.new", 0700), 0);
	fault("sdr");
	assert_true(state_store(dir_fd, middle, &agent_clock, &clears) < 0);
	assert_int_equal(unlinkat(dir_fd, ".state.pb.new", AT_REMOVEDIR), 0);
	assert_int_equal(load(), 0);
}

/* A running total goes on where it stood: 3 of 7 are new. */
static void test_a_counter_goes_on(void **state)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;
	struct hale_finding finding;

	(void)state;
	o->kind = HALE_OBSERVED_COUNTER;
	o->condition = HALE_MEMORY_UNCORRECTED;
	o->value = 4;
	HALE_SET(o->part, "dimm/A1");
	middle_fact(middle, "edac", &f, clock_now_ns(&agent_clock));
	store();
	assert_int_equal(load(), 0);
	assert_string_equal(mem.error, "");
	o->value = 7;
	middle_fact(middle, "edac", &f, clock_now_ns(&agent_clock));
	assert_true(middle_finding(middle, 0, clock_now_ns(&agent_clock),
				   &finding));
	assert_int_equal(finding.count, 7);
}

/* What a disk has counted is there to hold growth against. */
static void test_disks_are_remembered(void **state)
{
	struct hale_fact f = { .kind = HALE_FACT_DISK_READING };
	struct hale_memory_disk kept = { 0 }, row = { 0 };
	size_t n = 0;

	(void)state;
	f.u.disk.protocol = HALE_DISK_ATA;
	f.u.disk.rotational = true;
	f.u.disk.ref = HALE_REF_PART;
	f.u.disk.time_ns = clock_now_ns(&agent_clock);
	HALE_SET(f.u.disk.part, "disk/naa.1");
	hale_disk_set(&f.u.disk, HALE_DISK_PASSED, 1);
	hale_disk_set(&f.u.disk, HALE_DISK_REALLOCATED, 5);
	middle_fact(middle, "smart", &f, f.u.disk.time_ns);
	for (size_t i = 0; middle_save_disk(middle, i, &row); i++) {
		kept = row.key ? row : kept;
	}
	store();
	assert_int_equal(load(), 0);
	assert_string_equal(mem.error, "");
	for (size_t i = 0; middle_save_disk(middle, i, &row); i++) {
		if (!row.key)
			continue;
		n++;
		assert_memory_equal(&row, &kept, sizeof(row));
	}
	assert_int_equal(n, 1);
	assert_int_equal(kept.recent.count[0], 5);
}

/* Programs crash for years: each leaves a small row, a shelf of disks many. */
static void test_small_rows_find_room(void **state)
{
	const uint64_t now = clock_now_ns(&agent_clock);
	struct hale_memory_counter counter = { .shared = true, .credit = 1 };
	struct hale_memory_disk disk = { .recent.time_ns = now };

	(void)state;
	for (uint64_t i = 1; i <= 512; i++) {
		counter.key = i;
		middle_load_counter(middle, &counter, true, now);
	}
	store();
	assert_int_equal(load(), 0);
	for (uint64_t i = 1; i <= 128; i++) {
		disk.key = i;
		assert_int_equal(middle_load_disk(middle, &disk, now), 0);
	}
	store();
	assert_int_equal(load(), 0);
	assert_string_equal(mem.error, "");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_disks_are_remembered),
		CASE(test_small_rows_find_room),
		CASE(test_nothing_saved),
		CASE(test_comes_back),
		CASE(test_failing_sectors_come_back),
		CASE(test_another_boot_reads_the_log_from_its_start),
		CASE(test_clears_keep_who_and_why),
		CASE(test_damaged_files_are_set_aside),
		CASE(test_the_future_is_not_guessed_at),
		CASE(test_every_cut_and_every_flipped_byte),
		CASE(test_a_full_ledger_fits),
		CASE(test_a_failed_write_leaves_the_old_file),
		CASE(test_a_counter_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
