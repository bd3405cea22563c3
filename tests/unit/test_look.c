/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody is dying: those that look at such run at once and are told who, with
 * what a user may cost; and only a death sets that going, no other fact.
 */
#include <errno.h>

#include "host_fixture.h"

#include "agent/core/victims.h"
#include "agent/daemon/agent.h"
#include "agent/daemon/looks.h"

/* --- in the probe --- */

static const struct hale_driver listener = { .name = "listener" };

/* Says whom it was sent to look at; in a child of its own. */
static int sample_looks(struct hale_probe *p)
{
	live(p, HALE_SENSE_VICTIMS);
	for (uint32_t i = 0; p->looks && i < p->looks->n; i++)
		say_number(p, p->looks->victims[i].pid);
	return 0;
}

static int sample_none(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	say_number(p, 1);
	return 0;
}

static const struct hale_driver looker =
	BLOCKING("looker", 1U << HALE_SENSE_VICTIMS, sample_looks);
static const struct hale_driver other =
	BLOCKING("other", FS_STATE, sample_none);

static bool has_number(const char *driver, uint64_t n)
{
	for (size_t i = 0; i < n_said; i++) {
		if (said[i].fact.kind == HALE_FACT_POSITION &&
		    said[i].fact.u.position == n &&
		    strcmp(said[i].driver, driver) == 0)
			return true;
	}
	return false;
}

static size_t numbers(const char *driver)
{
	size_t n = 0;

	for (size_t i = 0; i < n_said; i++)
		n += said[i].fact.kind == HALE_FACT_POSITION &&
		     strcmp(said[i].driver, driver) == 0;
	return n;
}

static struct hale_victim dying(uint32_t pid)
{
	return (struct hale_victim){ .pid = pid, .signal = 11, .time_ns = 1 };
}

static void test_who_dies_is_looked_at(void **state)
{
	const struct hale_driver *const drivers[] = { &looker, &other, NULL };
	struct hale_victim v = dying((uint32_t)getpid());

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_int_equal(numbers("looker"), 0);
	assert_int_equal(numbers("other"), 1);
	host_look(host, &v);
	/* one that is gone already: its parent may be there still */
	v = dying(UINT32_MAX / 2);
	host_look(host, &v);
	TURN_UNTIL(has_number("looker", (uint64_t)getpid()) &&
		   has_number("looker", UINT32_MAX / 2));
	assert_int_equal(numbers("looker"), 2);
	assert_int_equal(numbers("other"), 1);
}

/* A program that crashes in a loop pays for itself. */
static void test_a_loop_of_crashes_is_bounded(void **state)
{
	const struct hale_driver *const drivers[] = { &looker, NULL };
	struct hale_victim v = dying((uint32_t)getpid());
	uint64_t since;

	(void)state;
	start(drivers);
	turn_until_settled();
	since = clock_boot_ns();
	for (int i = 0; i < 10 * LOOKS_BURST; i++)
		host_look(host, &v);
	TURN_UNTIL(numbers("looker") >= LOOKS_BURST);
	turn_until_settled();
	/* the more time a busy machine takes, the more is allowed */
	assert_in_range(numbers("looker"), LOOKS_BURST,
			LOOKS_BURST + 1 +
				(clock_boot_ns() - since) / LOOKS_EACH_NS);
}

/* --- in the core --- */

const struct hale_driver *const hale_drivers[] = { &other, &listener, NULL };

static uint64_t tick_after(struct agent *a, const struct hale_fact *f)
{
	a->tick.due_ns = 0;
	agent_sink(a, "listener", f, clock_now_ns(&a->clock));
	return a->tick.due_ns;
}

/* What else the log says is no death, though it may have the same bytes. */
static void test_only_deaths_are_looked_at(void **state)
{
	struct agent *a = calloc(1, sizeof(*a));
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_policy policy;

	(void)state;
	assert_non_null(a);
	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &a->middle), 0);
	assert_int_equal(loop_init(&a->loop), 0);
	clock_init(&a->clock);
	f.u.victim = dying(7);
	f.u.victim.time_ns = clock_now_ns(&a->clock);
	assert_true(tick_after(a, &f) != 0);
	/* its parent is asked only of those that died */
	f.kind = HALE_FACT_POSITION;
	assert_int_equal(tick_after(a, &f), 0);
	f.kind = HALE_FACT_RESTS;
	f.u.rests = (struct hale_rests){ .holds = true };
	HALE_SET(f.u.rests.part, "engine/docker");
	assert_int_equal(tick_after(a, &f), 0);
	loop_timer_stop(&a->tick);
	loop_done(&a->loop);
	middle_free(a->middle);
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_dies_is_looked_at,
						host_setup_test,
						host_teardown_test),
		cmocka_unit_test_setup_teardown(
			test_a_loop_of_crashes_is_bounded, host_setup_test,
			host_teardown_test),
		cmocka_unit_test(test_only_deaths_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
