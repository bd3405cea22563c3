/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration, read again while the agent runs. A child reads and checks
 * it, because a file may be on a disk that does not answer; it hands over a
 * whole config or one line about what is wrong. Must never apply a part of it.
 * Invariant: the old configuration stays until a whole new one is here.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"

#define DEADLINE_NS (5 * HALE_NS_PER_S)

/* In the child. The struct holds no pointer: its bytes are all of it. */
static int work(void *data, int fd)
{
	struct agent *a = data;
	char error[CONFIG_ERROR_MAX];
	int r = config_load(a->options.config, !a->options.config_given,
			    a->reloaded, error);

	if (r < 0) {
		send(fd, error, strlen(error) + 1, MSG_NOSIGNAL);
		return 1;
	}
	config_resolve(a->reloaded);
	r = send(fd, a->reloaded, sizeof(*a->reloaded), MSG_NOSIGNAL) < 0;
	return r;
}

static void on_message(void *data, const void *bytes, size_t len)
{
	struct agent *a = data;

	if (len >= sizeof(*a->reloaded)) {
		a->reload_whole = len == sizeof(*a->reloaded);
		return; /* it lies in its place */
	}
	hale_print_text(a->reload_error, sizeof(a->reload_error), bytes,
			strnlen(bytes, len));
}

static void tell_waiting(struct agent *a, int error, const char *text)
{
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &a->gate.clients[i];

		if (!gate_client_here(c) || c->wait != GATE_DEFERRED ||
		    c->request)
			continue;
		c->wait = GATE_IDLE;
		answer_control(&a->answer,
			       (struct answer_outcome){ error, 0, text },
			       agent_out, c);
	}
}

static void apply(struct agent *a)
{
	struct config *old = a->config;
	char doubt[CONFIG_ERROR_MAX];

	a->config = a->reloaded;
	a->reloaded = old;
	middle_set_policy(a->middle, &a->config->policy);
	/* thresholds count where they are measured against */
	agent_trigger(a, 1U << HALE_SENSE_FS_STATE, 0);
	gate_set_group(&a->gate, a->config->group_known, a->config->gid);
	if (config_doubt(a->config, doubt))
		log_asked(LOG_LEVEL_WARNING, "%s", doubt);
	agent_start_ship(a);
	/* The old texts are still there, for the host to compare with. */
	agent_configure_drivers(a);
}

static void on_ended(void *data, int status)
{
	struct agent *a = data;

	if (a->reload_again) { /* the file may be another meanwhile */
		agent_reload(a);
		return;
	}
	if (status == 0 && a->reload_whole) {
		apply(a);
		log_asked(LOG_LEVEL_NOTICE, "configuration read again");
		tell_waiting(a, 0, "configuration read again");
	} else {
		if (a->reload_error[0] == '\0')
			HALE_SET(a->reload_error,
				 "it could not be read in time");
		log_asked(LOG_LEVEL_ERROR,
			  "%s; the configuration stays as it was",
			  a->reload_error);
		tell_waiting(a, EINVAL, a->reload_error);
	}
	notify_send(&a->notify, "READY=1");
}

static void on_stuck(void *data)
{
	struct agent *a = data;

	log_asked(LOG_LEVEL_ERROR,
		  "%s does not answer; the configuration stays "
		  "as it was",
		  a->options.config);
	tell_waiting(a, ETIMEDOUT, "the configuration could not be read");
}

void agent_reload(struct agent *a)
{
	struct child_job job = {
		.name = "hale-config",
		.work = work,
		.in_child = agent_in_child,
		.in_child_data = a,
		.message = on_message,
		.buffer = a->reloaded,
		.size = sizeof(*a->reloaded),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = a,
		.deadline_ns = DEADLINE_NS,
	};
	int r;

	r = child_start(&a->reloader, &job);
	a->reload_again = r == -EBUSY && a->reloader.state != CHILD_STUCK;
	if (a->reload_again)
		return;
	a->reload_whole = false;
	a->reload_error[0] = '\0';
	if (r < 0) {
		log_asked(LOG_LEVEL_ERROR, "cannot reload: err=%s",
			  strerror(-r));
		tell_waiting(a, -r, "the configuration cannot be read now");
		return;
	}
	notify_reloading(&a->notify);
}
