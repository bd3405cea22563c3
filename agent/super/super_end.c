/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core's end, and who takes its place when. Decides at the end of its wire
 * where it had been of use: what a process has open takes the kernel some 30 ms
 * to close, and the gate would be silent for as long. Must never start another
 * beside one that still acts: it is killed first. Invariant: of a core whose
 * place is taken nothing counts any more.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/super/super.h"

#define NAME "haled: core"

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

uint64_t super_core_delay(struct super *s, uint64_t lived_ns)
{
	return backoff_next(&s->core.backoff, &rule, lived_ns, s->core_ready);
}

static uint64_t next_ns(struct super *s)
{
	return super_core_delay(s, clock_boot_ns() - s->core.began_ns);
}

static void start_next(struct super *s, uint64_t delay)
{
	loop_timer_stop(&s->pulse);
	loop_timer_stop(&s->replace);
	super_end_probe(s);
	if (delay == 0)
		super_start_core(s);
	else
		loop_timer_set(&s->loop, &s->core.timer, delay);
}

void super_core_ended(void *data, int status)
{
	struct super *s = data;
	char why[SUPER_WHY_MAX];
	uint64_t delay;

	if (s->core_replaced && status == 0) {
		loop_timer_set(&s->loop, &s->handover, HANDOVER_NS);
		start_next(s, 0);
		return;
	}
	delay = next_ns(s);
	super_show_fit(s, false);
	say_why(s, why, status);
	log_line(LOG_LEVEL_ERROR, "%s, starting it again in %llu ms", why,
		 (unsigned long long)(delay / HALE_NS_PER_MS));
	super_distrust(s, s->core_ready);
	start_next(s, delay);
}

/* --- its end, before the kernel is done with it --- */

static void on_gone(void *data, int status)
{
	char why[SUPER_WHY_MAX];

	(void)data;
	super_how(why, NAME, status);
	log_line(LOG_LEVEL_ERROR, "%s, another has taken its place", why);
}

/* It acts no more, and another answers. While it is there, the end of that one
 * is waited for. */
static void on_lingers(void *data)
{
	(void)data;
	log_line(LOG_LEVEL_WARNING,
		 "a process " NAME " whose place is taken cannot be ended");
}

/* One that was told to. */
static void on_left(void *data, int status)
{
	if (status != 0)
		on_gone(data, status);
}

/* It no longer talks, and what it did is in the vault: whatever still keeps the
 * kernel, nobody who asks has to wait for it. One that was never of use may
 * have left what ends the next as well: its end is waited for, and judged. */
void super_core_hung_up(void *data)
{
	struct super *s = data;
	const struct child_job job = {
		.ended = s->core_replaced ? on_left : on_gone,
		.stuck = on_lingers,
		.data = s,
	};
	uint64_t delay = 0;

	if (!s->core_ready || s->stopping || s->core.child.state != CHILD_RUNS)
		return;
	child_kill(&s->core.child);
	if (s->dying.state != CHILD_NONE ||
	    child_pass(&s->core.child, &s->dying, &job) < 0)
		return;
	if (s->core_replaced) {
		loop_timer_set(&s->loop, &s->handover, HANDOVER_NS);
	} else {
		super_show_fit(s, false);
		delay = next_ns(s);
		super_distrust(s, true);
	}
	start_next(s, delay);
}

/* Its pages lie on a disk that is gone, say; another would go the same way, and
 * nobody knows what this one will still do. */
void super_core_stuck(void *data)
{
	struct super *s = data;

	super_show_fit(s, false);
	log_line(LOG_LEVEL_ERROR,
		 "the process " NAME " hangs and cannot be ended");
}

static void on_handover(void *data)
{
	super_show_fit(data, false);
}

void super_init_end(struct super *s)
{
	child_init(&s->dying, &s->loop);
	s->handover = (struct loop_timer){ .due = on_handover, .data = s };
}
