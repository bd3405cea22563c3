/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LINK_WIRES_H
#define TESTS_LINK_WIRES_H

/* Hosts made of rtnetlink messages, for the tests of the driver link. */

#include <netlink/msg.h>

#include "drivers/link/link.h"

/* An interface in a few words; what is not said is 0. */
struct wire {
	uint32_t index;
	const char *name, *kind;
	uint32_t master, lower, downs;
	uint8_t operstate;
	bool other_namespace, loopback;
	struct link_stats stats;
};

/* RFC 2863, as the kernel numbers them */
#define WIRE_UP	  6
#define WIRE_DOWN 2

/* What every host with containers has: none of it is to be picked. */
#define WIRES_OF_CONTAINERS                                                    \
	{ .index = 7, .name = "docker0", .kind = "bridge" },                   \
		{ .index = 8,                                                  \
		  .name = "veth1",                                             \
		  .kind = "veth",                                              \
		  .master = 7,                                                 \
		  .lower = 2,                                                  \
		  .other_namespace = true },                                   \
	{                                                                      \
		.index = 1, .name = "lo", .loopback = true                     \
	}

/* Messages to put more into. */
struct nl_msg *wire_message(uint16_t type, const void *head, size_t len);
struct nl_msg *wire_route(uint8_t family, uint8_t dst_len, uint32_t table,
			  uint32_t oif);
struct nl_msg *wire_link(const struct wire *x);
/* Takes it in and frees it. */
int wire_take(struct link_world *w, struct nl_msg *m);
/* A host of these; @default_if: the index its default route names, or 0. */
void wire_host(struct link_world *w, const struct wire *wires, size_t n,
	       uint32_t default_if);

#endif
