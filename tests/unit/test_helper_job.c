/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper's command line, as the agent writes it and as a person does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/helper/job.h"

#define ARGS_MAX 80

static struct job job;

/* Words with blanks between them. */
static enum job_said parse(const char *line)
{
	static char text[8192];
	char *argv[ARGS_MAX + 1] = { NULL };
	int argc = 0;

	HALE_SET(text, line);
	for (char *word = strtok(text, " "); word && argc < ARGS_MAX;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	return job_parse(argc, argv, &job);
}

static void test_a_person(void **state)
{
	(void)state;
	assert_int_equal(parse("helper"), JOB_RUN);
	assert_int_equal(job.fd, -1);
	assert_string_equal(job.root, "/");
	assert_false(job.asked || job.once || job.clock_given);
	assert_int_equal(parse("helper --root /fixture --option a=b"), JOB_RUN);
	assert_string_equal(job.root, "/fixture");
	assert_int_equal(parse("helper --help"), JOB_DONE);
}

static void test_the_agent(void **state)
{
	(void)state;
	assert_int_equal(parse("helper --fd 3 --boot-to-agent "
			       "1700000000000000001 --once --asked --skip 8:1 "
			       "--skip sdb --option wake=no --option x=y=z"),
			 JOB_RUN);
	assert_int_equal(job.fd, 3);
	assert_true(job.once && job.asked && job.clock_given);
	assert_int_equal(job.boot_to_agent_ns, 1700000000000000001);
	assert_int_equal(job.n_skip, 2);
	assert_string_equal(job.skip[1], "sdb");
	assert_int_equal(job.n_options, 2);
	assert_string_equal(job.options[0].key, "wake");
	assert_string_equal(job.options[0].value, "no");
	assert_string_equal(job.options[1].key, "x");
	assert_string_equal(job.options[1].value, "y=z");
}

static void test_what_is_wrong(void **state)
{
	static const char *const lines[] = {
		"helper --fd x",
		"helper --fd -1",
		"helper --fd 1024",
		"helper --fd 3x",
		"helper --fd",
		"helper --option novalue",
		"helper --option =v",
		"helper --no-such-word",
		"helper more",
		"helper --boot-to-agent soon",
		"helper --boot-to-agent 99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lines); i++)
		assert_int_equal(parse(lines[i]), JOB_WRONG);
}

static void test_too_much(void **state)
{
	char line[4096] = "helper", more[256];

	(void)state;
	for (int i = 0; i < JOB_SKIPS_MAX; i++)
		strncat(line, " --skip a", sizeof(line) - strlen(line) - 1);
	assert_int_equal(parse(line), JOB_RUN);
	strncat(line, " --skip a", sizeof(line) - strlen(line) - 1);
	assert_int_equal(parse(line), JOB_WRONG);
	memset(more, 'p', sizeof(more));
	more[HALE_PART_MAX] = '\0';
	snprintf(line, sizeof(line), "helper --skip %s", more);
	assert_int_equal(parse(line), JOB_WRONG);
	HALE_SET(line, "helper");
	for (int i = 0; i <= JOB_OPTIONS_MAX; i++)
		strncat(line, " --option a=b", sizeof(line) - strlen(line) - 1);
	assert_int_equal(parse(line), JOB_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_person),
		cmocka_unit_test(test_the_agent),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
