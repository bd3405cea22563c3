/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe process: a loop, a host of the drivers that may block, and the
 * socket to the core. Decides when what was found out is sent: with the end of
 * a run, with a whole map, and else before long, so that the core is woken once
 * a run. May wait for the core, never for a driver. Invariant: it ends when the
 * core's end of the socket is closed, and takes its children along.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/config.h"
#include "agent/daemon/probe.h"
#include "proto/codec_read.h"

#define CORE_FD 3
/* Facts of a run that goes on for longer are not kept back for its end. */
#define KEEP_BACK_NS (20 * HALE_NS_PER_MS)
/* The core explains what happened when memory ran out, and is to go last. */
#define OOM_SCORE "-800"

struct server {
	struct loop loop;
	struct loop_source core;
	struct loop_timer late;
	struct hale_clock clock;
	const struct hale_driver *const *drivers;
	const struct sandbox_user *user;
	struct host *host;
	bool told_mapped, told_settled;
	uint64_t pong;
	struct codec_facts out;
	struct host_stand told[PROBE_DRIVERS_MAX];
	/* Its own copy: the earlier one is compared with the new one. */
	struct config_option texts[2][CONFIG_OPTIONS_MAX];
	struct driver_option options[2][CONFIG_OPTIONS_MAX];
	int turn;
	uint8_t command[PROBE_COMMAND_MAX];
	uint8_t arena[4 * PROBE_COMMAND_MAX];
};

static void flush(struct server *s)
{
	while (s->out.len > 0 &&
	       send(CORE_FD, s->out.bytes, s->out.len, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR) {
			s->loop.quit = true;
			break;
		}
	}
	s->out.len = 0;
	loop_timer_stop(&s->late);
}

static void on_late(void *data)
{
	flush(data);
}

static void sink(void *data, const char *driver, const struct hale_fact *f,
		 uint64_t now_ns)
{
	struct server *s = data;

	(void)now_ns;
	if (codec_facts_add(&s->out, f, driver) == -ENOSPC) {
		flush(s);
		codec_facts_add(&s->out, f, driver);
	}
	loop_timer_hasten(&s->loop, &s->late, KEEP_BACK_NS);
}

/* --- how the drivers stand --- */

static void add_news(struct server *s, const Hale__V1__ProbeReport *m)
{
	if (codec_facts_append(&s->out, m) < 0) {
		flush(s);
		codec_facts_append(&s->out, m);
	}
}

static void add_stand(struct server *s, const struct host_stand *stand)
{
	Hale__V1__ProbeReport m = HALE__V1__PROBE_REPORT__INIT;
	Hale__V1__ProbeState state, *list[] = { &state };

	hale__v1__probe_state__init(&state);
	state.driver = codec_borrow(stand->driver);
	state.live = stand->live;
	state.answered = stand->answered;
	state.whole_ns = stand->whole_ns;
	state.runs = stand->runs;
	state.parked = stand->parked;
	m.states = list;
	m.n_states = 1;
	add_news(s, &m);
}

static bool same(const struct host_stand *a, const struct host_stand *b)
{
	return a->live == b->live && a->answered == b->answered &&
	       a->whole_ns == b->whole_ns && a->runs == b->runs &&
	       a->parked == b->parked;
}

static bool add_stands(struct server *s)
{
	struct host_stand stand;
	bool any = false;

	for (size_t i = 0;
	     i < PROBE_DRIVERS_MAX && host_stand(s->host, i, &stand); i++) {
		if (same(&stand, &s->told[i]))
			continue;
		s->told[i] = stand;
		add_stand(s, &stand);
		any = true;
	}
	return any;
}

static void on_turn(void *data)
{
	struct server *s = data;
	Hale__V1__ProbeReport m = HALE__V1__PROBE_REPORT__INIT;
	bool any = s->pong != 0;

	m.pong = s->pong;
	s->pong = 0;
	if (s->host) {
		any |= add_stands(s);
		m.mapped = !s->told_mapped && host_mapped(s->host);
		m.settled = !s->told_settled && host_settled(s->host);
		s->told_mapped |= m.mapped;
		s->told_settled |= m.settled;
	}
	if (!any && !m.mapped && !m.settled)
		return;
	add_news(s, &m);
	flush(s);
}

/* --- commands --- */

/* In a driver's child: what belongs to the probe alone. */
static void in_child(void *data)
{
	const struct server *s = data;

	close(s->loop.epoll_fd);
	close(s->loop.timer_fd);
	close(CORE_FD);
}

static void start(struct server *s, const struct driver_option *options,
		  size_t n)
{
	const struct host_setup setup = {
		.loop = &s->loop,
		.clock = &s->clock,
		.drivers = s->drivers,
		.sink = sink,
		.sink_data = s,
		.in_child = in_child,
		.in_child_data = s,
		.options = options,
		.n_options = n,
		.which = HOST_BLOCKING,
		.user = s->user,
		.woken = 1U << HALE_SENSE_STORAGE_MAP,
	};

	if (host_new(&setup, &s->host) < 0)
		s->loop.quit = true; /* the core says so, and tries again */
	else
		host_start(s->host);
}

static void configure(struct server *s,
		      const Hale__V1__ProbeCommand__Configure *m)
{
	int turn = s->turn ^= 1;
	size_t n = m->n_options < CONFIG_OPTIONS_MAX ? m->n_options
						     : CONFIG_OPTIONS_MAX;

	for (size_t i = 0; i < n; i++) {
		struct config_option *text = &s->texts[turn][i];

		HALE_SET(text->driver, m->options[i]->driver);
		HALE_SET(text->key, m->options[i]->key);
		HALE_SET(text->value, m->options[i]->value);
		s->options[turn][i] =
			(struct driver_option){ text->driver, text->key,
						text->value };
	}
	s->clock.boot_to_agent_ns = m->boot_to_agent_ns;
	if (s->host)
		host_configure(s->host, s->options[turn], n, 0);
	else
		start(s, s->options[turn], n);
}

static void trigger(struct server *s, const Hale__V1__ProbeCommand__Trigger *m)
{
	const struct host_call call = { .senses = m->senses,
					.delay_ns = m->delay_ns,
					.number = m->number,
					.asked = m->asked };

	if (s->host)
		host_call(s->host, &call);
}

static void look(struct server *s, const Hale__V1__ProbeCommand__Look *m)
{
	struct hale_victim v;
	const char *why;

	if (s->host && codec_read_victim(m->victim, &v, &why) == 0)
		host_look(s->host, &v);
}

static void obey(struct server *s, const Hale__V1__ProbeCommand *m)
{
	switch (m->body_case) {
	case HALE__V1__PROBE_COMMAND__BODY_CONFIGURE:
		configure(s, m->configure);
		break;
	case HALE__V1__PROBE_COMMAND__BODY_TRIGGER:
		trigger(s, m->trigger);
		break;
	case HALE__V1__PROBE_COMMAND__BODY_WAKE:
		if (s->host)
			host_wake(s->host, m->wake->senses, m->wake->asked);
		break;
	case HALE__V1__PROBE_COMMAND__BODY_PING:
		s->pong = m->ping;
		break;
	case HALE__V1__PROBE_COMMAND__BODY_LOOK:
		look(s, m->look);
		break;
	case HALE__V1__PROBE_COMMAND__BODY__NOT_SET:
	case _HALE__V1__PROBE_COMMAND__BODY__CASE_IS_INT_SIZE:
		break;
	}
}

static void on_core(void *data, uint32_t events)
{
	struct server *s = data;
	struct codec_arena a = { .mem = s->arena, .size = sizeof(s->arena) };
	Hale__V1__ProbeCommand *m;
	ssize_t n;

	(void)events;
	while ((n = recv(CORE_FD, s->command, sizeof(s->command),
			 MSG_DONTWAIT)) > 0) {
		a.used = 0;
		if (codec_unpack(&hale__v1__probe_command__descriptor, &a,
				 s->command, (size_t)n, &m) == 0)
			obey(s, m);
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->loop.quit = true;
}

/* --- its life --- */

/* The core's signals are the core's: a terminal and systemd send them to all,
 * and the core decides what follows. Everything else that was open is closed.
 */
static int settle_in(int fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	budget_set_oom_score(OOM_SCORE);
	if (fd != CORE_FD && dup2(fd, CORE_FD) < 0)
		return -errno;
	if (fcntl(CORE_FD, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	if (syscall(SYS_close_range, CORE_FD + 1, ~0U, 0) < 0) {
		for (int i = CORE_FD + 1; i < 1024; i++) /* before Linux 5.9 */
			close(i);
	}
	return 0;
}

int probe_serve(const struct hale_driver *const *drivers, int fd,
		const struct sandbox_user *user)
{
	struct server *s = calloc(1, sizeof(*s));
	int r = s ? settle_in(fd) : -ENOMEM;

	if (r == 0)
		r = loop_init(&s->loop);
	if (r < 0)
		return EXIT_FAILURE;
	s->drivers = drivers;
	s->user = user;
	s->core = (struct loop_source){
		.ready = on_core, .data = s, .fd = -1, .first = true
	};
	s->late = (struct loop_timer){ .due = on_late, .data = s };
	s->loop.turn = on_turn;
	s->loop.turn_data = s;
	r = loop_add(&s->loop, CORE_FD, EPOLLIN, &s->core);
	if (r == 0)
		r = loop_run(&s->loop);
	host_free(s->host);
	free(s);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
