/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files of a host: which are read, in which order, and what stops it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "agent/run/text/build_rules.h"
#include "agent/run/text/classify.h"
#include "hale/base.h"

static char dir[64];

static void put(const char *name, const char *text)
{
	char path[128];
	_cleanup_file_ FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static void drop(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(remove(path), 0);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/hale-build-rules-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
	(void)state;
	return remove(dir);
}

static void in_the_order_of_their_names(void **state)
{
	struct build_rules rules;
	char error[256], own[128];
	const char *files[] = { own };

	(void)state;
	put("20.rules", "# b\n");
	put("10.rules", "# a\n");
	put(".hidden.rules", "x");
	put("README", "x");
	put("own", "# own\n");
	snprintf(own, sizeof(own), "%s/own", dir);
	assert_int_equal(build_rules_load(&rules, dir, files, 1, error), 0);
	assert_int_equal(rules.n, 3);
	assert_string_equal(rules.sources[0].name, own);
	assert_memory_equal(rules.sources[1].text, "# a\n", 4);
	assert_memory_equal(rules.sources[2].text, "# b\n", 4);
	assert_int_equal(rules.sources[2].len, 4);
	build_rules_done(&rules);
	drop("20.rules");
	drop("10.rules");
	drop(".hidden.rules");
	drop("README");
	drop("own");
}

static void no_folder_is_no_error(void **state)
{
	struct build_rules rules;
	char error[256];

	(void)state;
	assert_int_equal(
		build_rules_load(&rules, "/nonexistent/x", NULL, 0, error), 0);
	assert_int_equal(rules.n, 0);
	assert_string_equal(error, "");
}

/* All of them or none; a pipe must not be waited for. */
static void what_cannot_be_read_is_named(void **state)
{
	struct build_rules rules;
	char error[256], wanted[256], path[128];
	const char *missing[] = { "/nonexistent/y.rules" };

	(void)state;
	put("10.rules", "# a\n");
	snprintf(path, sizeof(path), "%s/20.rules", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(build_rules_load(&rules, dir, NULL, 0, error),
			 -EINVAL);
	snprintf(wanted, sizeof(wanted), "%s: Invalid argument", path);
	assert_string_equal(error, wanted);
	assert_int_equal(rules.n, 0);
	assert_int_equal(build_rules_load(&rules, NULL, missing, 1, error),
			 -ENOENT);
	assert_string_equal(error,
			    "/nonexistent/y.rules: No such file or directory");
	drop("10.rules");
	drop("20.rules");
}

/* The length of the alternative at @p, which ends at '|' or '>'. */
static size_t alternative(const char *p)
{
	return strcspn(p, "|>\n");
}

/* The first one that fits is not tried again: "<cc|cc1>: " never sees cc1. */
static void hides_none(const char *list, const char *end)
{
	for (const char *a = list; a < end; a += alternative(a) + 1) {
		size_t len = alternative(a);

		for (const char *b = a + len + 1; len > 0 && b < end;
		     b += alternative(b) + 1) {
			if (alternative(b) > len && memcmp(a, b, len) == 0)
				fail_msg("%.*s stands before %.*s in <%.60s",
					 (int)len, a, (int)alternative(b), b,
					 list);
		}
	}
}

static void no_alternative_hides_a_longer_one(void **state)
{
	_cleanup_free_ char *text =
		strndup(hale_rules_build.text, hale_rules_build.len);
	size_t lists = 0;

	(void)state;
	assert_non_null(text);
	for (char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		char *end = p + strcspn(p, "\n"), *at = p;

		while (p[0] == '\t' && p[1] != '#' &&
		       (at = memchr(at, '<', (size_t)(end - at)))) {
			at++;
			if (at[-2] == '\\')
				continue;
			hides_none(at, at + strcspn(at, ">\n") + 1);
			lists++;
		}
	}
	assert_true(lists > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_order_of_their_names),
		cmocka_unit_test(no_folder_is_no_error),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(no_alternative_hides_a_longer_one),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
