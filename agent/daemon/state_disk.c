/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the vault goes to the disk: soon after a change, not after every one,
 * and once more at the end. Only a child touches the disk, and only bytes; the
 * loop forks, and hears how it went. Must never wait for the disk, except for
 * the first look and the last words, and not long. Invariants: no second writer
 * while one is at work or stuck; a file that was not read is not written over.
 */
#include "agent/daemon/state_disk.h"

#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/log.h"

/* A fault seldom comes alone: what follows within this is one write. */
#define DEBOUNCE_NS HALE_NS_PER_S
/* Between writes of a storm: an fsync each 10 s wears out nothing. */
#define PACE_NS	    (10 * HALE_NS_PER_S)
#define RETRY_NS    (60 * HALE_NS_PER_S)
#define DEADLINE_NS (10 * HALE_NS_PER_S)

static bool let_go_of_root(const struct state_disk *s)
{
	return !s->confine || s->confine(s->data) == 0;
}

/* --- reading --- */

static int work_read(void *data, int fd)
{
	struct state_disk *s = data;

	(void)fd;
	return let_go_of_root(s) ? -state_disk_load(s->dir_fd, s->vault)
				 : EPERM;
}

static void on_read(void *data, int status)
{
	struct state_disk *s = data;

	s->status = status;
}

/* What is wrong with the file, for a line that ends with its new name. */
static const char *explain(int error)
{
	switch (error) {
	case EBADMSG:
		return "is damaged";
	case EPROTONOSUPPORT:
		return "was written by a later version of hale";
	case ETIMEDOUT:
		return "could not be read: the disk does not answer";
	default:
		return strerror(error);
	}
}

int state_disk_read(struct state_disk *s, int timeout_ms)
{
	struct child_job job = {
		.name = "hale-state",
		.work = work_read,
		.in_child = s->in_child,
		.in_child_data = s->in_child_data,
		.ended = on_read,
		.data = s,
	};
	int r;

	if (s->dir_fd < 0)
		return -ENOENT;
	s->status = -1;
	r = child_start(&s->writer, &job);
	if (r == 0 && !child_wait(&s->writer, timeout_ms)) {
		/* it is left alone: what it puts in later counts for nobody */
		child_done(&s->writer);
		child_init(&s->writer, s->loop);
		r = -ETIMEDOUT;
	} else if (r == 0) {
		r = s->status >= 0 ? -s->status : -EIO;
	}
	if (r == 0 || r == -ENOENT)
		return r;
	if (r != -EBADMSG)
		log_line(LOG_LEVEL_WARNING,
			 "%s/" STATE_DISK_NAME
			 " %s; starting without memory, it is not written over",
			 s->dir, explain(-r));
	state_disk_bad(s, -r);
	return r;
}

/* --- writing --- */

/* Tells the parent its new name: from then on it may be written over. */
static int set_aside(const struct state_disk *s, int fd)
{
	const char *name = state_disk_set_aside(s->dir_fd);
	int error = errno;

	if (!name)
		return error;
	return send(fd, name, strlen(name), MSG_NOSIGNAL) < 0 ? errno : 0;
}

static int work_write(void *data, int fd)
{
	const struct state_disk *s = data;
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t len = 0;
	int64_t number;
	int r;

	if (!let_go_of_root(s))
		return EPERM;
	r = s->bad ? set_aside(s, fd) : 0;
	if (r > 0)
		return r;
	number = vault_newest(s->vault, &bytes, &len);
	if (number <= VAULT_FROM_DISK) /* nothing that it has not */
		return number < 0 ? (int)-number : 0;
	return -state_disk_store(s->dir_fd, bytes, len);
}

static void on_aside(void *data, const void *bytes, size_t len)
{
	struct state_disk *s = data;
	char name[sizeof(s->name)];

	if (len == 0 || len >= sizeof(name))
		return;
	memcpy(name, bytes, len);
	name[len] = '\0';
	if (strcmp(name, STATE_DISK_NONE) != 0)
		log_line(LOG_LEVEL_WARNING,
			 "%s/" STATE_DISK_NAME
			 " %s; kept as %s, starting without memory",
			 s->dir, explain(s->bad), name);
	s->bad = 0;
}

static void failed(struct state_disk *s, const char *why)
{
	if (!s->failed)
		log_line(LOG_LEVEL_WARNING,
			 "state not written to %s: %s; findings and clears "
			 "would not survive a reboot, trying on",
			 s->dir, why);
	s->failed = true;
}

static void on_stuck(void *data)
{
	struct state_disk *s = data;

	failed(s, "the disk does not answer");
	if (s->saved)
		s->saved(s->data, ETIMEDOUT);
}

static void on_ended(void *data, int status)
{
	struct state_disk *s = data;
	bool again = s->again;

	s->again = false;
	if (status != 0) {
		failed(s, status == EEXIST
				  ? "what cannot be read there cannot be moved "
				    "aside: remove state.pb.bad*"
			  : status > 0 ? strerror(status)
				       : "no answer in time");
		loop_timer_hasten(s->loop, &s->timer, RETRY_NS);
	} else {
		if (s->failed)
			log_line(LOG_LEVEL_NOTICE, "state is written again");
		s->failed = false;
		s->written_ns = clock_boot_ns();
		if (again)
			loop_timer_hasten(s->loop, &s->timer, PACE_NS);
	}
	if (s->saved)
		s->saved(s->data, status > 0 ? status : status < 0 ? EIO : 0);
}

static void write_now(struct state_disk *s)
{
	struct child_job job = {
		.name = "hale-state",
		.work = work_write,
		.in_child = s->in_child,
		.in_child_data = s->in_child_data,
		.message = on_aside,
		.buffer = s->name,
		.size = sizeof(s->name),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
		.deadline_ns = DEADLINE_NS,
	};
	int r;

	if (s->dir_fd < 0)
		return;
	if (s->writer.state != CHILD_NONE) {
		s->again = true;
		return;
	}
	loop_timer_stop(&s->timer);
	r = child_start(&s->writer, &job);
	if (r == 0)
		return;
	failed(s, strerror(-r));
	loop_timer_hasten(s->loop, &s->timer, DEBOUNCE_NS);
}

static void on_timer(void *data)
{
	write_now(data);
}

void state_disk_init(struct state_disk *s)
{
	child_init(&s->writer, s->loop);
	s->timer = (struct loop_timer){ .due = on_timer, .data = s };
}

void state_disk_done(struct state_disk *s)
{
	child_done(&s->writer);
	loop_timer_remove(s->loop, &s->timer);
}

void state_disk_touch(struct state_disk *s, bool now)
{
	uint64_t since_ns = clock_boot_ns() - s->written_ns;

	if (s->dir_fd < 0)
		return;
	if (s->writer.state != CHILD_NONE) {
		s->again = true;
		return;
	}
	if (now && !s->failed)
		write_now(s);
	else if (s->timer.due_ns == 0)
		loop_timer_hasten(s->loop, &s->timer,
				  s->written_ns != 0 && since_ns + DEBOUNCE_NS <
								PACE_NS
					  ? PACE_NS - since_ns
					  : DEBOUNCE_NS);
}

void state_disk_bad(struct state_disk *s, int error)
{
	if (s->dir_fd < 0)
		return;
	s->bad = error;
	write_now(s);
}

int state_disk_flush(struct state_disk *s, int timeout_ms)
{
	if (s->dir_fd < 0)
		return 0;
	if (!child_wait(&s->writer, timeout_ms))
		return -ETIMEDOUT;
	write_now(s);
	if (!child_wait(&s->writer, timeout_ms))
		return -ETIMEDOUT;
	return s->failed ? -EIO : 0;
}
