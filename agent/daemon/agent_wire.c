/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's end of the wire. Decides nothing: what the supervisor says is
 * done, and what it is to do is told. Must never outlive it: the end of the
 * wire is the end of the core. Invariant: a ping is answered in the turn in
 * which it came, after facts and before clients, so that who answers it does
 * its work.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/agent.h"

static uint8_t bytes[WIRE_DOWN_MAX + 1];

/* In a storm the supervisor need not hear of each: it paces its writes, and
 * each of them takes what is the newest by then. */
void agent_save(struct agent *a, bool now)
{
	a->save_again = a->save_told && !now;
	if (a->save_again)
		return;
	a->save_told = true;
	agent_tell(a, WIRE_SAVE, now);
}

static void take_probe(struct agent *a, int fd, uint64_t next_ns)
{
	if (fd >= 0)
		agent_take_probe(a, fd);
	else
		agent_lose_probe(a, (const char *)bytes, next_ns);
}

static void take_config(struct agent *a, uint32_t len)
{
	static struct config config;

	if (len != sizeof(config))
		return;
	memcpy(&config, bytes, sizeof(config));
	agent_take_config(a, &config);
}

/* @fd: what came with it, or -1; it is taken or closed. */
static void obey(struct agent *a, const struct wire_down_message *m, int fd)
{
	switch ((enum wire_down)m->kind) {
	case WIRE_CONFIG:
		take_config(a, m->len);
		break;
	case WIRE_NO_CONFIG:
		agent_keep_config(a, (const char *)bytes);
		break;
	case WIRE_PROBE:
		take_probe(a, fd, m->value);
		return;
	case WIRE_CLIENT:
		if (fd >= 0)
			gate_take(&a->gate, fd);
		return;
	case WIRE_SHIP:
		agent_take_history(a, (const char *)bytes);
		break;
	case WIRE_SAVED:
		a->save_told = false;
		if (a->save_again)
			agent_save(a, false);
		break;
	case WIRE_PING:
		agent_tell(a, WIRE_PONG, m->value);
		break;
	case WIRE_STOP:
		a->loop.quit = true;
		break;
	case WIRE_DOWN_NONE:
	case WIRE_DOWN_COUNT:
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void on_wire(void *data, uint32_t events)
{
	struct agent *a = data;
	struct wire_down_message m;
	int fd = -1, r;

	(void)events;
	while ((r = wire_receive_down(a->wire.fd, &m, bytes, &fd)) > 0)
		obey(a, &m, fd);
	if (r != -EAGAIN && r != -EINTR)
		a->loop.quit = true;
}

int agent_open_wire(struct agent *a)
{
	a->wire = (struct loop_source){
		.ready = on_wire, .data = a, .fd = -1, .first = true
	};
	return loop_add(&a->loop, a->setup.wire_fd, EPOLLIN, &a->wire);
}

/* A supervisor that does not read has 200 messages to read; what it does not
 * hear of the link is said again in each turn until it does. */
void agent_tell(struct agent *a, enum wire_up kind, uint64_t value)
{
	int r = wire_send_up(a->wire.fd, kind, value);

	if (kind == WIRE_FIT)
		a->wire_failed = r < 0;
}
