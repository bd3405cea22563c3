/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order within a turn of the event loop: what brings facts goes first, and
 * what must not wait for the rest is done after each of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/loop.h"

#define SOURCES 3

static struct loop loop;
static char order[32];

static void note(char what)
{
	size_t len = strlen(order);

	assert_true(len + 1 < sizeof(order));
	order[len] = what;
	order[len + 1] = '\0';
}

static void on_first(void *data, uint32_t events)
{
	uint64_t n;

	(void)events;
	assert_int_equal(read(*(int *)data, &n, sizeof(n)), sizeof(n));
	note('f');
}

static void on_other(void *data, uint32_t events)
{
	uint64_t n;

	(void)events;
	assert_int_equal(read(*(int *)data, &n, sizeof(n)), sizeof(n));
	note('o');
}

static void on_fact(void *data)
{
	(void)data;
	note('!');
}

static void on_turn(void *data)
{
	(void)data;
	note('.');
}

static void test_facts_do_not_wait_for_each_other(void **state)
{
	struct loop_source sources[SOURCES];
	int fds[SOURCES];

	(void)state;
	assert_int_equal(loop_init(&loop), 0);
	loop.fact = on_fact;
	loop.turn = on_turn;
	for (size_t i = 0; i < SOURCES; i++) {
		fds[i] = eventfd(1, EFD_CLOEXEC);
		assert_true(fds[i] >= 0);
		/* the one that only asks was ready before the others */
		sources[i] = (struct loop_source){
			.ready = i == 0 ? on_other : on_first,
			.data = &fds[i],
			.first = i > 0,
		};
		assert_int_equal(loop_add(&loop, fds[i], EPOLLIN, &sources[i]),
				 0);
	}
	assert_int_equal(loop_once(&loop, 0), 0);
	assert_string_equal(order, "f!f!o.");
	for (size_t i = 0; i < SOURCES; i++)
		close(fds[i]);
	loop_done(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts_do_not_wait_for_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
