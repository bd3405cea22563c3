/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core tells its probe process, as messages. Decides nothing. A
 * command that cannot be sent at once is not sent: the core waits for nobody,
 * and a probe that leaves its commands lying hangs.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/config.h"
#include "agent/daemon/probe_room.h"

static int send_bytes(int fd, const void *bytes, size_t len)
{
	return send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
								     : 0;
}

static int send_command(int fd, const void *m)
{
	uint8_t bytes[256];
	ssize_t n = codec_pack(m, bytes, sizeof(bytes));

	return n < 0 ? (int)n : send_bytes(fd, bytes, (size_t)n);
}

/* The one that may be long: once at start, and with each new configuration. */
static int send_long(int fd, const void *m)
{
	_cleanup_free_ uint8_t *bytes = malloc(PROBE_COMMAND_MAX);
	ssize_t n;

	if (!bytes)
		return -ENOMEM;
	n = codec_pack(m, bytes, PROBE_COMMAND_MAX);
	return n < 0 ? (int)n : send_bytes(fd, bytes, (size_t)n);
}

int probe_send_configure(int fd, int64_t boot_to_agent_ns,
			 const struct driver_option *options, size_t n)
{
	Hale__V1__ProbeCommand m = HALE__V1__PROBE_COMMAND__INIT;
	Hale__V1__ProbeCommand__Configure conf =
		HALE__V1__PROBE_COMMAND__CONFIGURE__INIT;
	Hale__V1__ProbeCommand__Option all[CONFIG_OPTIONS_MAX];
	Hale__V1__ProbeCommand__Option *list[CONFIG_OPTIONS_MAX];

	n = n < CONFIG_OPTIONS_MAX ? n : CONFIG_OPTIONS_MAX;
	for (size_t i = 0; i < n; i++) {
		hale__v1__probe_command__option__init(&all[i]);
		all[i].driver = codec_borrow(options[i].driver);
		all[i].key = codec_borrow(options[i].key);
		all[i].value = codec_borrow(options[i].value);
		list[i] = &all[i];
	}
	conf.boot_to_agent_ns = boot_to_agent_ns;
	conf.n_options = n;
	conf.options = list;
	m.body_case = HALE__V1__PROBE_COMMAND__BODY_CONFIGURE;
	m.configure = &conf;
	return send_long(fd, &m);
}

int probe_send_trigger(int fd, const struct host_call *call)
{
	Hale__V1__ProbeCommand m = HALE__V1__PROBE_COMMAND__INIT;
	Hale__V1__ProbeCommand__Trigger t =
		HALE__V1__PROBE_COMMAND__TRIGGER__INIT;

	t.number = call->number;
	t.senses = call->senses;
	t.delay_ns = call->delay_ns;
	t.asked = call->asked;
	m.body_case = HALE__V1__PROBE_COMMAND__BODY_TRIGGER;
	m.trigger = &t;
	return send_command(fd, &m);
}

int probe_send_wake(int fd, uint32_t senses, bool asked)
{
	Hale__V1__ProbeCommand m = HALE__V1__PROBE_COMMAND__INIT;
	Hale__V1__ProbeCommand__Wake w = HALE__V1__PROBE_COMMAND__WAKE__INIT;

	w.senses = senses;
	w.asked = asked;
	m.body_case = HALE__V1__PROBE_COMMAND__BODY_WAKE;
	m.wake = &w;
	return send_command(fd, &m);
}

/* Fits send_command(): of a victim that nobody has looked at there is no more
 * than numbers and a name. */
int probe_send_look(int fd, const struct hale_victim *v)
{
	Hale__V1__ProbeCommand m = HALE__V1__PROBE_COMMAND__INIT;
	Hale__V1__ProbeCommand__Look l = HALE__V1__PROBE_COMMAND__LOOK__INIT;
	uint8_t mem[1024];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	struct hale_victim known = *v;

	known.n_files = 0;
	known.exe[0] = known.cgroup[0] = '\0';
	l.victim = codec_victim(&a, &known);
	if (!l.victim)
		return -ENOMEM;
	m.body_case = HALE__V1__PROBE_COMMAND__BODY_LOOK;
	m.look = &l;
	return send_command(fd, &m);
}

int probe_send_ping(int fd, uint64_t ping)
{
	Hale__V1__ProbeCommand m = HALE__V1__PROBE_COMMAND__INIT;

	m.body_case = HALE__V1__PROBE_COMMAND__BODY_PING;
	m.ping = ping;
	return send_command(fd, &m);
}
