/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host tells its fleet arrives as it was told, is small, and holds back
 * what is nobody's business.
 */
#include <errno.h>

#include "hale/text.h"

#include "fleet_room.h"

static struct host h;
static Hale__Fleet__V1__HostState *got;

static int begin(void **state)
{
	(void)state;
	host_init(&h);
	return 0;
}

static size_t send_state(const struct fleet_policy *p)
{
	struct fleet_bytes b = packed(&h.main, p);

	assert_int_equal(fleet_read_state(&in, &b, &got, why), 0);
	return b.len;
}

static void test_a_state_arrives(void **state)
{
	Hale__Fleet__V1__Quarantine q;

	(void)state;
	hale__fleet__v1__quarantine__init(&q);
	q.who = TEXT("alice");
	q.reason = TEXT("fails what its peers build");
	q.since_ns = NOW;
	q.own = true;
	h.main.quarantine = &q;
	h.spool.findings_dropped = 12;
	send_state(FLEET_POLICY_DEFAULT);
	assert_int_equal(got->version, FLEET_VERSION);
	assert_string_equal(got->id, HOST_ID);
	assert_string_equal(got->report->host, "build-07.ci.example.org");
	assert_int_equal(got->report->verdict->fitness, HALE__V1__FITNESS__FIT);
	assert_int_equal(got->report->generation, 4711);
	assert_true(got->spool_id == UINT64_C(0xfedcba9876543210));
	assert_int_equal(got->seq, 100000);
	assert_int_equal(got->n_labels, 2);
	assert_string_equal(got->labels[0]->key, "pool");
	assert_string_equal(got->labels[1]->value, "7");
	assert_int_equal(got->capacity->rooms[1]->available_bytes,
			 123 * HALE_GIB);
	assert_string_equal(got->models[0]->firmware, "80.00A80");
	assert_int_equal(got->spool->findings_dropped, 12);
	assert_true(got->quarantine->own);
	assert_string_equal(got->quarantine->who, "alice");
}

/* 10,000 hosts twice a minute: 29 million of them a day. */
static void test_a_healthy_host_is_small(void **state)
{
	(void)state;
	assert_in_range(send_state(FLEET_POLICY_DEFAULT), 200, 500);
}

static void test_only_what_does_not_see_is_told(void **state)
{
	(void)state;
	send_state(FLEET_POLICY_DEFAULT);
	assert_int_equal(got->senses_total, 7);
	assert_int_equal(got->senses_live, 6);
	assert_int_equal(got->report->n_coverage, 1);
	assert_string_equal(got->report->coverage[0]->driver, "edac");
	assert_string_equal(got->report->coverage[0]->why,
			    "no memory controller reports its errors");
	assert_string_equal(got->report->coverage[0]->remedy, "");
}

/* --- findings --- */

static Hale__V1__Finding findings[300], *rows[300], *ended[1];
static Hale__V1__Part parts[300];
static char ids[300][HALE_PART_MAX];
static Hale__V1__Reason reasons[8], *reason_rows[8];

/* The last one blocks, those before only warn. */
static void fall_ill(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rows[i] = &findings[i];
		finding_init(rows[i], &parts[i]);
		snprintf(ids[i], sizeof(ids[i]), "disk/naa.%zu", i);
		parts[i].id = ids[i];
		if (i + 1 < n)
			rows[i]->effect = HALE__V1__EFFECT__EFFECT_WARNS;
		rows[i]->last_ns += i;
	}
	h.report.findings = rows;
	h.report.n_findings = n;
	hale__v1__reason__init(&reasons[0]);
	reasons[0].finding = rows[n - 1];
	reasons[0].effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	reasons[0].path = TEXT("/home/ci");
	reasons[0].via = TEXT("ext4 on sde1");
	reason_rows[0] = &reasons[0];
	h.verdict.fitness = HALE__V1__FITNESS__UNFIT;
	h.verdict.reasons = reason_rows;
	h.verdict.n_reasons = 1;
	h.verdict.reasons_total = 1;
}

static void test_an_ill_host_says_why(void **state)
{
	const Hale__V1__Finding *f;

	(void)state;
	fall_ill(2);
	ended[0] = rows[0];
	h.report.closed = ended;
	h.report.n_closed = 1;
	send_state(FLEET_POLICY_DEFAULT);
	f = got->report->findings[0];
	assert_string_equal(f->part->id, "disk/naa.1");
	assert_string_equal(f->part->where, "/home");
	assert_string_equal(f->evidence, findings[1].evidence);
	assert_false(f->withheld);
	/* in the words of whoever reads it */
	assert_string_equal(
		f->advice, hale_condition_info(HALE_DISK_MEDIUM_ERROR)->advice);
	assert_string_equal(got->report->verdict->reasons[0]->via,
			    "ext4 on sde1");
	assert_ptr_equal(
		fleet_reason_finding(got, got->report->verdict->reasons[0]), f);
	assert_int_equal(got->report->n_closed, 0);
}

static void test_the_worst_are_told(void **state)
{
	(void)state;
	fall_ill(300);
	rows[7]->muted = true;
	rows[7]->effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	send_state(FLEET_POLICY_DEFAULT);
	assert_int_equal(got->findings_total, 300);
	assert_int_equal(got->report->n_findings, FLEET_FINDINGS_MAX);
	assert_string_equal(got->report->findings[0]->part->id, "disk/naa.299");
	for (size_t i = 1; i < got->report->n_findings; i++) {
		char id[HALE_PART_MAX];

		snprintf(id, sizeof(id), "disk/naa.%zu", 299 - i);
		assert_string_equal(got->report->findings[i]->part->id, id);
	}
}

static void test_a_reason_outlives_its_finding(void **state)
{
	const Hale__V1__Finding *f;

	(void)state;
	fall_ill(300);
	reasons[0].finding = rows[0];
	send_state(FLEET_POLICY_DEFAULT);
	f = fleet_reason_finding(got, got->report->verdict->reasons[0]);
	assert_string_equal(f->condition, "disk.medium_error");
	assert_string_equal(f->part->id, "disk/naa.0");
	assert_string_equal(f->part->alias, "sde");
	got->report->verdict->reasons[0]->finding = NULL;
	assert_null(
		fleet_reason_finding(got, got->report->verdict->reasons[0]));
}

static void test_what_policy_keeps_stays(void **state)
{
	const struct fleet_policy closed = { 0, false }, some = { 9, true };
	struct fleet_bytes b;

	(void)state;
	fall_ill(1);
	send_state(&closed);
	assert_string_equal(got->report->findings[0]->evidence, "");
	assert_true(got->report->findings[0]->withheld);
	b = (struct fleet_bytes){ .len = send_state(&closed) };
	assert_null(memmem(wire, b.len, "/home", 5));
	assert_null(memmem(wire, b.len, "WCC7K1", 6));
	assert_null(memmem(wire, b.len, "medium error", 12));
	/* and the original has it still */
	assert_string_equal(findings[0].part->where, "/home");
	assert_non_null(strstr(findings[0].evidence, "medium error"));
	assert_ptr_equal(h.report.verdict->reasons[0]->finding, &findings[0]);
	/* a cut parts no character: "ä" is two bytes */
	findings[0].evidence = TEXT("critica\xc3\xa4\xc3\xa4l");
	send_state(&some);
	assert_string_equal(got->report->findings[0]->evidence,
			    "critica\xc3\xa4");
	findings[0].evidence = TEXT("critical\xc3\xa4l");
	send_state(&some);
	assert_string_equal(got->report->findings[0]->evidence, "critical");
}

/* Texts as long as they may be, as many rows as there may be. */
static void test_the_longest_state_fits(void **state)
{
	static char path[600], text[300], name[64];
	static Hale__V1__Coverage blind, *senses[100];

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	memset(text, 't', sizeof(text) - 1);
	memset(name, 'n', sizeof(name) - 1);
	fall_ill(300);
	for (size_t i = 0; i < 300; i++) {
		parts[i].where = path;
		parts[i].model = parts[i].alias = name;
		rows[i]->evidence = rows[i]->closed_by = text;
	}
	for (size_t i = 0; i < 8; i++) {
		reasons[i] = reasons[0];
		reasons[i].finding = rows[299 - i];
		reasons[i].path = reasons[i].via = path;
		reason_rows[i] = &reasons[i];
	}
	h.verdict.n_reasons = 8;
	hale__v1__coverage__init(&blind);
	blind.driver = blind.sense = name;
	blind.why = path;
	for (size_t i = 0; i < 100; i++)
		senses[i] = &blind;
	h.report.coverage = senses;
	h.report.n_coverage = 100;
	send_state(FLEET_POLICY_DEFAULT);
	assert_int_equal(got->findings_total, 300);
	assert_int_equal(got->senses_total, 100);
	assert_int_equal(got->report->verdict->n_reasons, 8);
	assert_string_equal(got->report->findings[0]->part->id, "disk/naa.299");
	assert_in_range(got->report->n_findings, 8, FLEET_FINDINGS_MAX);
}

static void test_what_no_reader_would_take_is_not_sent(void **state)
{
	(void)state;
	h.main.id = TEXT("build-07");
	assert_int_equal(fleet_pack(&out, FLEET_POLICY_DEFAULT, &h.main, wire,
				    FLEET_STATE_MAX),
			 -EINVAL);
	h.main.id = TEXT(HOST_ID);
	h.labels[0].key = TEXT("Rack 7");
	assert_int_equal(fleet_pack(&out, FLEET_POLICY_DEFAULT, &h.main, wire,
				    FLEET_STATE_MAX),
			 -EINVAL);
	h.labels[0].key = TEXT("rack");
	h.main.report = NULL;
	assert_int_equal(fleet_pack(&out, FLEET_POLICY_DEFAULT, &h.main, wire,
				    FLEET_STATE_MAX),
			 -EINVAL);
	h.main.report = &h.report;
	assert_int_equal(
		fleet_pack(&out, FLEET_POLICY_DEFAULT, &h.main, wire, 20),
		-EMSGSIZE);
	out.size = 512;
	assert_int_equal(fleet_pack(&out, FLEET_POLICY_DEFAULT, &h.main, wire,
				    FLEET_STATE_MAX),
			 -ENOMEM);
	out.size = FLEET_ARENA;
}

/* --- the other messages --- */

static uint8_t sixteen[16] = { 1, 2, 3 };

static void test_a_finding_arrives(void **state)
{
	Hale__Fleet__V1__FindingEvent e, *m;
	struct fleet_bytes b;

	(void)state;
	hale__fleet__v1__finding_event__init(&e);
	finding_init(&findings[0], &parts[0]);
	e.id = TEXT(HOST_ID);
	e.host = TEXT("build-07");
	e.message_id = (ProtobufCBinaryData){ 16, sixteen };
	e.what = HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED;
	e.at_ns = NOW;
	e.finding = &findings[0];
	findings[0].closed_by = TEXT("uid 0, pid 4711: disk replaced");
	b = bytes_of(fleet_pack(&out, FLEET_POLICY_DEFAULT, &e, wire,
				FLEET_EVENT_MAX));
	assert_int_equal(fleet_read_finding(&in, &b, &m, why), 0);
	assert_int_equal(m->version, FLEET_VERSION);
	assert_int_equal(m->what, e.what);
	assert_memory_equal(m->message_id.data, sixteen, 16);
	assert_string_equal(m->finding->closed_by, findings[0].closed_by);
	assert_true(strlen(m->finding->meaning) > 0);
	assert_string_equal(m->finding->part->serial, "");
	e.message_id.len = 15;
	assert_int_equal(fleet_pack(&out, FLEET_POLICY_DEFAULT, &e, wire,
				    FLEET_EVENT_MAX),
			 -EINVAL);
}

static void test_a_build_arrives(void **state)
{
	Hale__Fleet__V1__BuildOutcome e, *m;
	struct fleet_bytes b;

	(void)state;
	hale__fleet__v1__build_outcome__init(&e);
	e.id = TEXT(HOST_ID);
	e.message_id = e.repo = (ProtobufCBinaryData){ 16, sixteen };
	e.outcome = HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
	e.cause = TEXT("host-io");
	e.host_fault = true;
	e.ended_ns = NOW;
	b = bytes_of(fleet_pack(&out, NULL, &e, wire, FLEET_EVENT_MAX));
	assert_int_equal(fleet_read_build(&in, &b, &m, why), 0);
	assert_int_equal(m->outcome, e.outcome);
	assert_string_equal(m->cause, "host-io");
	assert_true(m->host_fault);
	e.repo.len = 0;
	assert_int_equal(fleet_pack(&out, NULL, &e, wire, FLEET_EVENT_MAX),
			 -EINVAL);
}

static void test_an_order_arrives(void **state)
{
	Hale__Fleet__V1__SignedOrder s, *proof;
	Hale__Fleet__V1__Order o, *m;
	uint8_t inner[FLEET_EVENT_MAX], sign[64] = { 9 };
	struct fleet_bytes b;
	ssize_t n;

	(void)state;
	hale__fleet__v1__order__init(&o);
	hale__fleet__v1__signed_order__init(&s);
	o.id = TEXT(HOST_ID);
	o.message_id = (ProtobufCBinaryData){ 16, sixteen };
	o.action = HALE__FLEET__V1__ORDER__ACTION__QUARANTINE;
	o.who = TEXT("alice");
	o.reason = TEXT("smells of smoke");
	n = fleet_pack(&out, NULL, &o, inner, sizeof(inner));
	assert_true(n > 0);
	s.order = (ProtobufCBinaryData){ (size_t)n, inner };
	s.signer = TEXT(OTHER);
	s.signature = (ProtobufCBinaryData){ 64, sign };
	b = bytes_of(fleet_pack(&out, NULL, &s, wire, FLEET_EVENT_MAX));
	assert_int_equal(fleet_read_signed(&in, &b, &proof, why), 0);
	assert_string_equal(proof->signer, OTHER);
	assert_memory_equal(proof->signature.data, sign, 64);
	b = (struct fleet_bytes){ inner, proof->order.len, HOST_ID };
	assert_memory_equal(proof->order.data, inner, proof->order.len);
	assert_int_equal(fleet_read_order(&in, &b, &m, why), 0);
	assert_int_equal(m->action, o.action);
	assert_string_equal(m->reason, "smells of smoke");
	s.signature.len = 63;
	assert_int_equal(fleet_pack(&out, NULL, &s, wire, FLEET_EVENT_MAX),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_state_arrives, begin),
		cmocka_unit_test_setup(test_a_healthy_host_is_small, begin),
		cmocka_unit_test_setup(test_only_what_does_not_see_is_told,
				       begin),
		cmocka_unit_test_setup(test_an_ill_host_says_why, begin),
		cmocka_unit_test_setup(test_the_worst_are_told, begin),
		cmocka_unit_test_setup(test_a_reason_outlives_its_finding,
				       begin),
		cmocka_unit_test_setup(test_what_policy_keeps_stays, begin),
		cmocka_unit_test_setup(test_the_longest_state_fits, begin),
		cmocka_unit_test_setup(
			test_what_no_reader_would_take_is_not_sent, begin),
		cmocka_unit_test(test_a_finding_arrives),
		cmocka_unit_test(test_a_build_arrives),
		cmocka_unit_test(test_an_order_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
