/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door for facts from other processes, and the helpers of all drivers:
 * what is let in, what a hostile file or text becomes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/driver.h"

static struct hale_fact observation(void)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };

	f.u.observation.condition = HALE_DISK_MEDIUM_ERROR;
	HALE_SET(f.u.observation.part, "sde");
	HALE_SET(f.u.observation.evidence, "critical medium error, dev sde");
	return f;
}

static void test_good_facts_pass(void **state)
{
	struct hale_fact f = observation();

	(void)state;
	assert_true(hale_fact_valid(&f));
	f.u.observation.condition = HALE_CONDITION_NONE;
	f.u.observation.kind = HALE_OBSERVED_MEASURE;
	f.u.observation.metric = HALE_METRIC_FS_BYTES;
	assert_true(hale_fact_valid(&f));
	f = (struct hale_fact){ .kind = HALE_FACT_MAP_END };
	assert_true(hale_fact_valid(&f));
	f = (struct hale_fact){ .kind = HALE_FACT_DEVICE };
	HALE_SET(f.u.device.name, "sde");
	assert_true(hale_fact_valid(&f));
}

static void test_bad_enums_are_refused(void **state)
{
	struct hale_fact f = observation();

	(void)state;
	f.u.observation.condition = HALE_CONDITION_COUNT;
	assert_false(hale_fact_valid(&f));
	f = observation();
	f.u.observation.ref = (enum hale_ref) - 1;
	assert_false(hale_fact_valid(&f));
	f = (struct hale_fact){ .kind = (enum hale_fact_kind)0 };
	assert_false(hale_fact_valid(&f));
	f.kind = HALE_FACT_KIND_END;
	assert_false(hale_fact_valid(&f));
	f = (struct hale_fact){ .kind = HALE_FACT_COVERAGE };
	f.u.coverage.sense = HALE_SENSE_COUNT;
	assert_false(hale_fact_valid(&f));
	f = (struct hale_fact){ .kind = HALE_FACT_DEVICE };
	HALE_SET(f.u.device.name, "sde");
	f.u.device.kind = HALE_BLOCK_COUNT;
	assert_false(hale_fact_valid(&f));
}

static void test_contradictions_are_refused(void **state)
{
	struct hale_fact f = observation();

	(void)state;
	f.u.observation.part[0] = '\0';
	assert_false(hale_fact_valid(&f));
	f = observation();
	f.u.observation.metric = HALE_METRIC_FS_BYTES;
	assert_false(hale_fact_valid(&f));
	f = observation();
	f.u.observation.condition = HALE_CONDITION_NONE;
	assert_false(hale_fact_valid(&f));
}

static void test_torn_texts_and_bools_are_refused(void **state)
{
	struct hale_fact f = observation();

	(void)state;
	memset(f.u.observation.evidence, 'x', sizeof(f.u.observation.evidence));
	assert_false(hale_fact_valid(&f));
	f = observation();
	HALE_SET(f.u.observation.evidence, "a\nb");
	assert_false(hale_fact_valid(&f));
	f = observation();
	memset(&f.u.observation.at_least, 2, 1);
	assert_false(hale_fact_valid(&f));
	f = (struct hale_fact){ .kind = HALE_FACT_MOUNT };
	HALE_SET(f.u.mount.mountpoint, "/mnt/\xff");
	assert_false(hale_fact_valid(&f));
}

/* No text is terminated in these, and no bool is one. */
static void test_noise_is_refused(void **state)
{
	static const enum hale_fact_kind kinds[] = {
		HALE_FACT_OBSERVATION, HALE_FACT_DEVICE,   HALE_FACT_MOUNT,
		HALE_FACT_LAYER,       HALE_FACT_COVERAGE,
	};
	struct hale_fact f;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		for (int byte = 1; byte < 256; byte++) {
			memset(&f, byte, sizeof(f));
			f.kind = kinds[i];
			assert_false(hale_fact_valid(&f));
		}
	}
}

static const char *printed(const char *src, size_t len, size_t room)
{
	static char dst[64];

	memset(dst, '#', sizeof(dst));
	hale_print_text(dst, room, src, len);
	return dst;
}

#define PRINTED(literal) printed(literal, sizeof(literal) - 1, 64)

static void test_text_is_made_printable(void **state)
{
	(void)state;
	assert_string_equal(PRINTED("dev sde\x1b[2J"), "dev sde?[2J");
	assert_string_equal(PRINTED("a\tb\nc\0d"), "a b?c?d");
	assert_string_equal(PRINTED("\xc3\xa9\xff\xe2\x82"), "\xc3\xa9??");
	/* U+202E turns what follows around */
	assert_string_equal(PRINTED("x\xe2\x80\xae"
				    "fdp"),
			    "x?fdp");
	assert_string_equal(PRINTED("\xc2\x9b"
				    "31m"),
			    "?31m");
}

static void test_text_is_cut_between_characters(void **state)
{
	(void)state;
	assert_string_equal(printed("ab\xc3\xa9", 4, 5), "ab\xc3\xa9");
	assert_string_equal(printed("ab\xc3\xa9", 4, 4), "ab");
	assert_string_equal(printed("ab", 2, 1), "");
	assert_int_equal(printed("ab", 2, 0)[0], '#');
}

static int write_file(char *dir, const char *text, size_t len)
{
	char path[64];
	int dirfd, fd;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	dirfd = open(dir, O_PATH | O_DIRECTORY);
	assert_true(dirfd >= 0);
	return dirfd;
}

static void remove_file(const char *dir, int dirfd)
{
	unlinkat(dirfd, "f", 0);
	close(dirfd);
	rmdir(dir);
}

static void test_small_files_are_read_whole(void **state)
{
	char dir[] = "/tmp/hale-fact.XXXXXX", buf[8];
	int dirfd = write_file(dir, "1234\n", 5);

	(void)state;
	assert_int_equal(hale_read_at(dirfd, "f", buf, sizeof(buf)), 4);
	assert_string_equal(buf, "1234");
	assert_int_equal(hale_read_at(dirfd, "f", buf, 5), -EMSGSIZE);
	assert_string_equal(buf, "1234");
	assert_int_equal(hale_read_at(dirfd, "none", buf, sizeof(buf)),
			 -ENOENT);
	assert_string_equal(buf, "");
	remove_file(dir, dirfd);
}

static void test_a_fifo_does_not_block(void **state)
{
	char dir[] = "/tmp/hale-fact.XXXXXX", buf[8];
	int dirfd = write_file(dir, "", 0);

	(void)state;
	assert_int_equal(unlinkat(dirfd, "f", 0), 0);
	assert_int_equal(mkfifoat(dirfd, "f", 0600), 0);
	assert_int_equal(hale_read_at(dirfd, "f", buf, sizeof(buf)), 0);
	remove_file(dir, dirfd);
}

static void keep(void *sink, const struct hale_fact *f)
{
	*(struct hale_fact *)sink = *f;
}

static void test_coverage_is_printable_and_timed(void **state)
{
	struct hale_fact f;
	struct hale_probe p = { .emit = keep, .sink = &f, .now_ns = 7 };

	(void)state;
	hale_emit_coverage(&p, HALE_SENSE_KERNEL_LOG, HALE_SIGHT_PARTIAL,
			   "x.rules:3: \x1b", "");
	assert_true(hale_fact_valid(&f));
	assert_string_equal(f.u.coverage.why, "x.rules:3: ?");
	assert_int_equal(f.u.coverage.since_ns, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_facts_pass),
		cmocka_unit_test(test_bad_enums_are_refused),
		cmocka_unit_test(test_contradictions_are_refused),
		cmocka_unit_test(test_torn_texts_and_bools_are_refused),
		cmocka_unit_test(test_noise_is_refused),
		cmocka_unit_test(test_text_is_made_printable),
		cmocka_unit_test(test_text_is_cut_between_characters),
		cmocka_unit_test(test_small_files_are_read_whole),
		cmocka_unit_test(test_a_fifo_does_not_block),
		cmocka_unit_test(test_coverage_is_printable_and_timed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
