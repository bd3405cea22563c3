/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a build: the chain with who died of it, and why the host was
 * what it was before and after; and that it fits, whatever happened.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/lib/store_ask.h"
#include "agent/run/judge/watch_own.h"
#include "agent/run/result.h"
#include "proto/codec_explain.h"

#define REASONS 8

static struct run_options options;
static struct watch watch;
static struct run_record records[2];
static struct hale_cause causes[4];
static struct hale_victim deaths[8];
static struct run_story story;
static struct codec_arena arena;

/* A reply with so many reasons, of static storage. */
static struct {
	Hale__V1__Part part;
	Hale__V1__Finding finding;
	Hale__V1__Reason reason, *reasons[REASONS];
	Hale__V1__Verdict verdict;
	Hale__V1__CheckReply check;
	Hale__V1__Reply pb;
	struct hale_reply reply;
} said;

static char condition[] = "fs.full", part_id[] = "fs/sdb1";
static char evidence[] = "token=S3CRET 3 MiB left", path[] = "/build";

static const struct hale_reply *reply(size_t n)
{
	hale__v1__part__init(&said.part);
	hale__v1__finding__init(&said.finding);
	hale__v1__reason__init(&said.reason);
	hale__v1__verdict__init(&said.verdict);
	hale__v1__check_reply__init(&said.check);
	hale__v1__reply__init(&said.pb);
	said.part.id = part_id;
	said.finding.part = &said.part;
	said.finding.condition = condition;
	said.finding.evidence = evidence;
	said.reason.finding = &said.finding;
	said.reason.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	said.reason.path = path;
	for (size_t i = 0; i < n; i++)
		said.reasons[i] = &said.reason;
	said.verdict.fitness = HALE__V1__FITNESS__UNFIT;
	said.verdict.reasons = said.reasons;
	said.verdict.n_reasons = said.verdict.reasons_total = (uint32_t)n;
	said.check.verdict = &said.verdict;
	said.pb.body_case = HALE__V1__REPLY__BODY_CHECK;
	said.pb.check = &said.check;
	said.reply = (struct hale_reply){ .pb = &said.pb, .agent = true };
	return &said.reply;
}

static int set_up(void **state)
{
	(void)state;
	memset(&options, 0, sizeof(options));
	memset(&watch, 0, sizeof(watch));
	memset(records, 0, sizeof(records));
	memset(causes, 0, sizeof(causes));
	memset(deaths, 0, sizeof(deaths));
	story = (struct run_story){ .options = &options,
				    .watch = &watch,
				    .records = records,
				    .n = 1,
				    .started = true };
	records[0].attempt.end = RUN_EXITED;
	records[0].attempt.status = 1;
	records[0].host.before = HALE_FIT;
	records[0].host.after = HALE_UNFIT;
	arena = (struct codec_arena){ .mem = malloc(RESULT_ARENA),
				      .size = RESULT_ARENA };
	return arena.mem ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(arena.mem);
	return 0;
}

static void someone_died(void)
{
	struct hale_cause *c = &causes[0];

	deaths[0] = (struct hale_victim){ .pid = 71,
					  .signal = SIGKILL,
					  .time_ns = 9,
					  .oom = true,
					  .oom_limit = true };
	HALE_SET(deaths[0].comm, "cc1plus");
	c->n_steps = c->n_steps_total = 2;
	c->steps[0].finding.condition = HALE_MEMORY_LIMIT;
	HALE_SET(c->steps[0].finding.part, "host");
	c->steps[1].death = true;
	c->steps[1].victim = deaths[0];
	c->every_build = true;
	c->n_paths = c->n_paths_total = 1;
	HALE_SET(c->paths[0], "/build");
	records[0].host.causes = causes;
	records[0].host.deaths = deaths;
	records[0].host.n_causes = records[0].host.n_deaths = 1;
}

static void test_who_died_is_kept(void **state)
{
	struct hale_victim v;
	struct hale_cause back;
	const Hale__V1__Attempt *a;
	const char *why;

	(void)state;
	someone_died();
	a = result_message(&arena, &story, STORE_BUILD_MAX)->attempts[0];
	assert_int_equal(a->n_deaths, 1);
	assert_int_equal(codec_read_victim(a->deaths[0], &v, &why), 0);
	assert_int_equal(v.pid, 71);
	assert_string_equal(v.comm, "cc1plus");
	assert_true(v.oom && v.oom_limit);
	assert_int_equal(a->n_chain, 1);
	if (codec_read_cause(a->chain[0], &back, &why) < 0)
		fail_msg("%s", why);
	assert_true(back.steps[1].death);
	assert_int_equal(back.steps[1].victim.pid, 71);
	assert_true(back.every_build);
	assert_string_equal(back.paths[0], "/build");
}

static void test_what_a_retest_gave(void **state)
{
	struct crash_retest *c = &records[0].crash;
	const Hale__V1__Attempt *a;

	(void)state;
	a = result_message(&arena, &story, STORE_BUILD_MAX)->attempts[0];
	assert_null(a->retest);
	arena.used = 0;
	c->verdict = CRASH_DIFFERENT;
	c->runs = 3;
	c->crashed = 1;
	HALE_SET(c->command,
		 "gcc -DTOKEN=ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 " -c a.c");
	HALE_SET(c->note, "bad memory is likely");
	a = result_message(&arena, &story, STORE_BUILD_MAX)->attempts[0];
	*c = (struct crash_retest){ .verdict = CRASH_NOT_RETESTED };
	assert_non_null(a->retest);
	assert_string_equal(a->retest->outcome, "different");
	assert_int_equal(a->retest->runs, 3);
	assert_int_equal(a->retest->crashed, 1);
	assert_false(a->retest->whole);
	assert_non_null(strstr(a->retest->command, "-c a.c"));
	assert_null(strstr(a->retest->command, "ghp_"));
	assert_string_equal(a->retest->note, "bad memory is likely");
}

static void test_why_the_host_was_unfit(void **state)
{
	const Hale__V1__BuildResult *m;

	(void)state;
	watch.after = (struct hale_reply *)(uintptr_t)reply(REASONS);
	m = result_message(&arena, &story, STORE_BUILD_MAX);
	assert_int_equal(m->before->fitness, HALE__V1__FITNESS__FIT);
	assert_int_equal(m->before->n_reasons, 0);
	assert_int_equal(m->after->fitness, HALE__V1__FITNESS__UNFIT);
	assert_int_equal(m->after->reasons_total, REASONS);
	assert_in_range(m->after->n_reasons, 1, REASONS - 1);
	assert_string_equal(m->after->reasons[0]->finding->condition,
			    "fs.full");
	assert_string_equal(m->after->reasons[0]->finding->part->id, part_id);
	assert_string_equal(m->after->reasons[0]->path, "/build");
	assert_non_null(
		strstr(m->after->reasons[0]->finding->evidence, "3 MiB left"));
	assert_null(strstr(m->after->reasons[0]->finding->evidence, "S3CRET"));
	/* nobody has answered since: what was before is not said of after */
	arena.used = 0;
	watch.after = NULL;
	watch.before = (struct hale_reply *)(uintptr_t)reply(1);
	m = result_message(&arena, &story, STORE_BUILD_MAX);
	assert_int_equal(m->before->n_reasons, 1);
	assert_int_equal(m->after->n_reasons, 0);
}

/* The longest that can be told still goes into a message. */
static void test_it_fits(void **state)
{
	const Hale__V1__BuildResult *m;

	(void)state;
	someone_died();
	for (size_t i = 0; i < HALE_CAUSE_STEPS_MAX; i++) {
		struct hale_cause_step *s = &causes[0].steps[i];

		s->death = true;
		s->finding.condition = HALE_DISK_IO_ERROR;
		memset(s->finding.evidence, 'e', HALE_EVIDENCE_MAX - 1);
		memset(s->text, 't', sizeof(s->text) - 1);
		s->victim = deaths[0];
		s->victim.n_files = HALE_VICTIM_FILES_MAX;
		for (size_t k = 0; k < HALE_VICTIM_FILES_MAX; k++)
			memset(s->victim.files[k].path, 'f',
			       HALE_VICTIM_PATH_MAX - 1);
	}
	causes[0].n_steps = HALE_CAUSE_STEPS_MAX;
	causes[3] = causes[2] = causes[1] = causes[0];
	for (size_t i = 0; i < 8; i++)
		deaths[i] = causes[0].steps[0].victim;
	records[0].host.n_causes = 4;
	records[0].host.n_deaths = 8;
	watch.after = (struct hale_reply *)(uintptr_t)reply(REASONS);
	m = result_message(&arena, &story, STORE_BUILD_MAX);
	assert_non_null(m);
	assert_true(hale__v1__build_result__get_packed_size(m) <=
		    STORE_BUILD_MAX);
	/* the surest chain is what goes last */
	assert_true(m->attempts[0]->n_chain >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_died_is_kept, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_a_retest_gave, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_why_the_host_was_unfit,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_it_fits, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
