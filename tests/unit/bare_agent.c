/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent of bare_agent.h. Decides nothing of what is tested; whatever cannot
 * be set up ends the program.
 */
#include "bare_agent.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "hale/base.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

void bare_agent_say(struct agent *a, const struct hale_fact *f)
{
	middle_fact(a->middle, "kmsg", f, clock_now_ns(&a->clock));
}

void bare_agent_fault(struct agent *a, const char *part,
		      enum hale_condition condition)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;

	o->condition = condition;
	o->count = 1;
	o->time_ns = clock_now_ns(&a->clock);
	HALE_SET(o->part, part);
	HALE_SET(o->evidence, "a line of the log");
	bare_agent_say(a, &f);
}

static void cover(struct agent *a)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };

	f.u.coverage.sight = HALE_SIGHT_LIVE;
	f.u.coverage.since_ns = clock_now_ns(&a->clock);
	HALE_SET(f.u.coverage.driver, "kmsg");
	for (unsigned int i = 0; i < HALE_SENSE_COUNT; i++) {
		f.u.coverage.sense = (enum hale_sense)i;
		bare_agent_say(a, &f);
	}
}

static void start_drivers(struct agent *a)
{
	static const struct hale_driver *const none[] = { NULL };
	const struct probe_setup probe = { .loop = &a->loop,
					   .clock = &a->clock,
					   .drivers = none,
					   .sink = agent_sink,
					   .sink_data = a };
	const struct host_setup host = { .loop = &a->loop,
					 .clock = &a->clock,
					 .drivers = none,
					 .sink = agent_sink,
					 .sink_data = a };

	probe_init(&a->probe, &probe);
	must(host_new(&host, &a->host) == 0);
	host_start(a->host);
}

/* A socket that nobody knows the name of. */
static int listen_nowhere(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	must(fd >= 0);
	must(bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) ==
	     0);
	must(listen(fd, 1) == 0);
	return fd;
}

static void open_gate(struct agent *a, const char *path)
{
	const struct gate_setup setup = { .loop = &a->loop,
					  .path = path,
					  .request = agent_request,
					  .data = a };

	must((path ? gate_init(&a->gate, &setup)
		   : gate_open(&a->gate, &setup, listen_nowhere())) == 0);
}

struct agent *bare_agent_new(const char *path)
{
	static struct hale_policy policy;
	struct agent *a = calloc(1, sizeof(*a));

	must(a && loop_init(&a->loop) == 0);
	hale_policy_default(&policy);
	clock_init(&a->clock);
	must(middle_new(&policy, &a->middle) == 0);
	answer_init(&a->answer, a->middle, &a->clock);
	a->vault = (struct vault)VAULT_NULL;
	a->keep.vault = &a->vault;
	a->keep.loop = &a->loop;
	a->keep.middle = a->middle;
	a->keep.clock = &a->clock;
	a->wire.fd = -1;
	a->loop.turn = agent_turn;
	a->loop.turn_data = a;
	agent_init_timers(a);
	a->ready = a->settled = true;
	start_drivers(a);
	open_gate(a, path);
	cover(a);
	return a;
}

void bare_agent_free(struct agent *a)
{
	a->host = host_free(a->host);
	probe_done(&a->probe);
	gate_done(&a->gate);
	answer_done(&a->answer);
	middle_free(a->middle);
	loop_done(&a->loop);
	free(a);
}
