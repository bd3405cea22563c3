/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the process connector says, and what of it is worth a wake-up. A build
 * forks thousands of times a minute and its socket would overflow within 300
 * of them, so the choice is made in the kernel, by a classic BPF program, and
 * made again here. Pure. A signal that somebody sends (SIGKILL, SIGTERM,
 * SIGINT, SIGPIPE) is nobody's fault and never passes.
 */
#include "procevent_event.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <signal.h>
#include <string.h>

#include "hale/base.h"

/* How long the threads of one process may take to end: core dumps come first,
 * and a pid is not used again so soon (pid_max is 32768 at least). */
#define SAME_DEATH_NS (2 * HALE_NS_PER_S)

#define AT_CN	 ((uint32_t)NLMSG_HDRLEN)
#define AT_EVENT (AT_CN + (uint32_t)sizeof(struct cn_msg))
#define AT_WHAT	 (AT_EVENT + (uint32_t)offsetof(struct proc_event, what))
#define AT_EXIT_CODE                                                           \
	(AT_EVENT +                                                            \
	 (uint32_t)offsetof(struct proc_event, event_data.exit.exit_code))

/* A filter's loads turn the message's bytes as if they came from a network;
 * these are in the host's order, so what they are held against is turned too.
 * Not htonl(): an initialiser must be constant. */
#define TURNED(x)                                                              \
	(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(x) : (x))
#define SIGNAL_BITS 0x7fU
#define CORE_BIT    0x80U

#define DROP	 12
#define PASS	 13
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define EQUAL(here, value, yes, no)                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TURNED((uint32_t)(value)),         \
		 (yes) - (here)-1, (no) - (here)-1)
#define FAULT(here, signal) EQUAL(here, signal, PASS, (here) + 1)

static struct sock_filter program[] = {
	[0] = LOAD(AT_WHAT),
	[1] = EQUAL(1, PROC_EVENT_NONE, PASS, 2), /* an acknowledgement */
	[2] = EQUAL(2, PROC_EVENT_EXIT, 3, DROP),
	[3] = LOAD(AT_EXIT_CODE),
	[4] = BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TURNED(SIGNAL_BITS)),
	[5] = FAULT(5, SIGBUS),
	[6] = FAULT(6, SIGSEGV),
	[7] = FAULT(7, SIGABRT),
	[8] = FAULT(8, SIGILL),
	[9] = FAULT(9, SIGFPE),
	[10] = FAULT(10, SIGTRAP),
	[11] = FAULT(11, SIGSYS),
	[DROP] = BPF_STMT(BPF_RET | BPF_K, 0),
	[PASS] = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
};

const struct sock_fprog procevent_filter = { HALE_ARRAY_SIZE(program),
					     program };

bool procevent_is_fault(int signal)
{
	static const int faults[] = { SIGBUS, SIGSEGV, SIGABRT, SIGILL,
				      SIGFPE, SIGTRAP, SIGSYS };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(faults); i++) {
		if (faults[i] == signal)
			return true;
	}
	return false;
}

/* Exit codes are wait(2)'s: a signal, and 0x80 where a core was written. */
static void read_exit(const struct proc_event *e, struct procevent_event *ret)
{
	uint32_t code = e->event_data.exit.exit_code;

	ret->signal = (int)(code & SIGNAL_BITS);
	ret->core_dumped = (code & CORE_BIT) != 0;
	ret->pid = (uint32_t)e->event_data.exit.process_tgid;
	ret->thread = (uint32_t)e->event_data.exit.process_pid;
	ret->parent = (uint32_t)e->event_data.exit.parent_tgid;
	if (procevent_is_fault(ret->signal))
		ret->kind = PROCEVENT_DEATH;
}

int procevent_parse(const void *buf, size_t len, struct procevent_event *ret)
{
	const size_t whole = AT_EVENT + sizeof(struct proc_event);
	struct procevent_event r = { .kind = PROCEVENT_OTHER };
	struct nlmsghdr netlink;
	struct cn_msg connector;
	struct proc_event e;

	if (len < whole)
		return -EBADMSG;
	memcpy(&netlink, buf, sizeof(netlink));
	memcpy(&connector, (const char *)buf + AT_CN, sizeof(connector));
	memcpy(&e, (const char *)buf + AT_EVENT, sizeof(e));
	if (netlink.nlmsg_len < whole || netlink.nlmsg_len > len ||
	    connector.id.idx != CN_IDX_PROC ||
	    connector.id.val != CN_VAL_PROC || connector.len < sizeof(e))
		return -EBADMSG;
	r.time_ns = e.timestamp_ns;
	if ((uint32_t)e.what == (uint32_t)PROC_EVENT_NONE) {
		r.kind = PROCEVENT_ACK;
		r.error = (int)e.event_data.ack.err;
	} else if ((uint32_t)e.what == (uint32_t)PROC_EVENT_EXIT) {
		read_exit(&e, &r);
	}
	*ret = r;
	return 0;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

bool procevent_is_first(struct procevent_recent *r,
			const struct procevent_event *e)
{
	for (size_t i = 0; i < PROCEVENT_RECENT; i++) {
		if (r->seen[i].pid == e->pid && r->seen[i].time_ns != 0 &&
		    distance(r->seen[i].time_ns, e->time_ns) < SAME_DEATH_NS)
			return false;
	}
	r->seen[r->next].pid = e->pid;
	r->seen[r->next].time_ns = e->time_ns;
	r->next = (r->next + 1) % PROCEVENT_RECENT;
	return true;
}
