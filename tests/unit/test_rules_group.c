/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thirty failed reads are thirty, however many lines the kernel prints for
 * each. Time is invented; a case is a log and what it amounts to.
 */
#include "hale/rules_group.h"

#include "rules_built_in.h"

static struct hale_group group;
static uint64_t now_ns;

static int reset(void **state)
{
	(void)state;
	memset(&group, 0, sizeof(group));
	now_ns = HALE_NS_PER_S;
	return 0;
}

static struct hale_grouped last;

/* The new faults that a line stands for, 1 ms after the one before it. */
static uint64_t add(const char *text)
{
	struct hale_match m;

	now_ns += HALE_NS_PER_MS;
	last = (struct hale_grouped){ .count = 0 };
	if (!hale_rules_match(rules, text, strlen(text), &m) ||
	    !hale_group_add(&group, &m, now_ns, &last))
		return 0;
	return last.count;
}

static const char *closed(void)
{
	static char said[200];
	struct hale_group_slot s;

	if (hale_group_close(&group, UINT64_MAX, &s) < 0)
		return "";
	snprintf(said, sizeof(said), "%s %s %u%s%s",
		 hale_condition_info(s.condition)->name, s.part,
		 (unsigned int)s.count, s.alias[0] ? " alias " : "", s.alias);
	return said;
}

static uint64_t failed_read(void)
{
	return add("sd 2:0:0:0: [sdc] tag#1 FAILED Result: hostbyte=DID_OK "
		   "driverbyte=DRIVER_SENSE cmd_age=2s") +
	       add("sd 2:0:0:0: [sdc] tag#1 Sense Key : Medium Error "
		   "[current]") +
	       add("sd 2:0:0:0: [sdc] tag#1 Add. Sense: Unrecovered read "
		   "error") +
	       add("sd 2:0:0:0: [sdc] tag#1 CDB: Read(10) 28 00 00 00") +
	       add("I/O error, dev sdc, sector 800 op 0x0:(READ) flags 0x0") +
	       add("Buffer I/O error on dev sdc1, logical block 3, async page "
		   "read");
}

static void thirty_reads_are_thirty(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (int i = 0; i < 30; i++)
		sum += failed_read();
	assert_int_equal(sum, 30);
	assert_string_equal(closed(), "disk.medium_error sdc 30");
	assert_string_equal(closed(), "");
}

static void bare_block_lines_count_each(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(add("I/O error, dev sdc, sector 8"), 1);
	assert_int_equal(add("Buffer I/O error on dev sdc, logical block 1"),
			 0);
	assert_string_equal(closed(), "disk.io_error sdc 5");
}

/* A build that waited long was slow; one whose read failed has failed. */
static void what_failed_for_good_is_no_mere_timeout(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		add("sd 2:0:0:0: [sdc] tag#1 FAILED Result: "
		    "hostbyte=DID_TIME_OUT driverbyte=DRIVER_OK cmd_age=31s");
		assert_int_equal(last.condition, HALE_DISK_TIMEOUT);
		sum += add("I/O error, dev sdc, sector 800 op 0x0:(READ)");
		assert_int_equal(last.condition, HALE_DISK_IO_ERROR);
	}
	assert_int_equal(sum, 3);
	assert_string_equal(closed(), "disk.timeout sdc 3");
	assert_string_equal(closed(), "disk.io_error sdc 3");
	assert_string_equal(closed(), "");
}

/* Nor does what comes after it take it back. */
static void a_timeout_takes_no_failure_over(void **state)
{
	(void)state;
	assert_int_equal(add("I/O error, dev sdc, sector 8 op 0x0:(READ)"), 1);
	add("sd 2:0:0:0: [sdc] tag#2 FAILED Result: hostbyte=DID_TIME_OUT "
	    "driverbyte=DRIVER_OK cmd_age=31s");
	assert_string_equal(closed(), "disk.io_error sdc 1");
	assert_string_equal(closed(), "disk.timeout sdc 1");
}

/* The port's lines are still the disk's that failed next. */
static void a_port_that_resets_is_its_disk_s(void **state)
{
	(void)state;
	add("ata3.00: exception Emask 0x10 SAct 0x0 SErr 0x400000 action 0x6 "
	    "frozen");
	assert_int_equal(last.condition, HALE_DISK_LINK_ERROR);
	add("I/O error, dev sdb, sector 8 op 0x0:(READ)");
	assert_string_equal(closed(), "disk.link_error sdb 1 alias ata3.00");
	assert_string_equal(closed(), "disk.io_error sdb 1");
}

static void a_port_becomes_its_disk(void **state)
{
	(void)state;
	assert_int_equal(add("ata3.00: exception Emask 0x0 SAct 0x1 SErr 0x0 "
			     "action 0x0"),
			 1);
	assert_int_equal(add("ata3.00: failed command: READ FPDMA QUEUED"), 0);
	assert_int_equal(add("res 41/40:00:00/00:00/40 Emask 0x409 (media "
			     "error) <F>"),
			 0);
	assert_int_equal(add("ata3.00: error: { UNC }"), 0);
	assert_int_equal(failed_read(), 0);
	assert_string_equal(last.part, "sdc1");
	assert_string_equal(closed(), "disk.medium_error sdc 1 alias ata3.00");
}

/* With two ports failing at once nobody can say which one a disk is on. */
static void two_ports_stay_ports(void **state)
{
	(void)state;
	add("ata3.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x0");
	add("ata4.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x0");
	assert_int_equal(failed_read(), 1);
	assert_string_equal(closed(), "disk.io_error ata3 1 alias ata3.00");
	assert_string_equal(closed(), "disk.io_error ata4 1 alias ata4.00");
	assert_string_equal(closed(), "disk.medium_error sdc 1");
}

static void disks_are_kept_apart(void **state)
{
	(void)state;
	assert_int_equal(add("I/O error, dev sda, sector 8"), 1);
	assert_int_equal(add("I/O error, dev sdaa, sector 8"), 1);
	assert_int_equal(add("I/O error, dev nvme1n1, sector 8"), 1);
	assert_int_equal(add("I/O error, dev nvme11n1, sector 8"), 1);
	for (int i = 0; i < 4; i++)
		assert_non_null(strstr(closed(), " 1"));
	assert_string_equal(closed(), "");
}

static void time_separates(void **state)
{
	(void)state;
	add("sd 2:0:0:0: [sdc] tag#1 Sense Key : Medium Error [current]");
	now_ns += 3 * HALE_NS_PER_S;
	/* another fault: the first one's block line never came */
	assert_int_equal(add("I/O error, dev sdc, sector 8"), 1);
	assert_int_equal(last.condition, HALE_DISK_IO_ERROR);
}

static void suppressed_lines_count_as_the_last(void **state)
{
	(void)state;
	assert_int_equal(add("blk_update_request: 5 callbacks suppressed"), 0);
	assert_int_equal(
		add("blk_update_request: I/O error, dev sdc, sector 8"), 1);
	assert_int_equal(add("blk_update_request: 41 callbacks suppressed"),
			 41);
	assert_true(last.at_least);
	assert_string_equal(last.part, "sdc");
	assert_int_equal(
		add("blk_update_request: I/O error, dev sr0, sector 8"), 0);
	assert_int_equal(add("blk_update_request: 7 callbacks suppressed"), 0);
	assert_int_equal(add("audit_printk_skb: 9 callbacks suppressed"), 0);
}

static void a_limit_is_no_shortage(void **state)
{
	(void)state;
	assert_int_equal(add("cc1 invoked oom-killer: gfp_mask=0xcc0, order=0, "
			     "oom_score_adj=0"),
			 0);
	assert_true(last.tentative);
	assert_int_equal(add("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0"),
			 1);
	assert_int_equal(last.condition, HALE_MEMORY_LIMIT);
	assert_int_equal(add("Memory cgroup out of memory: Killed process 9 "
			     "(cc1) total-vm:4kB"),
			 0);
	assert_string_equal(closed(), "memory.limit  1");
	assert_string_equal(closed(), "");
}

static void a_shortage_is_counted_once(void **state)
{
	(void)state;
	add("cc1 invoked oom-killer: gfp_mask=0xcc0, order=0");
	assert_int_equal(add("oom-kill:constraint=CONSTRAINT_NONE,nodemask=0"),
			 1);
	assert_int_equal(add("Out of memory: Killed process 9 (cc1) total-vm"),
			 0);
	assert_string_equal(closed(), "memory.oom  1");
}

static void one_oops_is_one(void **state)
{
	(void)state;
	assert_int_equal(add("BUG: kernel NULL pointer dereference, address: "
			     "0000000000000008"),
			 1);
	assert_int_equal(add("Oops: 0000 [#1] PREEMPT SMP PTI"), 0);
	assert_string_equal(closed(), "kernel.oops  1");
}

static void a_lost_usb_disk_is_named(void **state)
{
	(void)state;
	add("usb 2-1: USB disconnect, device number 4");
	add("I/O error, dev sdd, sector 8");
	assert_string_equal(closed(), "bus.usb_disconnect 2-1 1 alias sdd");
	assert_string_equal(closed(), "disk.io_error sdd 1");
}

static void never_grows(void **state)
{
	char text[64];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text),
			 "I/O error, dev nvme%dn1, sector 8", i);
		assert_int_equal(add(text), 1);
	}
	assert_string_equal(closed(), "disk.io_error nvme984n1 1");
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(thirty_reads_are_thirty),
		TEST(bare_block_lines_count_each),
		TEST(what_failed_for_good_is_no_mere_timeout),
		TEST(a_timeout_takes_no_failure_over),
		TEST(a_port_that_resets_is_its_disk_s),
		TEST(a_port_becomes_its_disk),
		TEST(two_ports_stay_ports),
		TEST(disks_are_kept_apart),
		TEST(time_separates),
		TEST(suppressed_lines_count_as_the_last),
		TEST(a_limit_is_no_shortage),
		TEST(a_shortage_is_counted_once),
		TEST(one_oops_is_one),
		TEST(a_lost_usb_disk_is_named),
		TEST(never_grows),
	};

	return cmocka_run_group_tests(tests, compile, release);
}
