/* SPDX-License-Identifier: Apache-2.0 */
/*
 * [fleet] of hale.conf: what is taken, and what is refused with its line.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/config.h"

static struct config config;
static char error[CONFIG_ERROR_MAX];

static int read_lines(const char *lines)
{
	char text[8192];

	snprintf(text, sizeof(text), "[fleet]\n%s", lines);
	return config_parse(text, "hale.conf", &config, error);
}

static void test_lines_add_up(void **state)
{
	(void)state;
	assert_int_equal(
		read_lines("servers = tls://a.example.org:4222, nats://b\n"
			   "servers = tls://[2001:db8::1]:4222\n"
			   "labels = rack=7 room=b-2\n"
			   "labels = owner=a/b\n"
			   "heartbeat = 1min\nspool_size = 2MiB\n"
			   "spool_age = 7d\nseed = /etc/hale/seed\n"),
		0);
	assert_string_equal(config.fleet.servers,
			    "tls://a.example.org:4222 nats://b "
			    "tls://[2001:db8::1]:4222");
	assert_string_equal(config.fleet.labels, "rack=7 room=b-2 owner=a/b");
	assert_int_equal(config.fleet.heartbeat_s, 60);
	assert_true(config.fleet.spool_bytes == 2 * HALE_MIB);
	assert_true(config_valid(&config, sizeof(config)));
}

static void test_without_servers_there_is_no_fleet(void **state)
{
	(void)state;
	assert_int_equal(config_parse("", "hale.conf", &config, error), 0);
	assert_string_equal(config.fleet.servers, "");
}

static void test_what_is_refused_says_where(void **state)
{
	static const char *const lines[] = {
		"servers =",
		"servers = a.example.org",
		"servers = http://a.example.org",
		"servers = nats://user:secret@a.example.org",
		"servers = nats://a.example.org/path",
		"servers = nats://a.example.org:0",
		"servers = nat://a.example.org",
		"servers = nats://a.example.org:65536",
		"servers = nats://a.example.org:4222x",
		"servers = nats://[::1",
		"servers = nats://",
		"labels = rack",
		"labels = =7",
		"labels = Rack=7",
		"labels = a234567890123456789012345678901234=7",
		"heartbeat = 1s",
		"heartbeat = 2h",
		"spool_size = 1KiB",
		"spool_age = 1s",
		"seed = host.nk",
		"ca = ca.pem",
		"obey = yes",
		("obey = "
		 "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3"),
		"token = x",
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lines); i++) {
		snprintf(text, sizeof(text), "heartbeat = 30s\n%s\n", lines[i]);
		if (read_lines(text) != -EINVAL)
			fail_msg("taken: %s", lines[i]);
		if (strncmp(error, "hale.conf:3: ", 13) != 0)
			fail_msg("%s: %s", lines[i], error);
	}
}

/* A list has an end, and so has its memory. */
static void test_too_many_are_too_many(void **state)
{
	char text[8000];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 32; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "servers = nats://h%d\n", i);
	assert_int_equal(read_lines(text), 0);
	snprintf(text + n, sizeof(text) - n, "servers = nats://h32\n");
	assert_int_equal(read_lines(text), -EINVAL);
	n = 0;
	for (int i = 0; i < 31; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "servers = nats://%0150d.example.org\n",
				      i);
	assert_int_equal(read_lines(text), -EINVAL);
}

static void test_doubts_are_told(void **state)
{
	(void)state;
	assert_int_equal(read_lines("servers = nats://a\n"), 0);
	assert_non_null(strstr(config_doubt_fleet(&config.fleet), "seed"));
	assert_int_equal(read_lines("seed = /x\n"), 0);
	assert_non_null(
		strstr(config_doubt_fleet(&config.fleet), "no servers"));
	assert_int_equal(read_lines("servers = nats://a\nseed = /x\n"
				    "certificate = /c\n"),
			 0);
	assert_non_null(strstr(config_doubt_fleet(&config.fleet), "key"));
	assert_int_equal(read_lines("servers = nats://a\nseed = /x\n"), 0);
	assert_null(config_doubt_fleet(&config.fleet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_add_up),
		cmocka_unit_test(test_without_servers_there_is_no_fleet),
		cmocka_unit_test(test_what_is_refused_says_where),
		cmocka_unit_test(test_too_many_are_too_many),
		cmocka_unit_test(test_doubts_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
