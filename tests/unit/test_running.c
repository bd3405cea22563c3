/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one core to the next, in invented time: any history, saved and loaded,
 * gives the same verdicts, findings and coverage, and goes on as the first
 * would have: nothing is counted twice, nothing cleared comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/running.h"
#include "tests/fuzz/middle_bytes.h"

#define START_NS (UINT64_C(1700000000) * HALE_NS_PER_S)
#define ROUNDS	 100
#define STEPS	 400

static uint64_t seed;

static uint8_t random_byte(void)
{
	seed = seed * UINT64_C(6364136223846793005) +
	       UINT64_C(1442695040888963407);
	return (uint8_t)(seed >> 56);
}

static struct middle *new_middle(void)
{
	struct hale_policy policy;
	struct middle *m = NULL;

	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &m), 0);
	return m;
}

static struct middle *successor_of(const struct middle *m, uint64_t now)
{
	struct middle *next = new_middle();
	struct hale_memory_at at = { 0 };
	struct hale_fact position = { .kind = HALE_FACT_POSITION };
	struct hale_memory_counter counter;
	struct hale_memory_note note;
	struct hale_memory_disk disk;
	static struct hale_memory_sectors sectors;
	struct hale_memory_row row;

	position.u.position = middle_position(m);
	middle_fact(next, "", &position, now);
	for (size_t i = 0; middle_save(m, i, &row); i++)
		assert_int_equal(middle_load_running(next, &row, now), 0);
	for (size_t i = 0; middle_save_counter(m, i, &counter); i++) {
		if (counter.key)
			assert_int_equal(
				middle_load_counter(next, &counter, true, now),
				0);
	}
	for (size_t i = 0; middle_save_disk(m, i, &disk); i++) {
		if (disk.key)
			assert_int_equal(middle_load_disk(next, &disk, now), 0);
	}
	for (size_t i = 0; middle_save_sectors(m, i, &sectors); i++) {
		if (sectors.failing.part[0])
			assert_int_equal(middle_load_sectors(next, &sectors),
					 0);
	}
	while (middle_save_note(m, &at, &note)) {
		for (uint32_t i = note.n_numbers; i < HALE_NOTE_NUMBERS; i++)
			note.number[i] = 0;
		for (uint32_t i = note.n_texts; i < HALE_NOTE_TEXTS; i++)
			note.text[i] = "";
		if (middle_load_note(next, &note, now) != 0)
			fail_msg("a note of room %u is refused", note.room);
	}
	middle_resumed(next, now);
	return next;
}

static void same_finding(const struct hale_finding *a,
			 const struct hale_finding *b)
{
	assert_string_equal(a->part, b->part);
	assert_int_equal(a->condition, b->condition);
	assert_int_equal(a->effect, b->effect);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	assert_int_equal(a->at_least, b->at_least);
	assert_int_equal(a->value, b->value);
	assert_string_equal(a->evidence, b->evidence);
	assert_string_equal(a->driver, b->driver);
	assert_string_equal(a->alias, b->alias);
	assert_string_equal(a->closed, b->closed);
}

static void same_lists(struct middle *a, struct middle *b, uint64_t now)
{
	struct hale_coverage ca, cb;
	struct hale_finding fa, fb;
	bool more = true;

	for (size_t i = 0; more; i++) {
		more = middle_finding(a, i, now, &fa);
		assert_int_equal(middle_finding(b, i, now, &fb), more);
		if (more)
			same_finding(&fa, &fb);
	}
	more = true;
	for (size_t i = 0; more; i++) {
		more = middle_closed(a, i, now, &fa);
		assert_int_equal(middle_closed(b, i, now, &fb), more);
		if (more)
			same_finding(&fa, &fb);
	}
	more = true;
	for (size_t i = 0; more; i++) {
		more = middle_coverage(a, i, &ca);
		assert_int_equal(middle_coverage(b, i, &cb), more);
		if (!more)
			break;
		assert_int_equal(ca.sense, cb.sense);
		assert_int_equal(ca.sight, cb.sight);
		assert_string_equal(ca.driver, cb.driver);
		assert_string_equal(ca.part, cb.part);
		assert_string_equal(ca.why, cb.why);
	}
}

static void same_answer(struct middle *a, struct middle *b, struct bytes *asked,
			uint64_t now)
{
	static struct hale_verdict va, vb;
	static struct hale_hop ha[32], hb[32];
	struct hale_scope_request req;
	size_t n;

	bytes_request(asked, &req);
	middle_judge(a, &req, now, &va);
	middle_judge(b, &req, now, &vb);
	assert_int_equal(va.fitness, vb.fitness);
	assert_int_equal(va.n_reasons_total, vb.n_reasons_total);
	for (uint32_t i = 0; i < va.n_reasons; i++)
		same_finding(&va.reasons[i].finding, &vb.reasons[i].finding);
	n = middle_hops(a, &req.paths[0], ha, 32);
	assert_int_equal(middle_hops(b, &req.paths[0], hb, 32), n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(ha[i].name, hb[i].name);
}

static void step(struct middle *a, struct middle *b, uint64_t *now)
{
	uint8_t raw[64];
	struct bytes bytes = { raw, sizeof(raw) };
	struct hale_fact fact;
	uint32_t what;

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = random_byte();
	what = bytes_next(&bytes, 32);
	if (what < 28) {
		const char *driver = bytes_fact(&bytes, *now, &fact);

		middle_fact(a, driver, &fact, *now);
		if (b)
			middle_fact(b, driver, &fact, *now);
	} else if (what < 30) {
		*now += bytes_next(&bytes, 4000) * HALE_NS_PER_S / 100;
		middle_tick(a, *now);
		if (b)
			middle_tick(b, *now);
	} else {
		const char *name = bytes_name(&bytes);
		uint32_t n = middle_clear(a, name, HALE_CONDITION_NONE, *now);

		if (b)
			assert_int_equal(middle_clear(b, name,
						      HALE_CONDITION_NONE,
						      *now),
					 n);
	}
	if (b && what % 8 == 0)
		same_lists(a, b, *now);
	if (b)
		same_answer(a, b, &bytes, *now);
}

/* Between MAP_BEGIN and MAP_END: the half of a map is not handed over. */
static void end_map(struct middle *m, uint64_t now)
{
	const struct hale_fact end = { .kind = HALE_FACT_MAP_END };

	middle_fact(m, "storage", &end, now);
}

static void test_any_history(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint64_t now = START_NS;
		struct middle *a = new_middle(), *b;

		seed = round;
		for (uint32_t i = 0; i < STEPS; i++)
			step(a, NULL, &now);
		end_map(a, now);
		b = successor_of(a, now);
		/* nobody saw what happened between the two */
		for (uint32_t i = 0; i < JOIN_DRIVERS; i++)
			a->join.drivers[i].lost_ns = b->join.drivers[i].lost_ns;
		same_lists(a, b, now);
		for (uint32_t i = 0; i < STEPS; i++)
			step(a, b, &now);
		same_lists(a, b, now);
		middle_free(a);
		middle_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
