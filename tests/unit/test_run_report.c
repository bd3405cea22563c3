/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person is told after a build: nothing where there is nothing to say,
 * and never a byte that a terminal would obey.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/run/judge/watch_own.h"
#include "agent/run/result.h"

struct world {
	struct run_options options;
	struct watch *watch;
	struct run_record *record;
	struct run_story story;
	struct hale_cause *cause;
	char said[4096];
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	w->watch = calloc(1, sizeof(*w->watch));
	w->record = calloc(1, sizeof(*w->record));
	w->cause = calloc(1, sizeof(*w->cause));
	w->story.options = &w->options;
	w->story.watch = w->watch;
	w->story.records = w->record;
	w->story.n = 1;
	w->story.started = true;
	w->record->attempt.end = RUN_EXITED;
	w->record->host.agent = true;
	*state = w;
	return w->watch && w->record && w->cause ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	free(w->watch);
	free(w->record);
	free(w->cause);
	free(w);
	return 0;
}

static void read_back(struct world *w, FILE *f)
{
	size_t n;

	rewind(f);
	n = fread(w->said, 1, sizeof(w->said) - 1, f);
	w->said[n] = '\0';
	fclose(f);
}

static void report(struct world *w)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	report_print(&w->story, fileno(f));
	read_back(w, f);
}

static void fails(struct world *w, enum hale_build_cause cause, uint32_t status,
		  const char *headline)
{
	w->record->attempt.status = status;
	w->story.judgement = (struct run_judgement){
		.cause = cause,
		.confidence = HALE_CONFIDENCE_LIKELY,
		.status = status,
	};
	HALE_SET(w->story.judgement.headline, headline);
}

static bool says(const struct world *w, const char *text)
{
	return strstr(w->said, text) != NULL;
}

/* Every line can be told from the build's own. */
static void assert_marked(const struct world *w)
{
	const char *at = w->said;

	while (*at) {
		assert_int_equal(strncmp(at, "hale: ", 6), 0);
		at = strchr(at, '\n');
		assert_non_null(at);
		at++;
	}
}

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

/* A verdict with one reason, on a stack; texts are literals or the caller's. */
struct verdict {
	Hale__V1__Part part;
	Hale__V1__Finding finding;
	Hale__V1__Reason reason, *reasons[1];
	Hale__V1__Verdict verdict;
	Hale__V1__CheckReply check;
	Hale__V1__Reply pb;
	struct hale_reply reply;
};

static char full[] = "fs.full", part_id[] = "fs/sdb1", part_name[] = "sdb1";
static char data_root[] = "/srv/docker", space[] = "Free space";

static void full_disk(struct verdict *v)
{
	hale__v1__part__init(&v->part);
	hale__v1__finding__init(&v->finding);
	hale__v1__reason__init(&v->reason);
	hale__v1__verdict__init(&v->verdict);
	hale__v1__check_reply__init(&v->check);
	hale__v1__reply__init(&v->pb);
	v->part.id = part_id;
	v->part.alias = part_name;
	v->finding.part = &v->part;
	v->finding.condition = full;
	v->finding.advice = space;
	v->finding.count = 1;
	v->finding.first_ns = v->finding.last_ns = 40 * HALE_NS_PER_S;
	v->finding.value = 3 * HALE_MIB;
	v->finding.total = 2 * HALE_GIB;
	v->reason.finding = &v->finding;
	v->reason.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	v->reason.path = data_root;
	v->reasons[0] = &v->reason;
	v->verdict.fitness = HALE__V1__FITNESS__UNFIT;
	v->verdict.reasons = v->reasons;
	v->verdict.n_reasons = v->verdict.reasons_total = 1;
	v->verdict.as_of_ns = 100 * HALE_NS_PER_S;
	v->check.verdict = &v->verdict;
	v->pb.body_case = HALE__V1__REPLY__BODY_CHECK;
	v->pb.check = &v->check;
	v->reply = (struct hale_reply){ .pb = &v->pb, .agent = true };
}

static void refused(struct world *w, struct verdict *v)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	w->watch->before = &v->reply;
	report_refused(&w->story, fileno(f));
	w->watch->before = NULL;
	read_back(w, f);
}

static void a_full_disk_says_how_full(void **state)
{
	struct world *w = *state;
	struct verdict v;

	full_disk(&v);
	refused(w, &v);
	assert_non_null(strstr(w->said, "fs.full on sdb1, 3 MiB of 2 GiB "
					"left; under /srv/docker"));
	assert_null(strstr(w->said, "ago"));
	assert_non_null(strstr(w->said, "Free space\n"));
}

static void a_state_says_how_long(void **state)
{
	static char down[] = "engine.down", docker[] = "engine/docker";
	struct world *w = *state;
	struct verdict v;

	full_disk(&v);
	v.finding.condition = down;
	v.finding.total = 0;
	v.part.id = docker;
	v.part.alias = NULL;
	refused(w, &v);
	assert_non_null(
		strstr(w->said, "engine.down on engine/docker, for 1 min;"));
	v.finding.first_ns = v.verdict.as_of_ns;
	refused(w, &v);
	assert_non_null(
		strstr(w->said, "engine.down on engine/docker, just now;"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_image_may_be_suspect),
		TEST(a_full_disk_says_how_full),
		TEST(a_state_says_how_long),
		TEST(a_good_build_hears_nothing),
		TEST(quiet_is_quiet),
		TEST(broken_code_hears_nothing_of_the_machine),
		TEST(an_interrupted_build_hears_nothing),
		TEST(words_alone_are_called_that),
		TEST(the_machine_is_named_with_proof),
		TEST(suspects_are_counted_and_shown),
		TEST(what_is_not_known_is_said),
		TEST(hostile_text_stays_text),
		TEST(nothing_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
