/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a fleet's members: what is a line, and who is found. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/fleetcli/members.h"

#define WHEN "2026-11-22T07:10:00Z"

static void make_key(char ret[NKEY_PUBLIC_SIZE])
{
	char seed[NKEY_SEED_SIZE];

	assert_int_equal(nkey_make(seed, ret), 0);
}

static void test_lines(void **state)
{
	static const char *const after[] = {
		/* after the key; NULL stands for a good line */
		"b7 " WHEN " root -",
		"b7 " WHEN " root rack=7,role=ci",
		"b7.example.org " WHEN " uid-1000 a=b/c:d@e",
		NULL,
		"",
		"b7 " WHEN " root",
		"b7 " WHEN " root - more",
		"b\"7 " WHEN " root -",
		"b{7 " WHEN " root -",
		"#b7 " WHEN " root -",
		"b7 " WHEN " ro;ot -",
		"b7 " WHEN "Z root -",
		"b7 " WHEN " root rack",
		"b7 " WHEN " root rack=",
		"b7 " WHEN " root =7",
		"b7 " WHEN " root Rack=7",
		"b7 " WHEN " root rack=7,",
		"b7 " WHEN " root rack=\"7\"",
	};
	char key[NKEY_PUBLIC_SIZE], line[256], why[MEMBERS_WHY_SIZE];
	struct members m = { 0 };
	bool good = true;

	(void)state;
	make_key(key);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(after); i++) {
		int r;

		if (!after[i]) {
			good = false;
			continue;
		}
		why[0] = '\0';
		snprintf(line, sizeof(line), "host %s %s\n", key, after[i]);
		r = members_parse(&m, line, why);
		if (r != (good ? 1 : -EINVAL))
			fail_msg("%s: %d %s", line, r, why);
		assert_true(good || why[0]);
	}
	assert_int_equal(m.n, 3);
	assert_int_equal(members_parse(&m, "# a word\n", why), 0);
	assert_int_equal(members_parse(&m, "\n", why), 0);
	snprintf(line, sizeof(line), "king %s b7 " WHEN " root -", key);
	assert_int_equal(members_parse(&m, line, why), -EINVAL);
	members_done(&m);
}

static void add(struct members *m, enum member_role role, const char *key,
		const char *name)
{
	char n[64], when[] = WHEN, by[] = "root", labels[] = "rack=7";
	char why[MEMBERS_WHY_SIZE] = "";
	struct member one = { .role = role,
			      .name = n,
			      .since = when,
			      .by = by,
			      .labels = labels };

	HALE_SET(one.key, key);
	HALE_SET(n, name);
	if (members_add(m, &one, why) < 0)
		fail_msg("%s: %s", name, why);
}

static void test_found(void **state)
{
	char a[NKEY_PUBLIC_SIZE], b[NKEY_PUBLIC_SIZE], c[NKEY_PUBLIC_SIZE];
	struct members m = { 0 };

	(void)state;
	make_key(a);
	make_key(b);
	make_key(c);
	add(&m, MEMBER_REVOKED, a, "b7");
	add(&m, MEMBER_HOST, b, "b7");
	assert_string_equal(members_find(&m, "B7")->key, b);
	assert_string_equal(members_find(&m, a)->key, a);
	assert_null(members_find(&m, c));
	assert_null(members_find(&m, "b8"));
	m.list[1].role = MEMBER_REVOKED;
	assert_null(members_find(&m, "b7"));
	assert_int_equal(members_count(&m, MEMBER_REVOKED), 2);
	assert_int_equal(members_count(&m, MEMBER_HOST), 0);
	members_done(&m);
}

/* What was written is read, for more of them than one block of the list. */
static void test_written(void **state)
{
	char key[NKEY_PUBLIC_SIZE], name[32], path[] = "/tmp/hale-m.XXXXXX";
	char why[MEMBERS_WHY_SIZE] = "";
	struct members m = { 0 }, again = { 0 };
	FILE *f;

	(void)state;
	assert_int_equal(members_load(&m, "/nowhere/members", why), 0);
	for (int i = 0; i < 150; i++) {
		make_key(key);
		snprintf(name, sizeof(name), "b%d", i);
		add(&m, (enum member_role)(i % MEMBER_ROLES), key, name);
	}
	f = fdopen(mkstemp(path), "w");
	assert_non_null(f);
	members_write(&m, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(members_load(&again, path, why), 0);
	assert_int_equal(again.n, m.n);
	for (size_t i = 0; i < m.n; i++) {
		assert_int_equal(m.list[i].role, again.list[i].role);
		assert_string_equal(m.list[i].key, again.list[i].key);
		assert_string_equal(m.list[i].name, again.list[i].name);
		assert_string_equal(m.list[i].labels, again.list[i].labels);
	}
	members_done(&again);
	f = fopen(path, "ae");
	fputs("host nonsense b7 " WHEN " root -\n", f);
	fclose(f);
	assert_int_equal(members_load(&again, path, why), -EINVAL);
	assert_non_null(strstr(why, ":153:"));
	unlink(path);
	members_done(&again);
	members_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
