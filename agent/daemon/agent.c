/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `haled: core`, from its begin to its end. Decides the order: what may fail or
 * block comes before anybody is answered; the gate opens before the drivers
 * start, so that who asks too early hears UNKNOWN and not silence. Must never
 * outlive the wire to the supervisor. Invariant: one line on stderr for each
 * way in which a start can fail.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/daemon/sandbox_told.h"

/* A room's work is large: not on the stack. */
static struct agent agent;

static int fail(const char *which, int err)
{
	log_line(LOG_LEVEL_ERROR, "cannot start: %s: %s", which,
		 strerror(-err));
	return EXIT_FAILURE;
}

static int take_config(struct agent *a)
{
	char error[CONFIG_ERROR_MAX];

	a->config = malloc(sizeof(*a->config));
	a->other = malloc(sizeof(*a->other));
	if (!a->config || !a->other)
		return fail("configuration", -ENOMEM);
	*a->config = *a->setup.config;
	if (config_doubt(a->config, error))
		log_line(LOG_LEVEL_WARNING, "%s", error);
	return 0;
}

static void say_saved(void *data, bool now)
{
	agent_save(data, now);
}

/* Where there is no vault the agent still works; its supervisor has said so. */
static int start_keep(struct agent *a)
{
	a->vault = (struct vault)VAULT_NULL;
	if (a->setup.vault_fd >= 0 &&
	    vault_open(a->setup.vault_fd, &a->vault) < 0)
		log_line(LOG_LEVEL_ERROR, "the vault cannot be mapped");
	a->keep.vault = &a->vault;
	a->keep.loop = &a->loop;
	a->keep.middle = a->middle;
	a->keep.clock = &a->clock;
	a->keep.saved = say_saved;
	a->keep.data = a;
	return keep_init(&a->keep);
}

static uint64_t remember(struct agent *a)
{
	struct keep_memory mem = { .middle = a->middle,
				   .clock = &a->clock,
				   .clears = &a->keep.clears };
	int r = keep_resume(&a->vault, &mem);

	if (r == -EBADMSG || r == -EPROTONOSUPPORT)
		agent_tell(a, WIRE_BAD_MEMORY, (uint64_t)-r);
	else if (mem.error[0] != '\0' && r != -ENOENT)
		log_line(LOG_LEVEL_WARNING, "memory: %s", mem.error);
	a->resumed = r == 0 && mem.running;
	return mem.position;
}

static void ask_to_accept(void *data)
{
	agent_tell(data, WIRE_ACCEPT, 0);
}

static int open_gate(struct agent *a)
{
	struct gate_setup setup = {
		.loop = &a->loop,
		.request = agent_request,
		.no_files = ask_to_accept,
		.data = a,
	};
	int r = gate_open(&a->gate, &setup, a->setup.gate_fd);

	if (r < 0)
		return fail("gate", r);
	gate_set_group(&a->gate, a->config->group_known, a->config->gid);
	gate_set_readers(&a->gate, a->config->readers_known,
			 a->config->readers);
	gate_set_confined(&a->gate, a->setup.user->known, a->setup.user->uid);
	return 0;
}

static void reopen(void *data, const struct hale_driver *d, bool now)
{
	uint64_t value = now ? WIRE_REOPEN_NOW : 0;

	for (uint32_t i = 0; i < AGENT_DRIVERS_MAX && hale_drivers[i]; i++) {
		if (hale_drivers[i] == d)
			value |= UINT64_C(1) << i;
	}
	agent_tell(data, WIRE_REOPEN, value);
}

static int start_host(struct agent *a, uint64_t position)
{
	struct host_setup setup = {
		.loop = &a->loop,
		.clock = &a->clock,
		.drivers = hale_drivers,
		.sink = agent_sink,
		.sink_data = a,
		.options = a->driver_options,
		.resume_seq = position,
		.lineage = a->setup.lineage,
		.logs = a->setup.logs,
		.which = HOST_EVENTS,
		.hold = !a->resumed, /* for the map */
		.reopen = reopen,
		.reopen_data = a,
	};
	int r;

	setup.n_options = config_driver_options(a->config, a->driver_options,
						CONFIG_OPTIONS_MAX);
	a->released = a->resumed;
	r = host_new(&setup, &a->host);
	if (r < 0)
		return fail("drivers", r);
	host_start(a->host);
	probe_configure(&a->probe, a->driver_options, setup.n_options);
	return 0;
}

static int start_loop(struct agent *a)
{
	int r = loop_init(&a->loop);

	if (r == 0)
		r = agent_open_wire(a);
	if (r < 0)
		return fail("event loop", r);
	a->loop.turn = agent_turn;
	a->loop.turn_data = a;
	return 0;
}

static int start_middle(struct agent *a, uint64_t *ret_position)
{
	int r = middle_new(&a->config->policy, &a->middle);

	if (r < 0)
		return fail("middle", r);
	clock_init(&a->clock);
	r = start_keep(a);
	if (r < 0)
		return fail("vault", r);
	*ret_position = remember(a);
	answer_init(&a->answer, a->middle, &a->clock);
	a->answer.cleared_by = agent_cleared_by;
	a->answer.cleared_data = a;
	a->answer.note = "haled started a moment ago and is still looking";
	return 0;
}

static void tell_sandbox(struct agent *a, uint32_t lacks)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	uint64_t now = clock_now_ns(&a->clock);

	for (size_t i = 0; sandbox_told(lacks, i, &f.u.coverage); i++)
		agent_sink(a, SANDBOX_TELLS, &f, now);
}

/* From here on nothing is opened any more. */
static int confine(struct agent *a)
{
	const struct sandbox_setup setup = { .user = a->setup.user };
	uint32_t lacking = sandbox_lacking(a->setup.user);
	char lacks[SANDBOX_TEXT_MAX];
	int r = sandbox_enter(SANDBOX_CORE, &setup, lacks);

	if (r < 0)
		return fail("sandbox", r);
	if (lacks[0] && !a->setup.successor)
		log_line(LOG_LEVEL_NOTICE, "the core's sandbox lacks %s",
			 lacks);
	/* a container's root may not become its user */
	if (a->setup.user->known && geteuid() == 0)
		lacking |= SANDBOX_LACKS_USER;
	tell_sandbox(a, lacking);
	return 0;
}

static int start(struct agent *a)
{
	uint64_t position = 0;
	int r = take_config(a);

	if (r == 0)
		r = start_loop(a);
	if (r == 0)
		r = start_middle(a, &position);
	if (r == 0)
		r = open_gate(a);
	if (r != 0)
		return r;
	agent_start_probe(a);
	agent_init_timers(a);
	r = start_host(a, position);
	if (r == 0 && process_lock_memory() < 0)
		log_line(LOG_LEVEL_NOTICE,
			 "memory not locked, ignoring; run haled as root");
	return r == 0 ? confine(a) : r;
}

/* What is still open goes with the process. */
static void stop(struct agent *a)
{
	keep_save(&a->keep);
	host_free(a->host);
	probe_done(&a->probe);
	gate_done(&a->gate);
}

int agent_run(const struct agent_setup *setup)
{
	struct agent *a = &agent;
	int r;

	a->setup = *setup;
	a->began_ns = clock_boot_ns();
	a->gate.source.fd = a->wire.fd = -1;
	a->fitness = HALE_FITNESS_COUNT;
	r = start(a);
	if (r != 0)
		return r;
	r = loop_run(&a->loop);
	if (r < 0)
		log_line(LOG_LEVEL_ERROR, "event loop: %s", strerror(-r));
	stop(a);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
