/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A month in invented time, with what a host of builds lives through: 10,000
 * faults of all kinds, each told by one witness or by two; disks, loops and
 * mounts that come and go; filesystems that fill and are emptied; a kernel log
 * that begins anew; operators who clear; a hundred reloads; every day a
 * core that dies and one that takes over, now and then a reboot. At the end the
 * memory is what it was after the first day, and the answers are right.
 * "test_month 365" lives a year.
 */
#include <malloc.h>
#include <unistd.h>

#include "agent/core/ledger.h"
#include "agent/daemon/keep.h"
#include "tests/unit/world.h"

#define FAULTS	333 /* a day: 10,000 a month */
#define IMAGES	600 /* set up on the first day: all that is remembered */
#define RELOADS 3   /* a day, and one more each third */
#define DISKS	8

static const enum hale_condition kinds[] = {
	HALE_DISK_MEDIUM_ERROR,	 HALE_DISK_IO_ERROR,	HALE_DISK_LINK_ERROR,
	HALE_DISK_TIMEOUT,	 HALE_MEMORY_CORRECTED, HALE_MEMORY_OOM,
	HALE_CPU_THROTTLED,	 HALE_BUS_PCIE_ERROR,	HALE_NET_LINK_FLAP,
	HALE_KERNEL_HUNG_TASK,	 HALE_PROCESS_SIGBUS,	HALE_CPU_MACHINE_CHECK,
	HALE_BUS_USB_DISCONNECT, HALE_FS_ERROR,		HALE_GPU_FAULT,
};

struct size {
	size_t heap, resident, entries, memory;
};

static struct world w;
static struct vault super, vault;
static struct hale_clock agent_clock;
static struct keep keep;
static uint64_t seq = 1, n_faults;
static int days = 30;

static void ignore(void *data, bool now)
{
	(void)data;
	(void)now;
}

/* Agent time is the world's. */
static void set_clock(void)
{
	agent_clock.boot_to_agent_ns = (int64_t)(w.now - clock_boot_ns());
}

/* --- what happens --- */

static void line(const char *driver, enum hale_condition c, const char *part,
		 uint64_t key)
{
	struct hale_observation o = world_observation(
		c, strncmp(part, "sd", 2) == 0 ? HALE_REF_DISK : HALE_REF_PART,
		part);
	bool log = strcmp(driver, "kmsg") == 0;
	struct hale_fact f = { .kind = HALE_FACT_POSITION };

	o.time_ns = w.now;
	o.seq = log ? seq : 0;
	if (strncmp(part, "sd", 2) == 0) {
		o.join = HALE_JOIN_BLOCK;
		o.join_key = HALE_BLOCK_KEY(HALE_OP_READ, key);
	}
	HALE_SET(o.evidence, "what the kernel said of it");
	world_say(&w, driver, &o);
	if (!log)
		return;
	f.u.position = seq++;
	world_fact(&w, "kmsg", &f);
}

static void fault(uint64_t k)
{
	enum hale_condition c = kinds[k % HALE_ARRAY_SIZE(kinds)];
	char part[HALE_PART_MAX];

	if (strncmp(hale_condition_info(c)->name, "disk.", 5) == 0)
		snprintf(part, sizeof(part), "sd%c", (char)('c' + k % DISKS));
	else
		snprintf(part, sizeof(part), "%.*s/%u",
			 (int)strcspn(hale_condition_info(c)->name, "."),
			 hale_condition_info(c)->name, (unsigned int)(k % 4));
	if (k % 3 != 0)
		line("trace", c, part, k);
	if (k % 3 != 1)
		line("kmsg", c, part, k);
	n_faults++;
}

/* A loop with a filesystem on it, for a minute. */
static void image(uint32_t i)
{
	char name[HALE_NAME_MAX];
	struct hale_device d;

	snprintf(name, sizeof(name), "loop%u", i % 16);
	d = world_device(name, 7, i % 16, HALE_BLOCK_LOOP);
	d.since_ns = w.now;
	snprintf(d.fs_uuid, sizeof(d.fs_uuid), "image-%u", i % 16);
	world_add(&w, &d);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_mount(&w, 7, i % 16, "ext4", "/mnt/image");
	world_layer(&w, "8:1", "8:0", "partition");
	world_layer(&w, "8:17", "8:16", "partition");
	world_map(&w, HALE_FACT_MAP_END);
	world_remove(&w, name, i % 16);
}

static void space(uint64_t k)
{
	uint64_t free_gib = k % 10 == 0 ? 1 : 50;

	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", free_gib * HALE_GIB,
		      100 * HALE_GIB);
}

static void see(void)
{
	world_see_all(&w);
	world_sight(&w, "trace", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_LIVE, "");
}

static void disks(void)
{
	char name[4], id[16];

	for (uint32_t i = 0; i < DISKS; i++) {
		snprintf(name, sizeof(name), "sd%c", (char)('c' + i));
		snprintf(id, sizeof(id), "disk/spare%u", i);
		world_disk(&w, name, 32 + 16 * i, id);
	}
}

/* --- one core after the other --- */

static void save(void)
{
	set_clock();
	keep.middle = w.m;
	assert_int_equal(keep_save(&keep), 0);
}

static void take_over(bool reboot)
{
	struct keep_memory mem = { .clock = &agent_clock,
				   .clears = &keep.clears };
	struct hale_policy policy;

	save();
	w.m = middle_free(w.m);
	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &mem.middle), 0);
	if (reboot) {
		agent_clock.boot_id[0] ^= 1;
		seq = 1;
	}
	assert_int_equal(keep_resume(&vault, &mem), 0);
	assert_string_equal(mem.error, "");
	assert_int_equal(mem.running, !reboot);
	assert_int_equal(mem.position, reboot ? 0 : seq - 1);
	w.m = mem.middle;
	keep.middle = w.m;
	if (!reboot)
		return;
	see();
	world_devices(&w);
	disks();
}

static void reload(void)
{
	struct hale_policy policy;

	hale_policy_default(&policy);
	middle_set_policy(w.m, &policy);
}

static void clear_some(int day)
{
	char name[4];

	snprintf(name, sizeof(name), "sd%c", (char)('c' + day % DISKS));
	middle_clear(w.m, name, HALE_CONDITION_NONE, w.now);
	keep_note_clear(&keep, name, "uid 0, pid 1: replaced");
}

static void live(int day)
{
	for (uint64_t k = 0; k < FAULTS; k++) {
		world_wait(&w, DAY / FAULTS);
		fault(k + (uint64_t)day * FAULTS);
		if (k % 10 == 0)
			image((uint32_t)(k / 10));
		if (k % 12 == 0)
			space(k);
		if (k % (FAULTS / RELOADS) == 1)
			reload();
		if (k == FAULTS / 2) {
			take_over(day % 10 == 9);
		}
		if (k % 50 == 0)
			save();
	}
	for (uint32_t i = 0; day == 0 && i < IMAGES; i++)
		image(i);
	if (day % 3 == 0)
		reload();
	clear_some(day);
}

/* --- what it takes --- */

static struct size measure(void)
{
	struct size s = { .entries = w.m ? 0 : 1 };
	struct hale_memory_row row;
	unsigned long pages = 0, resident = 0, shared = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	uint8_t *bytes;
	struct mallinfo2 info;

	save();
	vault_newest(&vault, &bytes, &s.memory);
	free(bytes);
	malloc_trim(0);
	info = mallinfo2();
	s.heap = info.uordblks + info.hblkhd;
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu %lu %lu", &pages, &resident, &shared),
			 3);
	fclose(f);
	/* without the program's own text, which is read in as it is needed */
	s.resident = (resident - shared) * (size_t)sysconf(_SC_PAGESIZE);
	while (middle_save(w.m, s.entries, &row))
		s.entries++;
	return s;
}

static void show(const char *when, const struct size *s)
{
	print_message("%s: heap %zu, resident %zu KiB, %zu entries, memory "
		      "%zu bytes\n",
		      when, s->heap, s->resident / 1024, s->entries, s->memory);
}

static void assert_within(size_t first, size_t last, const char *what)
{
	if (last > first + first / 100)
		fail_msg("%s grew from %zu to %zu", what, first, last);
}

static void test_month(void **state)
{
	struct size first = { 0 }, last;

	(void)state;
	clock_init(&agent_clock);
	assert_int_equal(vault_new(&super), 0);
	assert_int_equal(vault_open(dup(super.fd), &vault), 0);
	world_new(&w);
	see();
	disks();
	keep = (struct keep){ .vault = &vault,
			      .clock = &agent_clock,
			      .saved = ignore };
	assert_int_equal(keep_init(&keep), 0);
	for (int day = 0; day < days; day++) {
		live(day);
		/* the kinds come round once in the first day */
		if (day == 0)
			first = measure();
	}
	last = measure();
	print_message("%d days, %llu faults\n", days,
		      (unsigned long long)n_faults);
	show("after the first day", &first);
	show("at the end", &last);
	assert_within(first.heap, last.heap, "the heap");
	/* a sanitizer counts no heap, and keeps for a while what is freed */
	if (first.heap != 0)
		assert_within(first.resident, last.resident,
			      "the resident set");
	assert_within(first.entries, last.entries, "the ledger");
	assert_within(first.memory, last.memory, "the saved memory");
}

/* One true fault in it all, and the way out of it. */
static void test_right_at_the_end(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DISKS; i++) {
		char name[4];

		snprintf(name, sizeof(name), "sd%c", (char)('c' + i));
		middle_clear(w.m, name, HALE_CONDITION_NONE, w.now);
	}
	middle_clear(w.m, "sdb", HALE_CONDITION_NONE, w.now);
	line("trace", HALE_DISK_MEDIUM_ERROR, "sdb", 4711);
	assert_fitness(HALE_UNFIT, world_check(&w, "/home/ci", 8, 17));
	take_over(false);
	assert_fitness(HALE_UNFIT, world_check(&w, "/home/ci", 8, 17));
	line("kmsg", HALE_DISK_MEDIUM_ERROR, "sdb", 4711);
	assert_int_equal(
		world_finding(&w, "disk/naa.build", HALE_DISK_MEDIUM_ERROR)
			? w.finding.count
			: 0,
		1);
	take_over(true);
	assert_fitness(HALE_UNFIT, world_check(&w, "/home/ci", 8, 17));
	assert_int_equal(
		middle_clear(w.m, "sdb", HALE_DISK_MEDIUM_ERROR, w.now), 1);
	take_over(false);
	assert_int_not_equal(world_check(&w, "/home/ci", 8, 17), HALE_UNFIT);
	keep_done(&keep);
	world_end(&w);
	vault_done(&vault);
	vault_done(&super);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_month),
		cmocka_unit_test(test_right_at_the_end),
	};

	/* as process_prepare() has it: what is freed is given back */
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	if (argc > 1)
		days = (int)strtol(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
