/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet's layout, and what is written out of it for servers and hosts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/fleetcli/server_config.h"

#define KEY "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK"

static struct layout of(const char *nodes)
{
	struct layout l = { .name = "hale", .at = "/etc/nats-hale" };
	char why[LAYOUT_WHY_SIZE] = "";

	if (layout_nodes(nodes, &l, why) < 0 || layout_check(&l, why) < 0)
		fail_msg("%s: %s", nodes, why);
	return l;
}

static void test_nodes(void **state)
{
	struct layout l = of("a,b=10.0.0.2, c=[fd00::3]:5222:7222");

	(void)state;
	assert_int_equal(l.n_nodes, 3);
	assert_string_equal(l.nodes[0].address, "a");
	assert_int_equal(l.nodes[0].port, 4222);
	assert_int_equal(l.nodes[0].cluster_port, 6222);
	assert_string_equal(l.nodes[1].address, "10.0.0.2");
	assert_string_equal(l.nodes[2].address, "fd00::3");
	assert_int_equal(l.nodes[2].port, 5222);
	assert_int_equal(l.nodes[2].cluster_port, 7222);
	l = of("a=nats.example.org:4000");
	assert_string_equal(l.nodes[0].address, "nats.example.org");
	assert_int_equal(l.nodes[0].port, 4000);
	l = of("a=fd00::3");
	assert_string_equal(l.nodes[0].address, "fd00::3");
}

static void test_no_nodes(void **state)
{
	static const char *const wrong[] = {
		"",
		"a,b",
		"a,b,c,d",
		"a,b,c,d,e,f",
		"a,a,b",
		"a,A,b",
		"a=10.0.0.1,b=10.0.0.1,c=10.0.0.1",
		"a=10.0.0.1:1:2,b=10.0.0.1:2:3,c=10.0.0.2",
		"a=h:0",
		"a=h:65536",
		"a=h:4222:4222",
		"a=h:x",
		"a=h:",
		"a=[fd00::3",
		"a=[fd00::3]x",
		"../a",
		"-a",
		".",
		"a\"b",
		"a=h\"",
		"a=h}",
		"a=",
		"=h",
		"a=$HOME",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(wrong); i++) {
		struct layout l = { .name = "hale" };
		char why[LAYOUT_WHY_SIZE] = "";

		if (layout_nodes(wrong[i], &l, why) == 0 &&
		    layout_check(&l, why) == 0)
			fail_msg("\"%s\" is taken for nodes", wrong[i]);
		assert_true(why[0]);
	}
}

/* What @write says, to be freed. */
static char *text_of(void (*write)(const void *what, FILE *to),
		     const void *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	write(what, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void write_ini(const void *what, FILE *to)
{
	layout_write(what, to);
}

static void write_second(const void *what, FILE *to)
{
	config_server(what, 1, "/etc/nats-hale", to);
}

static void write_first(const void *what, FILE *to)
{
	config_server(what, 0, "/p", to);
}

static void test_kept(void **state)
{
	struct layout l = of("a=h1:1:2,b=[fd00::3]:5222:7222,c"), again;
	char dir[] = "/tmp/hale-layout.XXXXXX", path[64];
	char why[LAYOUT_WHY_SIZE] = "";
	char *text = text_of(write_ini, &l), *second;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fleet.ini", dir);
	assert_int_equal(layout_load(dir, &again, why), -ENOENT);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(layout_load(dir, &again, why), 0);
	second = text_of(write_ini, &again);
	assert_string_equal(text, second);
	f = fopen(path, "ae");
	assert_non_null(f);
	fputs("nonsense = 1\n", f);
	fclose(f);
	assert_int_equal(layout_load(dir, &again, why), -EINVAL);
	assert_non_null(strstr(why, "fleet.ini:9:"));
	unlink(path);
	rmdir(dir);
	free(text);
	free(second);
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		n++;
	}
	return n;
}

static void test_server(void **state)
{
	struct layout l = of("a=h1,b=10.0.0.2,c=[fd00::3]:5222:7222");
	char *text = text_of(write_second, &l);

	(void)state;
	assert_non_null(strstr(text, "server_name: \"b\"\n"));
	assert_non_null(strstr(text, "listen: \"10.0.0.2:4222\"\n"));
	assert_non_null(strstr(text, "listen: \"10.0.0.2:6222\"\n"));
	assert_non_null(strstr(text, "\"tls://h1:6222\"\n"));
	assert_non_null(strstr(text, "\"tls://[fd00::3]:7222\"\n"));
	assert_null(strstr(text, "tls://10.0.0.2:6222"));
	assert_non_null(strstr(text, "verify: true"));
	/* what keeps a server's answer from being a request */
	assert_int_equal(count(text, "{service: {account: FLEET"), 1);
	assert_int_equal(count(text, "jetstream: enabled"), 1);
	free(text);
	l = of("a=127.0.0.1");
	text = text_of(write_first, &l);
	assert_null(strstr(text, "cluster {"));
	assert_non_null(strstr(text, "cert_file: \"/p/server.pem\""));
	free(text);
}

static void write_hosts(const void *what, FILE *to)
{
	config_hosts(what, to);
}

static void write_users(const void *what, FILE *to)
{
	config_users(what, to);
}

static void test_members(void **state)
{
	struct members m = { 0 };
	char why[MEMBERS_WHY_SIZE] = "";
	char *text;

	(void)state;
	assert_int_equal(
		members_parse(&m, "host " KEY " b7 2026-11-22T07:10:00Z me -",
			      why),
		1);
	text = text_of(write_hosts, &m);
	assert_int_equal(count(text, "nkey: " KEY), 1);
	assert_non_null(strstr(text, "\"up.state." KEY "\""));
	assert_non_null(strstr(text, "subscribe: [\"_INBOX_" KEY ".>\""));
	free(text);
	text = text_of(write_users, &m);
	assert_null(strstr(text, KEY));
	free(text);
	m.list[0].role = MEMBER_REVOKED;
	text = text_of(write_hosts, &m);
	assert_null(strstr(text, KEY));
	free(text);
	m.list[0].role = MEMBER_OPERATOR;
	text = text_of(write_users, &m);
	assert_non_null(strstr(text, "deny: [\"$JS.API.STREAM.DELETE.*\""));
	free(text);
	members_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),	cmocka_unit_test(test_no_nodes),
		cmocka_unit_test(test_kept),	cmocka_unit_test(test_server),
		cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
