/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns rtnetlink messages into a table of interfaces and the default routes'
 * indices, and picks those that the host's traffic goes through. Decides which
 * routes are default routes and what an interface rests on. Pure. Must never
 * follow a container's interface: a veth says the index of its peer, which may
 * be in another namespace. Invariant: each pick is an entry of the table, once.
 */
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "link.h"

/* libnl takes what may not be written for what may. */
static struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = NLA_STRING, .minlen = 1, .maxlen = IFNAMSIZ },
	[IFLA_LINK] = { .type = NLA_U32 },
	[IFLA_MASTER] = { .type = NLA_U32 },
	[IFLA_OPERSTATE] = { .type = NLA_U8 },
	[IFLA_NUM_TX_QUEUES] = { .type = NLA_U32 },
	[IFLA_CARRIER_CHANGES] = { .type = NLA_U32 },
	[IFLA_CARRIER_DOWN_COUNT] = { .type = NLA_U32 },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
};

static struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
	[IFLA_INFO_KIND] = { .type = NLA_STRING, .minlen = 1, .maxlen = 64 },
};

static struct nla_policy route_policy[RTA_MAX + 1] = {
	[RTA_OIF] = { .type = NLA_U32 },
	[RTA_TABLE] = { .type = NLA_U32 },
	[RTA_MULTIPATH] = { .minlen = sizeof(struct rtnexthop) },
};

static uint32_t u32_of(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static void text_of(char *dst, size_t size, struct nlattr *a)
{
	if (a)
		hale_print_text(dst, size, nla_data(a),
				strnlen(nla_data(a), (size_t)nla_len(a)));
}

/* Grows by doubling: most hosts have less than 16. */
static struct link_if *room(struct link_world *w)
{
	uint32_t more = w->room ? w->room * 2 : 16;
	struct link_if *ifs;

	if (w->n_ifs < w->room)
		return &w->ifs[w->n_ifs++];
	if (more > LINK_IFS_MAX) {
		w->lost = true;
		return NULL;
	}
	ifs = realloc(w->ifs, more * sizeof(*ifs));
	if (!ifs)
		return NULL;
	w->ifs = ifs;
	w->room = more;
	return &w->ifs[w->n_ifs++];
}

/* Where the kernel counts only changes (before 4.16), each second one is a
 * loss: the first gives it its link. */
static uint32_t downs_of(struct nlattr *tb[])
{
	if (tb[IFLA_CARRIER_DOWN_COUNT])
		return nla_get_u32(tb[IFLA_CARRIER_DOWN_COUNT]);
	return u32_of(tb[IFLA_CARRIER_CHANGES]) / 2;
}

static int take_kind(struct link_if *i, struct nlattr *a)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!a)
		return 0;
	if (nla_parse_nested(tb, IFLA_INFO_MAX, a, info_policy) < 0)
		return -EINVAL;
	text_of(i->kind, sizeof(i->kind), tb[IFLA_INFO_KIND]);
	return 0;
}

/* Shorter from an older kernel, longer from a newer one. */
static void take_stats(struct link_if *i, struct nlattr *a)
{
	size_t len = a ? (size_t)nla_len(a) : 0;

	if (len > sizeof(i->stats))
		len = sizeof(i->stats);
	if (a)
		memcpy(&i->stats, nla_data(a), len);
}

static int take_link(struct link_world *w, struct nlmsghdr *h)
{
	struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *m;
	struct link_if i = { .index = 0 }, *kept;

	if (nlmsg_parse(h, sizeof(*m), tb, IFLA_MAX, link_policy) < 0)
		return -EINVAL;
	m = nlmsg_data(h);
	if (m->ifi_index <= 0 || !tb[IFLA_IFNAME] ||
	    take_kind(&i, tb[IFLA_LINKINFO]) < 0)
		return -EINVAL;
	i.index = (uint32_t)m->ifi_index;
	i.loopback = m->ifi_type == ARPHRD_LOOPBACK;
	i.master = u32_of(tb[IFLA_MASTER]);
	i.lower = tb[IFLA_LINK_NETNSID] ? 0 : u32_of(tb[IFLA_LINK]);
	i.tx_queues = u32_of(tb[IFLA_NUM_TX_QUEUES]);
	i.operstate = tb[IFLA_OPERSTATE] ? nla_get_u8(tb[IFLA_OPERSTATE]) : 0;
	i.downs = downs_of(tb);
	text_of(i.name, sizeof(i.name), tb[IFLA_IFNAME]);
	take_stats(&i, tb[IFLA_STATS64]);
	kept = room(w);
	if (kept)
		*kept = i;
	return kept || w->lost ? 0 : -ENOMEM;
}

static void add_default(struct link_world *w, uint32_t index)
{
	for (uint32_t i = 0; i < w->n_defaults; i++) {
		if (w->defaults[i] == index)
			return;
	}
	if (index && w->n_defaults < LINK_DEFAULTS_MAX)
		w->defaults[w->n_defaults++] = index;
}

/* Several next hops, one after the other. */
static int take_hops(struct link_world *w, struct nlattr *a)
{
	const char *at = nla_data(a);
	size_t left = (size_t)nla_len(a);

	while (left >= sizeof(struct rtnexthop)) {
		struct rtnexthop hop;
		size_t len;

		memcpy(&hop, at, sizeof(hop));
		len = ((size_t)hop.rtnh_len + RTNH_ALIGNTO - 1) &
		      ~((size_t)RTNH_ALIGNTO - 1);
		if (hop.rtnh_len < sizeof(hop) || hop.rtnh_len > left ||
		    hop.rtnh_ifindex < 0)
			return -EINVAL;
		add_default(w, (uint32_t)hop.rtnh_ifindex);
		if (len >= left)
			break;
		at += len;
		left -= len;
	}
	return 0;
}

static int take_route(struct link_world *w, struct nlmsghdr *h)
{
	struct nlattr *tb[RTA_MAX + 1];
	const struct rtmsg *m;
	uint32_t table;

	if (!nlmsg_valid_hdr(h, sizeof(*m)))
		return -EINVAL;
	m = nlmsg_data(h);
	/* the others are thousands on a router: not even parsed */
	if (m->rtm_dst_len != 0 || m->rtm_type != RTN_UNICAST ||
	    (m->rtm_family != AF_INET && m->rtm_family != AF_INET6))
		return 0;
	if (nlmsg_parse(h, sizeof(*m), tb, RTA_MAX, route_policy) < 0)
		return -EINVAL;
	table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : m->rtm_table;
	if (table != RT_TABLE_MAIN)
		return 0;
	add_default(w, u32_of(tb[RTA_OIF]));
	return tb[RTA_MULTIPATH] ? take_hops(w, tb[RTA_MULTIPATH]) : 0;
}

int link_take(struct link_world *w, struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
		return take_link(w, h);
	case RTM_NEWROUTE:
		return take_route(w, h);
	default:
		return 0;
	}
}

void link_world_done(struct link_world *w)
{
	free(w->ifs);
	*w = (struct link_world){ .ifs = NULL };
}

struct picking {
	const struct link_world *w;
	struct link_pick *picks;
	uint32_t n;
};

static const struct link_if *find(const struct link_world *w, uint32_t index)
{
	for (uint32_t i = 0; i < w->n_ifs; i++) {
		if (w->ifs[i].index == index)
			return &w->ifs[i];
	}
	return NULL;
}

static void add_pick(struct picking *k, const struct link_if *i, bool top)
{
	for (uint32_t n = 0; n < k->n; n++) {
		if (k->picks[n].i == i)
			return;
	}
	if (!i || i->loopback || k->n == LINK_PICKS_MAX)
		return;
	k->picks[k->n++] =
		(struct link_pick){ .i = i, .top = top, .bottom = true };
}

static bool is_one_of(const char *kind, const char *const *kinds)
{
	while (*kinds && strcmp(kind, *kinds) != 0)
		kinds++;
	return *kinds != NULL;
}

/* Does @i's traffic go through @port, whose master it is? The guests of a
 * bridge come and go. */
static bool is_port(const struct link_if *i, const struct link_if *port)
{
	static const char *const masters[] = { "bond", "team", NULL };
	static const char *const wires[] = { "", "bond", "team", "vlan", NULL };

	if (port->master != i->index)
		return false;
	if (is_one_of(i->kind, masters))
		return true;
	return strcmp(i->kind, "bridge") == 0 && is_one_of(port->kind, wires);
}

static void follow(struct picking *k, uint32_t at)
{
	static const char *const stacked[] = { "vlan", "macvlan", "ipvlan",
					       "macsec", NULL };
	const struct link_if *i = k->picks[at].i;
	const struct link_if *lower =
		is_one_of(i->kind, stacked) ? find(k->w, i->lower) : NULL;

	if (lower) {
		k->picks[at].bottom = false;
		add_pick(k, lower, false);
	}
	for (uint32_t n = 0; n < k->w->n_ifs; n++) {
		if (!is_port(i, &k->w->ifs[n]))
			continue;
		k->picks[at].bottom = false;
		add_pick(k, &k->w->ifs[n], false);
	}
}

uint32_t link_pick(const struct link_world *w,
		   struct link_pick ret_picks[LINK_PICKS_MAX])
{
	struct picking k = { .w = w, .picks = ret_picks };

	for (uint32_t i = 0; i < w->n_defaults; i++)
		add_pick(&k, find(w, w->defaults[i]), true);
	for (uint32_t at = 0; at < k.n; at++)
		follow(&k, at);
	return k.n;
}
