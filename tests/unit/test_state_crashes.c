/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash history survives a restart: what was seen before it counts with
 * what is seen after it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/victims.h"
#include "agent/daemon/keep.h"
#include "agent/daemon/state_disk.h"
#include "tests/unit/state_store.h"

static struct hale_clock agent_clock;

static struct middle *new_middle(void)
{
	static struct hale_policy policy;
	struct middle *m = NULL;

	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &m), 0);
	return m;
}

/* Some time before now. */
static void dies(struct middle *m, const char *exe, uint64_t hours_ago)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_victim *v = &f.u.victim;
	uint64_t at =
		clock_now_ns(&agent_clock) - hours_ago * 3600 * HALE_NS_PER_S;

	v->time_ns = at;
	v->pid = v->session = 100 + (uint32_t)hours_ago;
	v->signal = SIGSEGV;
	v->code = 1;
	v->code_known = v->uid_known = true;
	HALE_SET(v->exe, exe);
	middle_fact(m, "trace", &f, at);
	middle_tick(m, at + 4 * HALE_NS_PER_S);
}

static bool is_suspect(struct middle *m)
{
	uint64_t now = clock_now_ns(&agent_clock);
	struct hale_finding f;

	for (size_t i = 0; middle_finding(m, i, now, &f); i++) {
		if (f.condition == HALE_MEMORY_SUSPECT)
			return true;
	}
	return false;
}

static void test_over_a_restart(void **state)
{
	char dir[] = "/tmp/hale-state-XXXXXX";
	struct keep_clears clears = { .n = 0 };
	struct middle *before = NULL, *after = NULL;
	struct keep_memory mem = { .clock = &agent_clock };
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	clock_init(&agent_clock);
	before = new_middle();
	after = new_middle();
	mem.middle = after;
	dies(before, "/usr/bin/ld", 30);
	dies(before, "/usr/bin/git", 24);
	dies(before, "/usr/bin/make", 18);
	dies(before, "/usr/bin/tar", 12);
	assert_false(is_suspect(before));
	assert_int_equal(state_store(fd, before, &agent_clock, &clears), 0);
	assert_int_equal(keep_read(fd, &mem), 0);
	assert_string_equal(mem.error, "");
	assert_false(is_suspect(after));
	dies(after, "/usr/bin/python3", 1);
	assert_true(is_suspect(after));
	/* what stood stays */
	assert_int_equal(state_store(fd, after, &agent_clock, &clears), 0);
	middle_free(after);
	mem.middle = after = new_middle();
	assert_int_equal(keep_read(fd, &mem), 0);
	assert_true(is_suspect(after));
	middle_free(before);
	middle_free(after);
	unlinkat(fd, "state.pb", 0);
	close(fd);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_over_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
