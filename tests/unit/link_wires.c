/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes rtnetlink messages as the kernel would, and worlds of them. What a test
 * puts in is what the messages hold; everything else of them is left out.
 */
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "link_wires.h"

struct nl_msg *wire_message(uint16_t type, const void *head, size_t len)
{
	struct nl_msg *m = nlmsg_alloc();

	assert_non_null(m);
	nlmsg_set_proto(m, NETLINK_ROUTE);
	assert_non_null(nlmsg_put(m, 0, 0, type, 0, 0));
	assert_int_equal(nlmsg_append(m, (void *)(uintptr_t)head, len, 4), 0);
	return m;
}

int wire_take(struct link_world *w, struct nl_msg *m)
{
	int r = link_take(w, m);

	nlmsg_free(m);
	return r;
}

struct nl_msg *wire_link(const struct wire *x)
{
	const struct ifinfomsg i = { .ifi_index = (int)x->index,
				     .ifi_type = x->loopback ? ARPHRD_LOOPBACK
							     : ARPHRD_ETHER };
	const struct rtnl_link_stats64 stats = {
		.rx_errors = x->stats.rx_errors,
		.rx_crc_errors = x->stats.rx_crc_errors,
		.rx_frame_errors = x->stats.rx_frame_errors,
		.tx_errors = x->stats.tx_errors,
		.tx_carrier_errors = x->stats.tx_carrier_errors,
	};
	struct nl_msg *m = wire_message(RTM_NEWLINK, &i, sizeof(i));
	struct nlattr *info;

	nla_put_string(m, IFLA_IFNAME, x->name);
	nla_put_u8(m, IFLA_OPERSTATE, x->operstate ? x->operstate : WIRE_UP);
	nla_put_u32(m, IFLA_CARRIER_DOWN_COUNT, x->downs);
	nla_put_u32(m, IFLA_NUM_TX_QUEUES, 2);
	nla_put(m, IFLA_STATS64, sizeof(stats), &stats);
	if (x->master)
		nla_put_u32(m, IFLA_MASTER, x->master);
	if (x->lower)
		nla_put_u32(m, IFLA_LINK, x->lower);
	if (x->other_namespace)
		nla_put_u32(m, IFLA_LINK_NETNSID, 0);
	if (x->kind) {
		info = nla_nest_start(m, IFLA_LINKINFO);
		nla_put_string(m, IFLA_INFO_KIND, x->kind);
		nla_nest_end(m, info);
	}
	return m;
}

struct nl_msg *wire_route(uint8_t family, uint8_t dst_len, uint32_t table,
			  uint32_t oif)
{
	const struct rtmsg r = { .rtm_family = family,
				 .rtm_dst_len = dst_len,
				 .rtm_type = RTN_UNICAST,
				 .rtm_table = (unsigned char)table };
	struct nl_msg *m = wire_message(RTM_NEWROUTE, &r, sizeof(r));

	nla_put_u32(m, RTA_TABLE, table);
	if (oif)
		nla_put_u32(m, RTA_OIF, oif);
	return m;
}

void wire_host(struct link_world *w, const struct wire *wires, size_t n,
	       uint32_t default_if)
{
	*w = (struct link_world){ .ifs = NULL };
	for (size_t i = 0; i < n; i++)
		assert_int_equal(wire_take(w, wire_link(&wires[i])), 0);
	/* a net of one's own, another table: no default routes of the host */
	assert_int_equal(
		wire_take(w, wire_route(AF_INET, 24, RT_TABLE_MAIN, 7)), 0);
	assert_int_equal(wire_take(w, wire_route(AF_INET, 0, 1000, 7)), 0);
	if (default_if)
		assert_int_equal(
			wire_take(w, wire_route(AF_INET, 0, RT_TABLE_MAIN,
						default_if)),
			0);
}
