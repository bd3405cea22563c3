/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer is worth by the way it came, in every combination; and long
 * answers joined out of their messages.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/lib/exchange.h"

#define CHECK HALE__V1__REPLY__BODY_CHECK

static Hale__V1__Reply *copy(const Hale__V1__Reply *pb)
{
	uint8_t buf[8192];
	size_t n = hale__v1__reply__pack(pb, buf);

	return hale__v1__reply__unpack(NULL, n, buf);
}

static Hale__V1__Reply *check_of(Hale__V1__Fitness fitness)
{
	Hale__V1__Verdict v;
	Hale__V1__CheckReply check;
	Hale__V1__Reply pb;

	hale__v1__verdict__init(&v);
	hale__v1__check_reply__init(&check);
	hale__v1__reply__init(&pb);
	v.fitness = fitness;
	check.verdict = &v;
	pb.body_case = CHECK;
	pb.check = &check;
	return copy(&pb);
}

/* @said: by the agent or, without it, by the scan; -1: nothing. */
static const struct way_case {
	enum answer_source source;
	int said;
	bool strict;
	enum hale_fitness fitness;
	int exit_code;
} way_cases[] = {
	{ ANSWER_FROM_AGENT, HALE_FIT, false, HALE_FIT, 0 },
	{ ANSWER_FROM_AGENT, HALE_FIT, true, HALE_FIT, 0 },
	{ ANSWER_FROM_AGENT, HALE_DEGRADED, false, HALE_DEGRADED, 0 },
	{ ANSWER_FROM_AGENT, HALE_DEGRADED, true, HALE_DEGRADED, 75 },
	{ ANSWER_FROM_AGENT, HALE_UNFIT, false, HALE_UNFIT, 75 },
	{ ANSWER_FROM_AGENT, HALE_UNKNOWN, false, HALE_UNKNOWN, 69 },
	{ ANSWER_FROM_AGENT, 77, false, HALE_UNKNOWN, 69 },
	{ ANSWER_NO_AGENT, HALE_FIT, false, HALE_FIT, 0 },
	{ ANSWER_NO_AGENT, HALE_UNFIT, false, HALE_UNFIT, 75 },
	{ ANSWER_NO_AGENT, -1, false, HALE_UNKNOWN, 69 },
	{ ANSWER_BLIND, HALE_FIT, false, HALE_UNKNOWN, 69 },
	{ ANSWER_BLIND, HALE_DEGRADED, false, HALE_UNKNOWN, 69 },
	{ ANSWER_BLIND, HALE_DEGRADED, true, HALE_UNKNOWN, 69 },
	{ ANSWER_BLIND, HALE_UNKNOWN, false, HALE_UNKNOWN, 69 },
	{ ANSWER_BLIND, HALE_UNFIT, false, HALE_UNFIT, 75 },
	{ ANSWER_BLIND, -1, false, HALE_UNKNOWN, 69 },
};

static struct hale_reply *made_of(const struct way_case *c)
{
	const struct answer_way way = {
		.source = c->source,
		.agent_error = c->source == ANSWER_BLIND ? -ETIMEDOUT : 0,
		.scan_error = c->said < 0 ? -ENOENT : 0,
		.answer_ms = 250,
	};
	Hale__V1__Reply *pb =
		c->said < 0 ? NULL : check_of((Hale__V1__Fitness)c->said);
	struct hale_reply *r;

	assert_int_equal(answer_make(CHECK, &way, pb, &r), 0);
	r->strict = c->strict;
	return r;
}

static void test_every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(way_cases); i++) {
		const struct way_case *c = &way_cases[i];
		struct hale_reply *r = made_of(c);
		struct hale_summary s;
		struct hale_entry e;

		hale_reply_summary(r, &s);
		assert_int_equal(s.fitness, c->fitness);
		assert_int_equal(s.exit_code, c->exit_code);
		assert_int_equal(s.agent, c->source == ANSWER_FROM_AGENT);
		/* Whoever is not told by an agent is told so. */
		assert_int_equal(s.note[0] != '\0',
				 c->source != ANSWER_FROM_AGENT);
		if (c->source == ANSWER_BLIND) {
			assert_true(hale_reply_reason(r, 0, &e));
			assert_string_equal(e.condition, "agent.blind");
		}
		hale_reply_free(r);
	}
}

static void test_words(void **state)
{
	static const struct {
		struct answer_way way;
		const char *words;
	} cases[] = {
		{ { .source = ANSWER_BLIND,
		    .agent_error = -ETIMEDOUT,
		    .answer_ms = 250 },
		  "the agent did not answer within 250 ms" },
		{ { .source = ANSWER_BLIND, .agent_error = -ECONNREFUSED },
		  "the agent does not answer: Connection refused" },
		{ { .source = ANSWER_BLIND, .agent_error = -ECONNRESET },
		  "the agent does not answer: closed before its answer was "
		  "whole" },
		{ { .source = ANSWER_BLIND,
		    .agent_error = -EPROTO,
		    .refusal = "too many clients" },
		  "the agent does not answer: too many clients" },
		{ { .source = ANSWER_NO_AGENT, .scan_error = -ETIMEDOUT },
		  "no agent runs here, and the scan failed: it took too long" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_reply *r;
		struct hale_summary s;

		assert_int_equal(answer_make(CHECK, &cases[i].way, NULL, &r),
				 0);
		hale_reply_summary(r, &s);
		assert_string_equal(s.note, cases[i].words);
		hale_reply_free(r);
	}
}

static void test_scope_without_anybody(void **state)
{
	const struct answer_way way = { .source = ANSWER_NO_AGENT,
					.scan_error = -ENOENT };
	struct hale_reply *r;
	struct hale_summary s;

	(void)state;
	assert_int_equal(
		answer_make(HALE__V1__REPLY__BODY_SCOPE, &way, NULL, &r), 0);
	hale_reply_summary(r, &s);
	assert_true(s.error != 0);
	assert_int_equal(s.n_hops, 0);
	assert_true(s.note[0] != '\0');
	hale_reply_free(r);
}

static void test_soundness(void **state)
{
	Hale__V1__CheckReply bare;
	Hale__V1__Reply pb;

	hale__v1__check_reply__init(&bare);
	hale__v1__reply__init(&pb);
	(void)state;
	pb.body_case = CHECK;
	pb.check = &bare;
	assert_false(answer_sound(&pb, CHECK));
	assert_false(answer_sound(&pb, HALE__V1__REPLY__BODY_REPORT));
	pb.body_case = HALE__V1__REPLY__BODY_ERROR;
	assert_true(answer_sound(&pb, CHECK));
}

static void test_every_text_is_there(void **state)
{
	struct hale_reply r = { .pb = check_of(HALE__V1__FITNESS__FIT) };
	struct hale_summary s;
	struct hale_entry e;

	(void)state;
	hale_reply_summary(&r, &s);
	assert_non_null(s.host);
	assert_non_null(s.note);
	assert_non_null(s.version);
	assert_non_null(s.path);
	assert_false(hale_reply_reason(&r, 0, &e));
	assert_false(hale_reply_finding(&r, 0, &e));
	assert_false(hale_reply_hop_finding(&r, 0, 0, &e));
	hale__v1__reply__free_unpacked(r.pb, NULL);
}

static void test_json_has_our_exit_code(void **state)
{
	const struct answer_way way = { .source = ANSWER_BLIND,
					.agent_error = -ETIMEDOUT,
					.answer_ms = 250 };
	struct hale_reply *r;
	char *json;

	(void)state;
	assert_int_equal(answer_make(CHECK, &way, NULL, &r), 0);
	assert_int_equal(hale_reply_json(r, &json), 0);
	assert_non_null(strstr(json, "\"exitCode\":69"));
	assert_non_null(strstr(json, "\"fitness\":\"UNKNOWN\""));
	assert_non_null(strstr(json, "did not answer"));
	free(json);
	hale_reply_free(r);
}

/* --- joining --- */

static Hale__V1__Reply *report_of(size_t n)
{
	Hale__V1__Finding f[4], *list[4];
	Hale__V1__HostReport report;
	Hale__V1__Reply pb;

	hale__v1__host_report__init(&report);
	hale__v1__reply__init(&pb);
	for (size_t i = 0; i < n; i++) {
		hale__v1__finding__init(&f[i]);
		f[i].count = i + 1;
		list[i] = &f[i];
	}
	report.n_findings = n;
	report.findings = list;
	pb.body_case = HALE__V1__REPLY__BODY_REPORT;
	pb.report = &report;
	return copy(&pb);
}

static void test_lists_add_up(void **state)
{
	static const size_t sizes[][2] = {
		{ 0, 0 }, { 0, 3 }, { 3, 0 }, { 2, 4 }
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sizes); i++) {
		Hale__V1__Reply *all = report_of(sizes[i][0]);
		Hale__V1__Reply *next = report_of(sizes[i][1]);

		assert_int_equal(exchange_join(all, next), 0);
		hale__v1__reply__free_unpacked(next, NULL);
		assert_int_equal(all->report->n_findings,
				 sizes[i][0] + sizes[i][1]);
		for (size_t k = 0; k < sizes[i][1]; k++)
			assert_int_equal(
				all->report->findings[sizes[i][0] + k]->count,
				k + 1);
		hale__v1__reply__free_unpacked(all, NULL);
	}
}

static void test_two_kinds_do_not_join(void **state)
{
	Hale__V1__Reply *a = report_of(1);
	Hale__V1__Reply *b = check_of(HALE__V1__FITNESS__FIT);

	(void)state;
	assert_int_equal(exchange_join(a, b), -EBADMSG);
	hale__v1__reply__free_unpacked(a, NULL);
	hale__v1__reply__free_unpacked(b, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_scope_without_anybody),
		cmocka_unit_test(test_soundness),
		cmocka_unit_test(test_every_text_is_there),
		cmocka_unit_test(test_json_has_our_exit_code),
		cmocka_unit_test(test_lists_add_up),
		cmocka_unit_test(test_two_kinds_do_not_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
