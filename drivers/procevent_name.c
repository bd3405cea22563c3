/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of processes that died, from the kernel's accounting. Decides which
 * of them reach this process at all, by a filter in the kernel: a build ends
 * thousands of tasks a minute. Must never wake anybody: what is there is read
 * when a death was told, which is after its name was. Invariant: what is kept
 * is bounded, and the newest of a number is found first.
 */
#include "procevent_name.h"

#include <errno.h>
#include <linux/acct.h>
#include <linux/genetlink.h>
#include <linux/taskstats.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <signal.h>
#include <sys/socket.h>

#include "hale/base.h"

#define AT_ATTRIBUTES (NLMSG_HDRLEN + GENL_HDRLEN)
/* 430 bytes today, twice that for the last of many threads; and room. */
#define MESSAGE_MAX 2048
/* Messages read for one name. */
#define READ_MAX 4096
/* As much as the connector's own socket holds. */
#define SOCKET_BYTES (1024 * 1024)

/* See procevent_event.c. */
#define TURNED(x)                                                              \
	(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(x) : (x))
#define SIGNAL_BITS 0x7fU
#define AT_EXIT_CODE                                                           \
	(sizeof(struct nlattr) + offsetof(struct taskstats, ac_exitcode))
#define AT_FLAG	    (sizeof(struct nlattr) + offsetof(struct taskstats, ac_flag))
#define STATS_LEAST (offsetof(struct taskstats, ac_comm) + TS_COMM_LEN)
#define FIND(what)                                                             \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + (what)))
#define EQUAL(here, value, yes, no)                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TURNED((uint32_t)(value)),         \
		 (yes) - (here)-1, (no) - (here)-1)

enum {
	THREAD = 18,
	DROP = 20,
	PASS = 21
};

static struct sock_filter program[] = {
	[0] = BPF_STMT(BPF_LD | BPF_IMM, AT_ATTRIBUTES),
	[1] = BPF_STMT(BPF_LDX | BPF_IMM, TASKSTATS_TYPE_AGGR_PID),
	[2] = FIND(SKF_AD_NLATTR),
	[3] = EQUAL(3, 0, DROP, 4),
	[4] = BPF_STMT(BPF_LDX | BPF_IMM, TASKSTATS_TYPE_STATS),
	[5] = FIND(SKF_AD_NLATTR_NEST),
	[6] = EQUAL(6, 0, DROP, 7),
	[7] = BPF_STMT(BPF_MISC | BPF_TAX, 0),
	[8] = BPF_STMT(BPF_LD | BPF_W | BPF_IND, AT_EXIT_CODE),
	[9] = BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TURNED(SIGNAL_BITS)),
	[10] = EQUAL(10, 0, THREAD, 11),
	[11] = EQUAL(11, SIGBUS, PASS, 12),
	[12] = EQUAL(12, SIGSEGV, PASS, 13),
	[13] = EQUAL(13, SIGABRT, PASS, 14),
	[14] = EQUAL(14, SIGILL, PASS, 15),
	[15] = EQUAL(15, SIGFPE, PASS, 16),
	[16] = EQUAL(16, SIGTRAP, PASS, 17),
	[17] = EQUAL(17, SIGSYS, PASS, DROP),
	[THREAD] = BPF_STMT(BPF_LD | BPF_B | BPF_IND, AT_FLAG),
	[THREAD + 1] = BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, AXSIG,
				PASS - THREAD - 2, DROP - THREAD - 2),
	[DROP] = BPF_STMT(BPF_RET | BPF_K, 0),
	[PASS] = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
};

const struct sock_fprog procevent_name_filter = { HALE_ARRAY_SIZE(program),
						  program };

/* The attributes of a whole generic message, or NULL. */
static const struct nlattr *attributes(const void *buf, size_t len,
				       int *ret_len)
{
	struct nlmsghdr h;

	if (len < AT_ATTRIBUTES)
		return NULL;
	memcpy(&h, buf, sizeof(h));
	if (h.nlmsg_len < AT_ATTRIBUTES || h.nlmsg_len > len)
		return NULL;
	*ret_len = (int)(h.nlmsg_len - AT_ATTRIBUTES);
	return (const struct nlattr *)((const char *)buf + AT_ATTRIBUTES);
}

int procevent_name_parse(const void *buf, size_t len,
			 struct procevent_name *ret)
{
	const struct nlattr *a, *task, *stats;
	int n;

	a = attributes(buf, len, &n);
	a = a ? nla_find(a, n, TASKSTATS_TYPE_AGGR_PID) : NULL;
	if (!a)
		return -EBADMSG;
	task = nla_find(nla_data(a), nla_len(a), TASKSTATS_TYPE_PID);
	stats = nla_find(nla_data(a), nla_len(a), TASKSTATS_TYPE_STATS);
	if (!task || nla_len(task) < (int)sizeof(uint32_t) || !stats ||
	    nla_len(stats) < (int)STATS_LEAST)
		return -EBADMSG;
	memcpy(&ret->task, nla_data(task), sizeof(ret->task));
	memcpy(ret->comm,
	       (const char *)nla_data(stats) +
		       offsetof(struct taskstats, ac_comm),
	       sizeof(ret->comm));
	ret->comm[sizeof(ret->comm) - 1] = '\0';
	return 0;
}

/* --- to be told --- */

/* Its length, or negative errno. */
static ssize_t receive(struct nl_sock *socket, void *buf)
{
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(nl_socket_get_fd(socket), buf, MESSAGE_MAX,
			     MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);

	if (n < 0)
		return -errno;
	return from.nl_pid != 0 ? -EBADMSG : n;
}

/* The kernel answers while it is being asked. */
static int subscribe(struct nl_sock *socket, int family, const char *cpus)
{
	struct nl_msg *m = nlmsg_alloc();
	int r;

	if (!m)
		return -ENOMEM;
	if (!genlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0,
			 TASKSTATS_CMD_GET, TASKSTATS_GENL_VERSION) ||
	    nla_put_string(m, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus) < 0) {
		nlmsg_free(m);
		return -EMSGSIZE;
	}
	r = nl_send_sync(socket, m); /* which frees it */
	return r < 0 ? -EPERM : 0;
}

static int set_up(struct nl_sock *socket, const char *cpus)
{
	static const int size = SOCKET_BYTES;
	int r, fd, family;

	nl_socket_disable_seq_check(socket);
	if (genl_connect(socket) < 0)
		return -ENOPROTOOPT;
	family = genl_ctrl_resolve(socket, TASKSTATS_GENL_NAME);
	r = family < 0 ? -ENOENT : subscribe(socket, family, cpus);
	if (r < 0)
		return r;
	fd = nl_socket_get_fd(socket);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER,
			  &procevent_name_filter,
			  sizeof(procevent_name_filter)) < 0
		       ? -errno
		       : 0;
}

int procevent_names_open(struct procevent_names *n, const char *cpus)
{
	int r;

	n->next = 0;
	memset(n->ring, 0, sizeof(n->ring));
	n->socket = nl_socket_alloc();
	if (!n->socket)
		return -ENOMEM;
	r = set_up(n->socket, cpus);
	if (r < 0)
		procevent_names_close(n);
	return r;
}

/* The kernel forgets us with the next task that ends. */
void procevent_names_close(struct procevent_names *n)
{
	if (n->socket)
		nl_socket_free(n->socket);
	n->socket = NULL;
}

/* --- who it was --- */

/* @again: of a death that was told before. A number is used again, and then its
 * old name is not it. */
static struct procevent_name *look_up(struct procevent_names *n, uint32_t task,
				      bool again)
{
	for (uint32_t i = 1; i <= PROCEVENT_NAMES; i++) {
		struct procevent_name *name =
			&n->ring[(n->next - i) % PROCEVENT_NAMES];

		if (name->task == task && task != 0 && (again || !name->told))
			return name;
	}
	return NULL;
}

/* Takes the next into the ring; false: there is none. */
static bool take_next(struct procevent_names *n)
{
	_Alignas(8) char buf[MESSAGE_MAX];
	struct procevent_name name = { .told = false };
	ssize_t len = receive(n->socket, buf);

	/* ENOBUFS: it goes on after what fell out */
	if (len < 0)
		return len == -EINTR || len == -ENOBUFS || len == -EBADMSG;
	if (procevent_name_parse(buf, (size_t)len, &name) == 0)
		n->ring[n->next++ % PROCEVENT_NAMES] = name;
	return true;
}

bool procevent_names_find(struct procevent_names *n,
			  const struct procevent_event *e, bool again,
			  char ret[PROCEVENT_NAME_MAX])
{
	struct procevent_name *name = look_up(n, e->pid, again);

	for (int i = 0; n->socket && !name && i < READ_MAX; i++) {
		if (!take_next(n))
			break;
		name = look_up(n, e->pid, again);
	}
	if (!name) /* its first thread is still to go */
		name = look_up(n, e->thread, again);
	if (!name || !name->comm[0])
		return false;
	name->told = true;
	memcpy(ret, name->comm, PROCEVENT_NAME_MAX);
	return true;
}
