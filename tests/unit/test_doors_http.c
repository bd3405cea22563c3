/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for metrics: what is one, what is not yet, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "hale/base.h"

#include "agent/doors/http.h"

static struct http_request req;

static int parse(const char *text)
{
	return http_parse(text, strlen(text), &req);
}

static void a_scrape_is_understood(void **state)
{
	(void)state;
	assert_int_equal(parse("GET /metrics?x=1 HTTP/1.1\r\n"
			       "Host: 127.0.0.1:9843\r\n"
			       "Accept: application/openmetrics-text;"
			       "version=1.0.0,*/*;q=0.1\r\n\r\n"),
			 0);
	assert_string_equal(req.path, "/metrics");
	assert_true(req.openmetrics);
	assert_true(req.own_host);
	assert_false(req.head);
	assert_int_equal(parse("HEAD / HTTP/1.0\n\n"), 0);
	assert_true(req.head);
	assert_false(req.openmetrics);
	assert_false(req.own_host);
}

static void a_part_is_waited_for(void **state)
{
	static const char whole[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_int_equal(http_parse(whole, n, &req), -EAGAIN);
	assert_int_equal(http_parse(whole, sizeof(whole) - 1, &req), 0);
}

static void a_head_has_an_end(void **state)
{
	char long_one[HTTP_HEAD_MAX];

	(void)state;
	memset(long_one, 'a', sizeof(long_one));
	assert_int_equal(http_parse(long_one, sizeof(long_one), &req), 431);
	memcpy(long_one, "GET / HTTP/1.1\r\nX: ", 19);
	assert_int_equal(http_parse(long_one, sizeof(long_one), &req), 431);
}

static void what_is_no_scrape_is_refused(void **state)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{ "POST /metrics HTTP/1.1\r\n\r\n", 405 },
		{ "get /metrics HTTP/1.1\r\n\r\n", 405 },
		{ " GET /metrics HTTP/1.1\r\n\r\n", 400 },
		{ "GET metrics HTTP/1.1\r\n\r\n", 400 },
		{ "GET /metrics\r\n\r\n", 400 },
		{ "GET /metrics HTTP/2.0\r\n\r\n", 505 },
		{ "GET /metrics HTTP/1.12\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nno header\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n: x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nX: a\x01\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde", 413 },
		{ "GET / HTTP/1.1\r\ncontent-length: 0\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 413 },
		{ "\r\n\r\n", 400 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		assert_int_equal(parse(rows[i].text), rows[i].status);
	assert_int_equal(http_parse("GET /\0 HTTP/1.1\r\n\r\n", 19, &req), 400);
}

static void a_long_path_is_not_there(void **state)
{
	char text[256] = "GET /";

	(void)state;
	memset(text + 5, 'a', 100);
	strcat(text, " HTTP/1.1\r\n\r\n");
	assert_int_equal(parse(text), 404);
}

static void only_this_host_names_itself(void **state)
{
	static const struct {
		const char *host;
		bool own;
	} rows[] = {
		{ "localhost", true },
		{ "localhost:9843", true },
		{ "127.0.0.1:9843", true },
		{ "[::1]:9843", true },
		{ "LOCALHOST", true },
		{ "localhost.example.org", false },
		{ "127.0.0.1.example.org", false },
		{ "example.org:9843", false },
		{ "", false },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text),
			 "GET / HTTP/1.1\r\nHost:  %s\r\n\r\n", rows[i].host);
		assert_int_equal(parse(text), 0);
		assert_int_equal(req.own_host, rows[i].own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scrape_is_understood),
		cmocka_unit_test(a_part_is_waited_for),
		cmocka_unit_test(a_head_has_an_end),
		cmocka_unit_test(what_is_no_scrape_is_refused),
		cmocka_unit_test(a_long_path_is_not_there),
		cmocka_unit_test(only_this_host_names_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
