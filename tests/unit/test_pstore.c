/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What crashed kernels have left: their logs, over recorded roots, and the
 * firmware's record, built here field by field.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "drivers/pstore/pstore.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver pstore_driver;

#define BOOT (UINT64_C(1700000000) * HALE_NS_PER_S)
#define NOW  (BOOT + 100 * HALE_NS_PER_S)

struct host {
	struct tree tree;
	FILE *out;
	char *facts;
	size_t len;
	uint64_t crash_ns;	/* time of the last crash that was told */
	uint32_t crash_counter; /* and its number */
	unsigned int crashes;
};

static void see(void *sink, const struct hale_fact *f)
{
	struct host *h = sink;
	const struct hale_observation *o = &f->u.observation;

	assert_true(facts_print(h->out, f));
	if (f->kind != HALE_FACT_OBSERVATION ||
	    o->condition != HALE_KERNEL_CRASH)
		return;
	assert_int_equal(o->kind, HALE_OBSERVED_COUNTER);
	assert_true(o->holds);
	assert_int_equal(o->value, 1);
	h->crash_ns = o->time_ns;
	h->crash_counter = o->counter;
	h->crashes++;
}

static const char *sample(struct host *h)
{
	struct hale_probe p = { .root_fd = h->tree.root_fd,
				.event_fd = -1,
				.now_ns = NOW,
				.boot_to_agent_ns = (int64_t)BOOT,
				.emit = see,
				.sink = h };

	free(h->facts);
	h->crashes = 0;
	h->out = open_memstream(&h->facts, &h->len);
	assert_int_equal(pstore_driver.sample(&p), 0);
	fclose(h->out);
	return h->facts;
}

static void set_time(const struct host *h, const char *path, time_t when)
{
	const struct timespec times[2] = { { .tv_sec = when },
					   { .tv_sec = when } };

	assert_int_equal(utimensat(h->tree.root_fd, path, times, 0), 0);
}

static void host_end(struct host *h)
{
	free(h->facts);
	tree_remove(&h->tree);
}

static void fixtures(void **state)
{
	static const char *const names[] = {
		"pstore/healthy",   "pstore/machine-check", "pstore/panic",
		"pstore/console",   "pstore/archived",	    "pstore/torn",
		"pstore/unmounted", "pstore/absent",	    "pstore/nowhere",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		struct host h = { .crashes = 0 };

		tree_unpack(names[i], &h.tree);
		tree_expect(names[i], sample(&h));
		host_end(&h);
	}
}

#define RECORD "sys/fs/pstore/dmesg-efi-170000000001001"

/* The record's own time is the crash's; one that is to come is not believed. */
static void a_crash_has_its_time(void **state)
{
	struct host h = { .crashes = 0 };

	(void)state;
	tree_unpack("pstore/panic", &h.tree);
	set_time(&h, RECORD, 1699999000);
	sample(&h);
	assert_int_equal(h.crash_ns, UINT64_C(1699999000) * HALE_NS_PER_S);
	set_time(&h, RECORD, 1800000000);
	sample(&h);
	assert_int_equal(h.crash_ns, BOOT);
	host_end(&h);
}

/* The same record has the same number wherever it lies, another has another. */
static void a_record_keeps_its_number(void **state)
{
	struct host h = { .crashes = 0 };
	uint32_t first;

	(void)state;
	tree_unpack("pstore/panic", &h.tree);
	set_time(&h, RECORD, 1699999000);
	sample(&h);
	first = h.crash_counter;
	sample(&h);
	assert_int_equal(h.crash_counter, first);
	tree_line(&h.tree, "dir var/lib/systemd/pstore/17");
	assert_int_equal(renameat(h.tree.root_fd, RECORD, h.tree.root_fd,
				  "var/lib/systemd/pstore/17/"
				  "dmesg-efi-170000000001001"),
			 0);
	sample(&h);
	assert_int_equal(h.crashes, 1);
	assert_int_equal(h.crash_counter, first);
	set_time(&h, "var/lib/systemd/pstore/17/dmesg-efi-170000000001001",
		 1699999001);
	sample(&h);
	assert_int_not_equal(h.crash_counter, first);
	host_end(&h);
}

static void old_archives_are_no_news(void **state)
{
	struct host h = { .crashes = 0 };

	(void)state;
	tree_unpack("pstore/panic", &h.tree);
	set_time(&h, RECORD, 1700000000 - 31 * 86400);
	sample(&h);
	assert_int_equal(h.crashes, 0);
	host_end(&h);
}

/* More records than it reads: the newest are those. */
static void too_many_records(void **state)
{
	struct host h = { .crashes = 0 };
	char line[256], path[96];

	(void)state;
	tree_new(&h.tree);
	for (int i = 0; i < PSTORE_RECORDS_MAX + 20; i++) {
		snprintf(path, sizeof(path), "sys/fs/pstore/dmesg-efi-%d", i);
		snprintf(line, sizeof(line),
			 "file %s = Panic#1 Part1\\nKernel panic - not "
			 "syncing: number %d",
			 path, i);
		tree_line(&h.tree, line);
		set_time(&h, path, 1699990000 + i);
	}
	sample(&h);
	assert_int_equal(h.crashes, PSTORE_RECORDS_MAX);
	assert_null(strstr(h.facts, "number 19"));
	assert_non_null(strstr(h.facts, "number 20"));
	host_end(&h);
}

static void put32(uint8_t *at, uint32_t n)
{
	n = htole32(n);
	memcpy(at, &n, sizeof(n));
}

/* A block with one memory section of that severity, 20 + 64 + 80 bytes. */
static size_t make_bert(uint8_t *block, uint32_t severity)
{
	static const uint8_t memory[] = { 0x14, 0x11, 0xbc, 0xa5, 0x64, 0x6f,
					  0xde, 0x4e, 0xb8, 0x63, 0x3e, 0x83,
					  0xed, 0x7c, 0x83, 0xb1 };

	memset(block, 0, 164);
	put32(block, 0x12);	/* one uncorrected error */
	put32(block + 12, 144); /* bytes of sections */
	memcpy(block + 20, memory, sizeof(memory));
	put32(block + 20 + 16, severity);
	put32(block + 20 + 24, 80);
	put32(block + 84, 0x28); /* node and module are valid */
	block[84 + 32] = 1;
	block[84 + 36] = 2;
	return 164;
}

static void the_firmware_has_kept_an_error(void **state)
{
	struct pstore_error errors[PSTORE_FINDINGS_MAX];
	uint8_t block[164];
	size_t len = make_bert(block, 1);

	(void)state;
	assert_int_equal(pstore_bert_read(block, len, errors), 1);
	assert_int_equal(errors[0].condition, HALE_MEMORY_UNCORRECTED);
	assert_string_equal(errors[0].part, "dimm/unknown");
	assert_string_equal(errors[0].line,
			    "the firmware recorded a fatal memory error node 1 "
			    "module 2 before this boot");
	make_bert(block, 2); /* corrected */
	assert_int_equal(pstore_bert_read(block, len, errors), 0);
	make_bert(block, 1);
	put32(block, 0); /* the kernel does so once it has printed it */
	assert_int_equal(pstore_bert_read(block, len, errors), 1);
	put32(block + 12, 0); /* no record */
	assert_int_equal(pstore_bert_read(block, len, errors), 0);
	make_bert(block, 1);
	memset(block + 20, 0, len - 20); /* a length, and nothing there */
	put32(block + 20 + 24, 80);
	assert_int_equal(pstore_bert_read(block, len, errors), 0);
	make_bert(block, 0);
	block[20] ^= 0xff; /* a section of its own kind */
	assert_int_equal(pstore_bert_read(block, len, errors), 1);
	assert_int_equal(errors[0].condition, HALE_CPU_MACHINE_CHECK);
}

/* One status block behind the other, as the region has room. */
static void several_errors_at_once(void **state)
{
	struct pstore_error errors[PSTORE_FINDINGS_MAX];
	uint8_t region[3 * 164] = { 0 };

	(void)state;
	make_bert(region, 2); /* corrected: passed over */
	make_bert(region + 164, 1);
	assert_int_equal(pstore_bert_read(region, sizeof(region), errors), 1);
	make_bert(region, 0);
	assert_int_equal(pstore_bert_read(region, sizeof(region), errors), 2);
	assert_non_null(strstr(errors[0].line, "severe"));
	assert_non_null(strstr(errors[1].line, "fatal"));
}

static void a_torn_record_is_read_to_its_end(void **state)
{
	struct pstore_error errors[PSTORE_FINDINGS_MAX];
	uint8_t block[164];
	size_t len = make_bert(block, 1);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		uint8_t *torn = malloc(i ? i : 1);

		memcpy(torn, block, i);
		assert_int_equal(pstore_bert_read(torn, i, errors), 0);
		free(torn);
	}
	/* lengths beyond the block */
	put32(block + 12, UINT32_MAX);
	put32(block + 44, UINT32_MAX);
	assert_int_equal(pstore_bert_read(block, len, errors), 0);
}

static void bert_is_told_in_its_boot(void **state)
{
	struct host h = { .crashes = 0 };
	uint8_t block[164];
	size_t len = make_bert(block, 1);
	const char *facts;

	(void)state;
	tree_unpack("pstore/absent", &h.tree);
	tree_line(&h.tree, "file sys/firmware/acpi/tables/BERT = x");
	tree_line(&h.tree, "dir sys/firmware/acpi/tables/data");
	tree_file(&h.tree, "sys/firmware/acpi/tables/data/BERT", block, len);
	facts = sample(&h);
	assert_non_null(strstr(facts, "counter memory.uncorrected "
				      "part=dimm/unknown"));
	assert_non_null(strstr(facts, "coverage crashes partial"));
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures),
		cmocka_unit_test(a_crash_has_its_time),
		cmocka_unit_test(a_record_keeps_its_number),
		cmocka_unit_test(old_archives_are_no_news),
		cmocka_unit_test(too_many_records),
		cmocka_unit_test(the_firmware_has_kept_an_error),
		cmocka_unit_test(several_errors_at_once),
		cmocka_unit_test(a_torn_record_is_read_to_its_end),
		cmocka_unit_test(bert_is_told_in_its_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
