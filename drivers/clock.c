/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wall clock: whether the kernel counts it as synchronised (adjtimex(2)),
 * and whether somebody sets it while builds run, which make(1) pays for: it
 * goes by the times of files. A step wakes the agent by a timer that the
 * kernel cancels then; its size is what the wall clock has moved against the
 * clock of the boot. Small steps are what a time service does for its living.
 * Asks nobody and never waits.
 *
 * Observations of this driver: value is the step in ms (either way), or the
 * kernel's own bound of the clock's error in ms.
 */
#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

#include "hale/base.h"
#include "hale/driver.h"

/* What make(1) and caches begin to mind: times of files are compared whole. */
#define STEP_S_DEFAULT 2
#define STEP_S_MAX     86400

struct clock_state {
	int timer_fd;
	int64_t wall_to_boot_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME */
	int64_t step_ns;
};

static int64_t ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * (int64_t)HALE_NS_PER_S + t->tv_nsec;
}

/* Both clocks at one time, to the microsecond or two between three calls. */
static int64_t wall_to_boot(void)
{
	struct timespec before, wall, after;

	clock_gettime(CLOCK_BOOTTIME, &before);
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &after);
	return ns_of(&wall) - (ns_of(&before) + ns_of(&after)) / 2;
}

static int read_step(const struct hale_probe *p, int64_t *ret_ns)
{
	const char *text = hale_option(p, "step");
	long seconds = STEP_S_DEFAULT;
	char *end = NULL;

	if (text) {
		seconds = strtol(text, &end, 10);
		if (end == text || (*end && strcmp(end, "s") != 0) ||
		    seconds < 1 || seconds > STEP_S_MAX)
			return -EINVAL;
	}
	*ret_ns = seconds * (int64_t)HALE_NS_PER_S;
	return 0;
}

static int clock_check(const struct hale_probe *p,
		       char ret_error[HALE_CHECK_ERROR_MAX])
{
	int64_t step_ns;
	int r = read_step(p, &step_ns);

	if (r < 0)
		snprintf(ret_error, HALE_CHECK_ERROR_MAX,
			 "step: not a time from 1s to %ds", STEP_S_MAX);
	return r;
}

/* It never expires; the kernel cancels it when the clock is set. */
static int arm(const struct clock_state *s)
{
	const struct itimerspec never = {
		.it_value.tv_sec = (time_t)1 << 33 /* in the year 2242 */
	};

	return timerfd_settime(s->timer_fd,
			       TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			       &never, NULL) < 0
		       ? -errno
		       : 0;
}

static int clock_probe(struct hale_probe *p)
{
	struct clock_state *s = p->state;
	int r = read_step(p, &s->step_ns);

	if (r < 0)
		return r;
	s->timer_fd = -1;
	s->wall_to_boot_ns = wall_to_boot();
	if (p->once)
		return 0;
	s->timer_fd =
		timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->timer_fd < 0)
		return -errno;
	r = arm(s);
	if (r < 0) {
		close(s->timer_fd);
		s->timer_fd = -1;
		return r;
	}
	p->event_fd = s->timer_fd;
	p->event_mask = POLLIN;
	return 0;
}

/* "3 h 2 min", "45 s", "2.5 s" */
static void print_span(uint64_t ms, char *text, size_t size)
{
	const unsigned long long s = ms / 1000;

	if (s >= 86400)
		snprintf(text, size, "%llu d %llu h", s / 86400,
			 s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(text, size, "%llu h %llu min", s / 3600,
			 s % 3600 / 60);
	else if (s >= 60)
		snprintf(text, size, "%llu min %llu s", s / 60, s % 60);
	else
		snprintf(text, size, "%llu.%llu s", s,
			 (unsigned long long)(ms % 1000 / 100));
}

static void say_step(struct hale_probe *p, int64_t moved_ns)
{
	const uint64_t ms = (uint64_t)(moved_ns < 0 ? -moved_ns : moved_ns) /
			    HALE_NS_PER_MS;
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_CLOCK_STEPPED,
				      .count = 1,
				      .time_ns = p->now_ns,
				      .value = ms,
				      .part = "host" };
	char span[48];

	print_span(ms, span, sizeof(span));
	snprintf(o.evidence, sizeof(o.evidence), "the clock was set %s by %s",
		 moved_ns < 0 ? "back" : "forward", span);
	hale_emit_observation(p, &o);
}

/* Was it set since the last look? A time service that slews moves it by 0.15 s
 * in a period at most, which is no step. */
static int look_for_step(struct hale_probe *p)
{
	struct clock_state *s = p->state;
	int64_t now_ns, moved_ns;
	uint64_t expirations;

	if (s->timer_fd >= 0 &&
	    read(s->timer_fd, &expirations, sizeof(expirations)) < 0 &&
	    errno == ECANCELED && arm(s) < 0)
		return -errno;
	now_ns = wall_to_boot();
	moved_ns = now_ns - s->wall_to_boot_ns;
	s->wall_to_boot_ns = now_ns;
	if (moved_ns >= s->step_ns || moved_ns <= -s->step_ns)
		say_step(p, moved_ns);
	return 0;
}

static void cover(struct hale_probe *p, bool stepping, int error)
{
	if (error)
		hale_emit_coverage(p, HALE_SENSE_CLOCK, HALE_SIGHT_PARTIAL,
				   "adjtimex is not permitted: whether the "
				   "clock is synchronised is not known",
				   "allow adjtimex in the container's seccomp "
				   "profile");
	else if (!stepping)
		hale_emit_coverage(p, HALE_SENSE_CLOCK, HALE_SIGHT_PARTIAL,
				   "without an agent steps are not seen",
				   "run haled");
	else
		hale_emit_coverage(p, HALE_SENSE_CLOCK, HALE_SIGHT_LIVE, "",
				   "");
}

/* STA_UNSYNC: nobody disciplines it, or not for so long that the kernel no
 * longer believes it (kernel/time/ntp.c: after some hours). */
static int look_at_sync(struct hale_probe *p)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_CLOCK_UNSYNCED,
				      .time_ns = p->now_ns,
				      .part = "host" };
	struct timex t = { .modes = 0 };

	if (adjtimex(&t) < 0)
		return -errno;
	o.holds = (t.status & STA_UNSYNC) != 0;
	o.count = o.holds;
	o.value = t.maxerror > 0 ? (uint64_t)t.maxerror / 1000 : 0;
	if (o.holds)
		HALE_SET(o.evidence, "the kernel says that no time service "
				     "keeps this clock (STA_UNSYNC)");
	hale_emit_observation(p, &o);
	return 0;
}

static int clock_sample(struct hale_probe *p)
{
	const struct clock_state *s = p->state;
	int r = look_for_step(p);

	if (r < 0)
		return r;
	cover(p, s->timer_fd >= 0, look_at_sync(p));
	return 0;
}

static void clock_remove(struct hale_probe *p)
{
	struct clock_state *s = p->state;

	if (s->timer_fd > 0)
		close(s->timer_fd);
	s->timer_fd = -1;
}

HALE_DRIVER(clock) = {
	.name = "clock",
	.about = "a clock that is set while builds run, or that nobody keeps",
	.state_size = sizeof(struct clock_state),
	.period_ms = 5 * 60 * 1000,
	.senses = 1U << HALE_SENSE_CLOCK,
	.scans = true,
	.probe = clock_probe,
	.check = clock_check,
	.sample = clock_sample,
	.remove = clock_remove,
};
