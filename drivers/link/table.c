/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns rtnetlink messages into a table of interfaces and the default routes'
 * indices, and picks those that the host's traffic goes through. Decides which
 * routes are default routes and what an interface rests on. libnl-route reads
 * the messages; by hand is only what it does not know, and what it must not
 * see. Pure. Must never follow a container's interface: a veth says the index
 * of its peer, which may be in another namespace. Invariant: each pick is an
 * entry of the table, once.
 */
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/object.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>

#include "link.h"

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

/* A message while the library reads it. */
struct taking {
	struct link_world *w;
	struct nlmsghdr *h;
	int error;
};

/*
 * By hand, for the library does not know the kernel's own count of losses.
 * Where that counts only changes (before 4.16), each second one is a loss: the
 * first gives it its link.
 */
static uint32_t downs_of(struct nlmsghdr *h, struct rtnl_link *l)
{
	struct nlattr *a = nlmsg_find_attr(h, sizeof(struct ifinfomsg),
					   IFLA_CARRIER_DOWN_COUNT);
	uint32_t changes = 0;

	if (a && nla_len(a) >= (int)sizeof(uint32_t))
		return nla_get_u32(a);
	rtnl_link_get_carrier_changes(l, &changes);
	return changes / 2;
}

/* What the library calls a link's type is its kind. */
static void take_texts(struct link_if *i, struct rtnl_link *l)
{
	const char *name = rtnl_link_get_name(l), *kind = rtnl_link_get_type(l);

	hale_print_text(i->name, sizeof(i->name), name, strlen(name));
	if (kind)
		hale_print_text(i->kind, sizeof(i->kind), kind, strlen(kind));
}

static void take_stats(struct link_stats *s, struct rtnl_link *l)
{
	s->rx_errors = rtnl_link_get_stat(l, RTNL_LINK_RX_ERRORS);
	s->rx_crc_errors = rtnl_link_get_stat(l, RTNL_LINK_RX_CRC_ERR);
	s->rx_frame_errors = rtnl_link_get_stat(l, RTNL_LINK_RX_FRAME_ERR);
	s->tx_errors = rtnl_link_get_stat(l, RTNL_LINK_TX_ERRORS);
	s->tx_carrier_errors = rtnl_link_get_stat(l, RTNL_LINK_TX_CARRIER_ERR);
}

static void take_link(struct nl_object *o, void *arg)
{
	struct rtnl_link *l = (struct rtnl_link *)o;
	struct taking *t = arg;
	int elsewhere, index = rtnl_link_get_ifindex(l);
	struct link_if *i;

	if (index <= 0 || !rtnl_link_get_name(l)) {
		t->error = -EINVAL;
		return;
	}
	i = room(t->w);
	if (!i) {
		t->error = t->w->lost ? 0 : -ENOMEM;
		return;
	}
	*i = (struct link_if){ .index = (uint32_t)index };
	i->loopback = rtnl_link_get_arptype(l) == ARPHRD_LOOPBACK;
	i->master = (uint32_t)rtnl_link_get_master(l);
	if (rtnl_link_get_link_netnsid(l, &elsewhere) < 0)
		i->lower = (uint32_t)rtnl_link_get_link(l);
	i->tx_queues = rtnl_link_get_num_tx_queues(l);
	i->operstate = rtnl_link_get_operstate(l);
	i->downs = downs_of(t->h, l);
	take_texts(i, l);
	take_stats(&i->stats, l);
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

static void take_route(struct nl_object *o, void *arg)
{
	struct rtnl_route *r = (struct rtnl_route *)o;
	struct taking *t = arg;

	if (rtnl_route_get_table(r) != RT_TABLE_MAIN)
		return;
	for (int i = 0; i < rtnl_route_get_nnexthops(r); i++)
		add_default(t->w, (uint32_t)rtnl_route_nh_get_ifindex(
					  rtnl_route_nexthop_n(r, i)));
}

/* What is read of a message: a bit a type of attribute. */
#define ASKED(type) (UINT64_C(1) << (type))
static const uint64_t link_asked =
	ASKED(IFLA_IFNAME) | ASKED(IFLA_LINK) | ASKED(IFLA_LINK_NETNSID) |
	ASKED(IFLA_MASTER) | ASKED(IFLA_OPERSTATE) | ASKED(IFLA_STATS64) |
	ASKED(IFLA_NUM_TX_QUEUES) | ASKED(IFLA_CARRIER_CHANGES) |
	ASKED(IFLA_CARRIER_DOWN_COUNT) | ASKED(IFLA_LINKINFO);
static const uint64_t route_asked =
	ASKED(RTA_OIF) | ASKED(RTA_TABLE) | ASKED(RTA_MULTIPATH);

/*
 * Hides the others, under a type that nobody reads: the library refuses a whole
 * message for one thing in it that it does not know, as an encapsulation or a
 * newer kernel's options of a tunnel, and a container's tunnel must not blind
 * us. Of some it also believes the length, however short.
 */
static void keep_asked(struct nlattr *first, int len, uint64_t asked)
{
	struct nlattr *a;
	int left;

	nla_for_each_attr(a, first, len, left)
	{
		int type = nla_type(a);

		if (type >= 64 || !(asked & ASKED(type)))
			a->nla_type = (uint16_t)NLA_TYPE_MASK;
	}
}

static void prepare_link(struct nlmsghdr *h)
{
	const int head = sizeof(struct ifinfomsg);
	struct nlattr *a;
	int left;

	keep_asked(nlmsg_attrdata(h, head), nlmsg_attrlen(h, head), link_asked);
	nlmsg_for_each_attr(a, h, head, left)
	{
		if (nla_type(a) == IFLA_LINKINFO)
			keep_asked(nla_data(a), nla_len(a),
				   ASKED(IFLA_INFO_KIND));
	}
}

/* By hand: the library goes on by the length that a hop says, were it 0. Only
 * the hop's index is read, none of its attributes. */
static bool prepare_hops(struct nlattr *a)
{
	char *at = nla_data(a);
	size_t left = (size_t)nla_len(a);
	struct rtnexthop hop;

	while (left >= sizeof(hop)) {
		memcpy(&hop, at, sizeof(hop));
		if (hop.rtnh_len < sizeof(hop) || hop.rtnh_len > left ||
		    hop.rtnh_len % RTNH_ALIGNTO)
			return false;
		keep_asked((void *)(at + sizeof(hop)),
			   hop.rtnh_len - (int)sizeof(hop), 0);
		at += hop.rtnh_len;
		left -= hop.rtnh_len;
	}
	return left == 0;
}

static int prepare_route(struct nlmsghdr *h)
{
	const int head = sizeof(struct rtmsg);
	struct nlattr *a;
	int left;

	keep_asked(nlmsg_attrdata(h, head), nlmsg_attrlen(h, head),
		   route_asked);
	nlmsg_for_each_attr(a, h, head, left)
	{
		if (nla_type(a) == RTA_MULTIPATH && !prepare_hops(a))
			return -EINVAL;
	}
	return 0;
}

/* By hand: the others are thousands on a router, not worth an object each. */
static bool is_default(const struct rtmsg *m)
{
	return m->rtm_dst_len == 0 && m->rtm_type == RTN_UNICAST &&
	       (m->rtm_family == AF_INET || m->rtm_family == AF_INET6);
}

static int read_message(struct link_world *w, struct nl_msg *msg,
			void (*take)(struct nl_object *, void *))
{
	struct taking t = { .w = w, .h = nlmsg_hdr(msg) };
	int r = nl_msg_parse(msg, take, &t);

	if (r < 0)
		return r == -NLE_NOMEM ? -ENOMEM : -EINVAL;
	return t.error;
}

int link_take(struct link_world *w, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
		prepare_link(h);
		return read_message(w, msg, take_link);
	case RTM_NEWROUTE:
		if (!nlmsg_valid_hdr(h, sizeof(struct rtmsg)))
			return -EINVAL;
		if (!is_default(nlmsg_data(h)))
			return 0;
		if (prepare_route(h) < 0)
			return -EINVAL;
		return read_message(w, msg, take_route);
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
