/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which interfaces carry a host, by rtnetlink messages of our own, and what no
 * message may do. What is said of them is in test_link_say.c; the socket and
 * the kernel are in the lab (link-flap).
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "link_wires.h"

static void expect_picks(const struct wire *wires, size_t n,
			 uint32_t default_if, const char *expected)
{
	struct link_pick picks[LINK_PICKS_MAX];
	struct link_world w;
	char said[256] = "";
	uint32_t k;

	wire_host(&w, wires, n, default_if);
	k = link_pick(&w, picks);
	for (uint32_t i = 0; i < k; i++) {
		strcat(said, picks[i].i->name);
		strcat(said, picks[i].top ? "^" : "");
		strcat(said, picks[i].bottom ? "_ " : " ");
	}
	assert_string_equal(said, expected);
	link_world_done(&w);
}

static void test_one_card(void **state)
{
	static const struct wire host[] = { { .index = 2, .name = "eth0" },
					    { .index = 3, .name = "eth1" },
					    WIRES_OF_CONTAINERS };

	(void)state;
	expect_picks(host, HALE_ARRAY_SIZE(host), 2, "eth0^_ ");
	expect_picks(host, HALE_ARRAY_SIZE(host), 0, "");
	expect_picks(host, HALE_ARRAY_SIZE(host), 1, "");
	expect_picks(host, HALE_ARRAY_SIZE(host), 99, "");
}

static void test_vlan_on_bond(void **state)
{
	static const struct wire host[] = {
		{ .index = 2, .name = "eth0", .master = 4 },
		{ .index = 3, .name = "eth1", .master = 4 },
		{ .index = 4, .name = "bond0", .kind = "bond" },
		{ .index = 5, .name = "bond0.12", .kind = "vlan", .lower = 4 },
		WIRES_OF_CONTAINERS
	};

	(void)state;
	expect_picks(host, HALE_ARRAY_SIZE(host), 5,
		     "bond0.12^ bond0 eth0_ eth1_ ");
}

/* Its guests come and go; only the wire counts. */
static void test_bridge_with_guests(void **state)
{
	static const struct wire host[] = {
		{ .index = 2, .name = "eth0", .master = 4 },
		{ .index = 3, .name = "vnet0", .kind = "tun", .master = 4 },
		{ .index = 4, .name = "br0", .kind = "bridge" },
		{ .index = 5, .name = "veth9", .kind = "veth", .master = 4 },
		WIRES_OF_CONTAINERS
	};

	(void)state;
	expect_picks(host, HALE_ARRAY_SIZE(host), 4, "br0^ eth0_ ");
}

/* Two that name each other as the one beneath. */
static void test_a_ring_ends(void **state)
{
	static const struct wire host[] = {
		{ .index = 2, .name = "a", .kind = "vlan", .lower = 3 },
		{ .index = 3, .name = "b", .kind = "macvlan", .lower = 2 },
		{ .index = 4, .name = "c", .kind = "vlan", .lower = 4 },
	};

	(void)state;
	expect_picks(host, HALE_ARRAY_SIZE(host), 2, "a^ b ");
	expect_picks(host, HALE_ARRAY_SIZE(host), 4, "c^ ");
}

static void test_next_hops(void **state)
{
	static const struct wire host[] = { { .index = 2, .name = "eth0" },
					    { .index = 3, .name = "eth1" } };
	const struct rtnexthop hops[] = {
		{ .rtnh_len = sizeof(hops[0]), .rtnh_ifindex = 3 },
		{ .rtnh_len = sizeof(hops[0]), .rtnh_ifindex = 2 },
	};
	struct link_pick picks[LINK_PICKS_MAX];
	struct link_world w;
	struct nl_msg *m = wire_route(AF_INET6, 0, RT_TABLE_MAIN, 0);

	(void)state;
	wire_host(&w, host, 2, 0);
	nla_put(m, RTA_MULTIPATH, sizeof(hops), hops);
	assert_int_equal(wire_take(&w, m), 0);
	assert_int_equal(link_pick(&w, picks), 2);
	assert_string_equal(picks[0].i->name, "eth1");
	link_world_done(&w);
}

/* The library knows few encapsulations, and not a newer kernel's options. */
static void test_what_the_library_does_not_know(void **state)
{
	const struct rtnexthop hop = { .rtnh_len = sizeof(hop) + 8,
				       .rtnh_ifindex = 3 };
	const struct nlattr encap = { .nla_len = 6,
				      .nla_type = RTA_ENCAP_TYPE };
	const struct wire x = { .index = 4, .name = "vx" };
	struct link_world w = { .ifs = NULL };
	struct nl_msg *m = wire_route(AF_INET, 0, RT_TABLE_MAIN, 2);
	char hops[sizeof(hop) + 8] = "";
	struct nlattr *info;

	(void)state;
	nla_put(m, RTA_ENCAP, 4, "\0\0\0");
	nla_put_u16(m, RTA_ENCAP_TYPE, 2);
	assert_int_equal(wire_take(&w, m), 0);
	m = wire_route(AF_INET, 0, RT_TABLE_MAIN, 0);
	memcpy(hops, &hop, sizeof(hop));
	memcpy(hops + sizeof(hop), &encap, sizeof(encap));
	nla_put(m, RTA_MULTIPATH, sizeof(hops), hops);
	assert_int_equal(wire_take(&w, m), 0);
	assert_int_equal(w.n_defaults, 2);
	assert_int_equal(w.defaults[1], 3);
	m = wire_link(&x);
	info = nla_nest_start(m, IFLA_LINKINFO);
	nla_put_string(m, IFLA_INFO_KIND, "vxlan");
	nla_put(m, IFLA_INFO_DATA, 5, "\5\0\1\0x");
	nla_nest_end(m, info);
	assert_int_equal(wire_take(&w, m), 0);
	assert_string_equal(w.ifs[0].kind, "vxlan");
	link_world_done(&w);
}

static void test_malformed_messages(void **state)
{
	const struct ifinfomsg i = { .ifi_index = 2 },
			       none = { .ifi_index = 0 };
	const struct rtnexthop bad[] = { { .rtnh_len = 4 },
					 { .rtnh_len = 4000 } };
	struct link_world w = { .ifs = NULL };
	struct nl_msg *m;

	(void)state;
	/* no name; no index; a name that is too long; a short number */
	assert_int_equal(
		wire_take(&w, wire_message(RTM_NEWLINK, &i, sizeof(i))),
		-EINVAL);
	m = wire_message(RTM_NEWLINK, &none, sizeof(none));
	nla_put_string(m, IFLA_IFNAME, "eth0");
	assert_int_equal(wire_take(&w, m), -EINVAL);
	m = wire_message(RTM_NEWLINK, &i, sizeof(i));
	nla_put_string(m, IFLA_IFNAME, "a-name-that-no-kernel-gives");
	assert_int_equal(wire_take(&w, m), -EINVAL);
	m = wire_message(RTM_NEWLINK, &i, sizeof(i));
	nla_put_string(m, IFLA_IFNAME, "eth0");
	nla_put_u16(m, IFLA_MASTER, 1);
	assert_int_equal(wire_take(&w, m), -EINVAL);
	assert_int_equal(wire_take(&w, wire_message(RTM_NEWLINK, &i, 4)),
			 -EINVAL);
	assert_int_equal(wire_take(&w, wire_message(RTM_NEWROUTE, &i, 2)),
			 -EINVAL);
	for (size_t k = 0; k < HALE_ARRAY_SIZE(bad); k++) {
		m = wire_route(AF_INET, 0, RT_TABLE_MAIN, 0);
		nla_put(m, RTA_MULTIPATH, sizeof(bad[k]), &bad[k]);
		assert_int_equal(wire_take(&w, m), -EINVAL);
	}
	assert_int_equal(w.n_ifs, 0);
	assert_int_equal(w.n_defaults, 0);
	link_world_done(&w);
}

static void test_more_than_fit(void **state)
{
	struct link_world w = { .ifs = NULL };
	char name[IFNAMSIZ];

	(void)state;
	for (uint32_t i = 1; i <= LINK_IFS_MAX + 10; i++) {
		const struct wire x = { .index = i, .name = name };

		snprintf(name, sizeof(name), "d%u", i);
		assert_int_equal(wire_take(&w, wire_link(&x)), 0);
	}
	for (uint32_t i = 1; i < 100; i++)
		wire_take(&w, wire_route(AF_INET, 0, RT_TABLE_MAIN, i));
	assert_true(w.lost);
	assert_int_equal(w.n_ifs, LINK_IFS_MAX);
	assert_int_equal(w.n_defaults, LINK_DEFAULTS_MAX);
	link_world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_card),
		cmocka_unit_test(test_vlan_on_bond),
		cmocka_unit_test(test_bridge_with_guests),
		cmocka_unit_test(test_a_ring_ends),
		cmocka_unit_test(test_next_hops),
		cmocka_unit_test(test_what_the_library_does_not_know),
		cmocka_unit_test(test_malformed_messages),
		cmocka_unit_test(test_more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
