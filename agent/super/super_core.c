/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's life as its supervisor sees it: start, pulse, replacement, end.
 * Decides when it hangs; its end is super_end.c's. Must never believe it more
 * than its messages are long: a core that fell is what this process is there
 * for. Invariant: there is no fit link but while a core runs that answers and
 * whose last word was that the host is fit, or, for a moment, the successor of
 * one that was told to go.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/sandbox/patience.h"
#include "agent/super/super.h"

#define NAME "haled: core"
/* process_keep_fds(): the first of them. */
#define FIRST_FD 3
#define CORE_FDS (3 + HALE_LOGS)
/* Above all else that a core has open. */
#define WIRE_FD 255
/* To save what it knows and go. */
#define LEAVE_NS (2 * HALE_NS_PER_S)

/* A source that is there when it is tested, and fails when it is used, would
 * have cores follow each other without end. */
static const struct backoff_rule replace_rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 64 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
	.at_once = 2,
};

/* More than people ask for, and scripts. */
static const struct pace_rule pace = {
	.each_ns = 2 * HALE_NS_PER_S,
	.burst = 32,
};

bool super_core_runs(const struct super *s)
{
	return s->core.child.state == CHILD_RUNS;
}

/* --- its side of the fork --- */

/* A process that dies closes the highest first (kernel/task_work.c: the last
 * that was added is done first): its end is heard of at once. */
static int last_of_all(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, WIRE_FD);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/* What it will be in the core, or -1 as it is here. */
static int also(int keep[CORE_FDS], size_t *n, int fd)
{
	if (fd < 0)
		return -1;
	keep[*n] = fd;
	return FIRST_FD + (int)(*n)++;
}

static int work(void *data, int fd)
{
	struct super *s = data;
	int keep[CORE_FDS] = { fd, s->gate_fd };
	size_t n = 2;
	struct agent_setup setup = {
		.config = &s->config,
		.user = &s->user,
		.successor = s->told_ready,
		.lineage = s->lineage,
		.wire_fd = FIRST_FD,
		.gate_fd = FIRST_FD + 1,
		.vault_fd = also(keep, &n, s->vault.fd),
	};

	for (int i = 0; i < HALE_LOGS; i++)
		setup.logs[i] = also(keep, &n, s->logs[i]);
	process_set_name(NAME);
	process_leave_signals();
	if (process_keep_fds(keep, n) < 0)
		return EXIT_FAILURE;
	setup.wire_fd = last_of_all(setup.wire_fd);
	return agent_run(&setup);
}

/* --- down the wire --- */

/* One that does not read is silent; one that is not there any more has said all
 * that it will, and how it ended is told by its end. */
static void send_down(struct super *s, const struct wire_down_message *m,
		      const void *bytes, int passed)
{
	int r;

	if (!super_core_runs(s))
		return;
	r = wire_send_down(s->core.child.message_source.fd, m, bytes, passed);
	if (r >= 0 || r == -EPIPE || r == -ECONNRESET)
		return;
	s->core_silent = true;
	child_kill(&s->core.child);
}

void super_tell(struct super *s, enum wire_down kind, const void *bytes,
		size_t len)
{
	const struct wire_down_message m = { .kind = kind,
					     .len = (uint32_t)len };

	send_down(s, &m, bytes, -1);
}

void super_send(struct super *s, const struct wire_down_message *m,
		const void *bytes)
{
	send_down(s, m, bytes, -1);
}

void super_hand_over(struct super *s, enum wire_down kind, int fd)
{
	const struct wire_down_message m = { .kind = kind };

	send_down(s, &m, NULL, fd);
	close(fd);
}

/* --- its pulse --- */

static void set_pulse(struct super *s)
{
	uint64_t now = clock_mono_ns();

	loop_timer_set(&s->loop, &s->pulse,
		       s->alive.due_ns > now ? s->alive.due_ns - now : 0);
}

static void on_pulse(void *data)
{
	struct super *s = data;
	struct wire_down_message m = { .kind = WIRE_PING };

	if (!super_core_runs(s))
		return;
	switch (alive_due(&s->alive, clock_mono_ns())) {
	case ALIVE_WAIT:
		break;
	case ALIVE_PING:
		m.value = s->alive.number;
		send_down(s, &m, NULL, -1);
		break;
	case ALIVE_END:
		s->core_silent = true;
		child_kill(&s->core.child);
		return;
	}
	set_pulse(s);
}

/* --- up the wire --- */

void super_show_fit(struct super *s, bool fit)
{
	int r = fit_show(&s->fit, fit);

	if (r < 0 && !s->fit_failed)
		log_line(LOG_LEVEL_ERROR, "cannot %s the fit link: err=%s",
			 fit ? "make" : "remove", strerror(-r));
	s->fit_failed = r < 0;
}

static void on_ready(struct super *s)
{
	s->core_ready = true;
	if (!s->told_ready)
		notify_send(&s->notify, "READY=1");
	s->told_ready = true;
}

/* At fs.file-max there is still a file for root, and one that is handed over is
 * no new one. A core that fell may say so without end, with a socket that it
 * made to block: where nobody stands nothing is accepted, and gate_listen()
 * bounds the rest. What the client sent along is closed with it where the core
 * takes nothing. */
static void let_in(struct super *s)
{
	struct pollfd p = { .fd = s->gate_fd, .events = POLLIN };
	int fd;

	if (poll(&p, 1, 0) <= 0)
		return;
	fd = accept4(s->gate_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	patience_begin();
	super_hand_over(s, WIRE_CLIENT, fd);
	patience_end();
}

/* --- what a child is started for --- */

/* Operators' words are written at once, too many of them soon. */
static void save(struct super *s, bool now)
{
	now = now && pace_wait_ns(&s->saves, &pace, clock_boot_ns()) == 0;
	state_disk_touch(&s->disk, now);
}

/* Whoever asked waits for it: later, then, and once for all. */
static void reload(struct super *s)
{
	uint64_t wait = pace_wait_ns(&s->reloads, &pace, clock_boot_ns());

	if (wait == 0)
		super_reload(s);
	else
		loop_timer_hasten(&s->loop, &s->reload, wait);
}

static void on_reload(void *data)
{
	reload(data);
}

/* It asks again of its own. */
static void reopen(struct super *s, uint64_t value)
{
	if (pace_wait_ns(&s->reopens, &pace, clock_boot_ns()) == 0)
		super_reopen(s, value);
}

static void take(struct super *s, const struct wire_up_message *m)
{
	switch ((enum wire_up)m->kind) {
	case WIRE_READY:
		on_ready(s);
		break;
	case WIRE_FIT:
		loop_timer_stop(&s->handover);
		super_show_fit(s, m->value == 1);
		break;
	case WIRE_PONG:
		alive_pong(&s->alive, m->value);
		set_pulse(s);
		break;
	case WIRE_RELOAD:
		reload(s);
		break;
	case WIRE_REOPEN:
		reopen(s, m->value);
		break;
	case WIRE_END_PROBE:
		super_give_up_probe(s, m->value == WIRE_BABBLES ? WIRE_BABBLES
								: WIRE_SILENT);
		break;
	case WIRE_ACCEPT:
		let_in(s);
		break;
	case WIRE_SAVE:
		save(s, m->value == 1);
		break;
	case WIRE_BAD_MEMORY:
		/* one was read from the disk, at the start; a core that goes
		 * on with it would set aside one good file after another */
		if (!s->told_bad)
			state_disk_bad(&s->disk, m->value == EPROTONOSUPPORT
							 ? EPROTONOSUPPORT
							 : EBADMSG);
		s->told_bad = true;
		break;
	case WIRE_UP_NONE:
	case WIRE_UP_COUNT:
		break;
	}
}

static void on_message(void *data, const void *bytes, size_t len)
{
	struct super *s = data;
	struct wire_up_message m;

	if (s->core.child.state != CHILD_RUNS)
		return; /* it was ended: what it still says does not count */
	if (wire_read_up(bytes, len, &m)) {
		take(s, &m);
	} else {
		s->core_babbles = true;
		child_kill(&s->core.child);
	}
}

/* --- its begin --- */

void super_start_core(struct super *s)
{
	struct child_job job = {
		.name = NAME,
		.work = work,
		.message = on_message,
		.buffer = s->core_bytes,
		.size = sizeof(s->core_bytes),
		.hung_up = super_core_hung_up,
		.stuck = super_core_stuck,
		.ended = super_core_ended,
		.data = s,
	};
	int r;

	s->core_ready = s->core_silent = s->core_babbles = false;
	s->core_replaced = false;
	s->core.began_ns = clock_boot_ns();
	patience_init(s->gate_fd);
	r = child_start(&s->core.child, &job);
	if (r < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot start " NAME ": %s",
			 strerror(-r));
		loop_timer_set(&s->loop, &s->core.timer,
			       super_core_delay(s, 0));
		return;
	}
	alive_begin(&s->alive, clock_mono_ns());
	set_pulse(s);
	super_want_probe(s);
	super_repeat_ship(s);
}

void super_replace_core(struct super *s)
{
	if (!super_core_runs(s) || s->core_replaced)
		return;
	s->core_replaced = true;
	super_tell(s, WIRE_STOP, NULL, 0);
	s->alive.pinged_ns = clock_mono_ns();
	s->alive.due_ns = s->alive.pinged_ns + LEAVE_NS;
	set_pulse(s);
}

static void on_timer(void *data)
{
	super_start_core(data);
}

static void on_replace(void *data)
{
	super_replace_core(data);
}

void super_replace_core_soon(struct super *s)
{
	uint64_t lived_ns = clock_boot_ns() - s->core.began_ns;

	if (s->replace.due_ns == 0 && !s->core_replaced)
		loop_timer_set(&s->loop, &s->replace,
			       backoff_next(&s->replacing, &replace_rule,
					    lived_ns, true));
}

void super_init_core(struct super *s)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)clock_boot_ns();
	s->lineage = (uint64_t)getpid() << 32 | random;
	child_init(&s->core.child, &s->loop);
	s->core.timer = (struct loop_timer){ .due = on_timer, .data = s };
	s->pulse = (struct loop_timer){ .due = on_pulse, .data = s };
	super_init_end(s);
	s->replace = (struct loop_timer){ .due = on_replace, .data = s };
	s->reload = (struct loop_timer){ .due = on_reload, .data = s };
}
