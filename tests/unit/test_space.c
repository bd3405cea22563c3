/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver space: what the kernel keeps, over a recorded root; what statvfs
 * says, on this host; what its errors become. Servers that hang are in
 * tests/integration/storage.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drivers/space/space.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver space_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

/* A part that an earlier run did not come back from; "": none. */
static char skip[1][HALE_PART_MAX];

static char *facts_of(int root_fd)
{
	struct space_state state = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .state = &state,
				.root_fd = root_fd,
				.event_fd = -1,
				.once = true,
				.skip = (const char(*)[HALE_PART_MAX])skip,
				.n_skip = skip[0][0] != '\0',
				.now_ns = 1700000200 * HALE_NS_PER_S,
				.boot_to_agent_ns =
					1700000000 * (int64_t)HALE_NS_PER_S,
				.emit = print,
				.sink = out };

	assert_int_equal(space_driver.state_size, sizeof(state));
	assert_int_equal(space_driver.probe(&p), 0);
	assert_int_equal(space_driver.sample(&p), 0);
	space_driver.remove(&p);
	fclose(out);
	return text;
}

static void test_what_the_kernel_keeps(void **state)
{
	struct tree t;
	char *facts;

	(void)state;
	tree_unpack("space/kept", &t);
	facts = facts_of(t.root_fd);
	tree_remove(&t);
	tree_expect("space/kept", facts);
	free(facts);
}

/* The first fact about a filesystem names it to the host, then come numbers. */
static void test_this_host(void **state)
{
	int root_fd = open("/", O_PATH | O_CLOEXEC);
	char *facts = facts_of(root_fd);
	const char *hung = strstr(facts, "state fs.hung");
	const char *bytes = strstr(facts, "measure fs_bytes");

	(void)state;
	assert_non_null(hung);
	assert_non_null(bytes);
	assert_true(hung < bytes);
	assert_non_null(strstr(facts, "coverage fs_state live"));
	free(facts);
	close(root_fd);
}

static void test_one_that_hangs_is_left_out(void **state)
{
	int root_fd = open("/", O_PATH | O_CLOEXEC);
	char *facts = facts_of(root_fd), asked[128];
	const char *hung = strstr(facts, "state fs.hung fs=");

	(void)state;
	assert_non_null(hung);
	assert_int_equal(sscanf(hung, "state fs.hung fs=%95s", skip[0]), 1);
	snprintf(asked, sizeof(asked), "fs_bytes fs=%s ", skip[0]);
	assert_non_null(strstr(facts, asked));
	free(facts);
	facts = facts_of(root_fd);
	skip[0][0] = '\0';
	assert_null(strstr(facts, asked));
	assert_non_null(strstr(facts, "coverage fs_state live"));
	free(facts);
	close(root_fd);
}

static void test_no_mounts_to_be_read(void **state)
{
	struct space_state space_state = { 0 };
	struct hale_probe p = { .state = &space_state,
				.event_fd = -1,
				.once = true };
	struct tree t;

	(void)state;
	tree_new(&t);
	p.root_fd = t.root_fd;
	assert_int_equal(space_driver.probe(&p), 0);
	assert_int_equal(space_driver.sample(&p), -ENOENT);
	space_driver.remove(&p);
	tree_remove(&t);
}

struct answer_case {
	struct space_answer answer;
	const char *says, *says_not;
};

static const struct answer_case answers[] = {
	{ { 0, 100, 200, 3, 4 },
	  "measure fs_bytes fs=8:1 value=100 total=200 evidence=\"\"\n"
	  "observation measure fs_inodes fs=8:1 value=3 total=4 ",
	  "state" },
	/* btrfs has no inodes to run out of; a tmpfs may have no size */
	{ { 0, 100, 200, 0, 0 }, "fs_inodes fs=8:1 value=0 total=0", "state" },
	{ { 0, 0, 0, 5, 6 }, "fs_inodes fs=8:1 value=5 total=6", "fs_bytes" },
	{ { EIO, 0, 0, 0, 0 },
	  "measure fs_bytes fs=8:1 unreadable value=5 total=0 "
	  "evidence=\"statvfs: Input/output error\"\n"
	  "observation state fs.error fs=8:1 holds=1 ",
	  "fs_inodes" },
	{ { ESHUTDOWN, 0, 0, 0, 0 }, "state fs.error fs=8:1 holds=1", "x=y" },
	{ { EACCES, 0, 0, 0, 0 }, "unreadable", "fs.error" },
	{ { 9999, 0, 0, 0, 0 }, "evidence=\"statvfs: failed\"", "fs.error" },
	/* unmounted meanwhile */
	{ { ENOENT, 0, 0, 0, 0 }, "", "observation" },
};

static void test_answers(void **state)
{
	static const struct mounts_fs fs = { .major = 8, .minor = 1 };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(answers); i++) {
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);
		struct hale_probe p = { .now_ns = 1,
					.emit = print,
					.sink = out };
		const struct space sp = { .p = &p };

		space_say(&sp, &fs, &answers[i].answer);
		fclose(out);
		if (!strstr(text, answers[i].says) ||
		    strstr(text, answers[i].says_not))
			fail_msg("answer %zu: %s", i, text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_kernel_keeps),
		cmocka_unit_test(test_this_host),
		cmocka_unit_test(test_one_that_hangs_is_left_out),
		cmocka_unit_test(test_no_mounts_to_be_read),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
