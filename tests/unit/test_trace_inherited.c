/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver trace in a core that takes another's place: what that one left in
 * the kernel goes on recording, and is read on from where it was read.
 */
#include <fcntl.h>

#include "trace_room.h"

#define INSTANCES "sys/kernel/tracing/instances/"
#define KILLED	  UINT32_C(0xbeef)

/* What one of the same lineage left, under its name. */
static void leave(const char *file, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), INSTANCES "hale-%d/%s", (int)getpid(),
		 file);
	tree_file(&tree, path, text, strlen(text));
}

static void name_as_left(bool left)
{
	char own[64], theirs[96];

	snprintf(own, sizeof(own), INSTANCES "hale-%d", (int)getpid());
	snprintf(theirs, sizeof(theirs), "%s-%08x", own, KILLED);
	assert_int_equal(renameat(tree.root_fd, left ? own : theirs,
				  tree.root_fd, left ? theirs : own),
			 0);
}

static void expect_file(const char *file, const char *expected)
{
	char text[256];

	fake_trace_read(&tree, file, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_what_its_lineage_left_is_taken_over(void **state)
{
	(void)state;
	begin_without(NULL);
	leave("trace_clock", "local [global] counter\n");
	leave("buffer_size_kb", "131\n");
	leave("events/block/block_rq_error/enable", "1\n");
	leave("events/oom/mark_victim/trigger", "stacktrace:unlimited\n");
	leave("events/oom/mark_victim/enable", "1*\n");
	fake_page_begin(&page, AT);
	fake_page_block(&page, 8 << 20 | 16, 2048, EIO, "R");
	fake_trace_say(0, &page);
	name_as_left(true);
	probe.lineage = (uint64_t)getpid() << 32 | KILLED;
	assert_int_equal(trace_driver.probe(&probe), 0);
	name_as_left(false);
	/* to set it again would empty it, or take 40 ms */
	expect_file("trace_clock", "local [global] counter\n");
	expect_file("buffer_size_kb", "131\n");
	expect_file("events/block/block_rq_error/enable", "1\n");
	expect_file("events/oom/mark_victim/trigger", "stacktrace:unlimited\n");
	/* what the other did not come to is done */
	expect_file("events/signal/signal_generate/enable", "1");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].condition, HALE_DISK_IO_ERROR);
	end();
}

/* It ended in the midst of making it. */
static void test_what_is_not_whole_is_made_anew(void **state)
{
	(void)state;
	begin_without(NULL);
	leave("trace_clock", "[local] global counter\n");
	leave("events/block/block_rq_error/enable", "0\n");
	name_as_left(true);
	probe.lineage = (uint64_t)getpid() << 32 | KILLED;
	assert_int_equal(trace_driver.probe(&probe), 0);
	name_as_left(false);
	expect_file("trace_clock", "global");
	expect_file("events/block/block_rq_error/enable", "1");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_its_lineage_left_is_taken_over),
		cmocka_unit_test(test_what_is_not_whole_is_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
