/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves output. Nothing here waits: a stream holds at most one buffer, and what
 * its reader does not take now stops hale from reading more, and the command
 * from writing more, as a full pipe does. A reader that is gone closes the
 * command's end, which gets SIGPIPE (or EIO of a terminal) for it.
 */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hale/base.h"

/* Nobody fills a pipe with less than this when poll() says that it has room
 * (pipe(7)); only for descriptors that could not be made non-blocking. */
#define SURE 4096
/* A file that grew by more at once was not written but stretched. */
#define STRETCHED HALE_GIB

static void end(struct stream *s)
{
	/* the modes that the command left are the terminal's */
	if (s->kind == STREAM_PTY && s->in >= 0 && s->pty.follows)
		pty_mirror(&s->pty);
	if (s->in >= 0)
		close(s->in);
	s->in = -1;
}

static void reader_gone(struct stream *s)
{
	s->gone = true;
	s->used = 0;
	end(s);
}

static ssize_t put(const struct stream *s)
{
	struct pollfd room = { .fd = s->to, .events = POLLOUT };
	const char *from = s->buffer + s->at;

	if (s->to < 0)
		return (ssize_t)s->used;
	if (s->socket)
		return send(s->to, from, s->used, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (s->own_to)
		return write(s->to, from, s->used);
	if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT)) {
		errno = room.revents & POLLERR ? EPIPE : EAGAIN;
		return -1;
	}
	return write(s->to, from, s->used < SURE ? s->used : SURE);
}

/* True: all of it is out. */
static bool push(struct stream *s)
{
	while (s->used > 0) {
		ssize_t n = put(s);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			reader_gone(s);
			return true;
		}
		s->at += (size_t)n;
		s->used -= (size_t)n;
	}
	s->at = 0;
	return true;
}

static void see(struct relay *r, const char *bytes, size_t len)
{
	r->bytes += len;
	tail_put(r->tail, bytes, len);
	progress_put(&r->progress, bytes, len);
}

/* True: there may be more. */
static bool pull(struct relay *r, struct stream *s)
{
	long n;

	if (s->kind == STREAM_PTY) {
		n = pty_read(&s->pty, s->buffer, sizeof(s->buffer));
	} else {
		n = read(s->in, s->buffer, sizeof(s->buffer));
		n = n < 0 ? -errno : n;
	}
	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n <= 0) {
		end(s); /* a pty ends with EIO */
		return false;
	}
	s->at = s->kind == STREAM_PTY;
	s->used = (size_t)n;
	see(r, s->buffer + s->at, s->used);
	/* out after relay_modes() */
	return s->kind != STREAM_PTY || !s->pty.changed;
}

/* Bounded, so that no stream keeps hale from the other and from signals. */
static void move(struct relay *r, struct stream *s)
{
	for (int i = 0; i < 16; i++) {
		if (!push(s) || s->in < 0 || !pull(r, s))
			return;
	}
	push(s);
}

/* Is there no one to read it, although nothing was written? */
static bool reader_left(const struct stream *s)
{
	struct pollfd p = { .fd = s->to };

	if (s->in < 0 || s->to < 0 || poll(&p, 1, 0) < 1)
		return false;
	return p.revents & (POLLERR | POLLHUP);
}

void relay_move(struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		struct stream *s = &r->streams[i];

		if (reader_left(s))
			reader_gone(s);
		if (s->in >= 0 || s->used > 0)
			move(r, s);
	}
}

size_t relay_wants(const struct relay *r, struct pollfd *fds)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		const struct stream *s = &r->streams[i];

		if (s->used > 0) {
			fds[n++] = (struct pollfd){ s->to, POLLOUT, 0 };
		} else if (s->in >= 0) {
			fds[n++] = (struct pollfd){ s->in, POLLIN, 0 };
			fds[n++] = (struct pollfd){ s->to, 0, 0 };
		}
	}
	return n;
}

bool relay_ended(const struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		if (r->streams[i].in >= 0 || r->streams[i].used > 0)
			return false;
	}
	return true;
}

static void look(struct relay *r, struct stream *s)
{
	struct stat st;
	ssize_t n;

	if (s->kind != STREAM_FILE || fstat(s->file, &st) < 0)
		return;
	if ((uint64_t)st.st_size < s->read) /* truncated */
		s->read = (uint64_t)st.st_size;
	if ((uint64_t)st.st_size - s->read > STRETCHED)
		s->read = (uint64_t)st.st_size - TAIL_SIZE;
	while (s->read < (uint64_t)st.st_size) {
		n = pread(s->file, s->buffer, sizeof(s->buffer),
			  (off_t)s->read);
		if (n <= 0)
			return;
		see(r, s->buffer, (size_t)n);
		s->read += (uint64_t)n;
	}
}

void relay_look(struct relay *r)
{
	for (int i = 0; i < 2; i++)
		look(r, &r->streams[i]);
}

bool relay_has_pty(const struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		if (r->streams[i].kind == STREAM_PTY && r->streams[i].in >= 0)
			return true;
	}
	return false;
}

bool relay_modes(struct relay *r, bool mirror)
{
	bool resized = false;

	for (int i = 0; i < 2; i++) {
		struct stream *s = &r->streams[i];

		if (s->kind != STREAM_PTY || s->in < 0)
			continue;
		s->pty.follows = mirror;
		/* what was written before the change goes out before it */
		if (s->pty.changed && mirror)
			pty_mirror(&s->pty);
		resized = pty_resize(&s->pty) || resized;
	}
	return resized;
}

void relay_done(struct relay *r)
{
	relay_launched(r);
	for (int i = 0; i < 2; i++) {
		struct stream *s = &r->streams[i];

		end(s);
		if (s->own_to)
			close(s->to);
		if (s->file >= 0)
			close(s->file);
		s->own_to = false;
		s->file = -1;
	}
}
