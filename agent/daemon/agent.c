/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the agent together and takes it apart. Decides the order: what may fail
 * or block comes before anybody can ask; the gate opens before the drivers
 * start, so that who asks too early hears UNKNOWN and not silence. Must never
 * leave anything behind that says FIT. Invariant: one line on stderr for each
 * way in which a start can fail.
 */
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "hale/base.h"
#include "hale/version.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"

/* The last write of the state; systemd waits 90 s before it kills. */
#define LAST_WORDS_MS 2000
/* The probe's: it kills its children and goes. */
#define PROBE_END_MS 500
/* What it has acknowledged is on the disk: nothing is lost with it. */
#define SHIP_END_MS 500

static int fail(const char *what, const char *which, int err)
{
	log_line(LOG_LEVEL_ERROR, "%s %s: %s", what, which, strerror(-err));
	return EXIT_FAILURE;
}

void agent_in_child(void *data)
{
	struct agent *a = data;

	process_in_child();
	gate_close_fds(&a->gate);
	probe_close_fds(&a->probe);
	ship_close_fds(&a->ship);
	close(a->loop.epoll_fd);
	close(a->loop.timer_fd);
	if (a->signals.fd >= 0)
		close(a->signals.fd);
	if (a->lock_fd >= 0)
		close(a->lock_fd);
	if (a->notify.fd >= 0)
		close(a->notify.fd);
}

static void on_signal(void *data, uint32_t events)
{
	struct agent *a = data;
	struct signalfd_siginfo info;

	(void)events;
	if (read(a->signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		agent_reload(a);
	else
		a->loop.quit = true;
}

static int read_config(struct agent *a)
{
	char error[CONFIG_ERROR_MAX];

	a->config = malloc(sizeof(*a->config));
	a->reloaded = malloc(sizeof(*a->reloaded));
	if (!a->config || !a->reloaded)
		return fail("cannot start:", "configuration", -ENOMEM);
	if (config_load(a->options.config, !a->options.config_given, a->config,
			error) < 0) {
		log_line(LOG_LEVEL_ERROR, "%s", error);
		return EXIT_FAILURE;
	}
	config_resolve(a->config);
	if (config_doubt(a->config, error))
		log_line(LOG_LEVEL_WARNING, "%s", error);
	return 0;
}

static int take_run_dir(struct agent *a)
{
	const char *wrong, *dir = a->options.run_dir;
	int other = 0;

	a->run_fd = process_open_dir(dir);
	if (a->run_fd < 0)
		return fail("run directory", dir, a->run_fd);
	wrong = process_dir_wrong(a->run_fd);
	if (wrong) {
		log_line(LOG_LEVEL_ERROR, "run directory %s: %s", dir, wrong);
		return EXIT_FAILURE;
	}
	a->lock_fd = process_lock(a->run_fd, &other);
	if (a->lock_fd == -EEXIST) {
		log_line(LOG_LEVEL_ERROR,
			 "another haled, pid %d, runs on %s already", other,
			 dir);
		return EXIT_FAILURE;
	}
	if (a->lock_fd < 0)
		return fail("lock in", dir, a->lock_fd);
	fit_init(&a->fit, a->run_fd);
	return 0;
}

/* What cannot be moved away must not be written over. */
static void set_state_aside(struct agent *a, const char *error)
{
	const char *dir = a->options.state_dir;
	const char *name = state_set_aside(a->state_fd);

	if (name) {
		log_line(LOG_LEVEL_WARNING,
			 "%s/%s; kept as %s, starting without memory", dir,
			 error, name);
		return;
	}
	log_line(LOG_LEVEL_ERROR,
		 "%s/%s and cannot be moved aside: findings and clears will "
		 "not be saved; remove state.pb and state.pb.bad* there, then "
		 "restart haled",
		 dir, error);
	close(a->state_fd);
	a->state_fd = -1;
}

/* Opens it; without a memory the agent still works, and says so. */
static bool take_state_dir(struct agent *a)
{
	const char *wrong, *dir = a->options.state_dir;

	a->state_fd = process_open_dir(dir);
	wrong = a->state_fd < 0 ? strerror(-a->state_fd)
				: process_dir_wrong(a->state_fd);
	if (!wrong)
		return true;
	if (a->state_fd >= 0)
		close(a->state_fd);
	a->state_fd = -1;
	log_line(LOG_LEVEL_WARNING,
		 "state directory %s: %s; findings and clears will not "
		 "survive a restart",
		 dir, wrong);
	return false;
}

static uint64_t remember(struct agent *a)
{
	const char *dir = a->options.state_dir;
	struct state_memory mem = { .middle = a->middle,
				    .clock = &a->clock,
				    .clears = &a->state.clears };
	int r;

	if (!take_state_dir(a))
		return 0;
	r = state_load(a->state_fd, &mem);
	if (r == -EBADMSG || r == -EPROTONOSUPPORT) {
		set_state_aside(a, mem.error);
	} else if (mem.error[0] != '\0' && r != -ENOENT) {
		log_line(LOG_LEVEL_WARNING, "%s/%s", dir, mem.error);
	}
	return mem.position;
}

static int open_gate(struct agent *a)
{
	struct gate_setup setup = {
		.loop = &a->loop,
		.path = a->gate_path,
		.request = agent_request,
		.data = a,
	};
	int n = snprintf(a->gate_path, sizeof(a->gate_path), "%s/gate.sock",
			 a->options.run_dir);
	int r = (size_t)n < sizeof(a->gate_path) ? gate_init(&a->gate, &setup)
						 : -ENAMETOOLONG;

	if (r < 0)
		return fail("gate", a->gate_path, r);
	gate_set_group(&a->gate, a->config->group_known, a->config->gid);
	return 0;
}

static int start_host(struct agent *a, uint64_t position)
{
	struct host_setup setup = {
		.loop = &a->loop,
		.clock = &a->clock,
		.drivers = hale_drivers,
		.sink = agent_sink,
		.sink_data = a,
		.in_child = agent_in_child,
		.in_child_data = a,
		.options = a->driver_options,
		.resume_seq = position,
		.which = HOST_EVENTS,
		.hold = true, /* for the map */
	};
	int r;

	setup.n_options = config_driver_options(a->config, a->driver_options,
						CONFIG_OPTIONS_MAX);
	r = host_new(&setup, &a->host);
	if (r < 0)
		return fail("cannot start:", "drivers", r);
	host_start(a->host);
	probe_configure(&a->probe, a->driver_options, setup.n_options);
	return 0;
}

static int start_loop(struct agent *a)
{
	int fd = process_signals();
	int r = fd < 0 ? fd : loop_init(&a->loop);

	a->signals =
		(struct loop_source){ .ready = on_signal, .data = a, .fd = -1 };
	if (r == 0)
		r = loop_add(&a->loop, fd, EPOLLIN, &a->signals);
	if (r < 0)
		return fail("cannot start:", "event loop", r);
	a->loop.turn = agent_turn;
	a->loop.turn_data = a;
	child_init(&a->reloader, &a->loop);
	return 0;
}

static void start_state(struct agent *a)
{
	a->state.dir_fd = a->state_fd;
	a->state.loop = &a->loop;
	a->state.middle = a->middle;
	a->state.clock = &a->clock;
	a->state.in_child = agent_in_child;
	a->state.in_child_data = a;
	state_init(&a->state);
}

static int start_middle(struct agent *a, uint64_t *ret_position)
{
	int r = middle_new(&a->config->policy, &a->middle);

	if (r < 0)
		return fail("cannot start:", "middle", r);
	clock_init(&a->clock);
	*ret_position = remember(a);
	answer_init(&a->answer, a->middle, &a->clock);
	a->answer.note = "haled started a moment ago and is still looking";
	return 0;
}

int agent_start(struct agent *a, const struct options *options)
{
	uint64_t position = 0;
	int r;

	memset(a, 0, sizeof(*a));
	a->options = *options;
	a->run_fd = a->lock_fd = a->state_fd = -1;
	a->signals.fd = -1;
	a->gate.source.fd = -1;
	a->fitness = HALE_FITNESS_COUNT;
	notify_init(&a->notify);
	r = read_config(a);
	if (r == 0)
		r = take_run_dir(a);
	if (r == 0)
		r = start_loop(a);
	if (r == 0)
		agent_start_probe(a); /* while there is little to copy */
	if (r == 0)
		r = start_middle(a, &position);
	if (r == 0)
		r = open_gate(a);
	if (r != 0)
		return r;
	start_state(a);
	agent_init_timers(a);
	r = start_host(a, position);
	if (r == 0)
		agent_start_ship(a);
	if (r == 0 && process_lock_memory() < 0)
		log_line(LOG_LEVEL_NOTICE,
			 "memory not locked, ignoring; run haled as root");
	return r;
}

void agent_stop(struct agent *a)
{
	int r;

	notify_send(&a->notify, "STOPPING=1");
	fit_done(&a->fit);
	gate_done(&a->gate);
	r = state_flush(&a->state, LAST_WORDS_MS);
	if (r < 0)
		log_line(LOG_LEVEL_WARNING, "state not written at the end: %s",
			 strerror(-r));
	host_free(a->host);
	probe_stop(&a->probe, PROBE_END_MS);
	ship_stop(&a->ship, SHIP_END_MS);
	child_done(&a->reloader);
	state_done(&a->state);
	answer_done(&a->answer);
	middle_free(a->middle);
	notify_done(&a->notify);
	close(a->signals.fd);
	loop_done(&a->loop);
	free(a->config);
	free(a->reloaded);
	close(a->run_fd);
	close(a->lock_fd);
	if (a->state_fd >= 0)
		close(a->state_fd);
}
