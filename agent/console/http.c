/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of the console. Decides who is answered at all: GET and HEAD, meant
 * for us, without a body, to a path that there is. Must never change anything:
 * no request reaches the fleet but a question about one host. Invariant: a
 * refused request has read nothing of the screen.
 */
#include "http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/console/api_json.h"
#include "agent/console/http_room.h"

/* Headers of a browser are 1 KiB or two. */
#define HEADERS_MAX ((size_t)16 * 1024)
#define SEND_BUFFER (128 * 1024)
#define BACKLOG	    64

/* --- a request --- */

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool has_body(struct MHD_Connection *c)
{
	const char *length = header(c, "Content-Length");

	return header(c, "Transfer-Encoding") ||
	       (length && strcmp(length, "0") != 0);
}

/* 0: it may be answered; else the status, and why. */
static unsigned int refuse(const struct http *h, struct MHD_Connection *c,
			   const char *method, const char *url,
			   const char **ret_why)
{
	*ret_why = "read-only: GET and HEAD\n";
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	*ret_why = "a question has no body\n";
	if (has_body(c))
		return MHD_HTTP_CONTENT_TOO_LARGE;
	*ret_why = "not this console's name: call it by its address, or start "
		   "it with --name\n";
	if (!guard_host(&h->guard, header(c, "Host")))
		return MHD_HTTP_MISDIRECTED_REQUEST;
	*ret_why = "asked by another site's page\n";
	if (!guard_site(header(c, "Sec-Fetch-Site"), strcmp(url, "/") == 0))
		return MHD_HTTP_FORBIDDEN;
	return 0;
}

static enum MHD_Result tell_host(struct ask *a, const char *id)
{
	const struct http *h = a->http;
	struct supply_host host = { 0 };
	struct jot out = { 0 };

	if (h->supply->host(h->supply->self, id, &host) < 0)
		return answer_words(a->connection, MHD_HTTP_NOT_FOUND,
				    "no such host\n");
	api_host(&out, id, &host, h->now_ns);
	return answer_json(a->connection, &out);
}

static enum MHD_Result route(struct ask *a, const char *method, const char *url)
{
	const char *id;

	if (guard_path_host(url, &id))
		return tell_host(a, id);
	if (strcmp(url, "/api/events") != 0)
		return answer_file(a->connection, url);
	return strcmp(method, MHD_HTTP_METHOD_HEAD) == 0
		       ? answer_words(a->connection, MHD_HTTP_OK, "")
		       : view_begin(a);
}

/* Called when the headers are there, and when the request is. An answer given
 * at the first call would cost the connection, so only a refusal is. */
/* NOLINTNEXTLINE(readability-function-size): the parameters are MHD's */
static enum MHD_Result take(void *cls, struct MHD_Connection *c,
			    const char *url, const char *method,
			    const char *version, const char *data, size_t *size,
			    void **ask)
{
	struct http *h = cls;
	struct ask *a = *ask;
	const char *why;
	unsigned int status;

	(void)version;
	(void)data;
	if (a && *size > 0)
		return MHD_NO;
	if (a)
		return route(a, method, url);
	a = calloc(1, sizeof(*a));
	if (!a)
		return MHD_NO;
	a->http = h;
	a->connection = c;
	*ask = a;
	status = refuse(h, c, method, url, &why);
	return status ? answer_words(c, status, why) : MHD_YES;
}

static void completed(void *cls, struct MHD_Connection *c, void **ask,
		      enum MHD_RequestTerminationCode code)
{
	struct ask *a = *ask;

	(void)cls;
	(void)c;
	(void)code;
	if (!a)
		return;
	view_end(a);
	free(a);
	*ask = NULL;
}

/* --- the server --- */

/* Paths are compared as they were sent: none of ours needs an escape, so one
 * that has one is none of ours. */
static size_t leave_escapes(void *cls, struct MHD_Connection *c, char *text)
{
	(void)cls;
	(void)c;
	return strlen(text);
}

static void say_nothing(void *cls, const char *format, va_list args)
{
	(void)cls;
	(void)format;
	(void)args;
}

/* What a reader that reads nothing may owe in the kernel: by itself it grows to
 * 4 MiB. The page of 10,000 hosts is 1.5. */
static void limit(void *cls, struct MHD_Connection *c, void **socket,
		  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	int bytes = SEND_BUFFER;

	(void)cls;
	(void)socket;
	if (info && code == MHD_CONNECTION_NOTIFY_STARTED)
		setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &bytes,
			   sizeof(bytes));
}

/* Ours alone: MHD's own would share the port with whoever asks for it. */
static int open_socket(const struct sockaddr *address)
{
	socklen_t len = address->sa_family == AF_INET6
				? sizeof(struct sockaddr_in6)
				: sizeof(struct sockaddr_in);
	int fd = socket(address->sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, r;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, address, len) < 0 || listen(fd, BACKLOG) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static struct MHD_Daemon *start(struct http *h, const struct http_options *o,
				int fd)
{
	unsigned int flags =
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	if (o->address->sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	/* The logger comes first, as MHD speaks while it reads the options. */
	return MHD_start_daemon(
		flags, 0, NULL, NULL, take, h, MHD_OPTION_EXTERNAL_LOGGER,
		say_nothing, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX * 2,
		MHD_OPTION_CONNECTION_TIMEOUT,
		o->patience_s ? o->patience_s : (unsigned int)HTTP_PATIENCE_S,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
		leave_escapes, NULL, MHD_OPTION_NOTIFY_CONNECTION, limit, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
}

int http_new(const struct http_options *o, struct screen *t,
	     const struct supply *s, struct http **ret)
{
	struct http *h = calloc(1, sizeof(*h));
	int fd;

	if (!h)
		return -ENOMEM;
	h->screen = t;
	h->supply = s;
	h->guard = o->guard;
	fd = open_socket(o->address);
	if (fd >= 0 &&
	    getrandom(&h->epoch, sizeof(h->epoch), 0) == sizeof(h->epoch))
		h->daemon = start(h, o, fd);
	if (!h->daemon) {
		free(h); /* the socket is MHD's, which may have closed it */
		return fd < 0 ? fd : -EIO;
	}
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	h->ending = true;
	view_wake(h, true);
	MHD_run(h->daemon);
	MHD_stop_daemon(h->daemon);
	free(h);
}

int http_fd(const struct http *h)
{
	return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)
		->epoll_fd;
}

uint16_t http_port(const struct http *h)
{
	return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

size_t http_viewers(const struct http *h)
{
	return h->viewers;
}

uint64_t http_turn(struct http *h, uint64_t now_ns)
{
	MHD_UNSIGNED_LONG_LONG ms;
	uint64_t wait = EVENTS_TICK_NS;

	h->now_ns = now_ns;
	view_wake(h, false);
	MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &ms) == MHD_YES &&
	    ms * HALE_NS_PER_MS < wait)
		wait = ms * HALE_NS_PER_MS;
	return wait;
}
