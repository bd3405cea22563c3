/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose fault it was: what the output says, how the command ended, and what was
 * seen of the machine go in; cause, confidence and exit status come out. One
 * row for each rule. Times are invented.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#include "hale/base.h"

#include "attribute_rows.h"

static const struct chain bad_disk = { .build = HALE_CAUSE_HOST_IO,
				       .confidence = CERTAIN,
				       .root = HALE_DISK_MEDIUM_ERROR,
				       .effect = BLOCKS };
static const struct chain link_noise = { .build = HALE_CAUSE_HOST_IO,
					 .confidence = LIKELY,
					 .root = HALE_DISK_LINK_ERROR,
					 .effect = HALE_EFFECT_WARNS };
static const struct chain oom = { .build = HALE_CAUSE_HOST_MEMORY,
				  .confidence = CERTAIN,
				  .root = HALE_MEMORY_OOM,
				  .effect = BLOCKS };
static const struct chain engine_gone = { .build = HALE_CAUSE_ENGINE_DOWN,
					  .confidence = CERTAIN,
					  .root = HALE_ENGINE_DOWN,
					  .effect = BLOCKS };
static void add_chain(struct hale_cause *c, const struct chain *from,
		      struct run_host *h)
{
	struct hale_cause_step *s = c->steps;

	if (from->build == HALE_CAUSE_UNKNOWN)
		return;
	h->n_causes++;
	c->build = from->build;
	c->confidence = from->confidence;
	HALE_SET(c->headline, "disk sde failed");
	s->finding.condition = from->root;
	s->finding.effect = from->effect;
	s->finding.last_ns = from->old ? BEGAN - 86400 * HALE_NS_PER_S
				       : BEGAN + HALE_NS_PER_S;
	s->finding.first_ns = s->finding.last_ns;
	c->n_steps = 1;
	if (from->effects) {
		s = &c->steps[c->n_steps++];
		s->finding.condition = HALE_DISK_IO_ERROR;
		s->finding.effect = BLOCKS;
		s->finding.last_ns = ENDED;
	}
	if (from->killed > 0) {
		s = &c->steps[c->n_steps++];
		s->death = true;
		s->victim.pid = from->killed;
		s->victim.signal = from->by_signal;
		HALE_SET(s->victim.comm, "cc1plus");
	}
}

static void attempt_of(const struct row *r, struct run_attempt *a)
{
	*a = (struct run_attempt){
		.end = r->end,
		.status = r->status,
		.signal = r->signal,
		.pid = BUILD,
		.wall_ns = ENDED - BEGAN,
		.limits = { .known = r->limits_known,
			    .oom_kills = r->oom_kills,
			    .pids_refused = r->pids_refused,
			    .limit_bytes = 512 * HALE_MIB,
			    .cgroup = "/build" },
		.stall = { .wait = r->wait, .what = "apt-get waits" },
	};
	if (r->died == 0)
		return;
	a->deaths[a->n_deaths].pid = r->died;
	a->deaths[a->n_deaths++].signal = r->died_by;
}

static void judge(const struct row *r, struct run_judgement *ret)
{
	struct run_options o = { .strict_outputs = r->strict_outputs };
	struct hale_cause *causes = calloc(2, sizeof(*causes));
	struct run_attempt *a = calloc(1, sizeof(*a));
	struct run_text text = { .cause = r->says, .confidence = r->surely };
	struct run_host host = {
		.agent = !r->no_agent,
		.since_ns = BEGAN,
		.until_ns = ENDED,
		.got_worse = r->worse,
		.after = r->worse ? HALE_UNFIT : HALE_FIT,
		.bytes = { .full = r->bytes,
			   .before = r->full_before,
			   .own = r->own_tmpfs,
			   .path = "/home/ci" },
		.inodes = { .full = r->inodes, .path = "/home/ci" },
		.fs_errors = r->fs_errors,
		.write_errors = r->write_errors,
		.disk_errors = r->disk_errors,
		.memory_uncorrected = r->uncorrected,
		.oom_kills = r->host_ooms,
		.disk_silent_ns = r->disk_silent ? 5 * HALE_NS_PER_S : 0,
		.causes = causes,
	};

	assert_non_null(causes);
	assert_non_null(a);
	add_chain(&causes[0], &r->chain, &host);
	add_chain(&causes[1], &r->chain2, &host);
	attempt_of(r, a);
	attribute(&o, a, &text, &host, ret);
	free(a);
	free(causes);
}

static bool as_expected(const struct row *r, const struct run_judgement *j)
{
	return j->cause == r->cause && j->confidence == r->confidence &&
	       j->status == r->exits && j->host_fault == r->host &&
	       j->suspect == r->suspect;
}

static void every_row(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < attribute_rows_count; i++) {
		struct run_judgement j;

		judge(&attribute_rows[i], &j);
		if (as_expected(&attribute_rows[i], &j))
			continue;
		wrong++;
		print_error("%s: %s, %s, status %u%s%s\n",
			    attribute_rows[i].name,
			    hale_build_cause_name(j.cause),
			    hale_confidence_name(j.confidence), j.status,
			    j.host_fault ? ", host" : "",
			    j.suspect ? ", suspect" : "");
	}
	assert_int_equal(wrong, 0);
}

/* What was on the disk before it failed is not in doubt; memory that is found
 * to be bad may have been so all along. */
static void since_when_files_are_suspect(void **state)
{
	const struct chain disk = { .build = HALE_CAUSE_HOST_IO,
				    .confidence = CERTAIN,
				    .root = HALE_DISK_IO_ERROR,
				    .effect = BLOCKS };
	struct row r = { PASSES, .chain = disk };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	assert_true(j.suspect);
	assert_int_equal(j.fault_ns, BEGAN - 59 * HALE_NS_PER_S);
	/* of two the earlier one */
	r.chain2 = disk;
	r.chain.effects = true;
	judge(&r, &j);
	assert_int_equal(j.fault_ns, 0);
	r = (struct row){ PASSES, .uncorrected = 1 };
	judge(&r, &j);
	assert_true(j.suspect);
	assert_int_equal(j.fault_ns, 0);
}

/* Whatever is said and seen: never 75 without a fact, never the other way. */
static void blame_needs_a_fact(void **state)
{
	(void)state;
	for (int says = 0; says < HALE_CAUSE_COUNT; says++) {
		for (int end = 0; end < RUN_END_COUNT; end++) {
			struct row r = { .name = "",
					 .end = (enum run_end)end,
					 .status = 7,
					 .surely = CERTAIN,
					 .says = (enum hale_build_cause)says };
			struct run_judgement j;

			judge(&r, &j);
			assert_false(j.host_fault);
			assert_int_equal(j.status, 7);
			r.chain = link_noise;
			judge(&r, &j);
			assert_false(j.host_fault);
			r.chain = bad_disk;
			judge(&r, &j);
			assert_int_equal(j.host_fault, j.status == 75);
			r.chain = oom;
			judge(&r, &j);
			assert_int_equal(j.host_fault, j.status == 75);
		}
	}
}

static void a_host_fault_goes_elsewhere(void **state)
{
	const struct row r = { "", FAILS, SAYS(HOST_IO), .chain = bad_disk };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	assert_int_equal(j.retry, HALE_RETRY_ELSEWHERE);
	assert_string_equal(j.headline, "disk sde failed");
	assert_true(j.advice[0]);
}

/* What was counted convicts; what is known by name is named. */
static void a_count_is_told_by_its_root(void **state)
{
	struct row r = { "", FAILS, SAYS(TOOLCHAIN_CRASH), .fs_errors = 1 };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	assert_true(j.host_fault);
	assert_non_null(strstr(j.headline, "errors meanwhile: 1"));
	r.chain = bad_disk;
	judge(&r, &j);
	assert_true(j.host_fault);
	assert_string_equal(j.headline, "disk sde failed");
}

static void names_who_died_of_it(void **state)
{
	struct row r = { "",
			 FAILS,
			 SAYS(HOST_MEMORY),
			 .died = CHILD,
			 .died_by = SIGKILL,
			 .chain = oom };
	struct run_judgement j;

	(void)state;
	r.chain.killed = CHILD;
	r.chain.by_signal = SIGKILL;
	judge(&r, &j);
	assert_non_null(strstr(j.headline, "disk sde failed; cc1plus"));
	assert_non_null(strstr(j.headline, "SIGKILL"));
}

static void names_the_limit(void **state)
{
	const struct row r = { "", FAILS, SAYS(HOST_MEMORY),
			       .limits_known = true, .oom_kills = 1 };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	assert_non_null(strstr(j.headline, "512 MiB"));
	assert_non_null(strstr(j.headline, "/build"));
	assert_int_equal(j.retry, HALE_RETRY_NO);
}

/* Here first; when nothing more is tried, it is this machine's. */
/* A container that runs with --read-only: no kernel log says more of it. */
static void words_alone_get_no_advice_to_leave(void **state)
{
	const struct row r = { "", FAILS, SAYS(HOST_READONLY_FS) };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	assert_non_null(strstr(j.advice, "on purpose"));
	assert_null(strstr(j.advice, "another machine"));
}

static void an_engine_may_come_back(void **state)
{
	struct row r = { "", FAILS, SAYS(ENGINE_DOWN), .chain = engine_gone };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	assert_int_equal(j.retry, HALE_RETRY_HERE);
	attribute_last(&j);
	assert_int_equal(j.status, 75);
	assert_true(j.host_fault);
	r.chain = (struct chain){ .build = HALE_CAUSE_UNKNOWN };
	judge(&r, &j);
	attribute_last(&j);
	assert_int_equal(j.status, 2);
	assert_false(j.host_fault);
}

static void a_crash_that_does_not_repeat(void **state)
{
	const struct row r = { "", FAILS, SAYS(TOOLCHAIN_CRASH) };
	struct crash_retest c = { .verdict = CRASH_DIFFERENT, .runs = 2 };
	struct run_judgement j;

	(void)state;
	judge(&r, &j);
	attribute_retest(&c, &j);
	assert_int_equal(j.cause, HALE_CAUSE_HOST_MEMORY);
	assert_int_equal(j.confidence, LIKELY);
	assert_int_equal(j.status, 75);
	judge(&r, &j);
	c.whole = true;
	attribute_retest(&c, &j);
	assert_int_equal(j.confidence, POSSIBLE);
	assert_int_equal(j.status, 2);
	judge(&r, &j);
	c.verdict = CRASH_SAME;
	HALE_SET(c.note, "the same command crashes each time (3 of 3)");
	attribute_retest(&c, &j);
	assert_string_equal(j.advice, c.note);
	assert_int_equal(j.cause, HALE_CAUSE_TOOLCHAIN_CRASH);
	assert_int_equal(j.status, 2);
}

/* A machine that is out of breath explains a timeout to a person. */
static void a_timeout_says_what_was_waited_for(void **state)
{
	const struct run_options o = { .timeout_ns = 1 };
	struct run_attempt *a = calloc(1, sizeof(*a));
	struct run_host host = { .memory_stall_ns = 40 * HALE_NS_PER_S,
				 .io_stall_ns = HALE_NS_PER_S };
	struct run_judgement j;

	(void)state;
	assert_non_null(a);
	a->end = RUN_TIMED_OUT;
	a->status = 124;
	a->wall_ns = 100 * HALE_NS_PER_S;
	attribute(&o, a, NULL, &host, &j);
	assert_string_equal(j.headline,
			    "not done after 100 s; all tasks of this machine "
			    "waited for memory 40 % of the time");
	host.memory_stall_ns = HALE_NS_PER_S;
	attribute(&o, a, NULL, &host, &j);
	assert_string_equal(j.headline, "not done after 100 s");
	free(a);
}

static void a_stall_says_how_long_and_what_to_do(void **state)
{
	const struct run_options o = { .stall_ns = 1 };
	struct run_attempt *a = calloc(1, sizeof(*a));
	struct run_host host = { 0 };
	struct run_judgement j;

	(void)state;
	assert_non_null(a);
	a->end = RUN_STALLED;
	a->status = 124;
	a->stall = (struct run_stall){ .wait = RUN_WAIT_LOCK,
				       .still_ns = 90 * HALE_NS_PER_S,
				       .what = "apt (pid 7) waits for x" };
	attribute(&o, a, NULL, &host, &j);
	assert_string_equal(j.headline, "nothing moved for 90 s: apt (pid 7) "
					"waits for x");
	assert_non_null(strstr(j.advice, "lock"));
	a->stall.wait = RUN_WAIT_SOCKET;
	attribute(&o, a, NULL, &host, &j);
	assert_non_null(strstr(j.advice, "other end"));
	a->stall.wait = RUN_WAIT_TERMINAL;
	attribute(&o, a, NULL, &host, &j);
	assert_non_null(strstr(j.advice, "question"));
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(since_when_files_are_suspect),
		cmocka_unit_test(blame_needs_a_fact),
		cmocka_unit_test(a_host_fault_goes_elsewhere),
		cmocka_unit_test(a_count_is_told_by_its_root),
		cmocka_unit_test(names_who_died_of_it),
		cmocka_unit_test(names_the_limit),
		cmocka_unit_test(words_alone_get_no_advice_to_leave),
		cmocka_unit_test(an_engine_may_come_back),
		cmocka_unit_test(a_crash_that_does_not_repeat),
		cmocka_unit_test(a_timeout_says_what_was_waited_for),
		cmocka_unit_test(a_stall_says_how_long_and_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
