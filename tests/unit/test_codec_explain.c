/* SPDX-License-Identifier: Apache-2.0 */
/* Causes over the wire: what is sent arrives, the largest fits into a message,
 * and a chain that leads nowhere is refused. */
#include <errno.h>

#include "proto/codec_explain.h"

#include "codec_room.h"

static struct hale_cause sent, got;

static void long_text(char *text, size_t size, char c)
{
	memset(text, c, size - 1);
	text[size - 1] = '\0';
}

#define LONG(array, c) long_text((array), sizeof(array), (c))

static void victim(struct hale_victim *v)
{
	v->pid = 71;
	v->signal = 7;
	v->code_known = true;
	v->code = -6;
	v->n_files = HALE_VICTIM_FILES_MAX;
	LONG(v->comm, 'c');
	LONG(v->exe, 'e');
	LONG(v->cgroup, 'g');
	for (uint32_t i = 0; i < v->n_files; i++)
		LONG(v->files[i].path, 'f');
}

/* As long as it can be in every field. */
static void largest(void)
{
	memset(&sent, 0, sizeof(sent));
	sent.confidence = HALE_CONFIDENCE_LIKELY;
	sent.build = HALE_CAUSE_HOST_DISK_FULL;
	sent.n_steps = HALE_CAUSE_STEPS_MAX;
	sent.n_steps_total = 600;
	sent.every_build = true;
	sent.n_paths = HALE_CAUSE_PATHS_MAX;
	sent.n_paths_total = 90;
	LONG(sent.headline, 'h');
	LONG(sent.prevents, 'p');
	for (uint32_t i = 0; i < sent.n_paths; i++)
		LONG(sent.paths[i], '/');
	for (uint32_t i = 0; i < sent.n_steps; i++) {
		struct hale_cause_step *s = &sent.steps[i];

		s->finding = finding();
		LONG(s->finding.evidence, 'v');
		LONG(s->finding.where, 'w');
		LONG(s->text, 't');
		s->death = true;
		s->from = i / 2;
		s->redone = i;
		s->relation = i ? HALE_RELATION_NEAR : HALE_RELATION_ROOT;
		s->confidence = HALE_CONFIDENCE_POSSIBLE;
		victim(&s->victim);
	}
}

static Hale__V1__Cause *over_the_wire(void)
{
	const struct codec_explain e = { .host = "h",
					 .cause = &sent,
					 .causes_total = 3 };
	Hale__V1__Reply *reply = NULL;
	ssize_t n = codec_pack(codec_reply_explain(&build, &e, false), wire,
			       sizeof(wire));

	assert_true(n > 0);
	assert_int_equal(codec_unpack_reply(&space, wire, (size_t)n, &reply),
			 0);
	assert_int_equal(reply->body_case, HALE__V1__REPLY__BODY_EXPLAIN);
	assert_int_equal(reply->explain->causes_total, 3);
	assert_int_equal(reply->explain->n_causes, 1);
	return reply->explain->causes[0];
}

static void what_is_sent_arrives(void **state)
{
	(void)state;
	largest();
	assert_int_equal(codec_read_cause(over_the_wire(), &got, &why), 0);
	assert_memory_equal(&got, &sent, sizeof(got));
}

static void refuses(void (*spoil)(Hale__V1__Cause *m))
{
	static struct hale_cause before;
	Hale__V1__Cause *m;

	reset(NULL);
	largest();
	m = over_the_wire();
	spoil(m);
	memset(&got, 0x5a, sizeof(got));
	memset(&before, 0x5a, sizeof(before));
	why = NULL;
	assert_int_equal(codec_read_cause(m, &got, &why), -EBADMSG);
	assert_non_null(why);
	assert_memory_equal(&got, &before, sizeof(got));
}

static void no_steps(Hale__V1__Cause *m)
{
	m->n_steps = 0;
}

static void in_a_circle(Hale__V1__Cause *m)
{
	m->steps[3]->from = 3;
}

static void of_nothing(Hale__V1__Cause *m)
{
	m->steps[11]->finding = NULL;
	m->steps[11]->victim = NULL;
}

static void too_sure(Hale__V1__Cause *m)
{
	m->steps[5]->confidence = (Hale__V1__Confidence)9;
}

static void unrelated(Hale__V1__Cause *m)
{
	m->steps[5]->relation = (Hale__V1__Relation)-1;
}

static void without_a_pid(Hale__V1__Cause *m)
{
	m->steps[11]->victim->pid = 0;
}

static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	refuses(no_steps);
	refuses(in_a_circle);
	refuses(of_nothing);
	refuses(too_sure);
	refuses(unrelated);
	refuses(without_a_pid);
	assert_int_equal(codec_read_cause(NULL, &got, &why), -EBADMSG);
}

static Hale__V1__ExplainRequest *ask(const struct hale_cause_query *q)
{
	Hale__V1__Request *m = NULL;
	ssize_t n = codec_pack(codec_request_explain(&build, q), wire,
			       sizeof(wire));

	assert_true(n >= 0);
	assert_int_equal(codec_unpack_request(&space, wire, (size_t)n, &m), 0);
	assert_int_equal(m->body_case, HALE__V1__REQUEST__BODY_EXPLAIN);
	return m->explain;
}

/* With all the paths and victims that there may be. */
static void questions_arrive(void **state)
{
	static struct hale_cause_query q, r;

	(void)state;
	memset(&q, 0, sizeof(q));
	q.scope.n_paths = HALE_SCOPE_PATHS_MAX;
	for (uint32_t i = 0; i < q.scope.n_paths; i++) {
		LONG(q.scope.paths[i].path, '/');
		LONG(q.scope.paths[i].source, 's');
		LONG(q.scope.paths[i].mountpoint, 'm');
	}
	q.since_ns = 5;
	q.until_ns = 6;
	LONG(q.subject, 's');
	LONG(q.cgroup, 'g');
	q.n_victims = HALE_CAUSE_VICTIMS_MAX;
	for (uint32_t i = 0; i < q.n_victims; i++)
		victim(&q.victims[i]);
	assert_int_equal(codec_read_explain(ask(&q), &r, &why), 0);
	assert_memory_equal(&q, &r, sizeof(q));
	/* nothing at all is a question, too */
	reset(NULL);
	memset(&q, 0, sizeof(q));
	assert_int_equal(codec_read_explain(ask(&q), &r, &why), 0);
	assert_int_equal(r.scope.n_paths, 0);
	assert_int_equal(r.n_victims, 0);
}

static void too_many_victims_are_refused(void **state)
{
	static struct hale_cause_query q;
	Hale__V1__ExplainRequest *m;

	(void)state;
	memset(&q, 0, sizeof(q));
	q.n_victims = 1;
	victim(&q.victims[0]);
	m = ask(&q);
	m->n_victims = HALE_CAUSE_VICTIMS_MAX + 1;
	assert_int_equal(codec_read_explain(m, &q, &why), -EBADMSG);
	m->n_victims = 1;
	m->victims[0]->signal = 900;
	assert_int_equal(codec_read_explain(m, &q, &why), -EBADMSG);
	assert_int_equal(codec_read_explain(NULL, &q, &why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_sent_arrives, reset),
		cmocka_unit_test_setup(what_is_wrong_is_refused, reset),
		cmocka_unit_test_setup(questions_arrive, reset),
		cmocka_unit_test_setup(too_many_victims_are_refused, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
