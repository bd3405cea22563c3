/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe's life as the supervisor sees it: one for each core, started again
 * where it ends before that. Decides when; what its end means for its drivers
 * is the core's to say. Must never wait for it, nor start another beside one
 * that hangs in the kernel. Invariant: a core without a probe was told why.
 */
#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/super/super.h"

#define NAME "haled: probe"

static const struct backoff_rule rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 64 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
	.at_once = 1,
};

static void spawn(struct super *s);

static int work(void *data, int fd)
{
	struct super *s = data;
	int own = dup(fd); /* what is the supervisor's alone is closed */

	process_set_name(NAME);
	super_in_child(s);
	process_lock_memory(); /* swapped out to a disk that hangs, so is it */
	if (own < 0 || super_confine(s, SANDBOX_PROBE) < 0)
		return EXIT_FAILURE;
	return probe_serve(hale_drivers, own, &s->user);
}

/* @next_ns: until another is here; 0: unknown. */
static void tell_why(struct super *s, const char *why, uint64_t next_ns)
{
	struct wire_down_message m = { .kind = WIRE_PROBE, .value = next_ns };

	HALE_SET(s->probe_why, why);
	m.len = (uint32_t)strlen(s->probe_why);
	super_send(s, &m, s->probe_why);
}

static void fall(struct super *s, const char *why)
{
	uint64_t delay =
		backoff_next(&s->probe.backoff, &rule,
			     clock_boot_ns() - s->probe.began_ns, true);

	log_line(LOG_LEVEL_ERROR, "%s, starting it again in %llu s", why,
		 (unsigned long long)(delay / HALE_NS_PER_S));
	tell_why(s, why, delay > 0 ? delay : 1);
	if (delay == 0)
		spawn(s);
	else
		loop_timer_set(&s->loop, &s->probe.timer, delay);
}

static void on_ended(void *data, int status)
{
	struct super *s = data;
	char why[SUPER_WHY_MAX];

	if (s->probe_ended) {
		if (super_core_runs(s))
			super_want_probe(s);
		return;
	}
	super_how(why, NAME, status);
	if (status == EXIT_SUCCESS && !s->probe_given_up) {
		/* its core is gone, of which the loop will hear in a moment */
		tell_why(s, why, rule.first_ns);
		loop_timer_set(&s->loop, &s->probe.timer, rule.first_ns);
		return;
	}
	if (s->probe_given_up && s->probe_reason == WIRE_BABBLES)
		HALE_SET(why, "the process " NAME " sent what is no report");
	else if (s->probe_given_up)
		HALE_SET(why, "the process " NAME " did not answer");
	fall(s, why);
}

/* It sits in the kernel: its own memory may be on a disk that is gone. No other
 * is started beside it, since that one would go the same way. */
static void on_stuck(void *data)
{
	const char *why = "the process " NAME " hangs and cannot be ended";

	log_line(LOG_LEVEL_ERROR, "%s", why);
	tell_why(data, why, 0);
}

static void spawn(struct super *s)
{
	struct child_job job = {
		.name = NAME,
		.work = work,
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
	};
	char why[SUPER_WHY_MAX];
	int r;

	s->probe_ended = s->probe_given_up = false;
	s->probe.began_ns = clock_boot_ns();
	r = child_start(&s->probe.child, &job);
	if (r < 0) {
		snprintf(why, sizeof(why), "cannot start " NAME ": %s",
			 strerror(-r));
		fall(s, why);
		return;
	}
	s->probe_why[0] = '\0';
	super_hand_over(s, WIRE_PROBE, child_give_fd(&s->probe.child));
}

void super_want_probe(struct super *s)
{
	if (s->probe.child.state == CHILD_NONE) {
		loop_timer_stop(&s->probe.timer);
		spawn(s);
	} else if (s->probe.child.state == CHILD_STUCK) {
		super_tell(s, WIRE_PROBE, s->probe_why, strlen(s->probe_why));
	} /* else its end, which is on its way, starts it */
}

void super_end_probe(struct super *s)
{
	loop_timer_stop(&s->probe.timer);
	s->probe_ended = true;
	child_kill(&s->probe.child);
}

void super_give_up_probe(struct super *s, enum wire_reason why)
{
	if (s->probe.child.state != CHILD_RUNS)
		return;
	s->probe_given_up = true;
	s->probe_reason = why;
	child_kill(&s->probe.child);
}

static void on_timer(void *data)
{
	struct super *s = data;

	if (super_core_runs(s))
		spawn(s);
}

void super_init_probe(struct super *s)
{
	child_init(&s->probe.child, &s->loop);
	s->probe.timer = (struct loop_timer){ .due = on_timer, .data = s };
}
