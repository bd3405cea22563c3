/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets around http.c. Decides who gets a place and for how long. It is our
 * own and not libmicrohttpd: of that library the limit is on inactivity, which
 * a byte every few seconds never reaches, and GnuTLS comes with it; what is
 * needed here is these lines. Must never wait for a client. Invariant: a client
 * sends one request, gets one answer, and is gone five seconds after it came,
 * fifteen where it reads slowly.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "hale/base.h"

#include "agent/doors/server.h"

#define ASK_NS	(5 * HALE_NS_PER_S)
#define READ_NS (10 * HALE_NS_PER_S)
#define BACKLOG 32

/* --- the socket --- */

static int bind_unix(struct server *s, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;
	mode_t mask;
	int r;

	if (fd < 0)
		return -errno;
	/* one that an earlier run left; nothing but a socket is removed */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	HALE_SET(a.sun_path, path);
	mask = umask(0111); /* what it tells anyone may ask the gate as well */
	r = bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : fd;
	umask(mask);
	if (r < 0)
		close(fd);
	else
		HALE_SET(s->path, path);
	return r;
}

static int bind_port(const char *where)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool six = where[0] == '[';
	uint16_t port =
		htons((uint16_t)strtoul(strrchr(where, ':') + 1, NULL, 10));
	const int on = 1;
	int fd = socket(six ? AF_INET6 : AF_INET,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	a4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a4.sin_port = a6.sin6_port = port;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	r = six ? bind(fd, (const struct sockaddr *)&a6, sizeof(a6))
		: bind(fd, (const struct sockaddr *)&a4, sizeof(a4));
	if (r == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int server_open(struct server *s, const char *where)
{
	int fd;

	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	s->is_unix = where[0] == '/';
	fd = s->is_unix ? bind_unix(s, where) : bind_port(where);
	if (fd >= 0 && listen(fd, BACKLOG) < 0) {
		int r = -errno;

		close(fd);
		fd = r;
	}
	s->listen_fd = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

void server_where(const struct server *s, char ret_text[128])
{
	struct sockaddr_in6 a = { 0 };
	socklen_t len = sizeof(a);

	ret_text[0] = '\0';
	if (s->is_unix)
		snprintf(ret_text, 128, "%s", s->path);
	else if (getsockname(s->listen_fd, (struct sockaddr *)&a, &len) == 0)
		snprintf(ret_text, 128, "%s:%u",
			 a.sin6_family == AF_INET6 ? "[::1]" : "127.0.0.1",
			 ntohs(a.sin6_port));
}

static void drop(struct server_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	free(c->out);
	c->out = NULL;
}

void server_close(struct server *s)
{
	for (size_t i = 0; i < SERVER_CLIENTS_MAX && s->listen_fd >= 0; i++)
		drop(&s->clients[i]);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	s->listen_fd = -1;
	if (s->path[0])
		unlink(s->path);
}

/* --- answering --- */

static int put_out(struct server_client *c, int status, const char *type,
		   const char *body, size_t len)
{
	char head[256];
	int n = snprintf(head, sizeof(head),
			 "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
			 "Content-Length: %zu\r\nCache-Control: no-store\r\n"
			 "%sConnection: close\r\n\r\n",
			 status, http_reason(status), type, len,
			 status == 405 ? "Allow: GET, HEAD\r\n" : "");
	size_t sent = c->head_only ? 0 : len;

	c->out = malloc((size_t)n + sent);
	if (!c->out)
		return -ENOMEM;
	memcpy(c->out, head, (size_t)n);
	memcpy(c->out + n, body, sent);
	c->n_out = (size_t)n + sent;
	c->sent = 0;
	return 0;
}

static void refuse(struct server *s, struct server_client *c, int status)
{
	char body[80];
	int n = snprintf(body, sizeof(body), "%d %s\n", status,
			 http_reason(status));

	s->refused++;
	if (put_out(c, status, "text/plain; charset=utf-8", body, (size_t)n) <
	    0)
		drop(c);
}

static void give(struct server *s, struct server_client *c,
		 const struct http_request *r)
{
	_cleanup_free_ char *body = NULL;
	const char *type = "";
	ssize_t len = s->answer(s->data, r, &body, &type);

	if (len < 0)
		refuse(s, c, len == -ENOENT ? 404 : 503);
	else if (put_out(c, 200, type, body, (size_t)len) < 0)
		drop(c);
	else
		s->answered++;
}

static void serve(struct server *s, struct server_client *c,
		  const struct http_request *r)
{
	c->head_only = r->head;
	if (!s->is_unix && !r->own_host)
		refuse(s, c, 421);
	else
		give(s, c, r);
}

static void write_out(struct server_client *c)
{
	ssize_t n = send(c->fd, c->out + c->sent, c->n_out - c->sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		drop(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->sent < c->n_out)
		return;
	/* what it sent on is read, or its end would be a reset */
	shutdown(c->fd, SHUT_WR);
	recv(c->fd, c->in, sizeof(c->in), MSG_DONTWAIT);
	drop(c);
}

static void read_in(struct server *s, struct server_client *c, uint64_t now_ns)
{
	struct http_request r;
	ssize_t n = recv(c->fd, c->in + c->n_in, sizeof(c->in) - c->n_in,
			 MSG_DONTWAIT);
	int status;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->n_in += (size_t)n;
	status = http_parse(c->in, c->n_in, &r);
	if (status == -EAGAIN)
		return;
	if (status == 0)
		serve(s, c, &r);
	else
		refuse(s, c, status);
	c->until_ns = now_ns + READ_NS;
	if (c->fd >= 0)
		write_out(c);
}

/* A free place, or that of the one that has been here for longest. */
static struct server_client *place(struct server *s)
{
	struct server_client *oldest = &s->clients[0];

	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *c = &s->clients[i];

		if (c->fd < 0)
			return c;
		if (c->until_ns < oldest->until_ns)
			oldest = c;
	}
	drop(oldest);
	return oldest;
}

static void accept_one(struct server *s, uint64_t now_ns)
{
	int fd =
		accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct server_client *c;

	if (fd < 0)
		return;
	c = place(s);
	c->fd = fd;
	c->n_in = c->n_out = c->sent = 0;
	c->head_only = false;
	c->until_ns = now_ns + ASK_NS;
}

size_t server_fds(const struct server *s, struct pollfd fds[SERVER_FDS])
{
	if (s->listen_fd < 0)
		return 0;
	fds[0] = (struct pollfd){ .fd = s->listen_fd, .events = POLLIN };
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		fds[i + 1] = (struct pollfd){
			.fd = s->clients[i].fd,
			.events = s->clients[i].out ? POLLOUT : POLLIN,
		};
	return SERVER_FDS;
}

void server_turn(struct server *s, const struct pollfd *fds, uint64_t now_ns)
{
	if (s->listen_fd < 0)
		return;
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *c = &s->clients[i];

		if (c->fd < 0 || fds[i + 1].revents == 0)
			continue;
		if (c->out)
			write_out(c);
		else
			read_in(s, c, now_ns);
	}
	if (fds[0].revents != 0)
		accept_one(s, now_ns);
}

uint64_t server_expire(struct server *s, uint64_t now_ns)
{
	uint64_t next = 0;

	for (size_t i = 0; i < SERVER_CLIENTS_MAX && s->listen_fd >= 0; i++) {
		struct server_client *c = &s->clients[i];

		if (c->fd < 0)
			continue;
		if (c->until_ns <= now_ns)
			drop(c);
		else if (next == 0 || c->until_ns < next)
			next = c->until_ns;
	}
	return next;
}
