/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks an engine. Must never keep more than BODY_MAX of an answer, follow a
 * redirect, leave the socket it was given, or wait longer than it was told.
 */
#include <curl/curl.h>
#include <errno.h>

#include "agent/cli/reclaim_http.h"
#include "hale/base.h"
#include "hale/text.h"

#define BODY_MAX (32u << 20) /* /system/df of ten thousand cache entries */

struct body {
	char *text;
	size_t len, size;
};

static size_t on_body(char *data, size_t one, size_t n, void *user)
{
	struct body *b = user;

	(void)one; /* always 1 */
	if (n > BODY_MAX - b->len)
		return 0;
	if (b->len + n > b->size) {
		size_t size = 2 * (b->len + n);
		char *more = realloc(b->text, size);

		if (!more)
			return 0;
		b->text = more;
		b->size = size;
	}
	memcpy(b->text + b->len, data, n);
	b->len += n;
	return n;
}

static void set_up(CURL *c, const char *socket, enum reclaim_method method,
		   long seconds)
{
	curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "hale");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, seconds);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	if (method == RECLAIM_POST) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
	}
}

/* {"message": "..."} is how engines say no. */
static void read_refusal(struct reclaim_answer *a)
{
	const char *said =
		json_string_value(json_object_get(a->body, "message"));

	if (said)
		hale_print_text(a->text, sizeof(a->text), said, strlen(said));
	else
		snprintf(a->text, sizeof(a->text), "it answers %ld", a->status);
}

static int judge(CURL *c, CURLcode code, const struct body *b,
		 struct reclaim_answer *a)
{
	if (code == CURLE_COULDNT_CONNECT) {
		long err = 0;

		curl_easy_getinfo(c, CURLINFO_OS_ERRNO, &err);
		snprintf(a->text, sizeof(a->text), "%s",
			 err ? strerrordesc_np((int)err)
			     : "it does not answer");
		return err ? -(int)err : -ECONNREFUSED;
	}
	if (code != CURLE_OK) {
		snprintf(a->text, sizeof(a->text), "%s",
			 curl_easy_strerror(code));
		return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -EPROTO;
	}
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &a->status);
	a->body = json_loadb(b->text ? b->text : "", b->len, 0, NULL);
	if (a->status / 100 == 2)
		return 0;
	read_refusal(a);
	return -EREMOTEIO;
}

int reclaim_http(const char *socket, enum reclaim_method method,
		 const char *path, long seconds, struct reclaim_answer *ret)
{
	struct body b = { 0 };
	char url[512];
	CURL *c = curl_easy_init();
	int r;

	*ret = (struct reclaim_answer){ .text = "" };
	if (!c)
		return -ENOMEM;
	snprintf(url, sizeof(url), "http://localhost%s", path);
	set_up(c, socket, method, seconds);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &b);
	r = judge(c, curl_easy_perform(c), &b, ret);
	curl_easy_cleanup(c);
	free(b.text);
	return r;
}
