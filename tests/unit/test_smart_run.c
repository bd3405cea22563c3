/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of the driver smart over recorded roots and disks without hardware:
 * which disks are asked what, in which order, and what is said of them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "smart_run.h"

static void test_kinds(void **state)
{
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/kinds", run_healthy);
	run_says(&o, "disk sda TEST HDD 4000 0=1");
	run_says(&o, "disk sdb SAS 1200 0=1");
	run_says(&o, "disk nvme0n1 TEST NVMe 0=1");
	run_says(&o, "coverage disk_health partial why=\"4 of 7 disks are not "
		     "seen, or not in full\" remedy=\"\"\n"
		     "coverage disk_health of sdc blind why=\"behind a USB "
		     "bridge\" remedy=\"install smartmontools\"\n"
		     "coverage disk_health of sdd blind why=\"behind a RAID "
		     "controller (megaraid_sas)\" remedy=\"install "
		     "smartmontools\"\n"
		     "coverage disk_health of sde blind why=\"behind a RAID ");
	run_says(&o,
		 "coverage disk_health of vda blind why=\"a virtual disk tells "
		 "nothing of the disk beneath it\"");
	run_says_not(&o, " of sda");
	run_says_not(&o, "sdf"); /* a card reader without a card */
	run_says_not(&o, "loop0");
	run_says_not(&o, "dm-0");
	run_says_not(&o, "nvme0c0n1");
	/* its name is out before it is touched, and nothing of vda */
	assert_true(strstr(o.facts, "disk.stalled disk=sda holds=0") <
		    strstr(o.facts, "disk sda"));
	run_says_not(&o, "disk.stalled disk=vda");
	run_forget(&o);
}

/* The values that pages gave are those of the reading. */
static void test_ata_values(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0x80, .failing = true },
		{ .name = NULL },
	};
	char want[160];
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/ata", disks);
	snprintf(want, sizeof(want), "disk sda TEST HDD 4000 %d=0 %d=0 %d=36 ",
		 HALE_DISK_PASSED, HALE_DISK_POWER_ON_HOURS,
		 HALE_DISK_TEMPERATURE);
	run_says(&o, want);
	snprintf(want, sizeof(want), " %d=1 %d=0 %d=4000 %d=0\n",
		 HALE_DISK_ERROR_LOG_UNC, HALE_DISK_ERROR_LOG_ICRC,
		 HALE_DISK_ERROR_LOG_LAST_HOURS, HALE_DISK_SELF_TEST_FAILED);
	run_says(&o, want);
	run_says(&o, "coverage disk_health live why=\"\" remedy=\"\"\n");
	run_sent(&o, "sda open\nsda ata e5\nsda ata ec\n");
	run_forget(&o);
}

static void test_asleep(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0x00 },
		{ .name = "sdb", .sense = { [2] = 2, [12] = 4, [13] = 2 } },
		{ .name = "nvme0n1" },
		{ .name = NULL },
	};
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/kinds", disks);
	run_says(&o, "disk sda TEST HDD 4000 asleep\n");
	run_says(&o, "disk sdb SAS 1200 asleep\n");
	run_says(&o, " of sda partial why=\"it sleeps and was not woken\" "
		     "remedy=\"wake = yes in [smart] wakes it for this\"");
	run_sent(&o, "sda open\nsda ata e5\nsda close\n"
		     "sdb open\nsdb scsi 03/00\nsdb close\n");
	run_forget(&o);

	o = (struct run_outcome){ .options = { { "wake", "yes" } },
				  .n_options = 1 };
	run_over(&o, "smart/kinds", disks);
	run_says(&o, "disk sda TEST HDD 4000 0=1");
	run_says(&o, "disk sdb SAS 1200 0=1");
	run_says_not(&o, "asleep");
	run_forget(&o);
}

/* One that the kernel has suspended is not even opened. */
static void test_suspended(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0xff }, { .name = NULL }
	};
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/suspended", disks);
	run_says(&o, "disk sda TEST HDD 4000 asleep\n");
	run_says(&o,
		 "coverage disk_health live"); /* nobody has to do anything */
	assert_string_equal(o.commands, "");
	run_says_not(&o, "disk.stalled");
	run_forget(&o);
}

struct trouble_case {
	const char *name;
	struct fake_disk disk;
	const char *says, *says_not;
};

static const struct trouble_case troubles[] = {
	{ "torn attributes",
	  { .power = 0xff, .torn = true },
	  "of sda partial why=\"SMART READ DATA came damaged, 1 pages in all\"",
	  "x=y" },
	{ "no SMART",
	  { .power = 0xff, .no_smart = true },
	  "of sda blind why=\"it has no SMART\" remedy=\"\"",
	  "disk sda" },
	{ "SMART is off",
	  { .power = 0xff, .smart_off = true },
	  "why=\"its SMART is switched off\" remedy=\"smartctl --smart=on "
	  "switches it on\"",
	  "disk sda" },
	{ "not permitted",
	  { .command_error = -EPERM },
	  "why=\"not permitted to ask it: CHECK POWER MODE\" remedy=\"run "
	  "haled as root, with CAP_SYS_RAWIO and CAP_SYS_ADMIN\"",
	  "disk sda" },
	{ "no node",
	  { .open_error = -ENOENT },
	  "why=\"there is no /dev/sda\"",
	  "disk sda" },
	{ "it timed out",
	  { .command_error = -ETIMEDOUT },
	  "event disk.timeout disk=sda count=1 value=0 total=0 "
	  "evidence=\"sda: CHECK POWER MODE did not return within 10 s\"",
	  "disk sda" },
};

static void test_trouble(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(troubles); i++) {
		struct fake_disk disks[2] = { troubles[i].disk, { 0 } };
		struct run_outcome o = { 0 };

		print_message("%s\n", troubles[i].name);
		disks[0].name = "sda";
		run_over(&o, "smart/ata", disks);
		run_says(&o, troubles[i].says);
		run_says_not(&o, troubles[i].says_not);
		run_says_not(&o, "coverage disk_health live");
		run_forget(&o);
	}
}

/* A disk in which a run is stuck is left alone; the others are read. */
static void test_skipped(void **state)
{
	struct run_outcome o = { .skip = { "sda" }, .n_skip = 1 };

	(void)state;
	run_over(&o, "smart/kinds", run_healthy);
	run_says(&o, "of sda blind why=\"a request to it has not returned\"");
	run_says_not(&o, "disk.stalled disk=sda");
	run_says(&o, "disk sdb SAS 1200 0=1");
	run_sent_not(&o, "sda");
	run_forget(&o);
}

/* Slow disks use up the run: the rest is said not to have been asked. */
static void test_budget(void **state)
{
	struct run_outcome o = { .fake = { .step_ms = 5000 } };

	(void)state;
	run_over(&o, "smart/kinds", run_healthy);
	run_says(&o, "disk sda");
	run_says(&o,
		 "of sdb blind why=\"it was not its turn: other disks took too "
		 "long\"");
	run_sent_not(&o, "nvme0n1");
	run_forget(&o);
}

static void test_failing_scsi(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0xff },
		{ .name = "sdb", .asc = 0x5d, .ascq = 0x10 },
		{ .name = "nvme0n1", .warning = 4 },
		{ .name = NULL },
	};
	char want[160];
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/kinds", disks);
	snprintf(want, sizeof(want), "disk sdb SAS 1200 0=0 %d=33 %d=93 %d=16",
		 HALE_DISK_TEMPERATURE, HALE_DISK_IE_ASC, HALE_DISK_IE_ASCQ);
	run_says(&o, want);
	snprintf(want, sizeof(want), " %d=4 ", HALE_DISK_CRITICAL_WARNING);
	run_says(&o, want);
	run_forget(&o);
}

/* What is said only in answer to REQUEST SENSE is not lost (MRIE 6). */
static void test_exception_in_sense(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0xff },
		{ .name = "sdb", .sense = { [12] = 0x5d, [13] = 0x10 } },
		{ .name = "nvme0n1", .blank = true },
		{ .name = NULL },
	};
	char want[80];
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/kinds", disks);
	snprintf(want, sizeof(want), "disk sdb SAS 1200 0=0 %d=33 %d=93",
		 HALE_DISK_TEMPERATURE, HALE_DISK_IE_ASC);
	run_says(&o, want);
	/* a health log of zeros is no healthy disk */
	run_says(&o,
		 "of nvme0n1 blind why=\"its health log could not be read\"");
	run_says_not(&o, "disk nvme0n1");
	run_forget(&o);
}

/* What a device has to say of other things is not its answer. */
static void test_unit_attention(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0xff, .attention = true },
		{ .name = "sdb", .attention = true },
		{ .name = "nvme0n1" },
		{ .name = NULL },
	};
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/kinds", disks);
	run_says(&o, "disk sda TEST HDD 4000 0=1");
	run_says(&o, "disk sdb SAS 1200 0=1");
	run_says_not(&o, " of sda");
	run_says_not(&o, " of sdb");
	run_forget(&o);
}

/* A translation that was promised and is not there. */
static void test_liars(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .no_ata = true },
		{ .name = "sdb", .power = 0xff },
		{ .name = NULL },
	};
	struct fake_disk bridge[] = { disks[0], disks[1], disks[2] };
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/liars", disks);
	run_says(&o, "disk sda NO ATA 0=1");
	run_says(&o, "disk sdb TEST HDD 4000 0=1"); /* as good as its word */
	run_says(&o, "coverage disk_health live");
	run_forget(&o);

	bridge[1].no_ata = true;
	o = (struct run_outcome){ 0 };
	run_over(&o, "smart/liars", bridge);
	run_says(&o, "of sdb blind why=\"behind a USB bridge\"");
	run_forget(&o);
}

/* That a disk is not hot does not make it a healthy one. */
static void test_temperature_only(void **state)
{
	static const struct fake_disk disks[] = {
		{ .name = "sda", .power = 0xff },
		{ .name = "sdb", .only_temperature = true },
		{ .name = "nvme0n1" },
		{ .name = NULL },
	};
	char want[80];
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/kinds", disks);
	snprintf(want, sizeof(want), "disk sdb SAS 1200 %d=33\n",
		 HALE_DISK_TEMPERATURE);
	run_says(&o, want);
	run_says(&o, "of sdb blind why=\"it tells nothing of its health\"");
	run_forget(&o);
}

/* A virtual disk that answers is seen in part; one that does not, not. */
static void test_virtual(void **state)
{
	static const struct fake_disk disks[] = { { .name = "sda",
						    .no_pages = true },
						  { .name = "sdb" },
						  { .name = NULL } };
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/virtual", disks);
	run_says(&o, "coverage disk_health partial why=\"a virtual disk tells "
		     "nothing of the disk beneath it\" remedy=\"\"\n");
	run_says(&o, "of sda blind why=\"a virtual disk tells nothing");
	run_says(&o, "of sdb partial why=\"a virtual disk tells nothing");
	run_forget(&o);
}

static void test_no_disks(void **state)
{
	struct run_outcome o = { 0 };

	(void)state;
	run_over(&o, "smart/none", run_healthy);
	assert_string_equal(o.facts,
			    "coverage disk_health blind why=\"there is "
			    "no disk here to ask\" remedy=\"\"\n");
	run_forget(&o);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_ata_values),
		cmocka_unit_test(test_asleep),
		cmocka_unit_test(test_suspended),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_failing_scsi),
		cmocka_unit_test(test_exception_in_sense),
		cmocka_unit_test(test_unit_attention),
		cmocka_unit_test(test_liars),
		cmocka_unit_test(test_temperature_only),
		cmocka_unit_test(test_virtual),
		cmocka_unit_test(test_no_disks),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
