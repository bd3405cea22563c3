/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes out. Decides how a receiver is met: TLS with its name verified, one
 * host and no other, 15 seconds, 16 KiB of answer. Must never follow where an
 * answer points, nor hand what is sent to a scheme that was not configured.
 * Invariant: a job that was started ends by one call of its done().
 */
#include <errno.h>

#include <curl/curl.h>

#include "hale/base.h"
#include "hale/text.h"
#include "hale/version.h"

#include "agent/doors/post.h"

#define CONNECT_S  5L
#define WHOLE_S	   15L
#define ANSWER_MAX (16 * 1024)

struct job {
	CURL *easy; /* NULL: free */
	struct curl_slist *headers, *to;
	char *body;
	size_t len, sent, answered;
	void (*done)(void *data, const struct post_result *r);
	void *data;
	char error[CURL_ERROR_SIZE];
};

struct post {
	CURLM *multi;
	struct job jobs[POST_JOBS_MAX];
};

struct post *post_new(void)
{
	struct post *p = calloc(1, sizeof(*p));

	if (p && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		p->multi = curl_multi_init();
	if (p && !p->multi) {
		free(p);
		return NULL;
	}
	return p;
}

static void end(struct post *p, struct job *j)
{
	if (j->easy) {
		curl_multi_remove_handle(p->multi, j->easy);
		curl_easy_cleanup(j->easy);
	}
	curl_slist_free_all(j->headers);
	curl_slist_free_all(j->to);
	free(j->body);
	memset(j, 0, sizeof(*j));
}

struct post *post_free(struct post *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < POST_JOBS_MAX; i++)
		end(p, &p->jobs[i]);
	curl_multi_cleanup(p->multi);
	curl_global_cleanup();
	free(p);
	return NULL;
}

/* --- one of them --- */

/* It is counted and thrown away; a longer one ends the job. */
static size_t on_answer(char *bytes, size_t size, size_t n, void *data)
{
	struct job *j = data;

	(void)bytes;
	j->answered += size * n;
	return j->answered > ANSWER_MAX ? 0 : size * n;
}

/* SMTP takes lines that end by CRLF. */
static size_t on_read(char *buf, size_t size, size_t n, void *data)
{
	struct job *j = data;
	size_t room = size * n, left = j->len - j->sent;

	if (left > room)
		left = room;
	memcpy(buf, j->body + j->sent, left);
	j->sent += left;
	return left;
}

static char *with_crlf(const char *text, size_t len, size_t *ret_len)
{
	char *out = malloc(len * 2 + 1);
	size_t n = 0;

	for (size_t i = 0; out && i < len; i++) {
		if (text[i] == '\n')
			out[n++] = '\r';
		out[n++] = text[i];
	}
	*ret_len = n;
	return out;
}

static int take_body(struct job *j, const struct post_request *q)
{
	if (q->from) {
		j->body = with_crlf(q->body, q->len, &j->len);
	} else {
		j->body = malloc(q->len + 1);
		j->len = q->len;
		if (j->body)
			memcpy(j->body, q->body, q->len);
	}
	return j->body ? 0 : -ENOMEM;
}

static int add(struct curl_slist **list, const char *text)
{
	struct curl_slist *more = curl_slist_append(*list, text);

	if (!more)
		return -ENOMEM;
	*list = more;
	return 0;
}

static int take_lists(struct job *j, const struct post_request *q)
{
	int r = add(&j->headers, "Expect:");

	for (size_t i = 0; r == 0 && q->headers[i]; i++)
		r = add(&j->headers, q->headers[i]);
	for (size_t i = 0; r == 0 && q->to && q->to[i]; i++)
		r = add(&j->to, q->to[i]);
	return r;
}

static void set_http(struct job *j)
{
	curl_easy_setopt(j->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(j->easy, CURLOPT_POSTFIELDS, j->body);
	curl_easy_setopt(j->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)j->len);
	curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, j->headers);
	curl_easy_setopt(j->easy, CURLOPT_USERAGENT, "hale/" HALE_VERSION);
}

static void set_mail(struct job *j, const struct post_request *q)
{
	curl_easy_setopt(j->easy, CURLOPT_MAIL_FROM, q->from);
	curl_easy_setopt(j->easy, CURLOPT_MAIL_RCPT, j->to);
	curl_easy_setopt(j->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(j->easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(j->easy, CURLOPT_READDATA, j);
	curl_easy_setopt(j->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)j->len);
}

/* Its defaults verify the peer and its name; they are said all the same. */
static CURLcode set_rules(struct job *j, const struct post_request *q)
{
	CURLcode code = curl_easy_setopt(j->easy, CURLOPT_URL, q->url);

	curl_easy_setopt(j->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(j->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(j->easy, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2);
	if (q->ca_file && q->ca_file[0])
		curl_easy_setopt(j->easy, CURLOPT_CAINFO, q->ca_file);
	curl_easy_setopt(j->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(j->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(j->easy, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(j->easy, CURLOPT_TIMEOUT, WHOLE_S);
	curl_easy_setopt(j->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(j->easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(j->easy, CURLOPT_WRITEDATA, j);
	curl_easy_setopt(j->easy, CURLOPT_ERRORBUFFER, j->error);
	curl_easy_setopt(j->easy, CURLOPT_PRIVATE, j);
	if (code == CURLE_OK)
		code = curl_easy_setopt(j->easy, CURLOPT_PROTOCOLS_STR,
					q->from ? "smtp,smtps" : "http,https");
	return code;
}

static struct job *place(struct post *p)
{
	for (size_t i = 0; i < POST_JOBS_MAX; i++) {
		if (!p->jobs[i].easy)
			return &p->jobs[i];
	}
	return NULL;
}

int post_start(struct post *p, const struct post_request *q)
{
	struct job *j = place(p);
	int r;

	if (!j)
		return -EBUSY;
	j->easy = curl_easy_init();
	r = j->easy ? take_body(j, q) : -ENOMEM;
	if (r == 0)
		r = take_lists(j, q);
	if (r == 0 && set_rules(j, q) != CURLE_OK)
		r = -EINVAL;
	if (r == 0) {
		j->done = q->done;
		j->data = q->data;
		if (q->from)
			set_mail(j, q);
		else
			set_http(j);
		if (curl_multi_add_handle(p->multi, j->easy) != CURLM_OK)
			r = -ENOMEM;
	}
	if (r < 0)
		end(p, j);
	return r;
}

/* --- all of them --- */

static void say_error(const struct job *j, CURLcode code, struct post_result *r)
{
	char text[CURL_ERROR_SIZE + 32];

	if (r->status > 0)
		snprintf(text, sizeof(text), "the answer was %ld%s", r->status,
			 r->status / 100 == 3 ? ", which is not followed" : "");
	else
		snprintf(text, sizeof(text), "%s",
			 j->error[0] ? j->error : curl_easy_strerror(code));
	hale_print_text(r->error, sizeof(r->error), text, strlen(text));
}

static void finish(struct post *p, struct job *j, CURLcode code)
{
	void (*done)(void *, const struct post_result *) = j->done;
	void *data = j->data;
	struct post_result r = { 0 };
	curl_off_t after = 0;

	curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &r.status);
	curl_easy_getinfo(j->easy, CURLINFO_RETRY_AFTER, &after);
	r.delivered = code == CURLE_OK && r.status / 100 == 2;
	r.after_s = after > 0 && after < 86400 ? (uint32_t)after : 0;
	if (!r.delivered)
		say_error(j, code, &r);
	end(p, j);
	done(data, &r);
}

void post_turn(struct post *p)
{
	const CURLMsg *m;
	int running = 0, left = 0;

	if (!p)
		return;
	curl_multi_perform(p->multi, &running);
	while ((m = curl_multi_info_read(p->multi, &left)) != NULL) {
		struct job *j = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &j);
		if (j)
			finish(p, j, m->data.result);
	}
}

#define WAIT_MAX 64

/* POLLIN and POLLOUT have other numbers there. */
static short to_curl(short events)
{
	return (short)(((events & POLLIN) ? CURL_WAIT_POLLIN : 0) |
		       ((events & POLLOUT) ? CURL_WAIT_POLLOUT : 0));
}

static short from_curl(short events)
{
	return (short)(((events & CURL_WAIT_POLLIN) ? POLLIN : 0) |
		       ((events & CURL_WAIT_POLLOUT) ? POLLOUT : 0));
}

int post_wait(struct post *p, struct pollfd *fds, size_t n, int ms)
{
	struct curl_waitfd own[WAIT_MAX];
	unsigned int used = 0;
	int ready = 0;

	if (!p)
		return poll(fds, n, ms);
	for (size_t i = 0; i < n && used < WAIT_MAX; i++) {
		fds[i].revents = 0;
		if (fds[i].fd >= 0)
			own[used++] = (struct curl_waitfd){
				fds[i].fd, to_curl(fds[i].events), 0
			};
	}
	/* without an end it takes a whole second for one */
	if (curl_multi_poll(p->multi, own, used, ms < 0 ? 3600000 : ms,
			    &ready) != CURLM_OK)
		return -1;
	used = 0;
	for (size_t i = 0; i < n && used < WAIT_MAX; i++) {
		if (fds[i].fd >= 0)
			fds[i].revents = from_curl(own[used++].revents);
	}
	return ready;
}
