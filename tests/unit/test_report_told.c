/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an agent's reports to what a fleet is told of findings: each opens once
 * and ends once, whatever comes between.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/report/told.h"

#define OPENED	HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED
#define CHANGED HALE__FLEET__V1__FINDING_EVENT__WHAT__CHANGED
#define CLOSED	HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED

/* "sde 100 opened" and so on, in order. */
struct heard {
	char text[512];
	int refuse; /* an errno for all that comes */
};

static int hear(void *data, int what, const Hale__V1__Finding *f)
{
	static const char *const words[] = { "?", "opened", "changed",
					     "closed" };
	struct heard *h = data;
	size_t at = strlen(h->text);

	if (h->refuse)
		return -h->refuse;
	snprintf(h->text + at, sizeof(h->text) - at, "%s%s %llu %s",
		 at ? ", " : "", f->part->id, (unsigned long long)f->first_ns,
		 words[what]);
	return 0;
}

struct world {
	struct told told;
	struct heard heard;
	Hale__V1__HostReport m;
	Hale__V1__Finding findings[8];
	Hale__V1__Part parts[8];
	Hale__V1__Finding *open[4], *closed[4];
	size_t used;
};

static Hale__V1__Finding *finding(struct world *w, const char *part,
				  uint64_t first_ns, Hale__V1__Effect effect)
{
	Hale__V1__Finding *f = &w->findings[w->used];
	Hale__V1__Part *p = &w->parts[w->used++];

	hale__v1__part__init(p);
	hale__v1__finding__init(f);
	p->id = (char *)(uintptr_t)part;
	f->part = p;
	f->condition = (char *)(uintptr_t) "disk.medium_error";
	f->first_ns = first_ns;
	f->effect = effect;
	return f;
}

static void begin(struct world *w, uint64_t as_of_ns)
{
	hale__v1__host_report__init(&w->m);
	w->used = 0;
	w->m.as_of_ns = as_of_ns;
	w->m.findings = w->open;
	w->m.closed = w->closed;
	w->heard.text[0] = '\0';
}

static void is_open(struct world *w, const char *part, uint64_t first_ns,
		    Hale__V1__Effect effect)
{
	w->open[w->m.n_findings++] = finding(w, part, first_ns, effect);
}

static void is_closed(struct world *w, const char *part, uint64_t first_ns,
		      uint64_t closed_ns)
{
	Hale__V1__Finding *f =
		finding(w, part, first_ns, HALE__V1__EFFECT__EFFECT_BLOCKS);

	f->closed_ns = closed_ns;
	w->closed[w->m.n_closed++] = f;
}

static const char *tell(struct world *w)
{
	told_report(&w->told, &w->m, hear, &w->heard);
	return w->heard.text;
}

static void test_it_opens_changes_and_closes_once(void **state)
{
	static struct world w;

	(void)state;
	begin(&w, 1000);
	is_open(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_WARNS);
	assert_string_equal(tell(&w), "sde 900 opened");
	begin(&w, 1001);
	is_open(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_WARNS);
	assert_string_equal(tell(&w), "");
	begin(&w, 1002);
	is_open(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_BLOCKS);
	assert_string_equal(tell(&w), "sde 900 changed");
	begin(&w, 1003);
	is_closed(&w, "sde", 900, 1003);
	assert_string_equal(tell(&w), "sde 900 closed");
	begin(&w, 1004);
	is_closed(&w, "sde", 900, 1003);
	assert_string_equal(tell(&w), "");
	told_done(&w.told);
}

/* It ended, and began again, between two reports. */
static void test_the_same_again_is_another(void **state)
{
	static struct world w;

	(void)state;
	begin(&w, 1000);
	is_open(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_BLOCKS);
	tell(&w);
	begin(&w, 1010);
	is_closed(&w, "sde", 900, 1003);
	is_open(&w, "sde", 1007, HALE__V1__EFFECT__EFFECT_BLOCKS);
	assert_string_equal(tell(&w), "sde 900 closed, sde 1007 opened");
	told_done(&w.told);
}

static void test_what_came_and_went_is_told(void **state)
{
	static struct world w;

	(void)state;
	/* a new host: what had ended before is not its business */
	begin(&w, 1000);
	is_closed(&w, "sda", 100, 800);
	assert_string_equal(tell(&w), "");
	begin(&w, 1010);
	is_closed(&w, "sdb", 1001, 1005);
	is_closed(&w, "sda", 100, 800);
	assert_string_equal(tell(&w), "sdb 1001 closed");
	/* the agent has forgotten how it ended */
	begin(&w, 1020);
	is_open(&w, "sdc", 1015, HALE__V1__EFFECT__EFFECT_NOTES);
	tell(&w);
	begin(&w, 9000);
	assert_string_equal(tell(&w), "sdc 1015 closed");
	told_done(&w.told);
}

/* What could not be kept is not taken for told. */
static void test_a_failure_is_made_up_for(void **state)
{
	static struct world w;

	(void)state;
	begin(&w, 1000);
	tell(&w);
	begin(&w, 1010);
	is_open(&w, "sde", 1005, HALE__V1__EFFECT__EFFECT_BLOCKS);
	is_closed(&w, "sdb", 1001, 1006);
	w.heard.refuse = ENOMEM;
	assert_int_equal(told_report(&w.told, &w.m, hear, &w.heard), -ENOMEM);
	w.heard.refuse = 0;
	assert_string_equal(tell(&w), "sdb 1001 closed, sde 1005 opened");
	told_done(&w.told);
}

static void test_a_successor_knows_what_was_told(void **state)
{
	static struct world w;
	static struct told next;
	size_t len = 0;
	uint8_t *bytes;

	(void)state;
	begin(&w, 1000);
	is_open(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_BLOCKS);
	is_open(&w, "sdf", 901, HALE__V1__EFFECT__EFFECT_BLOCKS);
	tell(&w);
	w.told.seq = 17;
	bytes = told_pack(&w.told, &len);
	assert_non_null(bytes);
	assert_int_equal(told_unpack(&next, bytes, len), 0);
	assert_int_equal(next.seq, 17);
	told_done(&w.told);
	w.told = next;
	begin(&w, 1001);
	is_open(&w, "sdf", 901, HALE__V1__EFFECT__EFFECT_BLOCKS);
	assert_string_equal(tell(&w), "sde 900 closed");
	/* one byte less is nothing at all */
	memset(&next, 0, sizeof(next));
	assert_int_equal(told_unpack(&next, bytes, len - 1), -EBADMSG);
	assert_int_equal(next.n, 0);
	free(bytes);
	told_done(&w.told);
}

/* The reporter was killed after an event was in the spool, and before it was
 * remembered. */
static void test_the_spool_tells_what_was_told(void **state)
{
	static struct world w;
	Hale__Fleet__V1__FindingEvent m;

	(void)state;
	hale__fleet__v1__finding_event__init(&m);
	begin(&w, 1000);
	m.finding = finding(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_BLOCKS);
	m.what = OPENED;
	m.seq = 5;
	assert_int_equal(told_apply(&w.told, &m), 0);
	assert_int_equal(w.told.seq, 5);
	begin(&w, 1001);
	is_open(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_BLOCKS);
	assert_string_equal(tell(&w), "");
	m.finding = finding(&w, "sde", 900, HALE__V1__EFFECT__EFFECT_BLOCKS);
	m.what = CLOSED;
	assert_int_equal(told_apply(&w.told, &m), 0);
	assert_int_equal(w.told.n, 0);
	m.what = CHANGED;
	m.finding = NULL;
	assert_int_equal(told_apply(&w.told, &m), -EBADMSG);
	told_done(&w.told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_opens_changes_and_closes_once),
		cmocka_unit_test(test_the_same_again_is_another),
		cmocka_unit_test(test_what_came_and_went_is_told),
		cmocka_unit_test(test_a_failure_is_made_up_for),
		cmocka_unit_test(test_a_successor_knows_what_was_told),
		cmocka_unit_test(test_the_spool_tells_what_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
