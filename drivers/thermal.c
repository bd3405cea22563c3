/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver thermal: processors that are slowed down, and machines that are
 * too hot, as the kernel tells it: by its thermal and ACPI events and by the
 * counters of the processors. Decides when a host counts as throttled. Never
 * waits; opens after its probe only what the kernel made anew. Invariant: that
 * a fan goes on, or that a program has set a trip point for itself, is no
 * finding.
 *
 * Observations of this driver: value is the state of the cooling device, or the
 * milliseconds (or times) of throttling since the last look.
 */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "guest.h"
#include "thermal_parts.h"

#define BATCH_MAX   256
#define MESSAGE_MAX 2048
/* Processors whose limit by the firmware is kept, by their ACPI number. */
#define LIMITS_MAX 1024

struct thermal_state {
	struct nl_sock *socket;
	struct thermal_families families;
	bool throttled, said;
	uint64_t slowing[THERMAL_CDEVS_MAX / 64]; /* cooling devices at work */
	uint64_t limited[LIMITS_MAX / 64];	  /* processors */
	struct thermal_map map;
	struct throttle throttle;
};

static void set_bit(uint64_t *bits, uint32_t n, bool on)
{
	if (on)
		bits[n / 64] |= UINT64_C(1) << n % 64;
	else
		bits[n / 64] &= ~(UINT64_C(1) << n % 64);
}

static bool any_bit(const uint64_t *bits, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		if (bits[i])
			return true;
	}
	return false;
}

static void say_throttled(struct hale_probe *p, const char *evidence,
			  uint32_t value)
{
	struct thermal_state *s = p->state;
	bool now = any_bit(s->slowing, HALE_ARRAY_SIZE(s->slowing)) ||
		   any_bit(s->limited, HALE_ARRAY_SIZE(s->limited));
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_CPU_THROTTLED,
				      .holds = now,
				      .count = now,
				      .value = value,
				      .time_ns = p->now_ns,
				      .part = "host" };

	if (s->said && now == s->throttled)
		return;
	s->said = true;
	s->throttled = now;
	if (now)
		HALE_SET(o.evidence, evidence);
	hale_emit_observation(p, &o);
}

static void say_hot(struct hale_probe *p, const char *part, bool holds,
		    const char *evidence)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_SENSOR_TEMPERATURE,
				      .holds = holds,
				      .count = holds,
				      .time_ns = p->now_ns };

	hale_print_text(o.part, sizeof(o.part), part, strlen(part));
	if (holds)
		HALE_SET(o.evidence, evidence);
	hale_emit_observation(p, &o);
}

static void take_trip(struct hale_probe *p, const struct thermal_event *e)
{
	const struct thermal_state *s = p->state;
	const struct thermal_zone *z;
	char part[64], text[128];

	if (e->id >= THERMAL_ZONES_MAX || e->trip >= THERMAL_TRIPS_MAX)
		return;
	z = &s->map.zones[e->id];
	if (!z->present || (z->hot_trips >> e->trip & 1) == 0)
		return;
	snprintf(part, sizeof(part), "sensor/%s.zone%u", z->type, e->id);
	snprintf(text, sizeof(text),
		 "thermal zone %u (%s) is above its trip point %u: too hot",
		 e->id, z->type, e->trip);
	say_hot(p, part, e->kind == THERMAL_TRIP_UP, text);
}

static void take_cooling(struct hale_probe *p, const struct thermal_event *e)
{
	struct thermal_state *s = p->state;
	char text[128];

	if (!thermal_slows_cpu(&s->map, e->id))
		return;
	set_bit(s->slowing, e->id, e->value > 0);
	snprintf(text, sizeof(text),
		 "the kernel slows processors down: cooling device %u is in "
		 "state %u",
		 e->id, e->value);
	say_throttled(p, text, e->value);
}

/* "LNXCPU:0a", "CPU0": the number at its end. */
static void take_limit(struct hale_probe *p, const struct thermal_event *e)
{
	struct thermal_state *s = p->state;
	const char *digits = strrchr(e->name, ':');
	unsigned long n = digits ? strtoul(digits + 1, NULL, 16) : 0;
	char text[128];

	if (n >= LIMITS_MAX)
		return;
	set_bit(s->limited, (uint32_t)n, e->value > 0);
	snprintf(text, sizeof(text),
		 "the firmware limits processor %s to performance state %u",
		 e->name, e->value);
	say_throttled(p, text, e->value);
}

static void take_acpi_hot(struct hale_probe *p, const struct thermal_event *e)
{
	char part[64], text[128];

	snprintf(part, sizeof(part), "sensor/acpi.%s", e->name);
	snprintf(text, sizeof(text),
		 "the firmware says that zone %s is too hot", e->name);
	say_hot(p, part, true, text);
}

static void take(struct hale_probe *p, const struct thermal_event *e)
{
	switch (e->kind) {
	case THERMAL_TRIP_UP:
	case THERMAL_TRIP_DOWN:
		take_trip(p, e);
		break;
	case THERMAL_COOLING:
		take_cooling(p, e);
		break;
	case THERMAL_ACPI_HOT:
		take_acpi_hot(p, e);
		break;
	case THERMAL_ACPI_LIMIT:
		take_limit(p, e);
		break;
	case THERMAL_NOTHING:
		break;
	}
}

static void say_lost(struct hale_probe *p)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_AGENT_BLIND,
				      .count = 1,
				      .at_least = true,
				      .value = ENOBUFS,
				      .time_ns = p->now_ns,
				      .part = "host" };

	HALE_SET(o.evidence, "thermal events came faster than they were read");
	hale_emit_observation(p, &o);
}

/* One datagram; it may hold several messages. */
static int receive(struct hale_probe *p)
{
	struct thermal_state *s = p->state;
	_Alignas(8) char buf[MESSAGE_MAX];
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t from_len = sizeof(from);
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	ssize_t n = recvfrom(nl_socket_get_fd(s->socket), buf, sizeof(buf),
			     MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
	int left = (int)n;

	if (n < 0)
		return -errno;
	for (; from.nl_pid == 0 && nlmsg_ok(h, left);
	     h = nlmsg_next(h, &left)) {
		struct thermal_event e;

		if (thermal_event_parse(h, &s->families, &e) == 0)
			take(p, &e);
	}
	return 0;
}

static int thermal_sample(struct hale_probe *p)
{
	struct thermal_state *s = p->state;

	throttle_sample(p, &s->throttle);
	if (!s->said)
		say_throttled(p, "", 0);
	for (int i = 0; s->socket && i < BATCH_MAX; i++) {
		int r = receive(p);

		if (r == -EAGAIN)
			return 0;
		if (r == -ENOBUFS)
			say_lost(p);
		else if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

/* The family's number where its events can be heard, else 0. */
static uint16_t join(struct nl_sock *sock, const char *family,
		     const char *group)
{
	int id = genl_ctrl_resolve(sock, family);
	int grp = id > 0 ? genl_ctrl_resolve_grp(sock, family, group) : -1;

	if (grp < 0 || nl_socket_add_membership(sock, grp) < 0)
		return 0;
	return (uint16_t)id;
}

static void listen_to(struct thermal_state *s)
{
	s->socket = nl_socket_alloc();
	if (!s->socket)
		return;
	if (genl_connect(s->socket) == 0) {
		s->families.thermal = join(s->socket, "thermal", "event");
		s->families.acpi =
			join(s->socket, "acpi_event", "acpi_mc_group");
	}
	if (s->families.thermal || s->families.acpi)
		return;
	nl_socket_free(s->socket);
	s->socket = NULL;
}

static void thermal_remove(struct hale_probe *p)
{
	struct thermal_state *s = p->state;

	throttle_close(&s->throttle);
	if (s->socket)
		nl_socket_free(s->socket);
	s->socket = NULL;
	p->event_fd = -1;
}

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_THERMAL, sight, why, remedy);
}

static int nothing_here(struct hale_probe *p)
{
	if (guest_is(p->root_fd))
		cover(p, HALE_SIGHT_BLIND,
		      "a virtual machine: throttling is seen by its host only",
		      "run hale on its host, too");
	else
		cover(p, HALE_SIGHT_BLIND,
		      "no thermal zones, and no counters of throttling",
		      "load the thermal drivers of this platform");
	return -ENODEV;
}

static void tell_coverage(struct hale_probe *p)
{
	const struct thermal_state *s = p->state;

	if (s->throttle.cut)
		cover(p, HALE_SIGHT_PARTIAL,
		      "more cores than are watched one by one", "");
	else if (s->throttle.n == 0)
		cover(p, HALE_SIGHT_PARTIAL,
		      "this processor does not count its throttling", "");
	else if (!s->families.thermal)
		cover(p, HALE_SIGHT_PARTIAL,
		      "this kernel does not tell of thermal zones",
		      "use a kernel with CONFIG_THERMAL_NETLINK");
	else
		cover(p, HALE_SIGHT_LIVE, "", "");
}

static int thermal_probe(struct hale_probe *p)
{
	struct thermal_state *s = p->state;

	memset(s, 0, sizeof(*s));
	thermal_map_read(p->root_fd, &s->map);
	throttle_open(p->root_fd, &s->throttle);
	if (s->map.n_zones == 0 && s->throttle.n == 0)
		return nothing_here(p);
	listen_to(s);
	if (s->socket) {
		p->event_fd = nl_socket_get_fd(s->socket);
		p->event_mask = POLLIN;
	}
	tell_coverage(p);
	return 0;
}

HALE_DRIVER(thermal) = {
	.name = "thermal",
	.about = "processors that are throttled, machines that are too hot",
	.state_size = sizeof(struct thermal_state),
	.period_ms = 60 * 1000,
	.senses = 1U << HALE_SENSE_THERMAL,
	.probe = thermal_probe,
	.sample = thermal_sample,
	.remove = thermal_remove,
};
