/* SPDX-License-Identifier: Apache-2.0 */
/* The few fields of a build that are read by hand are those of hale.proto. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/store_builds.h"
#include "hale.pb-c.h"

static struct store_build got[STORE_BUILDS_MAX];
static uint8_t wire[4096];

static size_t reply(Hale__V1__BuildResult *build, bool last)
{
	Hale__V1__StoreReply m = HALE__V1__STORE_REPLY__INIT;

	m.last = last;
	if (build) {
		m.body_case = HALE__V1__STORE_REPLY__BODY_BUILD;
		m.build = build;
	}
	assert_true(hale__v1__store_reply__get_packed_size(&m) <= sizeof(wire));
	return hale__v1__store_reply__pack(&m, wire);
}

static char *words(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* Verdicts with so many reasons: disk.io_error of disk/0, disk/1, … */
static void fill(Hale__V1__Verdict *v, uint32_t from, uint32_t n)
{
	static Hale__V1__Reason reasons[8], *list[8];
	static Hale__V1__Finding findings[8];
	static Hale__V1__Part parts[8];
	static char names[8][16];

	hale__v1__verdict__init(v);
	for (uint32_t i = from; i < from + n; i++) {
		hale__v1__reason__init(&reasons[i]);
		hale__v1__finding__init(&findings[i]);
		hale__v1__part__init(&parts[i]);
		snprintf(names[i], sizeof(names[i]), "disk/%u", i);
		parts[i].id = names[i];
		findings[i].condition = words("disk.io_error");
		findings[i].part = &parts[i];
		reasons[i].finding = &findings[i];
		list[i] = &reasons[i];
	}
	v->reasons = list + from;
	v->n_reasons = n;
	v->reasons_total = n;
}

static void reads_what_was_wrong_in_its_scope(void **state)
{
	Hale__V1__Verdict before, after;
	Hale__V1__BuildResult b;
	Hale__V1__Reason blind;
	uint32_t n = 0;

	(void)state;
	hale__v1__build_result__init(&b);
	fill(&before, 0, 1);
	fill(&after, 1, 3);
	b.before = &before;
	b.after = &after;
	store_builds_read(wire, reply(&b, false), got, &n);
	assert_int_equal(got[0].n_reasons, 4);
	assert_false(got[0].cut);
	assert_true(got[0].reasons[0] ==
		    store_reason("disk.io_error", "disk/0"));
	assert_true(got[0].reasons[3] ==
		    store_reason("disk.io_error", "disk/3"));
	assert_true(store_reason("disk.io_error", "disk/3") !=
		    store_reason("disk.io_errord", "isk/3"));
	/* a sense that was missing is none; more than are kept is known */
	hale__v1__reason__init(&blind);
	after.reasons[1] = &blind;
	after.reasons_total = 9;
	n = 0;
	store_builds_read(wire, reply(&b, false), got, &n);
	assert_int_equal(got[0].n_reasons, 3);
	assert_true(got[0].cut);
}

static void reads_what_is_wanted(void **state)
{
	Hale__V1__BuildResult b;
	uint32_t n = 0;

	(void)state;
	hale__v1__build_result__init(&b);
	b.id = words("0123456789abcdef");
	b.repo = words("example.org/app");
	b.started_ns = UINT64_C(1700000000000000000);
	b.ended_ns = b.started_ns + 5;
	b.outcome = HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT;
	b.cause = words("host-io");
	b.headline = words("disk sde fails requests");
	b.host_fault = true;
	assert_int_equal(store_builds_read(wire, reply(&b, false), got, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(got[0].repo, "example.org/app");
	assert_string_equal(got[0].cause, "host-io");
	assert_int_equal(got[0].outcome, STORE_BUILD_SUSPECT);
	assert_true(got[0].started_ns == b.started_ns);
	assert_true(got[0].ended_ns == b.ended_ns);
	assert_int_equal(store_builds_read(wire, reply(NULL, true), got, &n),
			 1);
	assert_int_equal(n, 1);
}

static void keeps_to_its_room(void **state)
{
	Hale__V1__BuildResult b;
	char name[200];
	uint32_t n = STORE_BUILDS_MAX - 1;
	size_t len;

	(void)state;
	hale__v1__build_result__init(&b);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	b.repo = name;
	len = reply(&b, false);
	for (int i = 0; i < 3; i++)
		store_builds_read(wire, len, got, &n);
	assert_int_equal(n, STORE_BUILDS_MAX);
	assert_int_equal(strlen(got[n - 1].repo), sizeof(got[0].repo) - 1);
	/* cut anywhere it is read up to there */
	for (size_t cut = 0; cut < len; cut++) {
		n = 0;
		assert_int_equal(store_builds_read(wire, cut, got, &n), 0);
		assert_true(n <= 1);
	}
}

static void a_refusal_is_none(void **state)
{
	Hale__V1__StoreReply m = HALE__V1__STORE_REPLY__INIT;
	Hale__V1__ErrorReply e;
	uint32_t n = 0;

	(void)state;
	hale__v1__error_reply__init(&e);
	e.text = words("the store is full");
	m.body_case = HALE__V1__STORE_REPLY__BODY_ERROR;
	m.error = &e;
	assert_int_equal(
		store_builds_read(wire, hale__v1__store_reply__pack(&m, wire),
				  got, &n),
		-EIO);
	assert_int_equal(store_builds("/nowhere/at/all", 1, 50, got), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_wanted),
		cmocka_unit_test(reads_what_was_wrong_in_its_scope),
		cmocka_unit_test(keeps_to_its_room),
		cmocka_unit_test(a_refusal_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
