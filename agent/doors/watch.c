/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows the gate: the agent's reports, each whole, the last one kept. Must
 * never press the core: it reads four times a second at most. While nobody
 * answers the last report stays as what was true, marked as such. Invariant:
 * the picture's texts live in @kept.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "hale/base.h"

#include "agent/doors/doors.h"
#include "proto/codec.h"

#define MESSAGE_MAX (64 * 1024)
#define AGAIN_NS    HALE_NS_PER_S
/* A storm changes findings ten times a second. */
#define PACE_NS (250 * HALE_NS_PER_MS)
/* In a row; what comes after them is read in the next turn. */
#define REPORTS_MAX 16

static void drop(Hale__V1__Reply **list, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		hale__v1__reply__free_unpacked(list[i], NULL);
	*n = 0;
}

static void lose(struct doors *d)
{
	if (d->gate_fd >= 0)
		close(d->gate_fd);
	d->gate_fd = -1;
	d->gate_ns = doors_now_ns() + AGAIN_NS;
	drop(d->coming, &d->n_coming);
	if (d->silent_ns == 0) {
		d->silent_ns = doors_now_ns();
		d->changed = true;
	}
	d->report.picture.up = false;
}

void watch_done(struct doors *d)
{
	if (d->gate_fd >= 0)
		close(d->gate_fd);
	d->gate_fd = -1;
	drop(d->coming, &d->n_coming);
	drop(d->kept, &d->n_kept);
	memset(&d->report.picture, 0, sizeof(d->report.picture));
}

static int ask(int fd)
{
	uint8_t mem[512], bytes[64];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	ssize_t n = codec_pack(codec_request_watch(&a), bytes, sizeof(bytes));

	if (n < 0)
		return (int)n;
	return send(fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
		       ? -errno
		       : 0;
}

void watch_connect(struct doors *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int n = snprintf(a.sun_path, sizeof(a.sun_path), "%s/gate.sock",
			 d->run_dir);

	d->gate_fd = socket(AF_UNIX,
			    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->gate_fd < 0 || (size_t)n >= sizeof(a.sun_path) ||
	    connect(d->gate_fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    ask(d->gate_fd) < 0) {
		lose(d);
		return;
	}
	d->gate_ns = 0;
}

/* NULL: nothing has come, or @ret_gone. */
static Hale__V1__Reply *receive(const struct doors *d, bool *ret_gone)
{
	_cleanup_free_ uint8_t *bytes = malloc(MESSAGE_MAX);
	Hale__V1__Reply *m = NULL;
	ssize_t n = bytes ? recv(d->gate_fd, bytes, MESSAGE_MAX,
				 MSG_DONTWAIT | MSG_TRUNC)
			  : 0;

	*ret_gone = n == 0 || n > MESSAGE_MAX ||
		    (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n > 0 && !*ret_gone) {
		m = hale__v1__reply__unpack(NULL, (size_t)n, bytes);
		*ret_gone = !m;
	}
	return m;
}

static bool take(struct doors *d, Hale__V1__Reply *m)
{
	if (m->body_case != HALE__V1__REPLY__BODY_REPORT ||
	    d->n_coming == DOORS_MESSAGES_MAX) {
		hale__v1__reply__free_unpacked(m, NULL);
		return false;
	}
	d->coming[d->n_coming++] = m;
	return true;
}

static void keep(struct doors *d)
{
	drop(d->kept, &d->n_kept);
	memcpy(d->kept, d->coming, d->n_coming * sizeof(d->kept[0]));
	d->n_kept = d->n_coming;
	d->n_coming = 0;
	report_take(&d->report, d->kept, d->n_kept);
	d->silent_ns = 0;
	d->changed = true;
	d->gate_ns = doors_now_ns() + PACE_NS;
}

/* Several may wait, of a storm: the last is the one that is true. */
void watch_read(struct doors *d)
{
	bool gone = false;
	Hale__V1__Reply *m;

	for (int n = 0; n < REPORTS_MAX && (m = receive(d, &gone)) != NULL;) {
		bool last = m->last;

		if (!take(d, m)) {
			gone = true;
			break;
		}
		if (last) {
			keep(d);
			n++;
		}
	}
	if (gone)
		lose(d);
}
