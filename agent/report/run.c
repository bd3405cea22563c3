/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of `haled: fleet`. Decides when it turns and when it ends: with its
 * agent, or for a successor. Sleeps until something comes or is due. Must never
 * take the agent along: nothing here is waited for there. Invariant: whatever
 * has a time set is looked at when that has come, and nothing is looked at
 * again without one.
 */
#include "agent/report/report.h"
#include "agent/sandbox/successor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/random.h>
#include <time.h>

#include "hale/base.h"

#define HEARTBEAT_NS (30 * HALE_NS_PER_S)

void report_log(int level, const char *text, ...)
{
	static char last[REPORT_SAID_MAX];
	char said[REPORT_SAID_MAX];
	va_list args;

	va_start(args, text);
	vsnprintf(said, sizeof(said), text, args);
	va_end(args);
	/* a server that says the same all day is not to fill a log */
	if (strcmp(said, last) == 0)
		return;
	HALE_SET(last, said);
	if (isatty(STDERR_FILENO))
		dprintf(STDERR_FILENO, "haled: fleet: %s\n", said);
	else
		dprintf(STDERR_FILENO, "<%d>haled: fleet: %s\n", level, said);
}

static uint64_t read_clock(clockid_t which)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t report_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t report_real_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint32_t report_dice(void)
{
	uint32_t n = 0;

	return getrandom(&n, sizeof(n), 0) == (ssize_t)sizeof(n) ? n : 0;
}

static uint64_t next_ns(const struct report *r)
{
	uint64_t next =
		plan_sooner(plan_next(&r->plan, report_knows(r)), r->gate_ns);
	uint64_t oldest = flight_oldest(&r->flight);

	next = plan_sooner(next, r->tidy_ns);
	next = plan_sooner(next, r->builds_ns);
	return plan_sooner(next, oldest != 0 ? oldest + PLAN_ACK_NS : 0);
}

static int wait_ms(const struct report *r)
{
	uint64_t now = report_mono_ns(), next = next_ns(r), ms;

	if (next <= now)
		return 0;
	ms = (next - now) / HALE_NS_PER_MS + 1;
	return ms < 60000 ? (int)ms : 60000;
}

static void on_time(struct report *r)
{
	uint64_t now = report_mono_ns();

	if (r->gate_ns != 0 && r->gate_ns <= now)
		report_watch(r);
	if (r->builds_ns <= now)
		report_builds(r);
	if (r->tidy_ns <= now)
		report_tidy(r);
	if (plan_connect_due(&r->plan, now))
		report_connect(r);
	report_send(r);
}

/* False where the agent is gone. */
static bool turn(struct report *r)
{
	struct pollfd fds[] = {
		{ .fd = r->setup.agent_fd, .events = POLLIN },
		{ .fd = report_gate_fd(r), .events = POLLIN },
		{ .fd = r->link.fd, .events = POLLIN },
	};
	int n = poll(fds, HALE_ARRAY_SIZE(fds), wait_ms(r));

	if (n < 0)
		return errno == EINTR;
	if (fds[0].revents != 0)
		return false;
	if (fds[1].revents != 0)
		report_watch(r);
	if (fds[2].revents != 0)
		report_answers(r);
	on_time(r);
	return true;
}

/* Any number that is this host's and no other's. */
static uint32_t phase_of(const char *id)
{
	uint32_t h = 2166136261U;

	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * 16777619U;
	return h;
}

static int prepare(struct report *r)
{
	const struct hale_options o = { .size = sizeof(o),
					.run_dir = r->setup.run_dir };
	uint32_t phase = phase_of(r->id);
	int e = hale_open(&o, &r->gate);

	if (e == 0)
		e = report_open_outbox(r);
	if (e == 0)
		e = link_init(&r->link, &r->who);
	if (e < 0)
		return e;
	r->started_ns = report_mono_ns();
	r->gate_ns = r->builds_ns = r->started_ns;
	r->server = phase % (uint32_t)r->setup.n_servers;
	plan_init(&r->plan,
		  r->setup.heartbeat_ns ? r->setup.heartbeat_ns : HEARTBEAT_NS,
		  phase, r->started_ns);
	return 0;
}

int report_run(struct report *r)
{
	int e;

	signal(SIGPIPE, SIG_IGN);
	e = prepare(r);
	if (e < 0) {
		report_log(3, "the reporter cannot start: %s", strerror(-e));
		return EXIT_FAILURE;
	}
	while (!r->renew && turn(r))
		;
	link_done(&r->link);
	r->spool = spool_close(r->spool);
	return r->renew ? SUCCESSOR_WANTED : EXIT_SUCCESS;
}
