/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent asks of the drivers in the probe process: to run, whether they
 * have, and whether the map is older than the mounts. The core watches the
 * mounts itself, so it knows of a change before anybody else can ask about it.
 * Must never wait. Invariant: a run that began before a question was asked does
 * not answer it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "hale/base.h"

#include "agent/daemon/probe_room.h"

/* As host_busy() sees it: closer than this is now. */
#define SOON_NS HALE_NS_PER_MS

#define MAP (1U << HALE_SENSE_STORAGE_MAP)

/* What finds its socket full becomes one command with all that does. */
static void send_wake(struct probe *p, bool asked)
{
	if (!probe_runs(p))
		return;
	if (p->full_ns != 0 || probe_send_wake(p->peer.fd, MAP, asked) < 0)
		p->owed_wake = true;
	if (p->owed_wake || asked)
		probe_expect(p);
}

void probe_call(struct probe *p, const struct host_call *call)
{
	if (p->full_ns == 0 && probe_send_trigger(p->peer.fd, call) == 0)
		return;
	p->owed.senses |= call->senses;
	p->owed.number = call->number;
	p->owed.asked |= call->asked;
	probe_expect(p);
}

bool probe_send_owed(struct probe *p)
{
	/* who is woken for nobody begins no sooner than who is asked */
	if (p->owed_wake && probe_send_wake(p->peer.fd, MAP, true) < 0)
		return false;
	p->owed_wake = false;
	if (p->owed.senses != 0 && probe_send_trigger(p->peer.fd, &p->owed) < 0)
		return false;
	p->owed = (struct host_call){ 0 };
	return true;
}

static void wake(struct probe *p)
{
	p->event_ns = clock_boot_ns();
	send_wake(p, false);
}

static void on_mounts(void *data, uint32_t events)
{
	(void)events;
	wake(data);
}

/* Whoever asks a mountinfo whether the mounts changed, poll(2) or the loop,
 * takes that answer away (fs/proc_namespace.c, mounts_poll): it is remembered
 * as event_ns. Only polled, never read: reading waits for the mounts' lock. */
static void look_at_mounts(struct probe *p)
{
	struct pollfd f = { .fd = p->mounts.fd, .events = POLLPRI };

	if (f.fd >= 0 && poll(&f, 1, 0) == 1 && (f.revents & POLLPRI) != 0)
		wake(p);
}

void probe_watch_mounts(struct probe *p)
{
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	p->mounts = (struct loop_source){
		.ready = on_mounts, .data = p, .fd = -1, .first = true
	};
	if (fd >= 0 &&
	    loop_add(p->setup.loop, fd, EPOLLPRI | EPOLLET, &p->mounts) < 0)
		close(fd);
}

uint64_t probe_seen_until(struct probe *p, uint32_t senses)
{
	const struct probe_driver *map = NULL;

	if ((senses & MAP) == 0)
		return UINT64_MAX;
	look_at_mounts(p);
	for (size_t i = 0; i < p->n_drivers && !map; i++) {
		if ((p->drivers[i].driver->senses & MAP) != 0)
			map = &p->drivers[i];
	}
	/* one that is not live is blind, and says so */
	if (!map || !map->live || p->event_ns <= map->whole_ns)
		return UINT64_MAX;
	if (p->hurried_ns != p->event_ns && probe_runs(p)) {
		p->hurried_ns = p->event_ns;
		send_wake(p, true);
	}
	return map->whole_ns;
}

uint64_t probe_trigger(struct probe *p, uint32_t senses, uint64_t delay_ns,
		       bool asked)
{
	const struct host_call call = { .senses = senses,
					.delay_ns = delay_ns,
					.number = ++p->number,
					.asked = asked };
	bool runs = probe_runs(p), any = false;

	for (size_t i = 0; i < p->n_drivers; i++) {
		struct probe_driver *d = &p->drivers[i];

		if ((d->driver->senses & senses) == 0)
			continue;
		any = true;
		if (runs && delay_ns < SOON_NS)
			d->asked = call.number;
		/* the one that comes is asked by probe_attach() */
		if (asked && (runs || probe_comes(p)))
			d->promised = call.number;
	}
	if (any && runs)
		probe_call(p, &call);
	return call.number;
}

/* Not among what is owed: later there is nothing to look at any more. */
void probe_look(struct probe *p, const struct hale_victim *v)
{
	if (probe_runs(p) && p->full_ns == 0 && p->settled)
		probe_send_look(p->peer.fd, v);
}

bool probe_pending(const struct probe *p, uint64_t number, char *ret_names,
		   size_t size)
{
	bool any = false;

	if (ret_names && size > 0)
		ret_names[0] = '\0';
	for (size_t i = 0; i < p->n_drivers; i++) {
		const struct probe_driver *d = &p->drivers[i];
		size_t len = ret_names ? strlen(ret_names) : 0;

		if ((d->asked < number && d->promised < number) ||
		    d->answered >= number)
			continue;
		if (ret_names)
			snprintf(ret_names + len, size - len, "%s%s",
				 any ? ", " : "", d->driver->name);
		any = true;
	}
	return any;
}

bool probe_busy(const struct probe *p, uint32_t senses)
{
	for (size_t i = 0; i < p->n_drivers; i++) {
		const struct probe_driver *d = &p->drivers[i];

		if ((d->driver->senses & senses) != 0 && d->asked > d->answered)
			return true;
	}
	return false;
}

bool probe_mapped(const struct probe *p)
{
	return p->mapped;
}

bool probe_settled(const struct probe *p)
{
	return p->settled;
}
