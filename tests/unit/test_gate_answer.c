/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers, with the real middle behind them: a kept one is what a fresh one
 * would be, no older than the last change, and says the time of now.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/answer.h"

static struct hale_clock agent_clock;
static struct middle *middle;
static struct answer answer;
static uint8_t request[512];
static size_t request_len;
static uint8_t arena_mem[CODEC_ARENA_UNPACK];

static struct {
	int messages, lasts;
	size_t findings, coverage;
	int error;
} heard;

static Hale__V1__Reply *unpack(const void *bytes, size_t len)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	Hale__V1__Reply *m = NULL;

	assert_non_null(bytes);
	assert_int_equal(codec_unpack_reply(&a, bytes, len, &m), 0);
	return m;
}

static bool hear(void *data, const void *bytes, size_t len)
{
	const Hale__V1__Reply *m = unpack(bytes, len);

	(void)data;
	heard.messages++;
	heard.lasts += m->last;
	if (m->body_case == HALE__V1__REPLY__BODY_REPORT) {
		heard.findings += m->report->n_findings;
		heard.coverage += m->report->n_coverage;
	}
	if (m->body_case == HALE__V1__REPLY__BODY_ERROR)
		heard.error = (int)m->error->code;
	return true;
}

static bool hear_one(void *data, const void *bytes, size_t len)
{
	hear(data, bytes, len);
	return false;
}

static const char *words = "";

static void fault(const char *part, enum hale_ref ref,
		  enum hale_condition condition)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;
	uint64_t now = clock_now_ns(&agent_clock);

	o->condition = condition;
	o->ref = ref;
	o->count = 1;
	o->time_ns = now;
	HALE_SET(o->part, part);
	HALE_SET(o->evidence, words);
	middle_fact(middle, "kmsg", &f, now);
}

static void cover(enum hale_sense sense)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	uint64_t now = clock_now_ns(&agent_clock);

	f.u.coverage.sense = sense;
	f.u.coverage.sight = HALE_SIGHT_LIVE;
	f.u.coverage.since_ns = now;
	HALE_SET(f.u.coverage.driver, "kmsg");
	middle_fact(middle, "kmsg", &f, now);
}

static int setup(void **state)
{
	static struct hale_policy policy;
	static struct hale_scope_request req;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };

	(void)state;
	memset(&heard, 0, sizeof(heard));
	hale_policy_default(&policy);
	clock_init(&agent_clock);
	if (middle_new(&policy, &middle) < 0)
		return -1;
	answer_init(&answer, middle, &agent_clock);
	req.host = true;
	request_len = (size_t)codec_pack(codec_request_check(&a, &req), request,
					 sizeof(request));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	answer_done(&answer);
	middle = middle_free(middle);
	return 0;
}

static const uint8_t *compute(size_t *len)
{
	static struct hale_scope_request req;

	req.host = true;
	return answer_check(&answer, request, request_len, &req, len);
}

static void test_is_kept_until_something_changes(void **state)
{
	size_t len;

	(void)state;
	assert_null(answer_kept(&answer, request, request_len, &len));
	assert_non_null(compute(&len));
	assert_non_null(answer_kept(&answer, request, request_len, &len));
	assert_null(answer_kept(&answer, request, request_len - 1, &len));
	fault("host", HALE_REF_PART, HALE_MEMORY_UNCORRECTED);
	assert_null(answer_kept(&answer, request, request_len, &len));
}

/* Sets kernel.dmesg_restrict, as the answers see it. */
static void restrict_log(const char *digit)
{
	char name[] = "/tmp/hale-log-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(pwrite(fd, digit, 1, 0), 1);
	if (answer.log_fd >= 0)
		close(answer.log_fd);
	answer.log_fd = fd;
}

static const Hale__V1__Finding *first_reason(bool may_read, bool kept)
{
	const Hale__V1__Reply *m;
	const uint8_t *bytes;
	size_t len = 0;

	answer_to(&answer, may_read);
	bytes = kept ? answer_kept(&answer, request, request_len, &len)
		     : compute(&len);
	m = unpack(bytes, len);
	for (size_t i = 0; i < m->check->verdict->n_reasons; i++) {
		const Hale__V1__Finding *f =
			m->check->verdict->reasons[i]->finding;

		if (f && strcmp(f->condition, "memory.uncorrected") == 0)
			return f;
	}
	fail();
	return NULL;
}

static void test_the_kernels_words_are_not_for_all(void **state)
{
	const Hale__V1__Finding *f;
	size_t len;

	(void)state;
	words = "kernel says so";
	fault("host", HALE_REF_PART, HALE_MEMORY_UNCORRECTED);
	words = "";
	restrict_log("1");
	f = first_reason(true, false);
	assert_string_equal(f->evidence, "kernel says so");
	assert_false(f->withheld);
	/* what is kept for one is not handed out to another */
	answer_to(&answer, false);
	assert_null(answer_kept(&answer, request, request_len, &len));
	f = first_reason(false, false);
	assert_string_equal(f->evidence, "");
	assert_true(f->withheld);
	assert_true(first_reason(false, true)->withheld);
	assert_false(first_reason(true, true)->withheld);
	/* anew at a change, each as it was */
	fault("host", HALE_REF_PART, HALE_MEMORY_CORRECTED);
	answer.refreshed_ns = 0;
	answer_refresh(&answer);
	assert_true(first_reason(false, true)->withheld);
	assert_false(first_reason(true, true)->withheld);
	/* and where the kernel tells all */
	restrict_log("0");
	assert_false(first_reason(false, true)->withheld);
	restrict_log("1");
	assert_true(first_reason(false, true)->withheld);
}

static void test_a_change_is_in_the_refreshed_answer(void **state)
{
	const Hale__V1__Reply *m;
	const uint8_t *reply;
	size_t len;

	(void)state;
	cover(HALE_SENSE_BLOCK_ERRORS);
	cover(HALE_SENSE_KERNEL_LOG);
	reply = compute(&len);
	m = unpack(reply, len);
	assert_int_equal(m->check->exit_code, HALE_EXIT_UNKNOWN);
	fault("host", HALE_REF_PART, HALE_MEMORY_UNCORRECTED);
	answer_refresh(&answer);
	reply = answer_kept(&answer, request, request_len, &len);
	m = unpack(reply, len);
	assert_int_equal(m->check->exit_code, HALE_EXIT_UNFIT);
	assert_int_equal(m->check->verdict->fitness, HALE__V1__FITNESS__UNFIT);
	assert_string_equal(m->check->verdict->reasons[0]->finding->condition,
			    "memory.uncorrected");
}

static void test_says_the_time_of_now(void **state)
{
	uint64_t first, second, now;
	size_t len;
	const uint8_t *reply = compute(&len);

	(void)state;
	first = unpack(reply, len)->check->verdict->as_of_ns;
	for (int i = 0; i < 3; i++) {
		reply = answer_kept(&answer, request, request_len, &len);
		now = clock_now_ns(&agent_clock);
		second = unpack(reply, len)->check->verdict->as_of_ns;
		assert_true(second > first);
		assert_true(second <= now && now - second < 5 * HALE_NS_PER_S);
		first = second;
	}
}

static void test_keeps_a_few_questions(void **state)
{
	uint8_t other[8] = "other";
	static struct hale_scope_request req;
	size_t len;

	(void)state;
	req.host = true;
	assert_non_null(compute(&len));
	for (uint8_t i = 0; i < ANSWER_KEPT; i++) {
		other[7] = i;
		assert_non_null(answer_check(&answer, other, sizeof(other),
					     &req, &len));
	}
	/* the one that was not asked for the longest gave way */
	assert_null(answer_kept(&answer, request, request_len, &len));
	assert_non_null(answer_kept(&answer, other, sizeof(other), &len));
}

static void test_a_report_says_everything_once(void **state)
{
	Hale__V1__StatusRequest all = HALE__V1__STATUS_REQUEST__INIT;
	char name[16];

	(void)state;
	for (int i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "sd%c%c", 'a' + i / 26,
			 'a' + i % 26);
		fault(name, HALE_REF_DISK, HALE_DISK_MEDIUM_ERROR);
	}
	cover(HALE_SENSE_BLOCK_ERRORS);
	all.findings = true;
	all.coverage = true;
	assert_int_equal(answer_report(&answer, &all, hear, NULL), 0);
	assert_int_equal(heard.findings, 120);
	assert_int_equal(heard.coverage, 1);
	assert_int_equal(heard.lasts, 1);
	assert_true(heard.messages >= 4);
}

/* As long as they can be: a host that sees nothing, with a shelf of disks. */
static void test_a_report_of_all_that_is_not_seen(void **state)
{
	Hale__V1__StatusRequest all = HALE__V1__STATUS_REQUEST__INIT;
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;
	uint64_t now = clock_now_ns(&agent_clock);

	(void)state;
	memset(c->why, 'w', sizeof(c->why) - 1);
	memset(c->remedy, 'r', sizeof(c->remedy) - 1);
	for (int i = 0; i < HALE_SENSE_COUNT; i++) {
		c->sense = (enum hale_sense)i;
		middle_fact(middle, "a", &f, now);
	}
	for (int i = 0; i < 64; i++) {
		memset(c->part, 'a' + i % 26, sizeof(c->part) - 1);
		c->part[0] = (char)('a' + i / 26);
		middle_fact(middle, "a", &f, now);
	}
	all.coverage = true;
	assert_int_equal(answer_report(&answer, &all, hear, NULL), 0);
	assert_int_equal(heard.coverage, HALE_SENSE_COUNT + 64);
	assert_int_equal(heard.messages, 2);
	assert_int_equal(heard.lasts, 1);
	/* with findings behind them */
	memset(&heard, 0, sizeof(heard));
	fault("sda", HALE_REF_DISK, HALE_DISK_MEDIUM_ERROR);
	all.findings = true;
	assert_int_equal(answer_report(&answer, &all, hear, NULL), 0);
	assert_int_equal(heard.coverage, HALE_SENSE_COUNT + 64);
	assert_int_equal(heard.findings, 1);
	assert_int_equal(heard.lasts, 1);
}

static void test_a_short_report_is_one_message(void **state)
{
	Hale__V1__StatusRequest none = HALE__V1__STATUS_REQUEST__INIT;

	(void)state;
	fault("sda", HALE_REF_DISK, HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(answer_report(&answer, &none, hear, NULL), 0);
	assert_int_equal(heard.messages, 1);
	assert_int_equal(heard.lasts, 1);
	assert_int_equal(heard.findings, 0);
	none.findings = true;
	heard.lasts = heard.messages = 0;
	assert_int_equal(answer_report(&answer, &none, hear, NULL), 0);
	assert_int_equal(heard.findings, 1);
	assert_int_equal(heard.lasts, 1);
}

static void test_stops_when_nobody_listens(void **state)
{
	Hale__V1__StatusRequest all = HALE__V1__STATUS_REQUEST__INIT;

	(void)state;
	all.findings = true;
	assert_int_equal(answer_report(&answer, &all, hear_one, NULL), -EPIPE);
	assert_int_equal(heard.messages, 1);
}

static void test_an_unknown_path_has_a_way_down_too(void **state)
{
	static struct hale_scope_path path = { .major = 8, .minor = 99 };

	(void)state;
	HALE_SET(path.path, "/nowhere");
	assert_int_equal(answer_scope(&answer, &path, hear, NULL), 0);
	assert_int_equal(heard.messages, 1);
	assert_int_equal(heard.lasts, 1);
}

static void test_errors_are_short_replies(void **state)
{
	(void)state;
	answer_error(&answer, EBADMSG, "what", hear, NULL);
	assert_int_equal(heard.error, EBADMSG);
	assert_int_equal(heard.lasts, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_is_kept_until_something_changes),
		CASE(test_the_kernels_words_are_not_for_all),
		CASE(test_a_change_is_in_the_refreshed_answer),
		CASE(test_says_the_time_of_now),
		CASE(test_keeps_a_few_questions),
		CASE(test_a_report_says_everything_once),
		CASE(test_a_report_of_all_that_is_not_seen),
		CASE(test_a_short_report_is_one_message),
		CASE(test_stops_when_nobody_listens),
		CASE(test_an_unknown_path_has_a_way_down_too),
		CASE(test_errors_are_short_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
