/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver of the core's that was not there, or failed: is it there now?
 * Decides whether a successor is worth its while. A short child asks the driver
 * itself, with the rights that sources need and no others, since the core has
 * none and this process is to touch nothing. Must never replace a core without
 * reason.
 */
#include <fcntl.h>
#include <poll.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/super/super.h"

#define DEADLINE_NS (5 * HALE_NS_PER_S)
/* Folders that options name, of rules, say. */
#define FOLDERS_MAX 16

static void ignore(void *sink, const struct hale_fact *f)
{
	(void)sink;
	(void)f;
}

static bool is_there(const struct super *s, const struct hale_driver *d,
		     int root_fd)
{
	struct driver_option all[CONFIG_OPTIONS_MAX];
	struct hale_option own[CONFIG_OPTIONS_MAX];
	size_t n = config_driver_options(&s->config, all, CONFIG_OPTIONS_MAX);
	struct hale_probe p = { .state = calloc(1, d->state_size + 1),
				.root_fd = root_fd,
				.event_fd = -1,
				.event_mask = POLLIN,
				.options = own,
				.emit = ignore };
	bool there;

	if (!p.state)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].driver, d->name) == 0)
			own[p.n_options++] =
				(struct hale_option){ all[i].key,
						      all[i].value };
	}
	there = !d->probe || d->probe(&p) == 0;
	if (d->remove)
		d->remove(&p);
	free(p.state);
	return there;
}

static int confine(const struct super *s)
{
	struct driver_option all[CONFIG_OPTIONS_MAX];
	size_t n = config_driver_options(&s->config, all, CONFIG_OPTIONS_MAX);
	const char *readable[FOLDERS_MAX + 1] = { NULL };
	const struct sandbox_setup setup = { .user = &s->user,
					     .readable = readable };
	char lacks[SANDBOX_TEXT_MAX]; /* which the probe says */
	size_t found = 0;

	for (size_t i = 0; i < n && found < FOLDERS_MAX; i++) {
		if (all[i].value[0] == '/')
			readable[found++] = all[i].value;
	}
	return sandbox_enter(SANDBOX_LOOK, &setup, lacks);
}

static int work(void *data, int fd)
{
	struct super *s = data;
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool there = false;
	int r = confine(s);

	(void)fd;
	if (r < 0) {
		log_line(LOG_LEVEL_ERROR, "hale-look cannot be confined: %s",
			 strerror(-r));
		return EXIT_FAILURE;
	}
	for (uint32_t i = 0; i < AGENT_DRIVERS_MAX && hale_drivers[i]; i++) {
		if ((s->tested & UINT64_C(1) << i) != 0 &&
		    !hale_drivers[i]->may_block)
			there |= is_there(s, hale_drivers[i], root_fd);
	}
	return there ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void on_ended(void *data, int status)
{
	if (status == EXIT_SUCCESS)
		super_replace_core_soon(data);
}

void super_reopen(struct super *s, uint64_t value)
{
	struct child_job job = {
		.name = "hale-look",
		.work = work,
		.in_child = super_in_child,
		.in_child_data = s,
		.ended = on_ended,
		.data = s,
		.deadline_ns = DEADLINE_NS,
	};

	if ((value & WIRE_REOPEN_NOW) != 0) {
		super_replace_core_soon(s);
		return;
	}
	if (s->tester.state != CHILD_NONE)
		return; /* it asks again */
	s->tested = value;
	child_start(&s->tester, &job);
}

void super_init_reopen(struct super *s)
{
	child_init(&s->tester, &s->loop);
}
