/* SPDX-License-Identifier: Apache-2.0 */
/* The driver diskstats, over roots whose counts stand still and go on. */
#include "drivers/diskstats_line.h"
#include <errno.h>

#include "driver_room.h"

extern const struct hale_driver diskstats_driver;

#define SECOND HALE_NS_PER_S
#define PERIOD (10 * SECOND)
/* 12 read, 3 written, … and so many wait */
#define BUSY(name, done, waiting)                                              \
	"254 0 " name " " #done " 0 96 1 3 0 8 1 " #waiting                    \
	" 5 6 0 0 0 0 1 0\\n"

static void host_new(struct host *h)
{
	host_init(h, &diskstats_driver);
}

static void counts_are(struct host *h, const char *lines)
{
	char line[512];

	assert_true(snprintf(line, sizeof(line), "file proc/diskstats = %s",
			     lines) < (int)sizeof(line));
	tree_line(&h->tree, line);
}

/* A host with these counts, and the driver at its start. */
static void host_begin(struct host *h, const char *lines, const char *iostats)
{
	char line[64];

	tree_new(&h->tree);
	host_new(h);
	counts_are(h, lines);
	snprintf(line, sizeof(line), "file sys/block/vda/queue/iostats = %s",
		 iostats);
	if (iostats)
		tree_line(&h->tree, line);
	tree_line(&h->tree, "file sys/block/vda/inflight = 1 4");
	tree_line(&h->tree, "file sys/block/sda/inflight = 1 1");
	assert_int_equal(host_hear(h, diskstats_driver.probe), 0);
	assert_string_equal(h->facts, "");
}

/* What it says in a look @after_ns the one before. */
static const char *look(struct host *h, uint64_t after_ns)
{
	return host_sample(h, after_ns);
}

static bool says(struct host *h, uint64_t after_ns, const char *what)
{
	return strstr(look(h, after_ns), what) != NULL;
}

static bool says_nothing(struct host *h, uint64_t after_ns)
{
	return !says(h, after_ns, "disk.stalled");
}

static void fixture(void **state)
{
	static const char *const names[] = { "diskstats/healthy",
					     "diskstats/torn" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		struct host h;

		tree_unpack(names[i], &h.tree);
		host_new(&h);
		assert_int_equal(diskstats_driver.probe(&h.probe), 0);
		tree_expect(names[i], look(&h, PERIOD));
		host_end(&h);
	}
}

static void without_the_counts_it_is_blind(void **state)
{
	struct host h;

	(void)state;
	tree_unpack("diskstats/absent", &h.tree);
	host_new(&h);
	assert_int_equal(host_hear(&h, diskstats_driver.probe), -ENODEV);
	tree_expect("diskstats/absent", h.facts);
	host_end(&h);
}

static void a_disk_that_hangs_is_named(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 0), "1");
	assert_true(says(&h, PERIOD, "disk=vda holds=0"));
	counts_are(&h, BUSY("vda", 20, 5));
	assert_true(says_nothing(&h, PERIOD));
	assert_true(says_nothing(&h, PERIOD));
	counts_are(&h, BUSY("vda", 20, 6)); /* more come, none goes */
	assert_true(says(&h, PERIOD,
			 "disk.stalled disk=vda holds=1 value=6 total=0 "
			 "evidence=\"nothing has come back from vda for 20 s; "
			 "requests waiting: 6\""));
	assert_true(says_nothing(&h, PERIOD));
	counts_are(&h, BUSY("vda", 21, 5));
	assert_true(says(&h, PERIOD, "disk=vda holds=0"));
	assert_true(says_nothing(&h, PERIOD));
	/* and once more */
	assert_true(says(&h, PERIOD, "disk=vda holds=1"));
	host_end(&h);
}

/* What did not come back was given up: nothing waits any more. */
static void nobody_waits_any_more(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 1), "1");
	assert_true(says_nothing(&h, PERIOD));
	assert_true(says_nothing(&h, PERIOD));
	assert_true(says(&h, PERIOD, "requests waiting: 1"));
	counts_are(&h, BUSY("vda", 12, 0));
	assert_true(says(&h, PERIOD, "disk=vda holds=0"));
	host_end(&h);
}

static void a_slow_disk_is_not(void **state)
{
	char lines[128];
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 9), "1");
	for (int i = 0; i < 100; i++) {
		/* now and then a sector comes back, of a request of many */
		snprintf(lines, sizeof(lines),
			 "254 0 vda 12 0 %d 1 3 0 8 1 9 5 6 0 0 0 0 1 0\\n",
			 96 + 8 * (i / 2));
		counts_are(&h, lines);
		assert_null(strstr(look(&h, PERIOD), "holds=1"));
	}
	host_end(&h);
}

/* A disk of SCSI or ATA may be asleep, and the kernel waits 30 s for it. */
static void a_disk_that_spins_up_is_not(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("sda", 12, 0), NULL);
	tree_line(&h.tree, "file sys/block/sda/queue/iostats = 1");
	look(&h, PERIOD);
	counts_are(&h, BUSY("sda", 13, 2));
	look(&h, PERIOD);
	for (int i = 0; i < 3; i++)
		assert_true(says_nothing(&h, PERIOD));
	assert_true(says(&h, PERIOD, "disk=sda holds=1"));
	host_end(&h);
}

/* Two looks between which the machine was suspended, or its host was. */
static void time_without_looks_is_no_silence(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 2), "1");
	assert_true(says_nothing(&h, PERIOD));
	assert_true(says_nothing(&h, 3600 * SECOND));
	counts_are(&h, BUSY("vda", 14, 2));
	assert_true(says(&h, SECOND, "holds=0"));
	host_end(&h);
}

/* Looks may come at any time: many of them prove no more than few. */
static void looks_in_a_row(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 2), "1");
	for (int i = 0; i < 20; i++)
		assert_true(says_nothing(&h, SECOND));
	assert_true(says(&h, SECOND, "holds=1"));
	host_end(&h);
}

/* Before Linux 6.10 what waits is counted even where nothing else is. */
static void a_disk_that_is_not_counted(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 2), "1");
	look(&h, PERIOD);
	counts_are(&h, BUSY("vda", 13, 2));
	assert_true(says(&h, PERIOD, "holds=0"));
	tree_line(&h.tree, "file sys/block/vda/queue/iostats = 0");
	for (int i = 0; i < 6; i++)
		assert_true(says_nothing(&h, PERIOD));
	tree_line(&h.tree, "file sys/block/vda/queue/iostats = 1");
	assert_true(says(&h, PERIOD, "holds=1"));
	host_end(&h);
}

/* Of one that came later nothing can be opened: what was never seen to move is
 * not counted, perhaps. */
static void a_disk_that_came_later(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, "", NULL);
	look(&h, PERIOD);
	counts_are(&h, BUSY("vda", 12, 2));
	for (int i = 0; i < 6; i++)
		assert_true(says_nothing(&h, PERIOD));
	counts_are(&h, BUSY("vda", 13, 2));
	assert_true(says(&h, PERIOD, "holds=0"));
	/* nor is it known what waits there: one discard, perhaps */
	for (int k = 0; k < 12; k++)
		assert_true(says_nothing(&h, PERIOD));
	assert_true(says(&h, PERIOD, "holds=1"));
	/* another in its place begins anew */
	counts_are(&h, "");
	assert_true(says_nothing(&h, PERIOD));
	counts_are(&h, BUSY("vda", 13, 2));
	assert_true(says_nothing(&h, PERIOD));
	host_end(&h);
}

/* One request that empties half a disk, on a disk that is idle otherwise: the
 * kernel itself waits two minutes for it. */
static void a_long_discard_is_no_hang(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 1), "1");
	tree_line(&h.tree, "file sys/block/vda/inflight = 0 1");
	for (int i = 0; i < 12; i++)
		assert_true(says_nothing(&h, PERIOD));
	/* beside a read that waits as long it is none */
	tree_line(&h.tree, "file sys/block/vda/inflight = 1 1");
	assert_true(says(&h, PERIOD, "disk=vda holds=1"));
	host_end(&h);
}

static void what_no_discard_lasts_is_one(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 1), "1");
	tree_line(&h.tree, "file sys/block/vda/inflight = 0 1");
	for (int i = 0; i < 13; i++)
		assert_true(says_nothing(&h, PERIOD));
	assert_true(
		says(&h, PERIOD, "nothing has come back from vda for 130 s"));
	host_end(&h);
}

/* It cannot discard: what waits is a write. */
static void a_write_that_hangs(void **state)
{
	struct host h;

	(void)state;
	tree_new(&h.tree);
	host_new(&h);
	counts_are(&h, BUSY("vda", 12, 1));
	tree_line(&h.tree, "file sys/block/vda/queue/iostats = 1");
	tree_line(&h.tree, "file sys/block/vda/queue/discard_max_bytes = 0");
	tree_line(&h.tree, "file sys/block/vda/inflight = 0 1");
	assert_int_equal(diskstats_driver.probe(&h.probe), 0);
	assert_true(says_nothing(&h, PERIOD));
	assert_true(says_nothing(&h, PERIOD));
	assert_true(says(&h, PERIOD, "disk=vda holds=1"));
	host_end(&h);
}

/* /proc/diskstats has lost count: the driver has nothing that waits. */
static void what_nobody_has_does_not_wait(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 1), "1");
	tree_line(&h.tree, "file sys/block/vda/inflight = 0 0");
	for (int i = 0; i < 60; i++)
		assert_true(says_nothing(&h, PERIOD));
	host_end(&h);
}

/* It is gone and comes back, and has nothing to answer: what it hung over it
 * does no longer. */
static void a_hung_disk_that_was_away(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 2), "1");
	look(&h, PERIOD);
	look(&h, PERIOD);
	assert_true(says(&h, PERIOD, "disk=vda holds=1"));
	counts_are(&h, "");
	assert_true(says_nothing(&h, PERIOD));
	counts_are(&h, BUSY("vda", 0, 0));
	assert_true(says(&h, PERIOD, "disk=vda holds=0"));
	host_end(&h);
}

/* Fewer wait than before, so something came back, counted or not. */
static void fewer_wait(void **state)
{
	struct host h;

	(void)state;
	host_begin(&h, BUSY("vda", 12, 9), "1");
	for (int i = 0; i < 8; i++) {
		counts_are(&h, i % 2 ? BUSY("vda", 12, 8) : BUSY("vda", 12, 9));
		assert_true(says_nothing(&h, PERIOD));
	}
	host_end(&h);
}

/* A shelf of disks: more than fit are told, and the text is read in pieces. */
static void many_disks(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct host h;

	(void)state;
	assert_non_null(out);
	for (int i = 0; i < 200; i++)
		fprintf(out, "8 %d sd%c%c 1 0 8 1 0 0 0 0 0 1 1 0 0 0 0 0 0\n",
			i, 'a' + i / 26, 'a' + i % 26);
	fclose(out);
	host_begin(&h, "", NULL);
	tree_file(&h.tree, "proc/diskstats", text, len);
	look(&h, PERIOD);
	assert_non_null(strstr(h.facts, "disk=sdaa holds=0"));
	assert_non_null(strstr(h.facts, "disk=sdcl holds=0"));
	assert_null(strstr(h.facts, "disk=sdcm"));
	assert_non_null(strstr(h.facts,
			       "stalls partial why=\"there are more than 64 "
			       "disks\""));
	free(text);
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixture),
		cmocka_unit_test(without_the_counts_it_is_blind),
		cmocka_unit_test(a_disk_that_hangs_is_named),
		cmocka_unit_test(nobody_waits_any_more),
		cmocka_unit_test(a_slow_disk_is_not),
		cmocka_unit_test(a_disk_that_spins_up_is_not),
		cmocka_unit_test(time_without_looks_is_no_silence),
		cmocka_unit_test(looks_in_a_row),
		cmocka_unit_test(a_disk_that_is_not_counted),
		cmocka_unit_test(a_disk_that_came_later),
		cmocka_unit_test(fewer_wait),
		cmocka_unit_test(a_long_discard_is_no_hang),
		cmocka_unit_test(what_no_discard_lasts_is_one),
		cmocka_unit_test(a_write_that_hangs),
		cmocka_unit_test(what_nobody_has_does_not_wait),
		cmocka_unit_test(a_hung_disk_that_was_away),
		cmocka_unit_test(many_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
