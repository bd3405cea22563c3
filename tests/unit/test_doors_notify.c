/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is told what, and when, with invented time: only changes, each once; at
 * the hook's pace; until it was delivered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/doors/notify.h"
#include "agent/doors/told_file.h"

#define S    HALE_NS_PER_S
#define MANY 100

struct world {
	struct hale_hook hook;
	struct notify n;
	struct picture p;
	uint64_t now, silent, next;
	Hale__V1__Part parts[MANY];
	Hale__V1__Finding findings[MANY], *list[MANY];
	char ids[MANY][16];
};

static int setup(void **state)
{
	static char condition[] = "disk.io_error";
	struct world *w = calloc(1, sizeof(*w));

	HALE_SET(w->hook.name, "ops");
	w->hook.kind = HALE_HOOK_WEBHOOK;
	w->hook.least = HALE_EFFECT_WARNS;
	w->hook.limit = 4;
	w->hook.window_s = 60;
	notify_init(&w->n, &w->hook);
	for (size_t i = 0; i < MANY; i++) {
		hale__v1__part__init(&w->parts[i]);
		hale__v1__finding__init(&w->findings[i]);
		snprintf(w->ids[i], sizeof(w->ids[i]), "disk/%zu", i);
		w->parts[i].id = w->ids[i];
		w->findings[i].part = &w->parts[i];
		w->findings[i].condition = condition;
		w->findings[i].effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
		w->list[i] = &w->findings[i];
	}
	w->p = (struct picture){ .up = true, .findings = w->list };
	w->now = 1000 * S;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	notify_done(&w->n);
	free(w);
	return 0;
}

static bool plan(struct world *w)
{
	return notify_plan(&w->n, &w->p, w->silent, w->now, &w->next);
}

/* After what it says itself is the time to wait. */
static bool plan_soon(struct world *w)
{
	if (plan(w))
		return true;
	if (w->next == 0)
		return false;
	w->now = w->next;
	return plan(w);
}

static bool answer(struct world *w, bool delivered)
{
	const struct notify_result r = { .delivered = delivered,
					 .chance = 0xffff };

	return notify_result(&w->n, &r, w->now);
}

static void tell_all(struct world *w)
{
	while (plan_soon(w))
		answer(w, true);
}

static void nothing_is_no_news(void **state)
{
	struct world *w = *state;

	assert_false(plan(w));
	assert_int_equal(w->next, 0);
}

static void a_finding_is_told_once(void **state)
{
	struct world *w = *state;

	w->p.n_findings = 1;
	assert_false(plan(w));
	assert_int_equal(w->next, w->now + S); /* others may come with it */
	assert_true(plan_soon(w));
	assert_int_equal(w->n.n_changes, 1);
	assert_int_equal(w->n.changes[0].kind, CHANGE_OPENED);
	assert_false(plan(w)); /* it is on its way */
	assert_true(answer(w, true));
	w->now += 3600 * S;
	assert_false(plan_soon(w));
}

static void its_end_is_told(void **state)
{
	struct world *w = *state;

	w->p.n_findings = 1;
	tell_all(w);
	w->p.n_findings = 0;
	assert_true(plan_soon(w));
	assert_int_equal(w->n.changes[0].kind, CHANGE_CLOSED);
	assert_string_equal(w->n.changes[0].what.part, "disk/0");
	answer(w, true);
	assert_false(plan_soon(w));
}

static void a_change_of_effect_is_told(void **state)
{
	struct world *w = *state;

	w->p.n_findings = 1;
	w->findings[0].effect = HALE__V1__EFFECT__EFFECT_WARNS;
	tell_all(w);
	w->findings[0].count = 99; /* no news */
	assert_false(plan_soon(w));
	w->findings[0].effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	assert_true(plan_soon(w));
	assert_int_equal(w->n.changes[0].kind, CHANGE_CHANGED);
}

static void what_is_below_the_hooks_mark_is_not(void **state)
{
	struct world *w = *state;

	w->p.n_findings = 2;
	w->findings[0].effect = HALE__V1__EFFECT__EFFECT_NOTES;
	w->findings[1].muted = true;
	assert_false(plan_soon(w));
}

static void what_came_and_went_before_a_message_is_not_told(void **state)
{
	struct world *w = *state;

	w->p.n_findings = 1;
	assert_false(plan(w));
	w->p.n_findings = 0;
	w->now += 2 * S;
	assert_false(plan(w));
	assert_int_equal(w->next, 0);
}

static void a_failure_is_tried_again_later_and_later(void **state)
{
	struct world *w = *state;
	uint64_t last = 0;

	w->p.n_findings = 1;
	assert_true(plan_soon(w));
	for (int i = 0; i < 20; i++) {
		uint64_t failed = w->now;

		assert_false(answer(w, false));
		assert_false(plan(w));
		assert_true(w->next - failed >= last);
		last = w->next - failed;
		assert_true(last <= 300 * S);
		w->now = w->next;
		assert_true(plan(w));
	}
	assert_int_equal(last, 300 * S);
	assert_true(answer(w, true));
	assert_false(plan_soon(w));
	assert_int_equal(w->n.counts.failed, 20);
	assert_int_equal(w->n.counts.delivered, 1);
}

static void a_receiver_that_says_when_is_heard(void **state)
{
	const struct notify_result r = { .after_s = 120 };
	struct world *w = *state;

	w->p.n_findings = 1;
	assert_true(plan_soon(w));
	notify_result(&w->n, &r, w->now);
	assert_false(plan(w));
	assert_int_equal(w->next, w->now + 120 * S);
}

/* Twice a second, for an hour: 4 messages a minute, and the last one is true.
 */
static void a_flapping_finding_keeps_to_the_rate(void **state)
{
	struct world *w = *state;
	unsigned int sent = 0, minute = 0;

	for (int i = 0; i < 7200; i++) {
		w->p.n_findings = (size_t)i / 5 % 2;
		w->now += S / 2;
		if (plan(w)) {
			sent++;
			answer(w, true);
		}
		if (i % 120 == 119) {
			assert_true(sent - minute <= 8);
			minute = sent;
		}
	}
	assert_true(sent <= 4 * 60 + 4);
	assert_true(sent >= 4 * 59);
	assert_true(w->n.counts.throttled > 0);
	w->p.n_findings = 1;
	tell_all(w);
	assert_int_equal(w->n.n_told, 1);
}

static void a_storm_is_told_in_few_messages(void **state)
{
	struct world *w = *state;
	int sent = 0;

	w->p.n_findings = MANY;
	w->findings[MANY - 1].effect = HALE__V1__EFFECT__EFFECT_WARNS;
	while (plan_soon(w)) {
		assert_true(w->n.n_changes <= CHANGES_MAX);
		sent++;
		answer(w, true);
	}
	assert_int_equal(sent, 4);
	assert_int_equal(w->n.n_told, MANY);
	/* the mildest came last */
	assert_int_equal(w->n.told[MANY - 1].effect, HALE_EFFECT_WARNS);
}

static void pagerduty_hears_of_one_at_a_time(void **state)
{
	struct world *w = *state;

	w->hook.kind = HALE_HOOK_PAGERDUTY;
	w->p.n_findings = 3;
	assert_true(plan_soon(w));
	assert_int_equal(w->n.n_changes, 1);
	tell_all(w);
	answer(w, true);
	tell_all(w);
	assert_int_equal(w->n.n_told, 3);
}

static void nothing_ends_because_the_agent_is_silent(void **state)
{
	struct world *w = *state;

	w->p.n_findings = 1;
	tell_all(w);
	w->p.up = false;
	w->p.n_findings = 0;
	w->silent = w->now;
	assert_false(plan(w));
	assert_int_equal(w->next, w->silent + 60 * S);
	w->now = w->next;
	assert_true(plan_soon(w));
	assert_int_equal(w->n.n_changes, 1);
	assert_string_equal(w->n.changes[0].what.condition, NOTIFY_SILENT);
	answer(w, true);
	assert_false(plan_soon(w));
	w->p.up = true;
	w->p.n_findings = 1;
	w->silent = 0;
	assert_true(plan_soon(w));
	assert_int_equal(w->n.n_changes, 1);
	assert_int_equal(w->n.changes[0].kind, CHANGE_CLOSED);
	assert_string_equal(w->n.changes[0].what.condition, NOTIFY_SILENT);
}

static void what_was_told_survives_a_restart(void **state)
{
	struct world *w = *state;
	char lines[512] = "", hook[HALE_NAME_MAX];
	struct text t = { .at = lines, .size = sizeof(lines) };
	struct notify again;
	struct told told;

	w->p.n_findings = 1;
	tell_all(w);
	told_line_write(&t, "ops", &w->n.told[0]);
	lines[strlen(lines) - 1] = '\0';
	assert_int_equal(told_line_read(lines, hook, &told), 0);
	assert_string_equal(hook, "ops");
	notify_init(&again, &w->hook);
	assert_true(notify_recall(&again, &told));
	assert_false(notify_plan(&again, &w->p, 0, w->now, &w->next));
	w->p.n_findings = 0;
	notify_plan(&again, &w->p, 0, w->now, &w->next);
	assert_true(notify_plan(&again, &w->p, 0, w->next, &w->next));
	assert_int_equal(again.changes[0].kind, CHANGE_CLOSED);
	notify_done(&again);
}

static void a_damaged_line_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"ops",
		"ops\ta\tb\tc\t3",
		"ops\ta\tb\tc\t3\t5\t6",
		"ops\ta\tb\tc\t9\t5",
		"ops\ta\tb\tc\t3\t-5",
		"ops\ta\tb\tc\t3\t5x",
		"ops\t\tb\tc\t3\t5",
		"ops\ta\x01\tb\tc\t3\t5",
		"a-name-that-is-longer-than-any-hook-may-have\ta\tb\tc\t3\t5",
	};
	char line[128], hook[HALE_NAME_MAX];
	struct told told;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++) {
		HALE_SET(line, bad[i]);
		assert_int_equal(told_line_read(line, hook, &told), -22);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_no_news),
		TEST(a_finding_is_told_once),
		TEST(its_end_is_told),
		TEST(a_change_of_effect_is_told),
		TEST(what_is_below_the_hooks_mark_is_not),
		TEST(what_came_and_went_before_a_message_is_not_told),
		TEST(a_failure_is_tried_again_later_and_later),
		TEST(a_receiver_that_says_when_is_heard),
		TEST(a_flapping_finding_keeps_to_the_rate),
		TEST(a_storm_is_told_in_few_messages),
		TEST(pagerduty_hears_of_one_at_a_time),
		TEST(nothing_ends_because_the_agent_is_silent),
		TEST(what_was_told_survives_a_restart),
		cmocka_unit_test(a_damaged_line_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
