/* SPDX-License-Identifier: Apache-2.0 */
/* From the messages of fleet.proto to what the picture is told. */
#include "fleet_world.h"

#include "agent/fleet/told_read.h"

static char medium[] = "disk.medium_error", disk[] = "disk/naa.5000c500a1b2",
	    sde[] = "sde", line[] = "critical medium error, dev sde",
	    id[] = "UA", name[] = "b7", sense[] = "block errors: no log";

static void medium_error(Hale__V1__Finding *f, Hale__V1__Part *part)
{
	hale__v1__finding__init(f);
	f->condition = medium;
	f->part = part;
}

static void state_of_a_sick_host(void **state)
{
	Hale__V1__Part part;
	Hale__V1__Finding full;
	Hale__V1__Finding brief;
	Hale__V1__Reason reason;
	Hale__V1__Reason *reasons[] = { &reason };
	Hale__V1__Finding *findings[] = { &full };
	Hale__V1__Verdict verdict;
	Hale__V1__HostReport report;
	Hale__Fleet__V1__HostState m;
	struct told_rows rows;
	struct told_state s;

	(void)state;
	hale__v1__part__init(&part);
	medium_error(&full, &part);
	medium_error(&brief, &part);
	hale__v1__reason__init(&reason);
	hale__v1__verdict__init(&verdict);
	hale__v1__host_report__init(&report);
	hale__fleet__v1__host_state__init(&m);
	part.id = disk;
	part.alias = sde;
	full.evidence = line;
	full.first_ns = 4000;
	full.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	reason.finding = &brief;
	reason.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	verdict.fitness = HALE__V1__FITNESS__UNFIT;
	verdict.reasons = reasons;
	verdict.n_reasons = 1;
	verdict.reasons_total = 3;
	report.verdict = &verdict;
	report.findings = findings;
	report.n_findings = 1;
	report.host = name;
	m.id = id;
	m.report = &report;
	m.spool_id = 77;
	m.seq = 5;
	m.sent_ns = 5000;
	m.heartbeat_s = 60;
	m.findings_total = 9;
	told_read_state(&m, &rows, &s);
	assert_string_equal(s.id, "UA");
	assert_string_equal(s.name, "b7");
	assert_int_equal(s.fitness, HALE_UNFIT);
	assert_string_equal(s.why, "disk.medium_error sde: critical medium "
				   "error, dev sde, and 2 more");
	assert_int_equal(s.host_since_ns, 4000);
	assert_int_equal(s.host_sent_ns, 5000);
	assert_int_equal(s.no.spool, 77);
	assert_int_equal(s.no.seq, 5);
	assert_int_equal(s.period_s, 60);
	assert_int_equal(s.findings, 9);
	assert_int_equal(s.n_open, 1);
	assert_false(s.quarantined);
}

static void a_missing_sense_and_a_quarantine(void **state)
{
	Hale__V1__Reason reason;
	Hale__V1__Reason *reasons[] = { &reason };
	Hale__V1__Verdict verdict;
	Hale__V1__HostReport report;
	Hale__Fleet__V1__HostState m;
	Hale__Fleet__V1__Quarantine q;
	struct told_rows rows;
	struct told_state s;

	(void)state;
	hale__v1__reason__init(&reason);
	hale__v1__verdict__init(&verdict);
	hale__v1__host_report__init(&report);
	hale__fleet__v1__host_state__init(&m);
	hale__fleet__v1__quarantine__init(&q);
	reason.text = sense;
	verdict.reasons = reasons;
	verdict.n_reasons = verdict.reasons_total = 1;
	report.verdict = &verdict;
	q.own = true;
	m.id = id;
	m.report = &report;
	m.quarantine = &q;
	told_read_state(&m, &rows, &s);
	assert_int_equal(s.fitness, HALE_UNKNOWN);
	assert_string_equal(s.why, "block errors: no log");
	assert_int_equal(s.host_since_ns, 0);
	assert_true(s.quarantined && s.quarantined_itself);
	/* a message with nothing in it */
	hale__fleet__v1__host_state__init(&m);
	told_read_state(&m, &rows, &s);
	assert_int_equal(s.fitness, HALE_UNKNOWN);
	assert_string_equal(s.why, "");
}

static void builds(void **state)
{
	static const struct {
		Hale__V1__BuildResult__Outcome outcome;
		bool told, ok;
	} rows[] = {
		{ HALE__V1__BUILD_RESULT__OUTCOME__PASSED, true, true },
		{ HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT, true, true },
		{ HALE__V1__BUILD_RESULT__OUTCOME__FAILED, true, false },
		{ HALE__V1__BUILD_RESULT__OUTCOME__REFUSED, false, false },
		{ HALE__V1__BUILD_RESULT__OUTCOME__UNKNOWN_OUTCOME, false,
		  false },
	};
	Hale__Fleet__V1__BuildOutcome m;
	struct told_build b;

	(void)state;
	hale__fleet__v1__build_outcome__init(&m);
	m.started_ns = 10 * SECOND;
	m.ended_ns = 12 * SECOND;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		m.outcome = rows[i].outcome;
		assert_int_equal(told_read_build(&m, &b), rows[i].told);
		if (rows[i].told)
			assert_int_equal(b.ok, rows[i].ok);
		assert_int_equal(b.duration_ms, 2000);
	}
	m.started_ns = 99 * SECOND; /* its clock was set back meanwhile */
	told_read_build(&m, &b);
	assert_int_equal(b.duration_ms, 0);
}

static void findings_and_orders(void **state)
{
	Hale__V1__Finding f;
	Hale__Fleet__V1__FindingEvent m;
	Hale__Fleet__V1__Order o;
	struct told_finding t;
	struct told_order to;

	(void)state;
	hale__v1__finding__init(&f);
	hale__fleet__v1__finding_event__init(&m);
	hale__fleet__v1__order__init(&o);
	f.condition = medium;
	f.first_ns = 100;
	f.closed_ns = 300;
	m.finding = &f;
	m.at_ns = 200;
	m.what = HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED;
	told_read_finding(&m, &t);
	assert_true(t.opened && !t.closed);
	assert_int_equal(t.host_at_ns, 100);
	m.what = HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED;
	told_read_finding(&m, &t);
	assert_true(t.closed && !t.opened);
	assert_int_equal(t.host_at_ns, 300);
	m.what = HALE__FLEET__V1__FINDING_EVENT__WHAT__CHANGED;
	told_read_finding(&m, &t);
	assert_true(!t.closed && !t.opened);
	assert_int_equal(t.host_at_ns, 200);
	o.action = HALE__FLEET__V1__ORDER__ACTION__QUARANTINE;
	o.issued_ns = 7;
	told_read_order(&o, true, &to);
	assert_true(to.quarantine && to.automatic);
	assert_int_equal(to.issued_ns, 7);
	o.action = HALE__FLEET__V1__ORDER__ACTION__RELEASE;
	told_read_order(&o, false, &to);
	assert_false(to.quarantine || to.automatic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_of_a_sick_host),
		cmocka_unit_test(a_missing_sense_and_a_quarantine),
		cmocka_unit_test(builds),
		cmocka_unit_test(findings_and_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
