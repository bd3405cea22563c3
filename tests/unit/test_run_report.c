/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person is told after a build: nothing where there is nothing to say,
 * and never a byte that a terminal would obey.
 */
#include <signal.h>

#include "run_report_room.h"

static void a_good_build_hears_nothing(void **state)
{
	struct world *w = *state;

	report(w);
	assert_string_equal(w->said, "");
}

static void quiet_is_quiet(void **state)
{
	struct world *w = *state;

	w->options.quiet = true;
	fails(w, HALE_CAUSE_HOST_IO, 75, "disk sde failed");
	report(w);
	assert_string_equal(w->said, "");
}

static void broken_code_hears_nothing_of_the_machine(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_CODE, 1, "a.c:1:1: error: expected ';'");
	HALE_SET(w->story.judgement.advice, "mend it");
	report(w);
	assert_string_equal(w->said, "hale: the build's own (code, likely): "
				     "a.c:1:1: error: expected ';'\n");
}

static void an_interrupted_build_hears_nothing(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_UNKNOWN, 130, "ended from outside by SIGINT");
	w->record->attempt.end = RUN_INTERRUPTED;
	report(w);
	assert_string_equal(w->said, "");
}

static void words_alone_are_called_that(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_HOST_IO, 2, "cc1: Input/output error");
	report(w);
	assert_true(says(w, "nothing seen of this machine confirms it"));
	assert_false(says(w, "not the build"));
	assert_marked(w);
}

static void the_chain(struct world *w)
{
	struct hale_cause *c = w->cause;

	HALE_SET(c->headline, "disk sde (WDC) fails to read");
	c->n_steps = 3;
	c->n_steps_total = 4;
	c->steps[0].finding.condition = HALE_DISK_MEDIUM_ERROR;
	HALE_SET(c->steps[0].finding.evidence,
		 "critical medium error, dev sde, sector 8");
	c->steps[1].finding.condition = HALE_FS_ERROR;
	HALE_SET(c->steps[1].finding.where, "/home/ci");
	HALE_SET(c->steps[1].text, "it is on sde");
	c->steps[2].death = true;
	c->steps[2].victim.pid = 12;
	c->steps[2].victim.signal = SIGBUS;
	HALE_SET(c->steps[2].victim.comm, "cc1plus");
	w->record->host.causes = c;
	w->record->host.n_causes = 1;
}

static void the_machine_is_named_with_proof(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_HOST_IO, 2,
	      "disk sde (WDC) fails to read; cc1plus "
	      "(pid 12) died of it by SIGBUS");
	w->story.judgement.status = 75;
	w->story.judgement.host_fault = true;
	HALE_SET(w->story.judgement.advice, "replace the disk");
	the_chain(w);
	report(w);
	assert_true(says(w, "the machine, not the build (host-io, likely): "
			    "disk sde (WDC) fails to read; cc1plus"));
	assert_true(says(w, "critical medium error, dev sde, sector 8"));
	assert_true(says(w, "then fs.error on /home/ci: it is on sde"));
	assert_true(says(w, "then cc1plus (pid 12) died by SIGBUS"));
	assert_true(says(w, "and 1 more"));
	assert_true(says(w, "replace the disk"));
	assert_true(says(w, "exit status 75 in place of 2"));
	assert_marked(w);
}

static void one_suspect_is_one_file(void **state)
{
	struct world *w = *state;
	char a[] = "/src/a.o";

	fails(w, HALE_CAUSE_HOST_IO, 0, "disk sde failed");
	w->story.judgement.suspect = true;
	w->story.suspects.files = 1;
	w->story.suspects.n_paths = 1;
	w->story.suspects.paths[0] = a;
	report(w);
	assert_true(says(w, "1 file written meanwhile: /src/a.o\n"));
}

/* Deaths anywhere on a busy host, at about that time, are no proof. */
static void what_only_time_links_is_left_out(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_HOST_IO, 2, "disk sde (WDC) fails to read");
	w->story.judgement.status = 75;
	w->story.judgement.host_fault = true;
	the_chain(w);
	w->cause->steps[1].confidence = HALE_CONFIDENCE_POSSIBLE;
	report(w);
	assert_false(says(w, "then fs.error"));
	assert_true(says(w, "then cc1plus (pid 12) died by SIGBUS"));
	assert_true(says(w, "and 2 more: hale explain"));
	assert_marked(w);
}

static void suspects_are_counted_and_shown(void **state)
{
	struct world *w = *state;
	char a[] = "/src/a.o", b[] = "/src/b.o", c[] = "/src/c.o",
	     d[] = "/src/d.o";

	fails(w, HALE_CAUSE_HOST_IO, 0, "disk sde failed");
	w->story.judgement.suspect = true;
	w->story.suspects.files = 7;
	w->story.suspects.n_paths = 4;
	w->story.suspects.paths[0] = a;
	w->story.suspects.paths[1] = b;
	w->story.suspects.paths[2] = c;
	w->story.suspects.paths[3] = d;
	report(w);
	assert_true(says(w, "passed, suspect"));
	assert_true(says(w, "7 files written meanwhile: /src/a.o, /src/b.o, "
			    "/src/c.o, "));
	assert_false(says(w, "/src/d.o"));
	assert_true(says(w, "--suspects FILE"));
	assert_false(says(w, "exit status"));
	assert_marked(w);
}

static void what_is_not_known_is_said(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_UNKNOWN, 2, "failed with status 2");
	report(w);
	assert_true(says(w, "nothing seen of this machine explains it"));
	w->record->host.agent = false;
	report(w);
	assert_true(says(w, "no agent watched"));
	w->record->host.blind = true;
	HALE_SET(w->record->host.note, "the agent has not answered");
	report(w);
	assert_false(says(w, "no agent watched"));
	assert_true(says(w, "hale: the agent has not answered\n"));
}

static void hostile_text_stays_text(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_CODE, 1, "\033[2Jgone\r\nhale: forged\x9b");
	report(w);
	assert_null(strchr(w->said, '\033'));
	assert_null(strchr(w->said, '\r'));
	assert_false(says(w, "\nhale: forged"));
	assert_marked(w);
}

/* Enough text for every bound, of causes that do not exist, too. */
static void nothing_is_too_long(void **state)
{
	struct world *w = *state;

	for (int c = 0; c <= HALE_CAUSE_COUNT; c++) {
		fails(w, (enum hale_build_cause)(c % HALE_CAUSE_COUNT), 2, "");
		memset(w->story.judgement.headline, 'x',
		       sizeof(w->story.judgement.headline) - 1);
		the_chain(w);
		memset(w->cause->steps[0].finding.evidence, 'y',
		       HALE_EVIDENCE_MAX - 1);
		w->story.judgement.host_fault = c % 2 == 0;
		report(w);
		assert_marked(w);
	}
}

/* What a container's build made is the engine's: nobody looks into that. */
static void an_image_may_be_suspect(void **state)
{
	struct world *w = *state;

	w->story.judgement = (struct run_judgement){
		.cause = HALE_CAUSE_HOST_IO,
		.confidence = HALE_CONFIDENCE_CERTAIN,
		.suspect = true,
	};
	report(w);
	assert_null(strstr(w->said, "0 files"));
	assert_null(strstr(w->said, "engine"));
	w->watch->container = true;
	report(w);
	assert_non_null(strstr(w->said, "images and layers"));
}

static void a_prompt_s_line_is_ended_first(void **state)
{
	struct world *w = *state;

	fails(w, HALE_CAUSE_NETWORK, 1, "no route");
	w->record->attempt.mid_line = true;
	report(w);
	assert_int_equal(strncmp(w->said, "\nhale: ", 7), 0);
	assert_null(strstr(w->said + 1, "\n\n"));
}

static void who_has_tried_again_is_not_told_to(void **state)
{
	struct world *w = *state;
	struct run_record records[2] = { *w->record, *w->record };

	fails(w, HALE_CAUSE_NETWORK, 1, "no route");
	HALE_SET(w->story.judgement.advice, "try again");
	w->story.records = records;
	w->story.n = 2;
	records[1].attempt.status = 1;
	report(w);
	w->story.records = w->record;
	w->story.n = 1;
	assert_true(says(w, "2 attempts"));
	assert_true(says(w, "trying again did not help"));
	assert_false(says(w, "hale:   try again"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_image_may_be_suspect),
		TEST(a_prompt_s_line_is_ended_first),
		TEST(who_has_tried_again_is_not_told_to),
		TEST(a_good_build_hears_nothing),
		TEST(quiet_is_quiet),
		TEST(broken_code_hears_nothing_of_the_machine),
		TEST(an_interrupted_build_hears_nothing),
		TEST(words_alone_are_called_that),
		TEST(the_machine_is_named_with_proof),
		TEST(one_suspect_is_one_file),
		TEST(what_only_time_links_is_left_out),
		TEST(suspects_are_counted_and_shown),
		TEST(what_is_not_known_is_said),
		TEST(hostile_text_stays_text),
		TEST(nothing_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
