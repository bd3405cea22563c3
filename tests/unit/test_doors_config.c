/* SPDX-License-Identifier: Apache-2.0 */
/* [metrics], [notify.NAME], [otlp]: what a line may say, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/doors.h"

static struct hale_doors d;
static char error[HALE_DOOR_ERROR_MAX];

static int set(const char *section, const char *key, const char *value)
{
	return hale_doors_set(&d, section, key, value, error);
}

static int setup(void **state)
{
	(void)state;
	hale_doors_default(&d);
	return 0;
}

#define TAKES(s, k, v)	 assert_int_equal(set(s, k, v), 0)
#define REFUSES(s, k, v) assert_int_equal(set(s, k, v), -22)

static void nothing_is_open_by_default(void **state)
{
	(void)state;
	assert_false(hale_doors_wanted(&d));
	assert_int_equal(hale_doors_check(&d, error), 0);
	assert_true(hale_doors_owns("metrics"));
	assert_true(hale_doors_owns("notify.x"));
	assert_false(hale_doors_owns("notify"));
	assert_false(hale_doors_owns("store"));
}

static void metrics_stay_on_this_host(void **state)
{
	(void)state;
	TAKES("metrics", "listen", "127.0.0.1:9843");
	TAKES("metrics", "listen", "[::1]:9843");
	TAKES("metrics", "listen", "/run/hale/doors/metrics.sock");
	REFUSES("metrics", "listen", "0.0.0.0:9843");
	REFUSES("metrics", "listen", "[::]:9843");
	REFUSES("metrics", "listen", "127.0.0.1");
	REFUSES("metrics", "listen", "127.0.0.1:99999");
	REFUSES("metrics", "listen", "127.0.0.1:80x");
	REFUSES("metrics", "listen", "run/x");
	TAKES("metrics", "textfile", "/var/x/hale.prom");
	REFUSES("metrics", "textfile", "/var/x/hale");
	REFUSES("metrics", "textfile", "hale.prom");
	TAKES("metrics", "findings", "0");
	REFUSES("metrics", "findings", "501");
	REFUSES("metrics", "findings", "-1");
	assert_true(hale_doors_wanted(&d));
}

static void what_goes_out_is_encrypted(void **state)
{
	static const char *const good[] = {
		"https://hooks.example.org/services/T0/B0/x?a=b",
		"https://example.org:8443",
		"http://127.0.0.1:80/x",
		"http://localhost/",
		"http://[::1]:9000/x",
	};
	static const char *const bad[] = {
		"http://example.org/",
		"http://localhost.example.org/",
		"http://localhost@example.org/",
		"http://127.0.0.1:1@example.org/",
		"http://127.0.0.12/",
		"https://",
		"https:///x",
		"ftp://example.org/",
		"file:///etc/shadow",
		"HTTPS://example.org/",
		"https://example.org/ x",
		"https://example.org/\r\nX: y",
		"",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(good); i++)
		assert_true(hale_url_valid(good[i]));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++)
		assert_false(hale_url_valid(bad[i]));
	assert_true(hale_mail_url_valid("smtps://mail.example.org:465"));
	assert_true(hale_mail_url_valid("smtp://127.0.0.1"));
	assert_false(hale_mail_url_valid("smtp://mail.example.org"));
}

static void an_address_is_no_option(void **state)
{
	(void)state;
	TAKES("notify.a", "to", "ops@example.org, root");
	REFUSES("notify.a", "to", "-oQ/tmp@example.org");
	REFUSES("notify.a", "to", "a@b@example.org");
	REFUSES("notify.a", "to", "a<b@example.org>");
	REFUSES("notify.a", "to", "");
	REFUSES("notify.a", "to", "a b c d e f g h i");
	REFUSES("notify.a", "from", "a@example.org b@example.org");
	REFUSES("notify.a", "from", "a\nBcc:b@example.org");
}

static void templates_know_their_names(void **state)
{
	(void)state;
	assert_null(hale_template_fault("{host}: {condition} {{x}}"));
	assert_non_null(hale_template_fault("{hots}"));
	assert_non_null(hale_template_fault("{host"));
	assert_non_null(hale_template_fault("host}"));
	assert_non_null(hale_template_fault("{}"));
	assert_non_null(hale_template_fault("{{host}"));
	REFUSES("notify.a", "template", "{nothing}");
}

static void a_hook_is_whole(void **state)
{
	(void)state;
	TAKES("notify.a", "effect", "blocks");
	assert_int_equal(hale_doors_check(&d, error), -22);
	assert_string_equal(error, "[notify.a]: type is missing");
	TAKES("notify.a", "type", "pagerduty");
	assert_int_equal(hale_doors_check(&d, error), -22);
	TAKES("notify.a", "secret_file", "/etc/hale/key");
	assert_int_equal(hale_doors_check(&d, error), 0);
	TAKES("notify.b", "type", "email");
	TAKES("notify.b", "to", "root");
	assert_int_equal(hale_doors_check(&d, error), -22);
	TAKES("notify.b", "from", "hale");
	assert_int_equal(hale_doors_check(&d, error), 0);
	TAKES("notify.b", "url", "https://example.org/");
	assert_int_equal(hale_doors_check(&d, error), -22);
	assert_int_equal(d.n_hooks, 2);
	assert_int_equal(d.hooks[0].least, HALE_EFFECT_BLOCKS);
	assert_int_equal(d.hooks[1].least, HALE_EFFECT_WARNS);
}

static void hooks_are_few_and_named(void **state)
{
	char name[32];

	(void)state;
	REFUSES("notify.", "type", "slack");
	REFUSES("notify.a b", "type", "slack");
	REFUSES("notify.../x", "type", "slack");
	REFUSES("notify.this-name-is-longer-than-23", "type", "slack");
	for (int i = 0; i < HALE_HOOKS_MAX; i++) {
		snprintf(name, sizeof(name), "notify.h%d", i);
		TAKES(name, "type", "slack");
	}
	REFUSES("notify.one-more", "type", "slack");
	assert_string_equal(error, "more than 8 sections [notify.NAME]");
}

static void a_typo_is_an_error(void **state)
{
	(void)state;
	REFUSES("notify.a", "typ", "slack");
	assert_string_equal(error, "unknown key \"typ\" in [notify.a]");
	REFUSES("metrics", "url", "x");
	REFUSES("otlp", "interval", "0s");
	REFUSES("otlp", "interval", "2h");
	REFUSES("otlp", "logs", "true");
	REFUSES("notify.a", "rate", "0 / 1h");
	REFUSES("notify.a", "rate", "20");
	TAKES("notify.a", "rate", "5 / 10min");
	assert_int_equal(d.hooks[0].limit, 5);
	assert_int_equal(d.hooks[0].window_s, 600);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_open_by_default),
		TEST(metrics_stay_on_this_host),
		TEST(what_goes_out_is_encrypted),
		TEST(an_address_is_no_option),
		TEST(templates_know_their_names),
		TEST(a_hook_is_whole),
		TEST(hooks_are_few_and_named),
		TEST(a_typo_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
