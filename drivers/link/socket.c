/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talks rtnetlink: asks for what there is, and hears of what changes. To ask is
 * to wait for the kernel's lock on all network configuration, which a card that
 * is being reset may hold for long: only a child may do it. What is heard only
 * wakes; the pass that follows asks for everything, so nothing is lost where
 * the socket overflows. A classic BPF program keeps the comings and goings of
 * containers from waking anybody.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "link.h"

/* A flapping link sends some; all that is needed of them is that they came. */
#define DRAIN_MAX 512

struct asking {
	struct link_world *w;
	int error;
};

static int take(struct nl_msg *msg, void *arg)
{
	struct asking *a = arg;
	int r;

	/* only the kernel, which is 0, is believed */
	if (nlmsg_get_src(msg)->nl_pid != 0)
		return NL_SKIP;
	r = link_take(a->w, msg);
	if (r < 0 && a->error == 0)
		a->error = r;
	return NL_OK;
}

/* Of all families. What changes meanwhile wakes us again. */
static int dump(struct nl_sock *s, int type)
{
	struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	int r = nl_send_simple(s, type, NLM_F_DUMP, &all, sizeof(all));

	if (r >= 0)
		r = nl_recvmsgs_default(s);
	return r == -NLE_DUMP_INTR ? 0 : r;
}

static int ask_all(struct nl_sock *s, struct link_world *w)
{
	struct asking a = { .w = w };
	int r;

	nl_socket_modify_cb(s, NL_CB_VALID, NL_CB_CUSTOM, take, &a);
	r = nl_connect(s, NETLINK_ROUTE);
	if (r == 0)
		r = dump(s, RTM_GETROUTE);
	if (r >= 0)
		r = dump(s, RTM_GETLINK);
	return r < 0 ? -EIO : a.error;
}

int link_ask(struct link_world *w)
{
	struct nl_sock *s = nl_socket_alloc();
	int r = s ? ask_all(s, w) : -ENOMEM;

	nl_socket_free(s);
	return r;
}

int link_listen(void)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK,
					 .nl_groups = RTMGRP_LINK |
						      RTMGRP_IPV4_ROUTE |
						      RTMGRP_IPV6_ROUTE };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	int error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

void link_drain(int fd)
{
	char byte;

	for (int i = 0; i < DRAIN_MAX; i++) {
		if (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) < 0 &&
		    errno != ENOBUFS && errno != EINTR)
			return;
	}
}

/* A filter's loads turn the message's bytes as if they came from a network. */
static uint32_t turned32(uint32_t x)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(x)
							 : x;
}

static uint32_t turned16(uint16_t x)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap16(x)
							 : x;
}

#define AT_TYPE ((uint32_t)offsetof(struct nlmsghdr, nlmsg_type))
#define AT_INDEX                                                               \
	((uint32_t)(NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index)))
#define AT_DST_LEN                                                             \
	((uint32_t)(NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_dst_len)))

static struct sock_filter load(uint32_t size, uint32_t at)
{
	const struct sock_filter f =
		BPF_STMT((uint16_t)(BPF_LD | BPF_ABS | size), at);

	return f;
}

static struct sock_filter equal(uint32_t value, uint32_t yes, uint32_t no)
{
	const struct sock_filter f = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value,
					      (uint8_t)yes, (uint8_t)no);

	return f;
}

static struct sock_filter answer(uint32_t bytes)
{
	const struct sock_filter f = BPF_STMT(BPF_RET | BPF_K, bytes);

	return f;
}

/*
 * 0 type?  1, 2 a link's: 4; else 3 to the route's length, which stands after
 * the links' indices and the drop that ends them.
 */
void link_watch(int fd, const uint32_t *indices, uint32_t n)
{
	struct sock_filter f[LINK_PICKS_MAX + 10];
	struct sock_fprog program = { .filter = f };
	uint16_t k = 0;

	f[k++] = load(BPF_H, AT_TYPE);
	f[k++] = equal(turned16(RTM_NEWLINK), 2, 0);
	f[k++] = equal(turned16(RTM_DELLINK), 1, 0);
	f[k++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, n + 2);
	f[k++] = load(BPF_W, AT_INDEX);
	for (uint32_t i = 0; i < n && i < LINK_PICKS_MAX; i++)
		f[k++] = equal(turned32(indices[i]), n - i + 2, 0);
	f[k++] = answer(0);
	f[k++] = load(BPF_B, AT_DST_LEN);
	f[k++] = equal(0, 0, 1);
	f[k++] = answer(UINT32_MAX);
	f[k++] = answer(0);
	program.len = k;
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}
