/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes through the gate's socket and into the state file comes out the
 * same, also where everything in it is as long as it may be.
 */
#include <errno.h>

#include "codec_room.h"

static Hale__V1__Request *sent_request(const Hale__V1__Request *m)
{
	Hale__V1__Request *got = NULL;
	ssize_t n = codec_pack(m, wire, sizeof(wire));

	assert_true(n > 0);
	assert_int_equal(codec_unpack_request(&space, wire, (size_t)n, &got),
			 0);
	return got;
}

static Hale__V1__Reply *sent_reply(const Hale__V1__Reply *m)
{
	Hale__V1__Reply *got = NULL;
	ssize_t n = codec_pack(m, wire, sizeof(wire));

	assert_true(n > 0);
	assert_int_equal(codec_unpack_reply(&space, wire, (size_t)n, &got), 0);
	return got;
}

/* The longest of everything. */
static struct hale_finding long_finding(void)
{
	struct hale_finding f = finding();

	f.count = f.first_ns = f.expires_ns = f.value = f.total = UINT64_MAX;
	f.last_ns = UINT64_MAX;
	f.muted = true;
	memset(f.part, 'p', sizeof(f.part) - 1);
	memset(f.alias, 'a', sizeof(f.alias) - 1);
	memset(f.model, 'm', sizeof(f.model) - 1);
	memset(f.serial, 's', sizeof(f.serial) - 1);
	memset(f.driver, 'd', sizeof(f.driver) - 1);
	memset(f.where, 'w', sizeof(f.where) - 1);
	memset(f.evidence, 'e', sizeof(f.evidence) - 1);
	return f;
}

static void test_check_request_comes_through(void **state)
{
	static struct hale_scope_request req, got;
	struct hale_scope_path *p = &req.paths[0];

	(void)state;
	req.strict = req.fresh = req.container = true;
	req.need_bytes = 10 * HALE_GIB;
	req.need_inodes = 7;
	req.need_memory_bytes = 8 * HALE_GIB;
	req.mem_available_bytes = UINT64_MAX;
	req.n_paths = 2;
	p->measured = p->read_only = true;
	p->major = 8;
	p->minor = 65;
	p->avail_bytes = 1;
	p->total_bytes = 2;
	p->avail_inodes = 3;
	p->total_inodes = 4;
	HALE_SET(p->path, "/home/ci/src");
	HALE_SET(p->type, "ext4");
	HALE_SET(p->source, "/dev/sde1");
	HALE_SET(p->mountpoint, "/home");
	req.paths[1].implied = req.paths[1].unresolved = true;
	req.paths[1].error = EACCES;
	HALE_SET(req.paths[1].path, "/");

	assert_int_equal(
		codec_read_check(
			sent_request(codec_request_check(&build, &req))->check,
			&got, &why),
		0);
	assert_memory_equal(&got, &req, sizeof(req));
}

/* A check must fit its arena, or the gate could be made to fail. */
static void test_largest_check_fits(void **state)
{
	static struct hale_scope_request req, got;
	Hale__V1__CheckRequest *m;

	(void)state;
	req.n_paths = HALE_SCOPE_PATHS_MAX;
	for (size_t i = 0; i < req.n_paths; i++) {
		struct hale_scope_path *p = &req.paths[i];

		memset(p->path, 'p', sizeof(p->path) - 1);
		memset(p->type, 't', sizeof(p->type) - 1);
		memset(p->source, 's', sizeof(p->source) - 1);
		memset(p->mountpoint, 'm', sizeof(p->mountpoint) - 1);
		p->measured = true;
		p->total_bytes = p->avail_bytes = UINT64_MAX;
	}
	build.size = space.size = CODEC_ARENA_CHECK;
	m = sent_request(codec_request_check(&build, &req))->check;
	assert_int_equal(codec_read_check(m, &got, &why), 0);
	assert_memory_equal(&got, &req, sizeof(req));
}

static void test_verdict_comes_through(void **state)
{
	static struct hale_verdict v, got;
	Hale__V1__Reply *reply;

	(void)state;
	v.fitness = HALE_UNFIT;
	v.as_of_ns = 5;
	v.n_reasons = 2;
	v.n_reasons_total = 12;
	v.n_parts = 3;
	v.reasons[0].finding = finding();
	v.reasons[0].effect = HALE_EFFECT_WARNS;
	v.reasons[0].redundant = true;
	HALE_SET(v.reasons[0].path, "/home/ci");
	HALE_SET(v.reasons[0].via, "ext4 on sde1");
	/* a missing sense has no finding, only its story */
	HALE_SET(v.reasons[1].finding.evidence, "nothing watches the log");

	reply = sent_reply(codec_reply_check(&build, &v, "build-07", 75));
	assert_true(reply->last);
	assert_int_equal(reply->check->exit_code, 75);
	assert_string_equal(reply->check->host, "build-07");
	assert_string_equal(reply->check->verdict->reasons[1]->text,
			    "nothing watches the log");
	assert_null(reply->check->verdict->reasons[1]->finding);
	assert_int_equal(codec_read_verdict(reply->check->verdict, &got, &why),
			 0);
	assert_memory_equal(&got, &v, sizeof(v));
}

/* A need that is not met lends its condition from a host short of memory, not
 * what that means. */
static void test_a_need_has_words_of_its_own(void **state)
{
	static struct hale_verdict v;
	const Hale__V1__Finding *f;
	Hale__V1__Reply *reply;

	(void)state;
	v.n_reasons = v.n_reasons_total = 2;
	for (int i = 0; i < 2; i++) {
		v.reasons[i].finding = finding();
		v.reasons[i].finding.condition = HALE_MEMORY_PRESSURE;
		HALE_SET(v.reasons[i].finding.driver,
			 i == 0 ? "check" : "pressure");
	}
	reply = sent_reply(codec_reply_check(&build, &v, "build-07", 75));
	f = reply->check->verdict->reasons[0]->finding;
	assert_string_equal(f->condition, "memory.pressure");
	assert_null(strstr(f->meaning, "stall"));
	assert_non_null(strstr(f->clears, "as much memory as is needed"));
	f = reply->check->verdict->reasons[1]->finding;
	assert_non_null(strstr(f->clears, "stall"));
}

static void test_largest_verdict_fits(void **state)
{
	static struct hale_verdict v;

	(void)state;
	v.n_reasons = HALE_REASONS_MAX;
	for (size_t i = 0; i < v.n_reasons; i++) {
		v.reasons[i].finding = long_finding();
		memset(v.reasons[i].path, 'p', sizeof(v.reasons[i].path) - 1);
		memset(v.reasons[i].via, 'v', sizeof(v.reasons[i].via) - 1);
	}
	build.size = space.size = CODEC_ARENA_CHECK;
	sent_reply(codec_reply_check(&build, &v, "h", 75));
}

static void test_finding_brings_its_explanation(void **state)
{
	struct hale_finding f = finding();
	Hale__V1__Finding *m = codec_finding(&build, &f);

	(void)state;
	assert_string_equal(m->condition, "disk.medium_error");
	assert_string_equal(m->advice,
			    hale_condition_info(f.condition)->advice);
	assert_string_equal(m->clears,
			    hale_condition_info(f.condition)->clears);
	assert_string_not_equal(m->meaning, "");
}

static void test_full_report_fits_one_message(void **state)
{
	static struct hale_finding findings[CODEC_FINDINGS_MAX], got;
	struct hale_coverage c = { .sense = HALE_SENSE_KERNEL_LOG,
				   .sight = HALE_SIGHT_PARTIAL,
				   .driver = "kmsg",
				   .why = "dmesg_restrict",
				   .remedy = "run as root",
				   .part = "sdc",
				   .period_s = 1800 };
	struct hale_coverage c_got;
	struct codec_report r = { .host = "h",
				  .boot_id = "b",
				  .version = "1",
				  .generation = 9,
				  .findings = findings,
				  .n_findings = CODEC_FINDINGS_MAX,
				  .coverage = &c,
				  .n_coverage = 1 };
	Hale__V1__Reply *reply;

	(void)state;
	for (size_t i = 0; i < CODEC_FINDINGS_MAX; i++)
		findings[i] = long_finding();
	reply = sent_reply(codec_reply_report(&build, &r, false));
	assert_false(reply->last);
	assert_int_equal(reply->report->n_findings, CODEC_FINDINGS_MAX);
	assert_null(reply->report->verdict);
	assert_int_equal(
		codec_read_finding(reply->report->findings[47], &got, &why), 0);
	assert_memory_equal(&got, &findings[47], sizeof(got));
	assert_int_equal(
		codec_read_coverage(reply->report->coverage[0], &c_got, &why),
		0);
	assert_int_equal(c_got.sense, c.sense);
	assert_int_equal(c_got.sight, c.sight);
	assert_string_equal(c_got.why, c.why);
	assert_string_equal(c_got.remedy, c.remedy);
	assert_string_equal(c_got.part, "sdc");
	assert_int_equal(c_got.period_s, 1800);
}

static void test_hops_come_through(void **state)
{
	struct hale_hop hop = { .depth = 3,
				.redundant = true,
				.part = "disk/x",
				.name = "sde",
				.via = "raid1",
				.detail = "WDC" };
	struct hale_finding f = finding();
	struct hale_hop got;
	Hale__V1__Hop *hops[2];
	Hale__V1__ScopeReply *s;

	(void)state;
	hops[0] = codec_hop(&build, &hop, NULL, 0);
	hops[1] = codec_hop(&build, &hop, &f, 1);
	s = sent_reply(codec_reply_scope(&build, "/home", hops, 2, true))
		    ->scope;
	assert_string_equal(s->path, "/home");
	assert_int_equal(s->n_hops, 2);
	assert_int_equal(s->hops[1]->n_findings, 1);
	assert_int_equal(codec_read_hop(s->hops[0], &got, &why), 0);
	assert_int_equal(got.depth, 3);
	assert_true(got.redundant);
	assert_string_equal(got.part, "disk/x");
	assert_string_equal(got.via, "raid1");
	assert_string_equal(got.detail, "WDC");
}

static void test_memory_comes_through(void **state)
{
	struct hale_memory_row row = { .finding = finding(),
				       .cleared_ns = 5,
				       .cleared_seq = 6,
				       .level_ns = 7,
				       .open = true };
	struct codec_memory m = { .boot_id = "boot",
				  .position = 8,
				  .saved_ns = 9,
				  .boot_to_agent_ns = -10,
				  .rows = &row,
				  .n_rows = 1 };
	Hale__V1__Memory *got = NULL;
	struct hale_memory_row got_row;
	ssize_t n;

	(void)state;
	n = codec_pack(codec_memory(&build, &m), wire, sizeof(wire));
	assert_int_equal(codec_unpack_memory(&space, wire, (size_t)n, &got), 0);
	assert_string_equal(got->boot_id, "boot");
	assert_int_equal(got->position, 8);
	assert_int_equal(got->saved_ns, 9);
	assert_int_equal(got->boot_to_agent_ns, -10);
	assert_int_equal(codec_read_memory_row(got->rows[0], &got_row, &why),
			 0);
	assert_memory_equal(&got_row, &row,
			    offsetof(struct hale_memory_row, open));
	assert_true(got_row.open);
}

static void test_small_requests_and_replies(void **state)
{
	Hale__V1__ControlRequest c;
	struct hale_scope_path p = { .path = "/home" }, got;
	Hale__V1__Request *r;
	Hale__V1__Reply *reply;

	(void)state;
	hale__v1__control_request__init(&c);
	r = sent_request(codec_request_status(&build, true, false));
	assert_int_equal(r->body_case, HALE__V1__REQUEST__BODY_STATUS);
	assert_true(r->status->findings);
	assert_false(r->status->coverage);
	r = sent_request(codec_request_watch(&build));
	assert_int_equal(r->body_case, HALE__V1__REQUEST__BODY_WATCH);
	r = sent_request(codec_request_scope(&build, &p));
	assert_int_equal(codec_read_scope_path(r->scope->path, &got, &why), 0);
	assert_string_equal(got.path, "/home");
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__RELOAD;
	r = sent_request(codec_request_control(&build, &c));
	assert_int_equal(r->control->action,
			 HALE__V1__CONTROL_REQUEST__ACTION__RELOAD);
	reply = sent_reply(codec_reply_control(&build, EPERM, 3, "no"));
	assert_int_equal(reply->control->error, EPERM);
	assert_int_equal(reply->control->affected, 3);
	reply = sent_reply(codec_reply_error(&build, EBADMSG, "what?"));
	assert_int_equal(reply->error->code, EBADMSG);
	assert_true(reply->last);
}

static void test_no_room_is_said_once_at_the_end(void **state)
{
	struct codec_report r = { .host = "h", .boot_id = "", .version = "" };
	struct hale_finding f = finding();

	(void)state;
	r.findings = &f;
	r.n_findings = 1;
	for (size_t size = 0; size < 1000; size += 8) {
		build.size = size;
		build.used = 0;
		build.full = false;
		if (!codec_reply_report(&build, &r, true))
			assert_true(build.full);
	}
	build.size = 8;
	build.used = 0;
	assert_int_equal(codec_pack(codec_request_watch(&build), wire, 10),
			 -ENOMEM);
	reset(NULL);
	assert_int_equal(
		codec_pack(codec_reply_report(&build, &r, true), wire, 10),
		-EMSGSIZE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		TEST(test_check_request_comes_through),
		TEST(test_largest_check_fits),
		TEST(test_verdict_comes_through),
		TEST(test_a_need_has_words_of_its_own),
		TEST(test_largest_verdict_fits),
		TEST(test_finding_brings_its_explanation),
		TEST(test_full_report_fits_one_message),
		TEST(test_hops_come_through),
		TEST(test_memory_comes_through),
		TEST(test_small_requests_and_replies),
		TEST(test_no_room_is_said_once_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
