/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hears of processes that die by a fault, over the process connector. Decides
 * how such a death is named and what it means that none can be heard; which
 * deaths there are is procevent_event.c's. Must never wait: neither for the
 * connector's answer, which is there when the request returns, nor for the
 * dead process's name, which the kernel has said before (procevent_name.h), or
 * which may be gone. A death counts once, whatever number
 * of threads it took.
 *
 * Observations of this driver: value is the signal.
 */
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "procevent_event.h"
#include "procevent_name.h"

/* Deaths a wake-up: each costs a look for its name of some 20 us. */
#define BATCH_MAX 256
/* About a thousand deaths may wait, should the agent be held up. */
#define SOCKET_BYTES (1024 * 1024)

struct procevent_state {
	struct nl_sock *socket;
	struct procevent_recent recent;
	struct procevent_names names;
};

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_PROCESS_DEATHS, sight, why, remedy);
}

static int absent(struct hale_probe *p, const char *why, const char *remedy)
{
	cover(p, HALE_SIGHT_BLIND, why, remedy);
	return -ENODEV;
}

static int refused(struct hale_probe *p)
{
	cover(p, HALE_SIGHT_BLIND, "the process connector is not permitted",
	      "run haled as root or with CAP_NET_ADMIN");
	return -EPERM;
}

/* Negative libnl error. */
static int ask(struct nl_sock *socket, enum proc_cn_mcast_op wish)
{
	const uint32_t op = (uint32_t)wish;
	const struct cn_msg head = { .id = { CN_IDX_PROC, CN_VAL_PROC },
				     .len = sizeof(op) };
	uint8_t m[sizeof(head) + sizeof(op)];

	memcpy(m, &head, sizeof(head));
	memcpy(m + sizeof(head), &op, sizeof(op));
	return nl_send_simple(socket, NLMSG_DONE, 0, m, sizeof(m));
}

/* 0 and a message that the kernel sent, or negative errno. */
static int receive(struct nl_sock *socket, struct procevent_event *ret)
{
	_Alignas(8) char buf[PROCEVENT_MESSAGE_MAX];
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(nl_socket_get_fd(socket), buf, sizeof(buf),
			     MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);

	if (n < 0)
		return -errno;
	if (from.nl_pid != 0)
		return -EBADMSG;
	return procevent_parse(buf, (size_t)n, ret);
}

/* The connector answers while the request is being sent, or not at all: it is
 * silent to those in another PID or user namespace. */
static int granted(struct nl_sock *socket)
{
	struct procevent_event e = { .kind = PROCEVENT_OTHER };
	int r;

	for (int i = 0; i < BATCH_MAX; i++) {
		r = receive(socket, &e);
		if (r < 0 && r != -EBADMSG)
			return r;
		if (r == 0 && e.kind == PROCEVENT_ACK)
			return -e.error;
	}
	return -EAGAIN;
}

/* The filter comes before the group, so that nothing slips in between. */
static int join(struct nl_sock *socket)
{
	static const int size = SOCKET_BYTES;
	int r, fd;

	nl_socket_disable_seq_check(socket);
	r = nl_connect(socket, NETLINK_CONNECTOR);
	if (r < 0)
		return r;
	fd = nl_socket_get_fd(socket);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &procevent_filter,
		       sizeof(procevent_filter)) < 0)
		return -NLE_FAILURE;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return nl_socket_add_membership(socket, CN_IDX_PROC);
}

static int listen_for_deaths(struct hale_probe *p, struct nl_sock *socket)
{
	int r = join(socket);

	if (r == -NLE_PERM || r == -NLE_NOACCESS)
		return refused(p);
	if (r < 0)
		return absent(p, "this kernel has no process connector",
			      "use a kernel with CONFIG_PROC_EVENTS");
	r = ask(socket, PROC_CN_MCAST_LISTEN);
	if (r < 0)
		return absent(p,
			      "no process connector in this network "
			      "namespace",
			      "run haled in the host's network namespace");
	r = granted(socket);
	if (r == -EPERM)
		return refused(p);
	if (r < 0)
		return absent(p,
			      "the process connector does not answer: "
			      "another PID namespace?",
			      "run haled in the host's PID namespace");
	return 0;
}

/* Without them the deaths are known all the same. */
static void open_names(struct hale_probe *p)
{
	struct procevent_state *s = p->state;
	char cpus[64];

	if (hale_read_at(p->root_fd, "sys/devices/system/cpu/possible", cpus,
			 sizeof(cpus)) > 0)
		procevent_names_open(&s->names, cpus);
}

static int procevent_probe(struct hale_probe *p)
{
	struct procevent_state *s = p->state;
	int r;

	s->socket = nl_socket_alloc();
	if (!s->socket)
		return -ENOMEM;
	r = listen_for_deaths(p, s->socket);
	if (r < 0) {
		nl_socket_free(s->socket);
		s->socket = NULL;
		return r;
	}
	open_names(p);
	p->event_fd = nl_socket_get_fd(s->socket);
	p->event_mask = POLLIN;
	cover(p, HALE_SIGHT_LIVE, "", "");
	return 0;
}

/* Without the kernel's word the dead may be read as long as nobody has waited
 * for them, by who may open a file, which the core may not. */
static void find_name(struct hale_probe *p, const struct procevent_event *e,
		      bool first, char name[32])
{
	struct procevent_state *s = p->state;
	char path[40];

	if (procevent_names_find(&s->names, e, !first, name))
		return;
	snprintf(path, sizeof(path), "proc/%u/comm", e->pid);
	if (hale_read_at(p->root_fd, path, name, 32) <= 0)
		hale_copy(name, 32, "unknown", 7);
}

static uint64_t agent_ns(const struct hale_probe *p, uint64_t mono_ns)
{
	uint64_t t = mono_ns + (uint64_t)p->mono_to_agent_ns;

	return t < p->now_ns ? t : p->now_ns;
}

/* Before the observation, which only counts: who judges that knows whom. */
static void say_victim(struct hale_probe *p, const struct procevent_event *e,
		       uint64_t time_ns, const char *name)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_victim *v = &f.u.victim;

	if (e->pid == 0)
		return;
	v->pid = e->pid;
	v->thread = e->thread;
	v->parent = e->parent;
	v->signal = (uint32_t)e->signal;
	v->dumped = e->core_dumped;
	v->time_ns = time_ns;
	v->witnesses = HALE_WITNESS_SIGNAL;
	if (strcmp(name, "unknown") != 0)
		hale_print_text(v->comm, sizeof(v->comm), name, strlen(name));
	p->emit(p->sink, &f);
}

/* @first: of the process; a further thread may be the one of which others know
 * why it died. */
static void say_death(struct hale_probe *p, const struct procevent_event *e,
		      bool first)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .count = first,
				      .value = (uint64_t)e->signal,
				      .join = HALE_JOIN_DEATH,
				      .join_key = (uint64_t)e->thread << 32 |
						  e->pid };
	const char *signal = sigabbrev_np(e->signal);
	char name[32], text[128];
	int n;

	find_name(p, e, first, name);
	o.condition = e->signal == SIGBUS ? HALE_PROCESS_SIGBUS
					  : HALE_PROCESS_CRASHES;
	o.time_ns = agent_ns(p, e->time_ns);
	n = snprintf(text, sizeof(text), "process/%s", name);
	hale_print_text(o.part, sizeof(o.part), text, (size_t)n);
	n = snprintf(text, sizeof(text), "pid %u (%s) died by SIG%s%s", e->pid,
		     name, signal ? signal : "?",
		     e->core_dumped ? ", core dumped" : "");
	hale_print_text(o.evidence, sizeof(o.evidence), text, (size_t)n);
	say_victim(p, e, o.time_ns, name);
	hale_emit_observation(p, &o);
}

static void take_death(struct procevent_state *s, struct hale_probe *p,
		       const struct procevent_event *e)
{
	bool first = procevent_is_first(&s->recent, e);

	if (first || (e->signal == SIGBUS && e->thread != 0))
		say_death(p, e, first);
}

/* The socket overflowed; it goes on by itself, what fell out is gone. */
static void say_blind(struct hale_probe *p)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_AGENT_BLIND,
				      .count = 1,
				      .at_least = true,
				      .time_ns = p->now_ns,
				      .part = "host" };

	HALE_SET(o.evidence,
		 "process connector: deaths of processes were lost, more came "
		 "than the socket holds");
	hale_emit_observation(p, &o);
}

static int procevent_sample(struct hale_probe *p)
{
	struct procevent_state *s = p->state;
	struct procevent_event e = { .kind = PROCEVENT_OTHER };

	for (int i = 0; i < BATCH_MAX; i++) {
		int r = receive(s->socket, &e);

		if (r == -EAGAIN)
			return 0;
		if (r == -ENOBUFS)
			say_blind(p);
		else if (r == 0 && e.kind == PROCEVENT_DEATH)
			take_death(s, p, &e);
		else if (r < 0 && r != -EBADMSG && r != -EINTR)
			return r;
	}
	return 0;
}

static void procevent_remove(struct hale_probe *p)
{
	struct procevent_state *s = p->state;

	procevent_names_close(&s->names);
	if (!s->socket)
		return;
	/* before Linux 6.6 the kernel does not notice that we are gone, and
	 * would go on making events for nobody */
	ask(s->socket, PROC_CN_MCAST_IGNORE);
	nl_socket_free(s->socket);
	s->socket = NULL;
}

HALE_DRIVER(procevent) = {
	.name = "procevent",
	.about = "processes that die by SIGBUS, SIGSEGV and other faults",
	.state_size = sizeof(struct procevent_state),
	.senses = 1U << HALE_SENSE_PROCESS_DEATHS,
	.probe = procevent_probe,
	.sample = procevent_sample,
	.remove = procevent_remove,
};
