/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator cleared stays cleared, and the ledger stays bounded. */
#include "world.h"

#include "agent/core/ledger.h"

#define DISK "disk/naa.build"

static struct hale_observation event(enum hale_condition c, const char *part)
{
	return world_observation(c, HALE_REF_PART, part);
}

static bool on(struct world *w, enum hale_condition c)
{
	return world_finding(w, DISK, c) != NULL;
}

static void position(struct world *w, uint64_t seq)
{
	const struct hale_fact f = { .kind = HALE_FACT_POSITION,
				     .u.position = seq };

	assert_false(world_fact(w, "kmsg", &f));
}

static void what_was_cleared_stays_cleared(void **state)
{
	struct hale_observation o =
		world_observation(HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	struct world w;

	(void)state;
	world_new(&w);
	o.seq = 50;
	o.time_ns = START;
	world_say(&w, "kmsg", &o);
	position(&w, 60);
	assert_int_equal(middle_position(w.m), 60);
	w.now += MINUTE;
	assert_int_equal(middle_clear(w.m, "sdb", HALE_CONDITION_NONE, w.now),
			 1);
	assert_false(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_fitness(HALE_FIT, world_check_build(&w));
	/* read again: by its time, and by its place in the log */
	assert_false(world_say(&w, "kmsg", &o));
	o.time_ns = w.now + 1;
	w.now += MINUTE;
	o.seq = 60;
	assert_false(world_say(&w, "kmsg", &o));
	assert_false(on(&w, HALE_DISK_MEDIUM_ERROR));
	/* after a restart as well, and after a second one */
	for (int i = 0; i < 2; i++) {
		world_restart(&w, true);
		world_disk(&w, "sdb", 16, DISK);
		o.time_ns = START;
		o.seq = 50;
		assert_false(world_say(&w, "kmsg", &o));
		assert_false(on(&w, HALE_DISK_MEDIUM_ERROR));
	}
	/* a new one is another thing */
	o.seq = 61;
	o.time_ns = w.now;
	assert_true(world_say(&w, "kmsg", &o));
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(w.finding.count, 1);
	assert_int_equal(w.finding.first_ns, w.now);
	world_end(&w);
}

static void clear_by_any_name(void **state)
{
	static const struct {
		const char *name;
		enum hale_condition condition;
		uint32_t cleared;
	} cases[] = {
		{ "sdb", HALE_CONDITION_NONE, 2 },
		{ "sdb", HALE_DISK_IO_ERROR, 1 },
		{ "sdb", HALE_DISK_OFFLINE, 0 },
		{ DISK, HALE_CONDITION_NONE, 2 },
		{ "ata2", HALE_CONDITION_NONE, 2 },
		{ "sdb1", HALE_CONDITION_NONE, 3 },
		{ "/home/ci", HALE_CONDITION_NONE, 1 },
		{ "fs/uuid-build", HALE_CONDITION_NONE, 1 },
		{ "host", HALE_CONDITION_NONE, 1 },
		{ "sda", HALE_CONDITION_NONE, 0 },
		{ "", HALE_CONDITION_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		uint64_t generation;
		struct world w;

		world_new(&w);
		world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
		world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
		world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
		world_event(&w, HALE_KERNEL_OOPS, HALE_REF_PART, "host");
		generation = middle_generation(w.m);
		if (middle_clear(w.m, cases[i].name, cases[i].condition,
				 w.now) != cases[i].cleared)
			fail_msg("case %zu: %s", i, cases[i].name);
		assert_int_equal(middle_generation(w.m) > generation,
				 cases[i].cleared > 0);
		world_end(&w);
	}
}

static void the_ledger_is_bounded(void **state)
{
	uint32_t findings = 0;
	struct world w;
	char part[32];

	(void)state;
	world_new(&w);
	for (uint32_t i = 0; i < LEDGER_MAX; i++) {
		snprintf(part, sizeof(part), "process/p%u", i);
		world_event(&w, HALE_PROCESS_SIGBUS, HALE_REF_PART, part);
		w.now++;
	}
	/* the oldest harmless one makes room for what matters */
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_null(world_finding(&w, "process/p1", HALE_PROCESS_SIGBUS));
	assert_non_null(world_finding(&w, "process/p511", HALE_PROCESS_SIGBUS));
	/* and that is a finding itself */
	assert_non_null(world_finding(&w, "host", HALE_AGENT_BLIND));
	assert_string_equal(w.finding.evidence,
			    "2 findings left out: the ledger holds 512");
	for (uint32_t i = 0; i < 2 * LEDGER_MAX; i++) {
		snprintf(part, sizeof(part), "cpu/%u", i);
		world_event(&w, HALE_CPU_LOCKUP, HALE_REF_PART, part);
		w.now++;
	}
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_non_null(world_finding(&w, "host", HALE_AGENT_BLIND));
	assert_true(w.finding.count > LEDGER_MAX);
	/* a note never drives out a warning */
	world_event(&w, HALE_PROCESS_SIGBUS, HALE_REF_PART, "process/late");
	assert_null(world_finding(&w, "process/late", HALE_PROCESS_SIGBUS));
	while (middle_finding(w.m, findings, w.now, &w.finding))
		findings++;
	assert_int_equal(findings, LEDGER_MAX);
	world_end(&w);
}

static void blockers_fill_the_ledger(void **state)
{
	struct world w;
	char part[32];

	(void)state;
	world_new(&w);
	for (uint32_t i = 0; i < LEDGER_MAX + 3; i++) {
		snprintf(part, sizeof(part), "disk/d%u", i);
		world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_PART, part);
		w.now++;
	}
	assert_non_null(world_finding(&w, "host", HALE_AGENT_BLIND));
	assert_int_equal(w.finding.count, 4);
	world_end(&w);
}

static void cleared_ones_make_room_first(void **state)
{
	struct world w;
	char part[32];

	(void)state;
	world_new(&w);
	for (uint32_t i = 0; i < LEDGER_MAX; i++) {
		snprintf(part, sizeof(part), "process/p%u", i);
		world_event(&w, HALE_PROCESS_SIGBUS, HALE_REF_PART, part);
	}
	middle_clear(w.m, "process/p7", HALE_CONDITION_NONE, w.now);
	world_event(&w, HALE_KERNEL_OOPS, HALE_REF_PART, "host");
	assert_non_null(world_finding(&w, "host", HALE_KERNEL_OOPS));
	assert_null(world_finding(&w, "host", HALE_AGENT_BLIND));
	world_end(&w);
}

static void cleared_ones_are_forgotten_in_the_end(void **state)
{
	struct hale_memory_row row;
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	middle_clear(w.m, "sdb", HALE_CONDITION_NONE, w.now);
	world_wait(&w, LEDGER_KEEP_NS);
	assert_true(middle_save(w.m, 0, &row));
	assert_false(row.open);
	world_wait(&w, 1);
	assert_false(middle_save(w.m, 0, &row));
	world_end(&w);
}

static void settled_forgets_its_oldest(void **state)
{
	static struct ledger l;
	struct hale_policy policy;
	uint32_t kept = 0;
	char part[32];

	(void)state;
	hale_policy_default(&policy);
	l.policy = &policy;
	for (uint32_t i = 0; i < 10 * SETTLED_MAX; i++) {
		snprintf(part, sizeof(part), "fs/%u", i);
		ledger_settle(&l, part, HALE_FS_READONLY, START + i);
	}
	for (uint32_t i = 0; i < 10 * SETTLED_MAX; i++) {
		snprintf(part, sizeof(part), "fs/%u", i);
		kept += ledger_settled(&l, part, HALE_FS_READONLY) == START + i;
	}
	assert_true(kept > SETTLED_MAX * 3 / 4 && kept <= SETTLED_MAX);
	snprintf(part, sizeof(part), "fs/%u", 10 * SETTLED_MAX - 1);
	assert_int_equal(ledger_settled(&l, part, HALE_FS_READONLY),
			 START + 10 * SETTLED_MAX - 1);
	/* an older word does not take back a newer one */
	ledger_settle(&l, part, HALE_FS_READONLY, START);
	assert_int_equal(ledger_settled(&l, part, HALE_FS_READONLY),
			 START + 10 * SETTLED_MAX - 1);
	assert_int_equal(ledger_settled(&l, part, HALE_FS_HUNG), 0);
}

static void times_that_cannot_be(void **state)
{
	struct hale_observation o = event(HALE_DISK_IO_ERROR, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	o.time_ns = w.now + DAY;
	world_say(&w, "kmsg", &o);
	assert_true(on(&w, HALE_DISK_IO_ERROR));
	assert_int_equal(w.finding.last_ns, w.now);
	o.condition = HALE_CONDITION_NONE;
	assert_false(world_say(&w, "kmsg", &o));
	{
		struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };

		/* no time: now */
		f.u.observation = event(HALE_DISK_TIMEOUT, DISK);
		world_fact(&w, "kmsg", &f);
		assert_true(on(&w, HALE_DISK_TIMEOUT));
		assert_int_equal(w.finding.first_ns, w.now);
		f.kind = HALE_FACT_KIND_END;
		assert_false(world_fact(&w, "kmsg", &f));
	}
	world_end(&w);
}

static void a_note_among_blockers(void **state)
{
	struct world w;
	char part[32];

	(void)state;
	world_new(&w);
	for (uint32_t i = 0; i < LEDGER_MAX; i++) {
		snprintf(part, sizeof(part), "disk/d%u", i);
		world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_PART, part);
		w.now++;
	}
	world_event(&w, HALE_PROCESS_SIGBUS, HALE_REF_PART, "process/cc1");
	assert_null(world_finding(&w, "process/cc1", HALE_PROCESS_SIGBUS));
	/* that one was lost is worth a place of its own */
	assert_non_null(world_finding(&w, "host", HALE_AGENT_BLIND));
	assert_int_equal(w.finding.count, 1);
	/* cleared by an operator, and it happens again */
	middle_clear(w.m, "host", HALE_CONDITION_NONE, w.now);
	w.now++;
	world_event(&w, HALE_PROCESS_SIGBUS, HALE_REF_PART, "process/cc1");
	assert_non_null(world_finding(&w, "host", HALE_AGENT_BLIND));
	assert_int_equal(w.finding.count, 1);
	assert_int_equal(w.finding.first_ns, w.now);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_cleared_stays_cleared),
		cmocka_unit_test(clear_by_any_name),
		cmocka_unit_test(the_ledger_is_bounded),
		cmocka_unit_test(blockers_fill_the_ledger),
		cmocka_unit_test(cleared_ones_make_room_first),
		cmocka_unit_test(cleared_ones_are_forgotten_in_the_end),
		cmocka_unit_test(settled_forgets_its_oldest),
		cmocka_unit_test(times_that_cannot_be),
		cmocka_unit_test(a_note_among_blockers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
