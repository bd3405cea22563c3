/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which way each of the command's outputs takes. What hale cannot stand in for
 * truly it hands over as it is: a file is the command's own (its offset, its
 * size, ENOSPC), and hale reads along; a device is left alone. Pipes, sockets
 * and /dev/null become a pipe, a terminal a pty. Outputs that are one file stay
 * one, so that their order holds.
 */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "hale/base.h"

/* Another description of the same thing: whether it blocks is hale's matter
 * there, and not seen by those that share the descriptor. */
static int reopen(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC | O_NOCTTY);
}

static void open_writer(struct stream *s)
{
	s->to = s->out;
	if (s->socket)
		return; /* MSG_DONTWAIT */
	s->to = reopen(s->out, O_WRONLY | O_NONBLOCK);
	s->own_to = s->to >= 0;
	if (!s->own_to)
		s->to = s->out;
}

static void open_pipe(struct stream *s)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	s->kind = STREAM_PIPE;
	s->in = fds[0];
	s->child = fds[1];
	if (s->to != -1)
		open_writer(s);
}

static void open_pty(struct stream *s)
{
	if (pty_open(s->out, &s->pty, &s->child) < 0)
		return;
	s->kind = STREAM_PTY;
	s->in = s->pty.master;
	open_writer(s);
}

static void open_file(struct stream *s, const struct stat *st)
{
	int flags = fcntl(s->out, F_GETFL);
	off_t at = lseek(s->out, 0, SEEK_CUR);

	s->read = (uint64_t)(flags & O_APPEND || at < 0 ? st->st_size : at);
	s->file = reopen(s->out, O_RDONLY);
	if (s->file >= 0)
		s->kind = STREAM_FILE;
}

static bool is_null(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

/* A descriptor that launch_hold_standard() put there was closed. */
static bool was_closed(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static void open_stream(struct stream *s, const struct stat *st, bool bare)
{
	s->socket = S_ISSOCK(st->st_mode);
	if (is_null(st)) {
		s->to = -1;
		open_pipe(s);
	} else if (S_ISFIFO(st->st_mode) || s->socket) {
		open_pipe(s);
	} else if (S_ISREG(st->st_mode)) {
		open_file(s, st);
	} else if (!bare && isatty(s->out)) {
		open_pty(s);
	}
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

void relay_open(struct relay *r, struct tail *tail, bool bare)
{
	struct stat st[2];
	bool known[2];

	r->tail = tail;
	r->one = false;
	r->bytes = 0;
	memset(&r->progress, 0, sizeof(r->progress));
	for (int i = 0; i < 2; i++) {
		struct stream *s = &r->streams[i];

		*s = (struct stream){
			.out = i + 1, .in = -1, .child = -1, .file = -1
		};
		known[i] = !was_closed(s->out) && fstat(s->out, &st[i]) == 0;
	}
	if (known[0])
		open_stream(&r->streams[0], &st[0], bare);
	r->one = known[0] && known[1] && same(&st[0], &st[1]);
	if (known[1] && !r->one)
		open_stream(&r->streams[1], &st[1], bare);
}

int relay_child_fd(const struct relay *r, int i)
{
	if (!r->one)
		return r->streams[i].child;
	return r->streams[0].child;
}

void relay_launched(struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		struct stream *s = &r->streams[i];

		if (s->child >= 0)
			close(s->child);
		s->child = -1;
	}
}
