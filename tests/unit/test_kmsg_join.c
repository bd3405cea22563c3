/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By what others know the events that the log tells of: sector, pid, page. And
 * that each request is said by itself. The built-in rules judge.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules_built_in.h"

#include "drivers/kmsg_judge.h"

#define SAID_MAX 64

static struct kmsg_judge judge;
static struct hale_observation said[SAID_MAX];
static struct hale_victim chosen[SAID_MAX];
static size_t n_said, n_chosen;
static uint64_t seq;

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	assert_true(hale_fact_valid(f));
	if (f->kind == HALE_FACT_VICTIM) {
		assert_true(n_chosen < SAID_MAX);
		chosen[n_chosen++] = f->u.victim;
		return;
	}
	assert_int_equal(f->kind, HALE_FACT_OBSERVATION);
	assert_true(n_said < SAID_MAX);
	said[n_said++] = f->u.observation;
}

static struct hale_probe probe = { .emit = emit,
				   .now_ns = 1000 * HALE_NS_PER_S };

static int reset(void **state)
{
	(void)state;
	memset(&judge, 0, sizeof(judge));
	n_said = n_chosen = 0;
	seq = 100;
	return 0;
}

static void line(const char *text)
{
	struct kmsg_record r = { .seq = seq + 1,
				 .time_ns = (seq + 1) * HALE_NS_PER_MS,
				 .text = text,
				 .len = strlen(text) };

	seq++;
	kmsg_judge_record(&judge, &probe, rules, &r);
}

static uint64_t over(void)
{
	uint64_t count = 0;

	kmsg_judge_flush(&judge, &probe);
	kmsg_judge_close(&judge, &probe, UINT64_MAX);
	for (size_t i = 0; i < n_said; i++)
		count += said[i].count;
	return count;
}

static void expect(size_t i, enum hale_join join, uint64_t key)
{
	assert_true(i < n_said);
	assert_int_equal(said[i].join, join);
	assert_int_equal(said[i].join_key, key);
}

static void test_each_request_by_itself(void **state)
{
	(void)state;
	line("I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 "
	     "prio class 2");
	line("I/O error, dev sdb, sector 16 op 0x1:(WRITE) flags 0x0 phys_seg "
	     "1 prio class 2");
	line("blk_update_request: I/O error, dev sdb, sector 24");
	assert_int_equal(over(), 3);
	assert_int_equal(n_said, 3);
	expect(0, HALE_JOIN_BLOCK, HALE_BLOCK_KEY(HALE_OP_READ, 8));
	expect(1, HALE_JOIN_BLOCK, HALE_BLOCK_KEY(HALE_OP_WRITE, 16));
	expect(2, HALE_JOIN_BLOCK, HALE_BLOCK_KEY(HALE_OP_UNKNOWN, 24));
}

static void test_sense_lines_name_no_sector(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		line("sd 2:0:0:0: [sde] tag#5 Sense Key : Medium Error "
		     "[current] ");
		line("critical medium error, dev sde, sector 7 op 0x0:(READ) "
		     "flags 0x0 phys_seg 1 prio class 2");
	}
	assert_int_equal(over(), 2);
	assert_int_equal(n_said, 4);
	for (size_t i = 0; i < 4; i += 2) {
		assert_int_equal(said[i].count, 1);
		expect(i, HALE_JOIN_BLOCK,
		       HALE_BLOCK_KEY(HALE_OP_UNKNOWN, HALE_SECTOR_UNKNOWN));
		assert_int_equal(said[i + 1].count, 0);
		expect(i + 1, HALE_JOIN_BLOCK, HALE_BLOCK_KEY(HALE_OP_READ, 7));
	}
}

static void test_what_was_left_out(void **state)
{
	(void)state;
	line("I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 "
	     "prio class 2");
	line("Buffer I/O error on dev sdb, logical block 1, async page read");
	line("blk_print_req_error: 20 callbacks suppressed");
	/* the same requests, said by those who lost them */
	line("buffer_io_error: 20 callbacks suppressed");
	assert_int_equal(over(), 21);
	assert_int_equal(n_said, 2);
	expect(0, HALE_JOIN_BLOCK, HALE_BLOCK_KEY(HALE_OP_READ, 8));
	expect(1, HALE_JOIN_SUPPRESSED, 0);
	assert_int_equal(said[1].count, 20);
}

/* The first line of its interval was read before the restart. */
static void test_what_was_left_out_over_a_restart(void **state)
{
	struct kmsg_record before = {
		.seq = 1,
		.time_ns = 1,
		.text = "critical medium error, dev sdb, sector 8 op "
			"0x0:(READ) flags 0x0 phys_seg 1 prio class 2",
	};

	(void)state;
	before.len = strlen(before.text);
	kmsg_judge_learn(&judge.group, rules, &before);
	assert_int_equal(over(), 0);
	line("blk_print_req_error: 2 callbacks suppressed");
	assert_int_equal(over(), 2);
	assert_int_equal(said[0].condition, HALE_DISK_MEDIUM_ERROR);
	assert_string_equal(said[0].part, "sdb");
}

static void test_a_page(void **state)
{
	(void)state;
	line("Memory failure: 0x1a2b: recovery action for dirty LRU page: "
	     "Recovered");
	line("MCE: Killing cc1:4711 due to hardware memory corruption fault at "
	     "7f0000000000");
	over();
	assert_int_equal(n_said, 2);
	expect(0, HALE_JOIN_PAGE, 0x1a2b);
	expect(1, HALE_JOIN_PAGE, HALE_SECTOR_UNKNOWN);
}

static void test_one_kill_of_a_cgroup(void **state)
{
	(void)state;
	line("cc1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
	     "oom_score_adj=0");
	line(" mem_cgroup_out_of_memory+0x13a/0x150");
	line("memory: usage 16384kB, limit 16384kB, failcnt 88");
	line("Memory cgroup stats for /job:");
	kmsg_judge_flush(&judge, &probe);
	assert_int_equal(n_said, 0);
	line("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
	     "mems_allowed=0,oom_memcg=/job,task_memcg=/job,task=cc1,pid=4711,"
	     "uid=0");
	line("Memory cgroup out of memory: Killed process 4711 (cc1) "
	     "total-vm:18384kB, anon-rss:16260kB, file-rss:4kB");
	assert_int_equal(over(), 1);
	for (size_t i = 0; i < n_said; i++) {
		assert_int_equal(said[i].condition, HALE_MEMORY_LIMIT);
		expect(i, HALE_JOIN_OOM, 4711);
	}
}

/* Whoever dies for it is named, so that his build can be told. */
static void test_who_was_chosen(void **state)
{
	(void)state;
	line("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
	     "mems_allowed=0,oom_memcg=/job,task_memcg=/job/step,"
	     "task=a,pid=1,b,pid=4711,uid=1000");
	line("Memory cgroup out of memory: Killed process 4711 (a,pid=1,b) "
	     "total-vm:18384kB, anon-rss:16260kB, file-rss:4kB");
	line("Out of memory: Killed process 4712 (a) UID:0) total-vm:18384kB, "
	     "anon-rss:16260kB, UID:1001 pgtables:88kB oom_score_adj:0");
	assert_int_equal(n_chosen, 3);
	assert_int_equal(chosen[0].pid, 4711);
	assert_int_equal(chosen[0].signal, 9);
	assert_true(chosen[0].oom && chosen[0].oom_limit);
	assert_true(chosen[0].uid_known);
	assert_int_equal(chosen[0].uid, 1000);
	assert_string_equal(chosen[0].cgroup, "/job/step");
	assert_string_equal(chosen[0].comm, "a,pid=1,b");
	assert_true(chosen[1].oom && chosen[1].oom_limit);
	assert_string_equal(chosen[1].comm, "a,pid=1,b");
	assert_int_equal(chosen[2].pid, 4712);
	assert_true(chosen[2].oom && !chosen[2].oom_limit);
	assert_true(chosen[2].uid_known);
	assert_int_equal(chosen[2].uid, 1001);
	assert_int_equal(chosen[2].time_ns, 103 * HALE_NS_PER_MS);
}

/* Old kernels: the one that is killed may be another, and whose limit it was
 * the line alone does not say. */
static void test_nobody_was_chosen(void **state)
{
	(void)state;
	line("Out of memory: Kill process 4711 (cc1) score 900 or sacrifice "
	     "child");
	line("Killed process 4712 (cc1) total-vm:18384kB, anon-rss:16260kB, "
	     "file-rss:4kB");
	line("Out of memory and no killable processes...");
	line("Out of memory: Killed process 0 (x) total-vm:1kB");
	line("Out of memory: Killed process 99999999999 (x) total-vm:1kB");
	assert_int_equal(n_chosen, 0);
}

static void test_a_kill_of_the_host(void **state)
{
	(void)state;
	line("cc1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
	     "oom_score_adj=0");
	line("Out of memory: Killed process 4712 (cc1) total-vm:18384kB, "
	     "anon-rss:16260kB, file-rss:4kB, shmem-rss:0kB");
	assert_int_equal(over(), 1);
	expect(n_said - 1, HALE_JOIN_OOM, 4712);
	assert_int_equal(said[n_said - 1].condition, HALE_MEMORY_OOM);
}

static void test_a_crash(void **state)
{
	(void)state;
	line("cc1[4713]: segfault at 0 ip 000055d0 sp 00007ffd error 4 in "
	     "cc1[55d0+1000]");
	over();
	assert_int_equal(n_said, 1);
	expect(0, HALE_JOIN_DEATH, 4713);
}

static void test_numbers_that_are_none(void **state)
{
	(void)state;
	line("Memory failure: 0x: recovery action for dirty LRU page: "
	     "Recovered");
	line("cc1[99999999999999]: segfault at 0 ip 000055d0 sp 00007ffd error "
	     "4 in cc1[55d0+1000]");
	over();
	for (size_t i = 0; i < n_said; i++)
		assert_true(said[i].join == HALE_JOIN_NONE ||
			    said[i].join_key == HALE_SECTOR_UNKNOWN);
}

static void put_block_size(const char *root, const char *bytes)
{
	static const char *const dirs[] = { "", "/sys", "/sys/block",
					    "/sys/block/nvme3n1",
					    "/sys/block/nvme3n1/queue" };
	char path[256];
	FILE *f;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/sys/block/nvme3n1/queue/%s", root,
		 "logical_block_size");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(bytes, f);
	fclose(f);
}

/* nvme_log_error() counts logical blocks, the block layer sectors. */
static void test_nvme_counts_blocks(void **state)
{
	static const char *const words[] = {
		"nvme3n1: Read(0x2) @ LBA 64, 8 blocks, Unrecovered Read Error "
		"(sct 0x2 / sc 0x81) DNR",
		"nvme3n1: Read(0x2) @ LBA 64, 8 blocks, Internal Error (sct "
		"0x0 / sc 0x6)",
	};
	static const struct {
		const char *bytes;
		uint64_t sector;
	} sizes[] = { { "512\n", 64 },
		      { "4096\n", 512 },
		      { "none\n", HALE_SECTOR_UNKNOWN } };
	char root[] = "/tmp/hale-kmsg-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	probe.root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sizes); i++) {
		put_block_size(root, sizes[i].bytes);
		for (size_t k = 0; k < HALE_ARRAY_SIZE(words); k++) {
			reset(NULL);
			line(words[k]);
			assert_int_equal(over(), 1);
			expect(0, HALE_JOIN_BLOCK,
			       HALE_BLOCK_KEY(HALE_OP_UNKNOWN,
					      sizes[i].sector));
		}
	}
	/* in the sandbox of the core no file can be opened any more */
	put_block_size(root, "4096\n");
	reset(NULL);
	kmsg_blocks_learn(&judge.blocks, probe.root_fd);
	close(probe.root_fd);
	probe.root_fd = -1;
	line(words[0]);
	assert_int_equal(over(), 1);
	expect(0, HALE_JOIN_BLOCK, HALE_BLOCK_KEY(HALE_OP_UNKNOWN, 512));
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nvme_counts_blocks, reset),
		cmocka_unit_test_setup(test_each_request_by_itself, reset),
		cmocka_unit_test_setup(test_sense_lines_name_no_sector, reset),
		cmocka_unit_test_setup(test_what_was_left_out, reset),
		cmocka_unit_test_setup(test_what_was_left_out_over_a_restart,
				       reset),
		cmocka_unit_test_setup(test_a_page, reset),
		cmocka_unit_test_setup(test_one_kill_of_a_cgroup, reset),
		cmocka_unit_test_setup(test_a_kill_of_the_host, reset),
		cmocka_unit_test_setup(test_who_was_chosen, reset),
		cmocka_unit_test_setup(test_nobody_was_chosen, reset),
		cmocka_unit_test_setup(test_a_crash, reset),
		cmocka_unit_test_setup(test_numbers_that_are_none, reset),
	};

	return cmocka_run_group_tests(tests, compile, release);
}
