/* SPDX-License-Identifier: Apache-2.0 */
/* Commands without their secrets, and with everything else as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/repo.h"

/* Words with '|' between them. */
static void expect(const char *command, const char *want)
{
	struct hale_redact state = { .next = false };
	char word[512], safe[512], got[1024] = "";
	size_t len;

	for (const char *at = command;; at += len + 1) {
		len = strcspn(at, "|");
		hale_copy(word, sizeof(word), at, len);
		hale_redact(&state, word, safe, sizeof(safe));
		strcat(got, at == command ? "" : "|");
		strcat(got, safe);
		if (!at[len])
			break;
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s: got %s, not %s", command, got, want);
}

static void test_options(void **state)
{
	(void)state;
	expect("docker|login|--password|hunter2|--username|ci",
	       "docker|login|--password|***|--username|ci");
	expect("npm|--token=abc|publish", "npm|--token=***|publish");
	expect("x|--api-key|k|--access_key=k|--apiKey=k",
	       "x|--api-key|***|--access_key=***|--apiKey=***");
	expect("curl|-u|me:pw|https://h/", "curl|-u|***|https://h/");
	expect("curl|-H|Authorization: Bearer abc|u",
	       "curl|-H|Authorization: Bearer ***|u");
	expect("curl|-H|X-Api-Key: abc", "curl|-H|X-Api-Key: ***");
	expect("x|--client-secret|--verbose", "x|--client-secret|--verbose");
}

static void test_variables(void **state)
{
	(void)state;
	expect("docker|run|-e|NPM_TOKEN=abc|-e|CI=1|img",
	       "docker|run|-e|NPM_TOKEN=***|-e|CI=1|img");
	expect("--build-arg|GH_AUTH=abc|--build-arg|V=2",
	       "--build-arg|GH_AUTH=***|--build-arg|V=2");
	expect("AWS_SECRET_ACCESS_KEY=abc|make",
	       "AWS_SECRET_ACCESS_KEY=***|make");
	expect("sh|-c|PASSWORD=abc make && TOKEN=\"x y\" run",
	       "sh|-c|PASSWORD=***");
	expect("sh|-c|make TOKEN=\"x y z\" run|all",
	       "sh|-c|make TOKEN=*** run|all");
	expect("sh|-c|make && T_TOKEN='x y|all",
	       "sh|-c|make && T_TOKEN=***|all");
	expect("env|MY_TOKEN=x y|make", "env|MY_TOKEN=***|make");
	expect("x|--password|a b c|make", "x|--password|***|make");
	expect("x|--password='a b'|make", "x|--password=***|make");
	expect("curl|-u|me:a b|h", "curl|-u|***|h");
	expect("curl|-H|Authorization:|Bearer abc|h",
	       "curl|-H|Authorization:|Bearer ***|h");
	expect("sh|-c|x --token 'a b' c", "sh|-c|x --token *** c");
	expect("//npm.example/:_authToken=abc",
	       "//npm.example/:_authToken=***");
}

static void test_urls_and_shapes(void **state)
{
	(void)state;
	expect("git|clone|https://ci:pw@h/x", "git|clone|https://***@h/x");
	expect("git|clone|https://tok@h/x|y@z",
	       "git|clone|https://***@h/x|y@z");
	expect("echo|ghp_0123456789abcdef0123", "echo|***");
	expect("x|key:AKIA0123456789ABCDEF.", "x|key:***");
	expect("x|https://h/p?access_token=abc&y=1",
	       "x|https://h/p?access_token=***&y=1");
}

/* A log that is masked where nothing is secret is a log that nobody reads. */
static void test_the_rest_stays(void **state)
{
	static const char *const same[] = {
		"make|-j8|CC=gcc|KEY=value|-C|/srv/token/x",
		"docker|build|-t|acme/shop:1.2|--cache-from=type=gha|.",
		"git|commit|--author=Me <me@example.org>|-m|pass the salt",
		"docker|login|--password-stdin|registry.example",
		"x|--secret-file=/run/k|--token-path|/run/t|PWD=/home/ci",
		"docker|run|-u|1000:1000|img|sh|-c|echo ok",
		"ssh|git@github.com|ls|https://github.com/acme/shop.git",
		"cargo|build|--features|tokenizer,passwordless",
		"go|test|./...|-run|TestAuthor",
		"skip|sk-|eyJ|AKIA",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(same); i++)
		expect(same[i], same[i]);
}

static void test_bounds(void **state)
{
	char small[8];

	(void)state;
	hale_redact(NULL, "a line that is long", small, sizeof(small));
	assert_string_equal(small, "a line ");
	hale_redact(NULL, "--token=abcdefgh", small, sizeof(small));
	assert_string_equal(small, "--token");
	hale_redact(NULL, "x", small, 1);
	assert_string_equal(small, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_urls_and_shapes),
		cmocka_unit_test(test_the_rest_stays),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
