/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's life as its supervisor sees it: start, pulse, replacement, end.
 * Decides when it hangs and when another is started. Must never believe it more
 * than its messages are long: a core that fell is what this process is there
 * for. Invariant: there is no fit link but while a core runs that answers and
 * whose last word was that the host is fit, or, for a moment, the successor of
 * one that was told to go.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/super/super.h"

#define NAME "haled: core"
/* To save what it knows and go. */
#define LEAVE_NS (2 * HALE_NS_PER_S)

/* For a successor's word on what the old one said last. */
#define HANDOVER_NS (2 * HALE_NS_PER_S)

/* It knows all that the last one knew: a restart now and then costs nobody
 * anything, and nobody is answered before it is there. */
static const struct backoff_rule rule = {
	.first_ns = 100 * HALE_NS_PER_MS,
	.longest_ns = 64 * HALE_NS_PER_S,
	.useful_ns = 2 * HALE_NS_PER_S,
	.healthy_ns = HALE_NS_PER_S,
	.at_once = 8,
};

/* A source that is there when it is tested, and fails when it is used, would
 * have cores follow each other without end. */
static const struct backoff_rule replace_rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 64 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
	.at_once = 2,
};

bool super_core_runs(const struct super *s)
{
	return s->core.child.state == CHILD_RUNS;
}

/* --- its side of the fork --- */

static int work(void *data, int fd)
{
	struct super *s = data;
	const int keep[] = { fd, s->gate_fd, s->vault.fd };
	size_t n = s->vault.fd < 0 ? 2 : 3;
	const struct agent_setup setup = {
		.config = &s->config,
		.user = &s->user,
		.successor = s->told_ready,
		.wire_fd = 3,
		.gate_fd = 4,
		.vault_fd = n > 2 ? 5 : -1,
	};

	process_set_name(NAME);
	process_leave_signals();
	if (process_keep_fds(keep, n) < 0)
		return EXIT_FAILURE;
	return agent_run(&setup);
}

/* --- down the wire --- */

static void send_down(struct super *s, const struct wire_down_message *m,
		      const void *bytes, int passed)
{
	if (!super_core_runs(s))
		return;
	if (wire_send_down(s->core.child.message_source.fd, m, bytes, passed) <
	    0) {
		s->core_silent = true;
		child_kill(&s->core.child);
	}
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

static void show_fit(struct super *s, bool fit)
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

static void take(struct super *s, const struct wire_up_message *m)
{
	switch ((enum wire_up)m->kind) {
	case WIRE_READY:
		on_ready(s);
		break;
	case WIRE_FIT:
		loop_timer_stop(&s->handover);
		show_fit(s, m->value == 1);
		break;
	case WIRE_PONG:
		alive_pong(&s->alive, m->value);
		set_pulse(s);
		break;
	case WIRE_RELOAD:
		super_reload(s);
		break;
	case WIRE_REOPEN:
		super_reopen(s, m->value);
		break;
	case WIRE_END_PROBE:
		super_give_up_probe(s, m->value == WIRE_BABBLES ? WIRE_BABBLES
								: WIRE_SILENT);
		break;
	case WIRE_SAVE:
		state_disk_touch(&s->disk, m->value == 1);
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

/* --- its end --- */

static void say_why(const struct super *s, char why[SUPER_WHY_MAX], int status)
{
	if (s->core_babbles)
		hale_copy(why, SUPER_WHY_MAX,
			  "the process " NAME " sent what is no message", 48);
	else if (s->core_silent)
		hale_copy(why, SUPER_WHY_MAX,
			  "the process " NAME " did not answer", 38);
	else
		super_how(why, NAME, status);
}

/* When to start another. */
static uint64_t fall(struct super *s, int status)
{
	char why[SUPER_WHY_MAX];
	uint64_t delay =
		backoff_next(&s->core.backoff, &rule,
			     clock_boot_ns() - s->core.began_ns, s->core_ready);

	show_fit(s, false);
	say_why(s, why, status);
	log_line(LOG_LEVEL_ERROR, "%s, starting it again in %llu ms", why,
		 (unsigned long long)(delay / HALE_NS_PER_MS));
	super_distrust(s, s->core_ready);
	return delay;
}

static void on_ended(void *data, int status)
{
	struct super *s = data;
	uint64_t delay = 0;

	loop_timer_stop(&s->pulse);
	loop_timer_stop(&s->replace);
	super_end_probe(s);
	if (s->core_replaced && status == 0)
		loop_timer_set(&s->loop, &s->handover, HANDOVER_NS);
	else
		delay = fall(s, status);
	if (delay == 0)
		super_start_core(s);
	else
		loop_timer_set(&s->loop, &s->core.timer, delay);
}

/* Its pages lie on a disk that is gone, say; another would go the same way, and
 * nobody knows what this one will still do. */
static void on_stuck(void *data)
{
	struct super *s = data;

	show_fit(s, false);
	log_line(LOG_LEVEL_ERROR,
		 "the process " NAME " hangs and cannot be ended");
}

void super_start_core(struct super *s)
{
	struct child_job job = {
		.name = NAME,
		.work = work,
		.message = on_message,
		.buffer = s->core_bytes,
		.size = sizeof(s->core_bytes),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
	};
	int r;

	s->core_ready = s->core_silent = s->core_babbles = false;
	s->core_replaced = false;
	s->core.began_ns = clock_boot_ns();
	r = child_start(&s->core.child, &job);
	if (r < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot start " NAME ": %s",
			 strerror(-r));
		loop_timer_set(&s->loop, &s->core.timer,
			       backoff_next(&s->core.backoff, &rule, 0, false));
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

static void on_handover(void *data)
{
	show_fit(data, false);
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
	child_init(&s->core.child, &s->loop);
	s->core.timer = (struct loop_timer){ .due = on_timer, .data = s };
	s->pulse = (struct loop_timer){ .due = on_pulse, .data = s };
	s->handover = (struct loop_timer){ .due = on_handover, .data = s };
	s->replace = (struct loop_timer){ .due = on_replace, .data = s };
}
