/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds whatever happens: random valid facts, with a fixed seed. A blind
 * host is never FIT; what is said to change nothing changes no answer; what is
 * saved and loaded gives the same findings.
 */
#include "world.h"

#include "tests/fuzz/middle_bytes.h"

#define ROUNDS 60
#define FACTS  150

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void random_fill(uint64_t *seed, uint8_t *buf, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buf[i] = (uint8_t)(random_next(seed) >> 24);
}

/* One random fact; coverage of @but is left out. */
static bool random_fact(struct world *w, uint64_t *seed, int but)
{
	uint8_t buf[64];
	struct bytes b = { buf, sizeof(buf) };
	struct hale_fact f;
	const char *driver;

	random_fill(seed, buf, sizeof(buf));
	driver = bytes_fact(&b, w->now, &f);
	if (f.kind == HALE_FACT_COVERAGE && (int)f.u.coverage.sense == but)
		return false;
	return world_fact(w, driver, &f);
}

static void a_blind_host_is_never_fit(void **state)
{
	static const enum hale_sense required[] = { HALE_SENSE_FS_STATE,
						    HALE_SENSE_STORAGE_MAP,
						    HALE_SENSE_BLOCK_ERRORS };
	uint64_t seed = 88172645463325252;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		enum hale_sense but =
			required[(size_t)round % HALE_ARRAY_SIZE(required)];
		struct world w;

		world_new(&w);
		world_sight(&w, "kmsg", but, HALE_SIGHT_BLIND, "x");
		world_sight(&w, "space", but, HALE_SIGHT_BLIND, "x");
		world_sight(&w, "storage", but, HALE_SIGHT_BLIND, "x");
		for (int i = 0; i < FACTS; i++) {
			random_fact(&w, &seed, (int)but);
			/* nothing random names this disk's filesystem */
			world_disk(&w, "sdq", 240, "disk/q");
			assert_int_not_equal(world_check(&w, "/q", 8, 240),
					     HALE_FIT);
		}
		world_end(&w);
	}
}

struct answer {
	enum hale_fitness fitness;
	uint32_t n;
	enum hale_condition first;
};

static struct answer answer(struct world *w, bool host)
{
	struct answer a;

	a.fitness = host ? world_check_host(w) : world_check_build(w);
	a.n = w->verdict.n_reasons_total;
	a.first = w->verdict.reasons[0].finding.condition;
	return a;
}

static void what_changes_nothing_changes_no_answer(void **state)
{
	uint64_t seed = 1234567;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct world w;

		world_new(&w);
		for (int i = 0; i < FACTS; i++) {
			bool host = random_next(&seed) % 2;
			struct answer before = answer(&w, host), after;

			if (random_fact(&w, &seed, -1))
				continue;
			after = answer(&w, host);
			assert_int_equal(before.fitness, after.fitness);
			assert_int_equal(before.n, after.n);
			assert_int_equal(before.first, after.first);
		}
		world_end(&w);
	}
}

static void what_is_kept_is_the_same(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		static struct hale_memory_row before[600];
		struct hale_memory_row after;
		size_t n = 0;
		struct world w;

		world_bare(&w);
		for (int i = 0; i < FACTS; i++)
			random_fact(&w, &seed, -1);
		while (middle_save(w.m, n, &before[n]))
			n++;
		world_restart(&w, true);
		for (size_t i = 0; middle_save(w.m, i, &after); i++) {
			const struct hale_memory_row *b = NULL;

			for (size_t k = 0; k < n; k++) {
				if (strcmp(before[k].finding.part,
					   after.finding.part) == 0 &&
				    before[k].finding.condition ==
					    after.finding.condition)
					b = &before[k];
			}
			assert_non_null(b);
			assert_int_equal(b->open, after.open);
			assert_int_equal(b->finding.count, after.finding.count);
			assert_int_equal(b->finding.first_ns,
					 after.finding.first_ns);
			assert_int_equal(b->finding.last_ns,
					 after.finding.last_ns);
			assert_int_equal(b->cleared_ns, after.cleared_ns);
			assert_string_equal(b->finding.evidence,
					    after.finding.evidence);
		}
		world_end(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blind_host_is_never_fit),
		cmocka_unit_test(what_changes_nothing_changes_no_answer),
		cmocka_unit_test(what_is_kept_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
