/* SPDX-License-Identifier: Apache-2.0 */
/* What the lines of the log tell of names that come and go. */
#include "kmsg_judge_room.h"

static void expect_bearer(size_t i, enum hale_bearer_news news,
			  const char *name)
{
	assert_true(i < n_bearers);
	assert_int_equal(bearers[i].news, news);
	assert_string_equal(bearers[i].name, name);
	assert_int_equal(bearers[i].time_ns, now_ms * HALE_NS_PER_MS + 5);
}

static void test_names_that_come_and_go(void **state)
{
	(void)state;
	line("sd 3:0:0:0: [sdc] Synchronizing SCSI cache");
	line("sd 3:0:0:0: [sdc] 4096 512-byte logical blocks: (2 MB/2 MiB)");
	line("sd 3:0:0:0: [sdc] Attached SCSI removable disk");
	line("virtio_blk virtio3: [vdb] 64 512-byte logical blocks (33 kB/32.0 "
	     "KiB)");
	line("nvme nvme2: pci function 0000:05:00.0");
	line("loop7: detected capacity change from 0 to 2048");
	line("loop7: detected capacity change from 2048 to 0");
	line("nbd1: detected capacity change from 0 to 8");
	expect_bearer(0, HALE_BEARER_LEFT, "sdc");
	expect_bearer(1, HALE_BEARER_ANNOUNCED, "sdc");
	expect_bearer(2, HALE_BEARER_CAME, "sdc");
	expect_bearer(3, HALE_BEARER_CAME, "vdb");
	expect_bearer(4, HALE_BEARER_CAME, "nvme2");
	expect_bearer(5, HALE_BEARER_SET_UP, "loop7");
	expect_bearer(6, HALE_BEARER_LEFT, "loop7");
	expect_bearer(7, HALE_BEARER_SET_UP, "nbd1");
	assert_int_equal(n_bearers, 8);
	assert_int_equal(n_said, 0);
}

static void test_names_that_stay(void **state)
{
	(void)state;
	line("sda: detected capacity change from 4096 to 8192");
	line("sda: detected capacity change from 0 to 8192");
	line("virtio_blk virtio3: [vdb] new size: 128 512-byte logical blocks "
	     "(1/1)");
	line("loop7: detected capacity change from 2048 to 4096");
	line("sr 1:0:0:0: Attached scsi CD-ROM sr0");
	line("nvme nvme2: 2/0/0 default/read/poll queues");
	assert_int_equal(n_bearers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names_that_come_and_go, reset),
		cmocka_unit_test_setup(test_names_that_stay, reset),
	};

	return cmocka_run_group_tests(tests, compile, release);
}
