/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why, asked of any valid facts and any deaths: every answer is bounded, each
 * step follows from one before it, nothing is blamed without a root, and asking
 * twice gives the same. Built with clang's -fsanitize=fuzzer,address,undefined
 * from this file and agent/core.
 */
#include <assert.h>

#include "agent/core/explain.h"

#include "middle_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void victim(struct bytes *b, uint64_t now, struct hale_victim *v)
{
	static const uint32_t signals[] = { 7, 7, 7, 9, 11, 15, 0 };
	static const uint32_t majors[] = { 8, 0, 253, 9, 7 };

	memset(v, 0, sizeof(*v));
	v->pid = 1 + bytes_next(b, 8);
	v->signal = signals[bytes_next(b, HALE_ARRAY_SIZE(signals))];
	v->code_known = bytes_next(b, 2);
	v->code = (int32_t)bytes_next(b, 8) - 2;
	v->oom = bytes_next(b, 8) == 0;
	v->time_ns = now - bytes_next(b, 100) * HALE_NS_PER_S;
	v->witnesses = bytes_next(b, 16);
	snprintf(v->comm, sizeof(v->comm), "c%u", bytes_next(b, 4));
	HALE_SET(v->cgroup, bytes_next(b, 2) ? "/a/b" : "");
	HALE_SET(v->exe, bytes_next(b, 2) ? "/usr/bin/x" : "");
	v->n_files = bytes_next(b, 4);
	for (uint32_t i = 0; i < v->n_files; i++) {
		struct hale_victim_file *f = &v->files[i];

		f->held = (enum hale_held)bytes_next(b, HALE_HELD_COUNT);
		f->major = majors[bytes_next(b, HALE_ARRAY_SIZE(majors))];
		f->minor = bytes_next(b, 40);
		f->faulted = bytes_next(b, 3) == 0;
		f->truncated = bytes_next(b, 3) == 0;
		f->full = bytes_next(b, 3) == 0;
	}
}

static void question(struct bytes *b, uint64_t now, struct hale_cause_query *q)
{
	memset(q, 0, sizeof(*q));
	if (bytes_next(b, 2))
		bytes_request(b, &q->scope);
	if (bytes_next(b, 3) == 0)
		HALE_SET(q->subject, bytes_name(b));
	if (bytes_next(b, 3) == 0)
		HALE_SET(q->cgroup, "/a");
	if (bytes_next(b, 2))
		q->since_ns = now - bytes_next(b, 1000) * HALE_NS_PER_S;
	if (bytes_next(b, 4) == 0)
		q->until_ns = now - bytes_next(b, 1000) * HALE_NS_PER_S;
	q->n_victims = bytes_next(b, 4);
	for (uint32_t i = 0; i < q->n_victims; i++)
		victim(b, now, &q->victims[i]);
}

static void check(const struct hale_cause *c)
{
	assert(c->n_steps > 0 && c->n_steps <= HALE_CAUSE_STEPS_MAX);
	assert(c->n_steps <= c->n_steps_total);
	assert(c->n_paths <= HALE_CAUSE_PATHS_MAX);
	assert(c->n_paths <= c->n_paths_total);
	assert(c->headline[0] && c->confidence != HALE_CONFIDENCE_NONE);
	assert(c->steps[0].relation == HALE_RELATION_ROOT);
	for (uint32_t i = 1; i < c->n_steps; i++) {
		assert(c->steps[i].from < i);
		assert(c->steps[i].relation != HALE_RELATION_ROOT);
		assert(c->steps[i].confidence != HALE_CONFIDENCE_NONE);
		assert(c->steps[i].death || c->steps[i].finding.condition);
	}
}

static void ask(struct middle *m, struct bytes *b, uint64_t now)
{
	static struct hale_cause_query q;
	static struct hale_verdict verdict;
	static struct hale_cause cause, again;
	struct hale_explained told, told_again;
	struct hale_victim v;
	size_t n = 0, deaths = 0;

	question(b, now, &q);
	middle_explain(m, &q, now, &verdict, &told);
	while (middle_cause(m, n, &cause)) {
		check(&cause);
		n++;
	}
	assert(n == told.n_causes && n <= EXPLAIN_CAUSES_MAX);
	assert(told.n_causes <= told.n_causes_total);
	while (middle_death(m, deaths, &v))
		deaths++;
	assert(deaths == told.n_deaths && deaths >= q.n_victims / 4);
	middle_explain(m, &q, now, &verdict, &told_again);
	assert(memcmp(&told, &told_again, sizeof(told)) == 0);
	if (n > 0 && middle_cause(m, n - 1, &again))
		assert(strcmp(again.headline, cause.headline) == 0);
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

		if (what < 22) {
			const char *driver = bytes_fact(&b, now, &fact);

			middle_fact(m, driver, &fact, now);
		} else if (what < 26) {
			fact = (struct hale_fact){ .kind = HALE_FACT_VICTIM };
			victim(&b, now, &fact.u.victim);
			middle_fact(m, "trace", &fact, now);
		} else if (what < 30) {
			ask(m, &b, now);
		} else {
			now += bytes_next(&b, 10000) * HALE_NS_PER_S;
			middle_tick(m, now);
		}
	}
	middle_free(m);
	return 0;
}
