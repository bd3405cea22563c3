/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's own log: bounded, and yet nothing that an operator did is lost.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/log.h"

#define LINES 300

static char said[64 * 1024];

/* What @work writes to stderr, into said. */
static void listen_to(void (*work)(void))
{
	int pair[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(pair), 0);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	dup2(pair[1], STDERR_FILENO);
	work();
	dup2(kept, STDERR_FILENO);
	n = read(pair[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(kept);
	close(pair[0]);
	close(pair[1]);
}

static size_t count(const char *word)
{
	size_t n = 0;

	for (const char *p = said; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

static void flood(void)
{
	for (int i = 0; i < LINES; i++)
		log_line(LOG_LEVEL_WARNING, "disk %d complains", i);
}

static void flood_and_ask(void)
{
	flood();
	log_asked(LOG_LEVEL_NOTICE, "cleared uid=0");
}

static void ask_often(void)
{
	for (int i = 0; i < LINES; i++)
		log_asked(LOG_LEVEL_NOTICE, "cleared part=%d", i);
}

static void hostile(void)
{
	log_asked(LOG_LEVEL_NOTICE, "reason=%s", "a\nhaled: fit \033[2J");
}

static void test_a_flood_is_bounded_and_counted(void **state)
{
	uint64_t before = log_dropped();

	(void)state;
	listen_to(flood);
	assert_in_range(count("complains"), 1, LINES / 2);
	assert_int_equal(log_dropped() - before, LINES - count("complains"));
}

static void test_what_was_asked_for_is_said_in_a_flood(void **state)
{
	(void)state;
	listen_to(flood_and_ask);
	assert_int_equal(count("cleared uid=0"), 1);
	assert_int_equal(count("log lines left out: "), 1);
}

static void test_each_of_many_clears_is_on_record(void **state)
{
	(void)state;
	listen_to(ask_often);
	assert_int_equal(count("cleared part="), LINES);
}

static void test_quoted_text_forges_no_line(void **state)
{
	(void)state;
	listen_to(hostile);
	assert_int_equal(count("\n"), 1);
	assert_int_equal(count("\033"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_is_bounded_and_counted),
		cmocka_unit_test(test_what_was_asked_for_is_said_in_a_flood),
		cmocka_unit_test(test_each_of_many_clears_is_on_record),
		cmocka_unit_test(test_quoted_text_forges_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
