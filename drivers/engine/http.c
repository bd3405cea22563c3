/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One GET over a unix socket, by libcurl. Decides what the many ways of not
 * being answered mean. Must never wait longer than it was told, keep more than
 * BODY_MAX of an answer, follow a redirect, or send anything but GET.
 */
#include <curl/curl.h>
#include <errno.h>

#include "engine.h"

/* /system/df of a thousand images and ten thousand cache entries. */
#define BODY_MAX (4u << 20)

static size_t on_body(char *data, size_t one, size_t n, void *user)
{
	struct engine_answer *a = user;
	char *more;

	(void)one; /* always 1 */
	if (n > BODY_MAX - a->len)
		return 0;
	more = realloc(a->body, a->len + n + 1);
	if (!more)
		return 0;
	a->body = more;
	memcpy(a->body + a->len, data, n);
	a->len += n;
	a->body[a->len] = '\0';
	return n;
}

/* "API-Version: 1.41" to 141; what is no such number is 0. */
static uint32_t api_version(const char *text, size_t len)
{
	uint32_t n[2] = { 0, 0 };
	int at = 0;

	for (size_t i = 0; i < len && text[i] != '\r' && text[i] != '\n'; i++) {
		if (text[i] >= '0' && text[i] <= '9' && n[at] < 100)
			n[at] = n[at] * 10 + (uint32_t)(text[i] - '0');
		else if (text[i] == '.' && at == 0)
			at = 1;
		else if (text[i] != ' ')
			return 0;
	}
	return n[0] * 100 + n[1];
}

static size_t on_header(char *data, size_t one, size_t n, void *user)
{
	static const char api[] = "api-version:";
	static const char libpod[] = "libpod-api-version:";
	struct engine_answer *a = user;

	(void)one;
	if (n > sizeof(libpod) &&
	    strncasecmp(data, libpod, strlen(libpod)) == 0)
		a->podman = true;
	if (n > sizeof(api) && strncasecmp(data, api, strlen(api)) == 0)
		a->api = api_version(data + strlen(api), n - strlen(api));
	return n;
}

static int error_of(CURL *curl, CURLcode code)
{
	long err = 0;

	switch ((int)code) {
	case CURLE_OK:
		return 0;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &err);
		/* its queue is full: nobody has accepted for a long time */
		if (err == EAGAIN || err == EINPROGRESS)
			return -ETIMEDOUT;
		return err > 0 ? -(int)err : -ECONNREFUSED;
	case CURLE_WRITE_ERROR:
		return -EMSGSIZE;
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return -EPIPE;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	}
	return -EPROTO;
}

static void set_up(CURL *curl, const char *unix_path, const char *url, long ms)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, unix_path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "hale");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
}

void engine_get(const struct hale_probe *p, const char *socket,
		const char *path, long ms, struct engine_answer *ret_answer)
{
	struct engine_answer a = { .error = -ENOMEM };
	char unix_path[HALE_PATH_MAX], url[96];
	CURL *curl = curl_easy_init();
	CURLcode code;

	snprintf(unix_path, sizeof(unix_path), "/proc/self/fd/%d/%s",
		 p->root_fd, socket);
	snprintf(url, sizeof(url), "http://localhost%s", path);
	if (curl) {
		set_up(curl, unix_path, url, ms);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a);
		curl_easy_setopt(curl, CURLOPT_HEADERDATA, &a);
		code = curl_easy_perform(curl);
		a.error = error_of(curl, code);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a.status);
		curl_easy_cleanup(curl);
	}
	if (a.error == 0 && !a.body)
		a.body = strdup("");
	if (a.error == 0 && !a.body)
		a.error = -ENOMEM;
	*ret_answer = a;
}

void engine_answer_done(struct engine_answer *a)
{
	free(a->body);
	*a = (struct engine_answer){ 0 };
}
