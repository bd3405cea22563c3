/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any order of valid facts, questions, waits and restarts: nothing crashes, and
 * no answer is FIT while a required sense is missing. Built with clang's
 * -fsanitize=fuzzer,address,undefined from this file and agent/core.
 */
#include <assert.h>

#include "middle_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void restart(struct middle **m, const struct hale_policy *policy,
		    bool same_boot, uint64_t now)
{
	struct hale_memory_row row;
	struct middle *next;

	if (middle_new(policy, &next) < 0)
		return;
	for (size_t i = 0; middle_save(*m, i, &row); i++)
		assert(middle_load(next, &row, same_boot, now) == 0);
	middle_free(*m);
	*m = next;
}

static bool sees(struct middle *m, enum hale_sense sense)
{
	struct hale_coverage c;

	for (size_t i = 0; middle_coverage(m, i, &c); i++) {
		if (c.sense == sense && c.sight != HALE_SIGHT_BLIND)
			return true;
	}
	return false;
}

static void ask(struct middle *m, struct bytes *b, uint64_t now)
{
	static struct hale_verdict verdict;
	static struct hale_hop hops[32];
	struct hale_scope_request req;

	bytes_request(b, &req);
	middle_judge(m, &req, now, &verdict);
	assert(verdict.n_reasons <= HALE_REASONS_MAX);
	assert(verdict.n_reasons <= verdict.n_reasons_total);
	if (verdict.fitness == HALE_FIT) {
		assert(verdict.n_reasons == 0);
		assert(sees(m, HALE_SENSE_FS_STATE));
		assert(sees(m, HALE_SENSE_STORAGE_MAP));
	}
	middle_hops(m, &req.paths[0], hops, 32);
}

static void look(struct middle *m, uint64_t now)
{
	struct hale_finding f;
	enum hale_effect before = HALE_EFFECT_BLOCKS;

	for (size_t i = 0; middle_finding(m, i, now, &f); i++) {
		assert(f.effect <= before && f.effect > HALE_EFFECT_NONE);
		assert(f.first_ns <= f.last_ns && f.last_ns <= now);
		assert(f.count > 0);
		before = f.effect;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	uint64_t now = UINT64_C(1700000000) * HALE_NS_PER_S;
	struct hale_policy policy;
	struct hale_fact fact;
	struct middle *m;

	hale_policy_default(&policy);
	if (middle_new(&policy, &m) < 0)
		return 0;
	while (b.len > 0) {
		uint32_t what = bytes_next(&b, 32);

		if (what < 24) {
			const char *driver = bytes_fact(&b, now, &fact);

			middle_fact(m, driver, &fact, now);
		} else if (what < 28) {
			ask(m, &b, now);
		} else if (what < 30) {
			now += bytes_next(&b, 10000) * HALE_NS_PER_S;
			assert(middle_tick(m, now) > now);
			look(m, now);
		} else if (what == 30) {
			middle_clear(m, bytes_name(&b), HALE_CONDITION_NONE,
				     now);
		} else {
			restart(&m, &policy, bytes_next(&b, 2), now);
		}
	}
	middle_free(m);
	return 0;
}
