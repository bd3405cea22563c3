/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the lines of a fault to what is said about it: how many, of what, on
 * which part, with which proof, and when. The built-in rules judge.
 */
#include "kmsg_judge_room.h"

static void drained(void)
{
	kmsg_judge_flush(&judge, &probe);
}

static void test_a_read_error_of_five_lines_is_one(void **state)
{
	(void)state;
	line_of("+scsi:2:0:0:0", false,
		"sd 2:0:0:0: [sde] tag#5 FAILED Result: hostbyte=DID_OK "
		"driverbyte=DRIVER_OK cmd_age=3s");
	assert_int_equal(n_said, 0); /* nobody knows yet what it is */
	line("sd 2:0:0:0: [sde] tag#5 Sense Key : Medium Error [current] ");
	line("sd 2:0:0:0: [sde] tag#5 Add. Sense: Unrecovered read error");
	line("sd 2:0:0:0: [sde] tag#5 CDB: Read(10) 28 00 00 77 3b 15 00");
	line("critical medium error, dev sde, sector 7814037 op 0x0:(READ) "
	     "flags 0x0 phys_seg 1 prio class 2");
	line("Buffer I/O error on dev sde, logical block 976754, async page "
	     "read");
	drained();
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].count + said[1].count, 1);
	for (size_t i = 0; i < n_said; i++) {
		assert_int_equal(said[i].condition, HALE_DISK_MEDIUM_ERROR);
		assert_int_equal(said[i].kind, HALE_OBSERVED_EVENT);
		assert_int_equal(said[i].ref, HALE_REF_DISK);
		assert_string_equal(said[i].part, "sde");
	}
	/* the last word, and so the ledger's proof, is the block layer's */
	assert_int_equal(said[1].value, 7814037);
	assert_non_null(strstr(said[1].evidence, "sector 7814037"));
	assert_int_equal(said[1].seq, 105);
	assert_int_equal(said[1].time_ns, HALE_NS_PER_S + 5);
}

static void test_a_plain_error_is_said_when_no_more_is_there(void **state)
{
	(void)state;
	line("I/O error, dev sdb, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg "
	     "1 prio class 2");
	line("Buffer I/O error on dev sdb, logical block 1, lost async page "
	     "write");
	assert_int_equal(n_said, 0);
	drained();
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].condition, HALE_DISK_IO_ERROR);
	assert_int_equal(said[0].count, 1);
	assert_int_equal(said[0].value, 8);
	assert_non_null(strstr(said[0].evidence, "sector 8 op"));
	drained();
	assert_int_equal(n_said, 1);
}

/* Torn over two wake-ups: the closer condition must still be said. */
static void test_a_closer_line_after_the_flush_counts(void **state)
{
	(void)state;
	line("sd 2:0:0:0: [sde] tag#5 FAILED Result: hostbyte=DID_OK "
	     "driverbyte=DRIVER_OK cmd_age=3s");
	drained();
	line("sd 2:0:0:0: [sde] tag#5 Sense Key : Medium Error [current] ");
	line("critical medium error, dev sde, sector 7 op 0x0:(READ) flags 0x0 "
	     "phys_seg 1 prio class 2");
	drained();
	assert_true(n_said >= 2);
	assert_int_equal(said[n_said - 1].condition, HALE_DISK_MEDIUM_ERROR);
	assert_string_equal(said[n_said - 1].part, "sde");
}

/* A ring read hours later keeps the times of the faults in it. */
static void test_old_faults_keep_their_times(void **state)
{
	uint64_t count = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		now_ms += 900;
		line("I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0 "
		     "phys_seg 1 prio class 2");
	}
	drained();
	assert_true(n_said >= 9);
	for (size_t i = 0; i < n_said; i++)
		count += said[i].count;
	assert_int_equal(count, 20);
	assert_true(said[0].time_ns < 4 * HALE_NS_PER_S);
}

static void test_suppressed_lines_count_at_least(void **state)
{
	(void)state;
	line("critical medium error, dev sde, sector 7 op 0x0:(READ) flags 0x0 "
	     "phys_seg 1 prio class 2");
	line("blk_print_req_error: 250 callbacks suppressed");
	drained();
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1].condition, HALE_DISK_MEDIUM_ERROR);
	assert_string_equal(said[1].part, "sde");
	assert_int_equal(said[1].count, 250);
	assert_true(said[1].at_least);
	assert_false(said[0].at_least);
}

static void test_harmless_lines_say_nothing(void **state)
{
	(void)state;
	line("I/O error, dev sr0, sector 0 op 0x0:(READ) flags 0x80700");
	line("blk_print_req_error: 250 callbacks suppressed");
	line("EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: "
	     "errors=remount-ro");
	line("");
	line("\n\n");
	drained();
	kmsg_judge_close(&judge, &probe, UINT64_MAX);
	assert_int_equal(n_said, 0);
}

static void test_a_device_number_beats_the_name(void **state)
{
	(void)state;
	line_of("b8:64", false,
		"critical medium error, dev sde, sector 7 op 0x0:(READ) flags "
		"0x0 phys_seg 1 prio class 2");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].ref, HALE_REF_DISK);
	assert_string_equal(said[0].part, "8:64");
}

static void test_a_port_is_not_the_device_it_tells_of(void **state)
{
	uint64_t count = 0;

	(void)state;
	line_of("+pci:0000:40:01.1", false,
		"pcieport 0000:40:01.1: AER: Corrected error message received "
		"from 0000:41:00.0");
	line_of("+pci:0000:41:00.0", false,
		"nvme 0000:41:00.0: PCIe Bus Error: severity=Corrected, "
		"type=Data Link Layer, (Receiver ID)");
	line_of("+pci:0000:41:00.0", false,
		"nvme 0000:41:00.0:    [ 6] BadTLP                ");
	drained();
	for (size_t i = 0; i < n_said; i++) {
		assert_string_equal(said[i].part, "pci/0000:41:00.0");
		count += said[i].count;
	}
	assert_int_equal(count, 1);
}

static void test_other_parts_get_their_kind(void **state)
{
	(void)state;
	line("mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 9: "
	     "bd000000000000c0");
	line("EDAC MC0: 1 CE memory read error on "
	     "CPU_SrcID#0_MC#0_Chan#1_DIMM#0"
	     " (channel:1 slot:0 page:0x1 offset:0x0 grain:32 syndrome:0x0)");
	drained();
	assert_true(n_said >= 2);
	for (size_t i = 0; i < n_said; i++) {
		assert_int_equal(said[i].ref, HALE_REF_PART);
		assert_non_null(strchr(said[i].part, '/'));
	}
}

static void test_a_state_is_said_as_one(void **state)
{
	(void)state;
	line("EXT4-fs (sdc1): Remounting filesystem read-only");
	drained();
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].kind, HALE_OBSERVED_STATE);
	assert_int_equal(said[0].condition, HALE_FS_READONLY);
	assert_true(said[0].holds);
	assert_int_equal(said[0].ref, HALE_REF_FS);
	assert_string_equal(said[0].part, "sdc1");
}

static void test_a_line_in_two_fragments(void **state)
{
	(void)state;
	line("critical medium error, dev sde,");
	assert_int_equal(n_said, 0);
	line_of("", true, " sector 7814037 op 0x0:(READ) flags 0x0");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].value, 7814037);
	assert_string_equal(said[0].evidence,
			    "critical medium error, dev sde, sector 7814037 op "
			    "0x0:(READ) flags 0x0");
}

static void test_fragments_do_not_join_strangers(void **state)
{
	(void)state;
	line("critical medium error, dev sde,");
	seq++; /* a record was lost in between */
	line_of("", true, " sector 7814037 op 0x0:(READ) flags 0x0");
	drained();
	assert_int_equal(n_said, 0);
}

/* libata's own record has two lines. */
static void test_lines_within_a_record(void **state)
{
	(void)state;
	line("ata3.00: cmd 60/08:00:00:10:00/00:00:00:00:00/40 tag 0 ncq dma "
	     "4096 in\n         res 41/40:00:00:10:00/00:00:00:00:00/40 Emask "
	     "0x409 (media error) <F>");
	drained();
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].condition, HALE_DISK_MEDIUM_ERROR);
}

/* All others' second line began in a name: any user may give one to mount(2).
 */
static void test_a_name_forges_no_line(void **state)
{
	(void)state;
	line("tmpfs: Unknown parameter 'x\ncritical medium error, dev sde, "
	     "sector 7 op 0x0:(READ) flags 0x0 phys_seg 1'");
	line("usb 2-1: SerialNumber: 1\nEXT4-fs error (device sda1): "
	     "ext4_lookup:1785: inode #2: comm ls: deleted inode referenced: "
	     "9");
	line("ata: SerialNumber: cmd \nI/O error, dev sda, sector 8");
	line("tmpfs: Unknown parameter 'EDAC MC0: 1 UE memory read error on "
	     "CPU_SrcID#0_MC#0_Chan#0_DIMM#0 (channel:0 slot:0 page:0x1'");
	drained();
	assert_int_equal(n_said, 0);
}

/* "invoked oom-killer" may be a container's own limit: the next line tells. */
static void test_a_tentative_line_waits_for_what_follows(void **state)
{
	const uint64_t start = now_ms * HALE_NS_PER_MS;

	(void)state;
	line("cc1plus invoked oom-killer: "
	     "gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE"
	     "|__GFP_COMP), order=0, oom_score_adj=0");
	drained();
	assert_int_equal(n_said, 0);
	assert_true(kmsg_judge_close(&judge, &probe, start + 1));
	assert_int_equal(n_said, 0);
	assert_false(kmsg_judge_close(&judge, &probe,
				      start + 2 * HALE_GROUP_WINDOW_NS));
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].condition, HALE_MEMORY_OOM);
	assert_int_equal(said[0].count, 1);
}

static void test_a_tentative_line_yields_to_the_next(void **state)
{
	(void)state;
	line("cc1plus invoked oom-killer: "
	     "gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE"
	     "|__GFP_COMP), order=0, oom_score_adj=0");
	line("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,"
	     "mems_allowed=0,oom_memcg=/docker/x,task_memcg=/docker/x,"
	     "task=cc1plus,pid=77,uid=0");
	line("Memory cgroup out of memory: Killed process 77 (cc1plus) "
	     "total-vm:800kB, anon-rss:700kB, file-rss:0kB");
	drained();
	kmsg_judge_close(&judge, &probe, UINT64_MAX);
	assert_true(n_said >= 1);
	for (size_t i = 0; i < n_said; i++)
		assert_int_equal(said[i].condition, HALE_MEMORY_LIMIT);
}

/* Forty disks fail at once: more than there are runs to keep. */
static void test_many_disks_are_all_said(void **state)
{
	char text[160];
	uint64_t count = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text),
			 "I/O error, dev sd%c%c, sector 8 op 0x0:(READ) flags "
			 "0x0 phys_seg 1 prio class 2",
			 'a' + i / 26, 'a' + i % 26);
		line(text);
	}
	drained();
	for (size_t i = 0; i < n_said; i++)
		count += said[i].count;
	assert_int_equal(count, 40);
	assert_int_equal(n_said, 40);
}

static void test_the_future_is_now(void **state)
{
	(void)state;
	now_ms = UINT64_C(5000) * 1000;
	line("critical medium error, dev sde, sector 7 op 0x0:(READ) flags 0x0 "
	     "phys_seg 1 prio class 2");
	assert_int_equal(said[0].time_ns, probe.now_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_read_error_of_five_lines_is_one,
				       reset),
		cmocka_unit_test_setup(
			test_a_plain_error_is_said_when_no_more_is_there,
			reset),
		cmocka_unit_test_setup(
			test_a_closer_line_after_the_flush_counts, reset),
		cmocka_unit_test_setup(test_old_faults_keep_their_times, reset),
		cmocka_unit_test_setup(test_suppressed_lines_count_at_least,
				       reset),
		cmocka_unit_test_setup(test_harmless_lines_say_nothing, reset),
		cmocka_unit_test_setup(
			test_a_port_is_not_the_device_it_tells_of, reset),
		cmocka_unit_test_setup(test_a_device_number_beats_the_name,
				       reset),
		cmocka_unit_test_setup(test_other_parts_get_their_kind, reset),
		cmocka_unit_test_setup(test_a_state_is_said_as_one, reset),
		cmocka_unit_test_setup(test_a_line_in_two_fragments, reset),
		cmocka_unit_test_setup(test_fragments_do_not_join_strangers,
				       reset),
		cmocka_unit_test_setup(test_lines_within_a_record, reset),
		cmocka_unit_test_setup(test_a_name_forges_no_line, reset),
		cmocka_unit_test_setup(
			test_a_tentative_line_waits_for_what_follows, reset),
		cmocka_unit_test_setup(test_a_tentative_line_yields_to_the_next,
				       reset),
		cmocka_unit_test_setup(test_many_disks_are_all_said, reset),
		cmocka_unit_test_setup(test_the_future_is_now, reset),
	};

	return cmocka_run_group_tests(tests, compile, release);
}
