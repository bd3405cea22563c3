/* SPDX-License-Identifier: Apache-2.0 */
/* fleet.conf: what it may say, and that each fault names its line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/fleetcli/settings.h"

static struct fleet_settings s;
static char said[FLEET_SAID_MAX];

static int parse(const char *text)
{
	return settings_parse(text, "/root/f/fleet.conf", &s, said);
}

static void test_paths_are_from_its_folder(void **state)
{
	(void)state;
	assert_int_equal(parse("[fleet]\nname = hale\n"
			       "servers = tls://a:4222, tls://b:4222\n"
			       "ca = ca.pem\nseed = /etc/user.nk\n"
			       "operator = user.nk\n"),
			 0);
	assert_int_equal(s.n_servers, 2);
	assert_string_equal(s.servers[1], "tls://b:4222");
	assert_string_equal(s.ca, "/root/f/ca.pem");
	assert_string_equal(s.seed, "/etc/user.nk");
	assert_string_equal(s.operator_seed, "/root/f/user.nk");
	assert_string_equal(s.from, "/root/f/fleet.conf");
}

static void test_faults_name_their_line(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[fleet]\nservers = http://x\n", "fleet.conf:2: servers" },
		{ "[fleet]\nservers =\n", "fleet.conf:2: servers names no" },
		{ "[fleet]\nservers = tls://x\ncolour = red\n",
		  "fleet.conf:3: colour is no key of [fleet]" },
		{ "[other]\nservers = tls://x\n", ":2: servers is in section" },
		{ "[fleet]\nname = x\n", "servers = is missing" },
		{ "[fleet]\nservers = tls://x\nkey = k\n", "belong together" },
		{ "[fleet]\nnonsense\n", "fleet.conf:2: is no" },
		{ "[fleet]\nca =\n", "ca is empty" },
		{ "", "servers = is missing" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(cases[i].text), -EINVAL);
		if (!strstr(said, cases[i].said))
			fail_msg("%zu: %s", i, said);
	}
}

static void test_nothing_unbounded(void **state)
{
	char text[4096] = "[fleet]\nservers =";

	(void)state;
	for (int i = 0; i < FLEET_SERVERS_MAX + 1; i++)
		strcat(text, " tls://h");
	assert_int_equal(parse(text), -EINVAL);
	memset(text, 0, sizeof(text));
	strcpy(text, "[fleet]\nservers = tls://");
	memset(text + strlen(text), 'x', 180);
	strcat(text, "\nca = ");
	memset(text + strlen(text), 'y', 190);
	assert_true(parse(text) <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_from_its_folder),
		cmocka_unit_test(test_faults_name_their_line),
		cmocka_unit_test(test_nothing_unbounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
