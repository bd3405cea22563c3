/* SPDX-License-Identifier: Apache-2.0 */
/* Whole replies as text: reasons, the line for Nagios, the way to the metal. */
#include "render_text.h"

#include "agent/cli/report.h"
#include "agent/lib/answer.h"

struct sample {
	Hale__V1__Part part;
	Hale__V1__Finding finding;
	Hale__V1__Reason reason, *reasons[1];
	Hale__V1__Verdict verdict;
	Hale__V1__CheckReply check;
	Hale__V1__Reply pb;
};

static char *word(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* A copy that hale_reply_free() may free. */
static struct hale_reply *reply_of(const Hale__V1__Reply *pb)
{
	const struct answer_way way = { .source = ANSWER_FROM_AGENT };
	uint8_t buf[4096];
	size_t n = hale__v1__reply__pack(pb, buf);
	struct hale_reply *r;

	assert_int_equal(answer_make(pb->body_case, &way,
				     hale__v1__reply__unpack(NULL, n, buf), &r),
			 0);
	return r;
}

static struct hale_reply *sample_check(Hale__V1__Fitness fitness,
				       unsigned int total)
{
	struct sample s;

	hale__v1__part__init(&s.part);
	hale__v1__finding__init(&s.finding);
	hale__v1__reason__init(&s.reason);
	hale__v1__verdict__init(&s.verdict);
	hale__v1__check_reply__init(&s.check);
	hale__v1__reply__init(&s.pb);
	s.part.alias = word("sde");
	s.finding.part = &s.part;
	s.finding.condition = word("disk.io_error");
	s.finding.count = 3;
	s.finding.first_ns = s.finding.last_ns = NOW - 5 * S;
	s.finding.evidence = word("a | b");
	s.reason.finding = &s.finding;
	s.reason.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	s.reasons[0] = &s.reason;
	s.verdict.fitness = fitness;
	s.verdict.n_reasons = total > 0;
	s.verdict.reasons = s.reasons;
	s.verdict.reasons_total = total;
	s.verdict.parts = 9;
	s.check.verdict = &s.verdict;
	s.pb.body_case = HALE__V1__REPLY__BODY_CHECK;
	s.pb.check = &s.check;
	return reply_of(&s.pb);
}

static void test_more_reasons_than_told(void **state)
{
	struct hale_reply *r = sample_check(HALE__V1__FITNESS__UNFIT, 4);
	struct out o = { 0 };

	(void)state;
	render_reasons(&o, r, NOW);
	assert_non_null(strstr(text_of(&o), "  and 3 more: hale status\n"));
	hale_reply_free(r);
}

static void test_nagios(void **state)
{
	static const struct {
		Hale__V1__Fitness fitness;
		unsigned int reasons;
		int code;
		const char *text;
	} cases[] = {
		{ HALE__V1__FITNESS__FIT, 0, 0,
		  "HALE OK - FIT | reasons=0 parts=9\n" },
		{ HALE__V1__FITNESS__DEGRADED, 1, 1,
		  "HALE WARNING - DEGRADED: disk.io_error sde (3 times, 5.0 s "
		  "ago) | "
		  "reasons=1 parts=9\n" },
		{ HALE__V1__FITNESS__UNFIT, 1, 2,
		  "HALE CRITICAL - UNFIT: disk.io_error sde (3 times, 5.0 s "
		  "ago) | "
		  "reasons=1 parts=9\n" },
		{ HALE__V1__FITNESS__UNKNOWN, 0, 3,
		  "HALE UNKNOWN - UNKNOWN | reasons=0 parts=9\n" },
		{ (Hale__V1__Fitness)99, 0, 3,
		  "HALE UNKNOWN - UNKNOWN | reasons=0 parts=9\n" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_reply *r =
			sample_check(cases[i].fitness, cases[i].reasons);
		struct hale_summary s;
		struct out o = { 0 };

		hale_reply_summary(r, &s);
		assert_int_equal(render_nagios_exit(&s), cases[i].code);
		render_nagios(&o, r, NOW);
		assert_string_equal(text_of(&o), cases[i].text);
		hale_reply_free(r);
	}
}

static struct hale_reply *sample_scope(const uint32_t *depths, size_t n)
{
	static const char *const names[] = { "sde1", "sde", "ata3", "sdf1" };
	static const char *const vias[] = { "ext4", "", "", "raid1" };
	Hale__V1__Hop hops[4], *list[4];
	Hale__V1__ScopeReply scope;
	Hale__V1__Reply pb;

	hale__v1__scope_reply__init(&scope);
	hale__v1__reply__init(&pb);
	for (size_t i = 0; i < n; i++) {
		hale__v1__hop__init(&hops[i]);
		hops[i].depth = depths[i];
		hops[i].name = word(names[i]);
		hops[i].via = word(vias[i]);
		hops[i].redundant = i == 3;
		list[i] = &hops[i];
	}
	scope.path = word("/home/ci");
	scope.n_hops = n;
	scope.hops = list;
	pb.body_case = HALE__V1__REPLY__BODY_SCOPE;
	pb.scope = &scope;
	return reply_of(&pb);
}

static void test_scope_in_one_line(void **state)
{
	const uint32_t depths[] = { 0, 1, 2 };
	struct hale_reply *r = sample_scope(depths, 3);
	struct out o = { 0 };

	(void)state;
	render_scope(&o, r, 80, NOW);
	assert_string_equal(text_of(&o), "/home/ci  ext4 sde1  sde  ata3\n");
	render_scope(&o, r, 20, NOW);
	assert_string_equal(text_of(&o), "/home/ci\n"
					 "  ext4 sde1\n"
					 "    sde\n"
					 "      ata3\n");
	hale_reply_free(r);
}

static void test_scope_that_branches(void **state)
{
	const uint32_t depths[] = { 0, 1, 2, 1 };
	struct hale_reply *r = sample_scope(depths, 4);
	struct out o = { 0 };

	(void)state;
	render_scope(&o, r, 80, NOW);
	assert_string_equal(text_of(&o), "/home/ci\n"
					 "  ext4 sde1\n"
					 "    sde\n"
					 "      ata3\n"
					 "    raid1 sdf1 (one of several)\n");
	hale_reply_free(r);
}

/* A report with a finding of sde, which stands or has ended. */
static struct hale_reply *sample_report(const char *closed)
{
	Hale__V1__Part part;
	Hale__V1__Finding f, *list[] = { &f };
	Hale__V1__HostReport report;
	Hale__V1__Reply pb;

	hale__v1__part__init(&part);
	hale__v1__finding__init(&f);
	hale__v1__host_report__init(&report);
	hale__v1__reply__init(&pb);
	part.id = word("disk/naa.1");
	part.alias = word("sde");
	part.model = word("EXAMPLE HD");
	part.serial = word("E-1");
	f.part = &part;
	f.condition = word("disk.medium_error");
	f.effect = HALE__V1__EFFECT__EFFECT_NOTES;
	f.closed = word(closed);
	f.closed_ns = closed[0] ? NOW - 3 * 60 * S : 0;
	report.n_closed = closed[0] != '\0';
	report.n_findings = !report.n_closed;
	report.closed = report.findings = list;
	pb.body_case = HALE__V1__REPLY__BODY_REPORT;
	pb.report = &report;
	return reply_of(&pb);
}

static void test_how_findings_ended(void **state)
{
	struct hale_reply *before = sample_report("");
	struct hale_reply *r = sample_report("part replaced");
	struct out o = { 0 };

	(void)state;
	report_render(&o, r, 0, NOW);
	assert_non_null(strstr(text_of(&o),
			       "closed in the last hour\n"
			       "  disk.medium_error  sde  EXAMPLE HD  serial "
			       "E-1: part replaced, 3 min ago\n"));
	o = (struct out){ 0 };
	report_changes(&o, before, r, "12:00:00", NOW);
	assert_non_null(strstr(text_of(&o), "E-1  (a note): part replaced\n"));
	/* and one that holds is not among them */
	o = (struct out){ 0 };
	report_render(&o, before, 0, NOW);
	assert_null(strstr(text_of(&o), "closed"));
	hale_reply_free(before);
	hale_reply_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_findings_ended),
		cmocka_unit_test(test_more_reasons_than_told),
		cmocka_unit_test(test_nagios),
		cmocka_unit_test(test_scope_in_one_line),
		cmocka_unit_test(test_scope_that_branches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
