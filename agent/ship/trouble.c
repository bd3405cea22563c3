/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the store is. Decides when it is opened and tried again, what the agent
 * is told about it, and when another process has to take over. Must never say
 * that it is well before something was written. Invariant: while builds wait in
 * memory, a time is set at which they are tried.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/ship/ship.h"
#include "proto/codec_read.h"

#define AGAIN_NS   (2 * HALE_NS_PER_S)
#define LONGEST_NS (60 * HALE_NS_PER_S)
/* After a mount; there may be many in a row. */
#define SOON_NS (100 * HALE_NS_PER_MS)

/* To the agent: "1 why" or "2": partial, live (enum hale_sight). */
static void tell_agent(struct ship *s)
{
	char text[DB_SAID_MAX + 1];
	int n = s->trouble < 0 ? snprintf(text, sizeof(text), "1%s", s->said)
			       : snprintf(text, sizeof(text), "2");

	if (strcmp(text, s->told) == 0)
		return;
	HALE_SET(s->told, text);
	if (s->trouble < 0)
		ship_log(4, s->said);
	if (s->agent_fd >= 0 &&
	    send(s->agent_fd, text,
		 (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1,
		 MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		s->told[0] = '\0'; /* the next time, then */
}

static void say_trouble(struct ship *s, int r)
{
	if (r == -ENOSPC)
		snprintf(s->said, sizeof(s->said),
			 "the disk of the history %.160s is full",
			 s->setup.path);
	else
		snprintf(s->said, sizeof(s->said),
			 "the history %.160s cannot be written: %s",
			 s->setup.path, strerrordesc_np(-r));
}

void ship_tell_anew(struct ship *s)
{
	if (s->told[0] == '\0')
		return;
	s->told[0] = '\0';
	tell_agent(s);
}

static void say_well(struct ship *s)
{
	char text[160];
	int n = snprintf(text, sizeof(text), "the history is written again");

	if (s->waited + s->refused > 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "; %u builds waited, %u found no room", s->waited,
			      s->refused);
	if (s->missed.dropped > 0)
		snprintf(text + n, sizeof(text) - (size_t)n,
			 "; %llu findings that ended are not in it",
			 (unsigned long long)s->missed.dropped);
	ship_log(5, text);
	s->waited = s->refused = 0;
	s->missed.dropped = 0;
}

void ship_judge(struct ship *s, int r)
{
	if (r == 0) {
		if (s->trouble < 0)
			say_well(s);
		s->trouble = 0;
		s->retry_delay_ns = AGAIN_NS;
		s->retry_ns = 0;
	} else {
		s->trouble = r;
		say_trouble(s, r);
		if (s->retry_delay_ns == 0)
			s->retry_delay_ns = AGAIN_NS;
		s->retry_ns = ship_mono_ns() + s->retry_delay_ns;
		if (s->retry_delay_ns < LONGEST_NS)
			s->retry_delay_ns *= 2;
		/* damaged while in use, or no longer where it was: it is
		 * opened, and if need be set aside, anew */
		if (r == -EBADMSG || r == -ESTALE)
			s->db = db_close(s->db);
		if (r == -EBADMSG)
			s->setup.check = DB_CHECK_WHOLE;
		if (r == -ESTALE) /* who asks now is not to wait for it */
			s->retry_ns = ship_mono_ns();
	}
	s->busy = true;
	tell_agent(s);
}

/* What is there can be shown, at least. */
static void open_to_read(struct ship *s)
{
	struct db_setup setup = s->setup;
	char said[DB_SAID_MAX];

	setup.read_only = true;
	s->reading = db_open(&setup, said, &s->db) == 0;
}

/* Who is asked next finds the door open and a successor behind it. */
static void give_up(struct ship *s)
{
	char text[DB_SAID_MAX + 96];

	snprintf(text, sizeof(text),
		 "the folder of the history %.160s is another now: a new "
		 "process takes over; %zu builds wait",
		 s->setup.path, s->pending.n);
	ship_log(5, text);
	s->renew = true;
}

/* Landlock's EACCES, as SQLite passes it on after it has tried to read what it
 * may not write: a file that is not there, or a folder that is read-only. */
static bool refused(int r)
{
	return r == -EACCES || r == -ENOENT || r == -EROFS;
}

void ship_open(struct ship *s)
{
	char said[DB_SAID_MAX];
	int r;

	if (s->reading)
		s->db = db_close(s->db);
	s->reading = false;
	r = db_open(&s->setup, said, &s->db);
	if (refused(r) && s->waiting.fd >= 0 && ship_is_outdated(s)) {
		give_up(s);
		return;
	}
	s->opened |= r == 0;
	if (r == 0)
		s->setup.check = DB_CHECK_QUICK;
	if (r == 0 && said[0])
		ship_log(4, said);
	ship_judge(s, r);
	if (r == -EROFS || r == -EACCES || r == -ENOSPC)
		open_to_read(s);
}

static int write_first(struct ship *s)
{
	const struct pending_build *b = &s->pending.builds[0];
	_cleanup_free_ uint8_t *mem = malloc(CODEC_ARENA_UNPACK);
	struct codec_arena a = { .mem = mem, .size = CODEC_ARENA_UNPACK };
	Hale__V1__BuildResult *m;
	int r = mem ? codec_unpack(&hale__v1__build_result__descriptor, &a,
				   b->bytes, b->len, &m)
		    : -ENOMEM;

	if (r == -EBADMSG || r == -EMSGSIZE) {
		ship_log(4, "a build that waited is none, and is left out");
		return 0;
	}
	return r < 0 ? r : db_add_build(s->db, m, ship_now_ns());
}

void ship_hasten(struct ship *s)
{
	uint64_t soon = ship_mono_ns() + SOON_NS;

	if (s->retry_ns > soon)
		s->retry_ns = soon;
}

void ship_retry(struct ship *s)
{
	int r = 0;

	s->retry_ns = 0;
	if (!s->db || s->reading)
		ship_open(s);
	if (!s->db || s->reading)
		return;
	while (s->pending.n > 0 && r == 0) {
		r = write_first(s);
		ship_judge(s, r);
		if (r == 0)
			pending_drop_first(&s->pending);
	}
	if (r == 0 && s->trouble < 0)
		ship_judge(s, db_try(s->db));
	if (s->trouble == 0 && s->report_lost)
		watch_lose(s, 0);
}
