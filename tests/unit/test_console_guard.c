/* SPDX-License-Identifier: Apache-2.0 */
/* Who is answered, and where the console listens. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/console/guard.h"
#include "agent/console/listen.h"

#define CASE(f) cmocka_unit_test(f)

static const struct guard guard = { .names = { "fleet.example.org", NULL } };

static void test_hosts_that_are_ours(void **state)
{
	static const char *const ours[] = {
		"localhost",
		"LocalHost:4253",
		"127.0.0.1",
		"127.0.0.1:1",
		"192.0.2.7:80",
		"[::1]",
		"[2001:db8::1]:42",
		"fleet.example.org",
		"FLEET.example.org:65535",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ours); i++) {
		if (!guard_host(&guard, ours[i]))
			fail_msg("%s was refused", ours[i]);
	}
}

static void test_hosts_that_are_not(void **state)
{
	static const char *const others[] = {
		"",
		":80",
		"evil.example",
		"localhost.evil.example",
		"127.0.0.1.evil.example",
		"fleet.example.org.",
		"fleet.example.org:",
		"fleet.example.org:8x",
		"fleet.example.org:123456",
		"localhost:80:80",
		"[::1",
		"[::1]x",
		"[evil.example]",
		"::1",
		"user@localhost",
		"localhost/",
		" localhost",
		"0x7f.1",
		"2130706433",
		"127.1",
	};
	char endless[1000];

	(void)state;
	assert_false(guard_host(&guard, NULL));
	memset(endless, 'a', sizeof(endless));
	endless[sizeof(endless) - 1] = '\0';
	assert_false(guard_host(&guard, endless));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++) {
		if (guard_host(&guard, others[i]))
			fail_msg("%s was taken", others[i]);
	}
}

static void test_sites(void **state)
{
	(void)state;
	assert_true(guard_site(NULL, false));
	assert_true(guard_site("same-origin", false));
	assert_true(guard_site("none", false));
	assert_true(guard_site("cross-site", true));
	assert_false(guard_site("cross-site", false));
	assert_false(guard_site("same-site", false));
	assert_false(guard_site("", false));
}

static void test_paths_of_hosts(void **state)
{
	const char id[] =
		"UABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVW";
	char path[80];
	const char *found = NULL;

	(void)state;
	snprintf(path, sizeof(path), "/api/host/%s", id);
	assert_true(guard_path_host(path, &found));
	assert_string_equal(found, id);
	assert_false(guard_path_host("/api/host/", &found));
	assert_false(guard_path_host("/api/host", &found));
	assert_false(guard_path_host("/", &found));
	assert_false(guard_path_host("", &found));
	assert_false(guard_path_host("/api/host/../../etc/passwd", &found));
	strcat(path, "/");
	assert_false(guard_path_host(path, &found));
}

static void test_where_to_listen(void **state)
{
	static const struct {
		const char *words, *url;
		bool loopback;
	} good[] = {
		{ "127.0.0.1", "http://127.0.0.1:4253/", true },
		{ "localhost:80", "http://127.0.0.1:80/", true },
		{ "8080", "http://127.0.0.1:8080/", true },
		{ ":8080", "http://127.0.0.1:8080/", true },
		{ "127.8.0.1:0", "http://127.8.0.1:0/", true },
		{ "[::1]", "http://[::1]:4253/", true },
		{ "[::1]:9", "http://[::1]:9/", true },
		{ "192.0.2.1:80", "http://192.0.2.1:80/", false },
		{ "0.0.0.0", "http://127.0.0.1:4253/", false },
		{ "[::]:80", "http://[::1]:80/", false },
	};
	union listen_address a;
	char url[LISTEN_URL_MAX];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(good); i++) {
		if (listen_read(good[i].words, &a) < 0)
			fail_msg("%s was refused", good[i].words);
		assert_int_equal(listen_is_loopback(&a), good[i].loopback);
		listen_url(&a,
			   ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port
							     : a.v4.sin_port),
			   url);
		assert_string_equal(url, good[i].url);
	}
}

static void test_where_not_to(void **state)
{
	static const char *const bad[] = {
		"",
		"example.org",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"1.2.3",
		"::1",
		"[::1]80",
		"[::1]:x",
		"[127.0.0.1]",
		"127.0.0.1:80:80",
		"-1",
		"99999",
	};
	union listen_address a = { .v4 = { .sin_family = 77 } };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++) {
		if (listen_read(bad[i], &a) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(a.v4.sin_family, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_hosts_that_are_ours),
		CASE(test_hosts_that_are_not),
		CASE(test_sites),
		CASE(test_paths_of_hosts),
		CASE(test_where_to_listen),
		CASE(test_where_not_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
