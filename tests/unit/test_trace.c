/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the driver trace asks the kernel for, what it says of failed requests,
 * and what it says where it cannot see, or has not seen all.
 */
#include <fcntl.h>
#include <sys/wait.h>

#include "trace_room.h"

static void test_it_asks_for_little(void **state)
{
	char text[256];

	(void)state;
	begin();
	fake_trace_read(&tree, "buffer_percent", text, sizeof(text));
	assert_string_equal(text, "0");
	fake_trace_read(&tree, "events/signal/signal_generate/filter", text,
			sizeof(text));
	assert_int_equal(strncmp(text, "sig == 7 || (", 13), 0);
	assert_non_null(strstr(text, "code > 0 && (comm ~ \"cc1*\""));
	fake_trace_read(&tree, "events/block/block_rq_error/enable", text,
			sizeof(text));
	assert_string_equal(text, "1");
	/* the one that comes for every request stays off */
	fake_trace_read(&tree, "events/block/block_rq_complete/enable", text,
			sizeof(text));
	assert_string_equal(text, "");
	assert_false(is_ready());
	end();
}

static void test_an_older_kernel_has_only_completions(void **state)
{
	char text[64];

	(void)state;
	begin_without("block/block_rq_error");
	assert_int_equal(trace_driver.probe(&probe), 0);
	fake_trace_read(&tree, "events/block/block_rq_complete/enable", text,
			sizeof(text));
	assert_string_equal(text, "1");
	fake_trace_read(&tree, "events/block/block_rq_complete/filter", text,
			sizeof(text));
	assert_string_equal(text, "error != 0");
	assert_int_equal(sight_of(HALE_SENSE_BLOCK_ERRORS)->sight,
			 HALE_SIGHT_LIVE);
	end();
}

static void test_a_failed_read(void **state)
{
	(void)state;
	for (int form = 0; form < 2; form++) {
		begin();
		page.long_records = form;
		fake_page_begin(&page, AT);
		fake_page_block(&page, 8 << 20 | 16, 2048, EIO, "R");
		deliver();
		assert_int_equal(n_said, 1);
		assert_int_equal(said[0].condition, HALE_DISK_IO_ERROR);
		assert_int_equal(said[0].count, 1);
		assert_int_equal(said[0].ref, HALE_REF_DISK);
		assert_string_equal(said[0].part, "8:16");
		assert_int_equal(said[0].value, 2048);
		assert_int_equal(said[0].total, EIO);
		assert_int_equal(said[0].join, HALE_JOIN_BLOCK);
		assert_int_equal(said[0].join_key,
				 HALE_BLOCK_KEY(HALE_OP_READ, 2048));
		assert_int_equal(said[0].time_ns, NOW - AT + 1000);
		assert_non_null(
			strstr(said[0].evidence, "read of sector 2048"));
		end();
	}
}

static void test_errors_are_what_the_log_calls_them(void **state)
{
	static const struct {
		int error;
		enum hale_condition condition;
	} rows[] = {
		{ EIO, HALE_DISK_IO_ERROR },
		{ ENODATA, HALE_DISK_MEDIUM_ERROR },
		{ ETIMEDOUT, HALE_DISK_IO_ERROR },
		{ ENOLINK, HALE_DISK_IO_ERROR },
		{ EREMOTEIO, HALE_DISK_IO_ERROR },
		{ EBADE, HALE_DISK_IO_ERROR },
		{ EILSEQ, HALE_DISK_IO_ERROR },
		{ ENOSPC, HALE_VIRT_BACKING_FULL },
		{ ENODEV, HALE_DISK_OFFLINE },
		{ 4000, HALE_DISK_IO_ERROR },
		{ EOPNOTSUPP, HALE_CONDITION_NONE },
		{ EAGAIN, HALE_CONDITION_NONE },
		{ EBUSY, HALE_CONDITION_NONE },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		begin();
		fake_page_block(&page, 8 << 20, 8, rows[i].error, "WS");
		deliver();
		if (rows[i].condition == HALE_CONDITION_NONE) {
			assert_int_equal(n_said, 0);
		} else {
			assert_int_equal(n_said, 1);
			assert_int_equal(said[0].condition, rows[i].condition);
		}
		end();
	}
}

static void test_look_alikes_say_nothing(void **state)
{
	(void)state;
	begin();
	fake_page_block(&page, 8 << 20, 8, EIO, "D");	    /* discard */
	fake_page_block(&page, 8 << 20, 8, EREMOTEIO, "N"); /* zeroing */
	fake_page_block(&page, 11 << 20, 8, EIO, "R");	    /* an empty drive */
	fake_page_block(&page, 7 << 20, 0, EIO, "R");	    /* blkid */
	fake_page_block(&page, 0, 8, EIO, "R");		    /* no device */
	fake_page_block(&page, 8 << 20, 8, 0, "R");
	deliver();
	assert_int_equal(n_said, 0);
	fake_page_begin(&page, AT);
	fake_page_block(&page, 7 << 20, 8, EIO, "R");
	deliver();
	assert_int_equal(n_said, 1);
	end();
}

static void test_operations(void **state)
{
	(void)state;
	assert_int_equal(trace_block_op("R"), HALE_OP_READ);
	assert_int_equal(trace_block_op("RA"), HALE_OP_READ);
	assert_int_equal(trace_block_op("FWFS"), HALE_OP_WRITE);
	assert_int_equal(trace_block_op("FF"), HALE_OP_FLUSH);
	assert_int_equal(trace_block_op("F"), HALE_OP_FLUSH);
	assert_int_equal(trace_block_op("D"), HALE_OP_DISCARD);
	assert_int_equal(trace_block_op("DE"), HALE_OP_OTHER);
	assert_int_equal(trace_block_op("WZ"), HALE_OP_OTHER);
	assert_int_equal(trace_block_op(""), HALE_OP_OTHER);
}

static void test_the_mark_tells_since_when(void **state)
{
	static const char mark[] = "\0\0\0\0\0\0\0\0hale begins";

	(void)state;
	begin_without(NULL);
	fake_page_begin(&page, AT);
	fake_page_add(&page, TRACE_MARK, 500, mark, sizeof(mark));
	/* it is in the buffer before the driver looks */
	fake_trace_say(0, &page);
	assert_int_equal(trace_driver.probe(&probe), 0);
	assert_int_equal(sight_of(HALE_SENSE_BLOCK_ERRORS)->since_ns,
			 NOW - AT + 500);
	end();
}

static void test_what_was_overwritten_is_told(void **state)
{
	(void)state;
	begin();
	assert_int_equal(sight_of(HALE_SENSE_BLOCK_ERRORS)->sight,
			 HALE_SIGHT_LIVE);
	fake_page_block(&page, 8 << 20, 8, EIO, "R");
	fake_page_lost(&page, 250);
	deliver();
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1].condition, HALE_AGENT_BLIND);
	assert_int_equal(said[1].count, 250);
	assert_non_null(strstr(said[1].evidence, "CPU 1"));
	assert_int_equal(sight_of(HALE_SENSE_BLOCK_ERRORS)->sight,
			 HALE_SIGHT_PARTIAL);
	assert_non_null(strstr(sight_of(HALE_SENSE_BLOCK_ERRORS)->why, "250"));
	/* there may have been more like the one that is left */
	assert_true(said[0].at_least);
	fake_page_begin(&page, AT);
	fake_page_block(&page, 8 << 20, 8, EIO, "R");
	deliver();
	assert_int_equal(n_said, 3);
	assert_false(said[2].at_least);
	end();
}

static void test_a_torn_page_is_a_loss(void **state)
{
	(void)state;
	begin();
	memset(page.bytes + 8, 0x7f, 4); /* more in it than a page holds */
	deliver();
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].condition, HALE_AGENT_BLIND);
	assert_true(said[0].at_least);
	end();
}

/* A walk that believed it would never end. */
static void test_padding_that_goes_back(void **state)
{
	const uint32_t words[] = { 1U << 5 | 29, UINT32_MAX - 3 };

	(void)state;
	begin();
	memcpy(page.bytes + 16, words, sizeof(words));
	page.bytes[8] = 64;
	deliver();
	assert_int_equal(n_said, 0);
	end();
}

static bool has_instance(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/kernel/tracing/instances/%s", name);
	return faccessat(tree.root_fd, path, F_OK, 0) == 0;
}

static void test_a_dead_agents_instance_goes(void **state)
{
	static const char *const others[] = { "hale-1", "hale-x", "perf" };
	pid_t dead = fork();
	char line[96], name[24];

	(void)state;
	if (dead == 0)
		_exit(0);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	begin_without(NULL);
	snprintf(name, sizeof(name), "hale-%d", (int)dead);
	snprintf(line, sizeof(line), "dir sys/kernel/tracing/instances/%s",
		 name);
	tree_line(&tree, line);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++) {
		snprintf(line, sizeof(line),
			 "dir sys/kernel/tracing/instances/%s", others[i]);
		tree_line(&tree, line);
	}
	assert_int_equal(trace_driver.probe(&probe), 0);
	assert_false(has_instance(name));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++)
		assert_true(has_instance(others[i]));
	end();
}

static void test_an_unknown_tracepoint_is_named(void **state)
{
	(void)state;
	begin_without("mce/mce_record");
	assert_int_equal(trace_driver.probe(&probe), 0);
	assert_int_equal(sight_of(HALE_SENSE_MEMORY_ERRORS)->sight,
			 HALE_SIGHT_PARTIAL);
	assert_non_null(
		strstr(sight_of(HALE_SENSE_MEMORY_ERRORS)->why, "mce_record"));
	end();
}

static void expect_absent(const char *dir, const char *why)
{
	struct tree t;

	n_said = n_covered = 0;
	tree_new(&t);
	if (dir)
		tree_line(&t, dir);
	probe = (struct hale_probe){
		.state = calloc(1, trace_driver.state_size),
		.root_fd = t.root_fd,
		.event_fd = -1,
		.now_ns = NOW,
		.emit = emit,
	};
	assert_int_equal(trace_driver.probe(&probe), -ENODEV);
	assert_int_equal(sight_of(HALE_SENSE_BLOCK_ERRORS)->sight,
			 HALE_SIGHT_BLIND);
	if (!strstr(sight_of(HALE_SENSE_BLOCK_ERRORS)->why, why))
		fail_msg("it says: %s", sight_of(HALE_SENSE_BLOCK_ERRORS)->why);
	assert_true(sight_of(HALE_SENSE_BLOCK_ERRORS)->remedy[0] != '\0');
	trace_driver.remove(&probe);
	free(probe.state);
	tree_remove(&t);
}

static void test_where_it_cannot_see(void **state)
{
	(void)state;
	expect_absent(NULL, "a container?");
	expect_absent("dir sys/kernel", "has no tracefs");
	expect_absent("dir sys/kernel/tracing", "not mounted");
}

static void test_options(void **state)
{
	static const char *const bad[] = { "", "x", "15", "4097", "12k" };
	struct hale_option option = { .key = "buffer_kib", .value = "256" };
	struct hale_probe p = { .options = &option, .n_options = 1 };
	char error[HALE_CHECK_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(trace_driver.check(&p, error), 0);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++) {
		option.value = bad[i];
		assert_int_equal(trace_driver.check(&p, error), -EINVAL);
		assert_non_null(strstr(error, "buffer_kib"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_asks_for_little),
		cmocka_unit_test(test_an_older_kernel_has_only_completions),
		cmocka_unit_test(test_a_failed_read),
		cmocka_unit_test(test_errors_are_what_the_log_calls_them),
		cmocka_unit_test(test_look_alikes_say_nothing),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_the_mark_tells_since_when),
		cmocka_unit_test(test_what_was_overwritten_is_told),
		cmocka_unit_test(test_a_torn_page_is_a_loss),
		cmocka_unit_test(test_padding_that_goes_back),
		cmocka_unit_test(test_a_dead_agents_instance_goes),
		cmocka_unit_test(test_an_unknown_tracepoint_is_named),
		cmocka_unit_test(test_where_it_cannot_see),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
