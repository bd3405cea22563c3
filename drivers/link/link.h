/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_LINK_H
#define DRIVERS_LINK_H

/* Private to the driver link: what its rooms hand each other. */

#include <linux/if.h>
#include <linux/if_link.h>
#include <netlink/msg.h>

#include "hale/base.h"
#include "hale/driver.h"

/* Interfaces that a pass keeps: a host with 2000 containers has some more. */
#define LINK_IFS_MAX 8192
/* Default routes, and the interfaces that they rest on: bonds have 2 to 8. */
#define LINK_DEFAULTS_MAX 16
#define LINK_PICKS_MAX	  16

/* Totals since the interface is there, as struct rtnl_link_stats64 has them. */
struct link_stats {
	uint64_t rx_errors, rx_crc_errors, rx_frame_errors;
	uint64_t tx_errors, tx_carrier_errors;
};

/* One network interface, as RTM_NEWLINK tells it. */
struct link_if {
	uint32_t index;
	uint32_t master, lower; /* indices of others, 0: none */
	uint32_t tx_queues;
	uint32_t downs; /* how often it lost its carrier, since it is there */
	uint8_t operstate; /* IF_OPER_…, RFC 2863 */
	bool loopback;
	char name[IFNAMSIZ];
	char kind[16]; /* "bond", "veth", …; "": hardware, or as good as that */
	struct link_stats stats;
};

struct link_world {
	uint32_t n_ifs, room;
	struct link_if *ifs;
	uint32_t n_defaults;
	uint32_t defaults[LINK_DEFAULTS_MAX]; /* indices */
	bool lost; /* there were more interfaces than fit */
};

/* An interface that the host's traffic goes through. */
struct link_pick {
	const struct link_if *i;
	bool top;    /* a default route names it */
	bool bottom; /* there is no other interface beneath it */
};

/* Outlives the children that runs are made in. */
struct link_memory {
	uint32_t n_watched;
	uint32_t watched[LINK_PICKS_MAX]; /* indices the socket lets pass */
	bool begun;			  /* a pass has said how things stand */
	uint32_t n_names;
	char names[LINK_PICKS_MAX][IFNAMSIZ]; /* said to carry the host */
};

struct link_state {
	int fd; /* hears of changes; -1 */
	struct link_memory *memory;
};

/* table.c: pure, any bytes may come in. */

/**
 * link_take() - one message of a dump: an interface or a route
 * @msg: of the protocol NETLINK_ROUTE, as it is received; it is altered.
 * Return: 0, -EINVAL where it is malformed, -ENOMEM.
 */
int link_take(struct link_world *w, struct nl_msg *msg);
void link_world_done(struct link_world *w);

/* The default routes' interfaces and what is beneath them; returns how many. */
uint32_t link_pick(const struct link_world *w,
		   struct link_pick ret_picks[LINK_PICKS_MAX]);

/* socket.c */

/* Asks the kernel for all routes and interfaces; may block. */
int link_ask(struct link_world *w);
/* A socket that hears of changes, or negative errno. */
int link_listen(void);
/* Lets through only what concerns these interfaces, or default routes. */
void link_watch(int fd, const uint32_t *indices, uint32_t n);
/* Throws away what it has heard: a pass that follows sees it all. */
void link_drain(int fd);

/* say.c */
void link_say(struct hale_probe *p, const struct link_world *w,
	      const struct link_pick *picks, uint32_t n);

#endif
