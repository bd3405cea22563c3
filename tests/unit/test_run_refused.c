/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person is told in place of a build: which part, how much is left of
 * it, what was asked for, how long it has been so.
 */
#include "run_report_room.h"

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

static void a_need_that_is_not_met_is_told(void **state)
{
	static char needs[] = "needs 20 GiB, 3 MiB free";
	struct world *w = *state;
	struct verdict v;

	full_disk(&v);
	v.finding.evidence = needs;
	refused(w, &v);
	assert_non_null(strstr(w->said, "needs 20 GiB, 3 MiB free\n"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_disk_says_how_full),
		TEST(a_need_that_is_not_met_is_told),
		TEST(a_state_says_how_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
