/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver udev over a libudev of our own: this program defines the calls
 * that the driver makes, and hands out events from a table.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "facts.h"
#include "fake_udev.h"
#include "tree.h"

extern const struct hale_driver udev_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(hale_fact_valid(f));
	assert_true(facts_print(sink, f));
}

/* Probes, gives the events out in one or more samples; returns all facts. */
static char *run(const char *tree_lines[], const struct udev_device *events,
		 size_t n)
{
	static _Alignas(16) char udev_state[4096];
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .state = udev_state,
				.event_fd = -1,
				.now_ns = 1700000000 * HALE_NS_PER_S,
				.emit = print,
				.sink = out };
	struct tree t;

	assert_true(udev_driver.state_size <= sizeof(udev_state));
	memset(&fake, 0, sizeof(fake));
	fake.events = events;
	fake.n = n;
	tree_new(&t);
	for (size_t i = 0; tree_lines && tree_lines[i]; i++)
		tree_line(&t, tree_lines[i]);
	p.root_fd = t.root_fd;
	assert_int_equal(udev_driver.probe(&p), 0);
	assert_true(p.event_fd >= 0);
	for (size_t i = 0; i < 1 + n / 50; i++)
		assert_int_equal(udev_driver.sample(&p), 0);
	udev_driver.remove(&p);
	assert_int_equal(fake.refs, 0);
	tree_remove(&t);
	fclose(out);
	return text;
}

static void expect(const char *facts, const char *line)
{
	if (!strstr(facts, line))
		fail_msg("missing: %s\nfacts:\n%s", line, facts);
}

static const char *with_udevd[] = { "file run/udev/control =", NULL };

#define SDA_PATH                                                               \
	"/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/"     \
	"block/sda"
#define DISK_SDA                                                               \
	"DEVPATH", SDA_PATH, "DEVTYPE", "disk", "DEVNAME", "/dev/sda",         \
		"MAJOR", "8", "MINOR", "0"

static void test_disk_comes_and_goes(void **state)
{
	static const struct udev_device events[] = {
		{ .action = "add",
		  .properties = { DISK_SDA, "ID_MODEL", "ACME_HD",
				  "ID_SERIAL_SHORT", "SN1", "ID_WWN",
				  "0x5000c500a1b2c3d4" } },
		{ .action = "add",
		  .properties = { "DEVPATH", SDA_PATH "/sda1", "DEVTYPE",
				  "partition", "MAJOR", "8", "MINOR", "1",
				  "ID_FS_UUID", "0b6c-11" } },
		{ .action = "change",
		  .properties = { DISK_SDA, "ID_WWN", "0x5000c500a1b2c3d4" } },
		{ .action = "remove", .properties = { DISK_SDA } },
	};
	char *facts = run(with_udevd, events, HALE_ARRAY_SIZE(events));

	(void)state;
	assert_string_equal(fake.groups, "udev kernel ");
	expect(facts, "coverage identity live");
	expect(facts, "device sda 8:0 disk present "
		      "identity=disk/naa.5000c500a1b2c3d4 model=\"ACME HD\" "
		      "serial=\"SN1\" since at=" SDA_PATH "\n");
	expect(facts,
	       "device sda1 8:1 partition present identity= model=\"\" "
	       "serial=\"\" disk=sda fs=0b6c-11 since at=" SDA_PATH "/sda1\n");
	/* a change is no new appearance */
	expect(facts, "identity=disk/naa.5000c500a1b2c3d4 model=\"\" "
		      "serial=\"\" at=");
	expect(facts, "device sda 8:0 disk absent ");
	free(facts);
}

/* Its 31st byte is within a letter: the field's is the part before that. */
static void test_a_long_name_is_cut_between_letters(void **state)
{
	static const struct udev_device events[] = {
		{ .action = "add",
		  .properties = { "DEVPATH",
				  "/devices/virtual/block/"
				  "a-name-that-has-thirty-bytes-x\xc3\xa9/p1",
				  "DEVTYPE", "partition", "MAJOR", "8", "MINOR",
				  "1" } },
	};
	char *facts = run(with_udevd, events, HALE_ARRAY_SIZE(events));

	(void)state;
	expect(facts, "disk=a-name-that-has-thirty-bytes-x since");
	free(facts);
}

/*
 * The disk dies, and udevd sits in its rules for it: the kernel's word counts.
 * What udevd says of it afterwards is old; of the next disk with that number it
 * is not.
 */
static void test_the_kernel_overtakes_udevd(void **state)
{
	static const struct udev_device events[] = {
		{ .action = "add",
		  .kernel = true,
		  .seqnum = 10,
		  .properties = { DISK_SDA } },
		{ .action = "remove",
		  .kernel = true,
		  .seqnum = 20,
		  .properties = { DISK_SDA } },
		{ .action = "change",
		  .seqnum = 15,
		  .properties = { DISK_SDA, "ID_SERIAL", "stale" } },
		{ .action = "remove",
		  .seqnum = 20,
		  .properties = { DISK_SDA, "ID_SERIAL", "stale" } },
		{ .action = "add",
		  .seqnum = 21,
		  .properties = { DISK_SDA, "ID_SERIAL", "next" } },
	};
	char *facts = run(with_udevd, events, HALE_ARRAY_SIZE(events));
	const char *gone = strstr(facts, "device sda 8:0 disk absent ");
	const char *next = strstr(facts, "device sda 8:0 disk present "
					 "identity=disk/next ");

	(void)state;
	assert_non_null(gone);
	assert_non_null(next);
	assert_true(gone < next);
	assert_null(strstr(facts, "stale"));
	assert_null(
		strstr(gone + strlen("device sda 8:0 disk absent"), "absent"));
	free(facts);
}

/* `udevadm trigger` makes events of devices that were there all along. */
static void test_synthetic_add_is_no_appearance(void **state)
{
	static const struct udev_device events[] = {
		{ .action = "add",
		  .properties = { DISK_SDA, "SYNTH_UUID", "0" } },
	};
	char *facts = run(with_udevd, events, 1);

	(void)state;
	expect(facts, "device sda 8:0 disk present ");
	assert_null(strstr(facts, " since "));
	free(facts);
}

static void test_without_udevd(void **state)
{
	static const struct udev_device events[] = {
		{ .action = "add", .properties = { DISK_SDA } },
		{ .action = "change",
		  .properties = { "DEVPATH", "/devices/virtual/block/md_home",
				  "DEVTYPE", "disk", "MAJOR", "9", "MINOR",
				  "127" } },
	};
	char *facts = run(NULL, events, HALE_ARRAY_SIZE(events));

	(void)state;
	assert_string_equal(fake.groups, "kernel ");
	expect(facts, "coverage identity partial why=\"no udevd");
	expect(facts, "device sda 8:0 disk present identity= ");
	expect(facts, "device md_home 9:127 md present identity= ");
	free(facts);
}

/* udevd speaks in its own network namespace only: ours is another one. */
static void test_udevd_of_another_namespace(void **state)
{
	static const char *lines[] = {
		"file run/udev/control =", "file proc/self/ns/net = a",
		"file proc/1/ns/net = b", "file proc/self/ns/user = c", NULL
	};
	char *facts = run(lines, NULL, 0);

	(void)state;
	assert_string_equal(fake.groups, "kernel ");
	expect(facts, "coverage identity blind why=\"no device events");
	free(facts);
}

static void test_lost_events_are_said(void **state)
{
	static const struct udev_device events[] = {
		{ .error = ENOBUFS, .kernel = true },
		{ .action = "change", .properties = { DISK_SDA } },
	};
	char *facts = run(with_udevd, events, HALE_ARRAY_SIZE(events));

	(void)state;
	expect(facts, "observation event agent.blind part=host "
		      "count=at_least:1 ");
	expect(facts, "device sda 8:0 disk present ");
	free(facts);
}

static void test_events_that_are_no_block_devices(void **state)
{
	static const struct udev_device events[] = {
		{ .action = "add", .properties = { NULL } },
		{ .action = NULL, .properties = { DISK_SDA } },
		{ .action = "add",
		  .properties = { "DEVPATH", "/x/y", "MAJOR", "-8", "MINOR",
				  "0" } },
		{ .action = "add",
		  .properties = { "DEVPATH", "/x/y", "MAJOR", "8", "MINOR",
				  "99999999999999999999" } },
		{ .action = "add",
		  .properties = { "DEVPATH", "noslash", "MAJOR", "8", "MINOR",
				  "0" } },
		{ .action = "add",
		  .properties = { "DEVPATH", "/x/", "MAJOR", "8", "MINOR",
				  "0" } },
		{ .action = "add",
		  .properties = { "DEVPATH",
				  "/x/a-name-that-no-kernel-would-ever-give-a-"
				  "disk",
				  "MAJOR", "8", "MINOR", "0" } },
	};
	char *facts = run(with_udevd, events, HALE_ARRAY_SIZE(events));

	(void)state;
	assert_null(strstr(facts, "device "));
	free(facts);
}

/* A shelf is switched on: one turn of the loop takes a batch, not all. */
static void test_a_flood_is_taken_in_batches(void **state)
{
	static struct udev_device events[1000];
	static const struct udev_device one = { .action = "change",
						.properties = { DISK_SDA } };
	unsigned int n = 0;
	char *facts;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(events); i++)
		events[i] = one;
	facts = run(with_udevd, events, HALE_ARRAY_SIZE(events));
	for (const char *s = facts; (s = strstr(s, "device sda")); s++)
		n++;
	assert_int_equal(n, HALE_ARRAY_SIZE(events));
	free(facts);
}

static void test_no_netlink(void **state)
{
	static _Alignas(16) char udev_state[4096];
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = {
		.state = udev_state, .event_fd = -1, .emit = print, .sink = out
	};
	struct tree t;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.enable_error = -ENOMEM;
	tree_new(&t);
	p.root_fd = t.root_fd;
	assert_int_equal(udev_driver.probe(&p), -ENOMEM);
	fake.enable_error = -EPERM;
	assert_int_equal(udev_driver.probe(&p), -ENODEV);
	assert_int_equal(fake.refs, 0);
	udev_driver.remove(&p);
	assert_int_equal(fake.refs, 0);
	fclose(out);
	assert_string_equal(text, "coverage identity blind why=\"device events "
				  "(netlink) are not permitted\" remedy=\"run "
				  "haled on the host, not in a container\"\n");
	free(text);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disk_comes_and_goes),
		cmocka_unit_test(test_a_long_name_is_cut_between_letters),
		cmocka_unit_test(test_the_kernel_overtakes_udevd),
		cmocka_unit_test(test_synthetic_add_is_no_appearance),
		cmocka_unit_test(test_without_udevd),
		cmocka_unit_test(test_udevd_of_another_namespace),
		cmocka_unit_test(test_lost_events_are_said),
		cmocka_unit_test(test_events_that_are_no_block_devices),
		cmocka_unit_test(test_a_flood_is_taken_in_batches),
		cmocka_unit_test(test_no_netlink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
