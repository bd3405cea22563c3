/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes in rtnetlink messages: the table and the picks stay within their
 * bounds, and every name may be printed. Each message is a byte for its type,
 * one for its length in words, and its payload.
 */
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include "drivers/link/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct link_world *w, uint16_t type, const uint8_t *payload,
		 size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + len);

	if (!msg || !nlmsg_put(msg, 0, 0, type, 0, 0) ||
	    nlmsg_append(msg, (void *)(uintptr_t)payload, len, 0) < 0)
		abort();
	nlmsg_set_proto(msg, NETLINK_ROUTE);
	link_take(w, msg);
	nlmsg_free(msg);
}

static void check(const struct link_world *w)
{
	struct link_pick picks[LINK_PICKS_MAX];
	uint32_t n = link_pick(w, picks);

	if (n > LINK_PICKS_MAX || w->n_defaults > LINK_DEFAULTS_MAX)
		abort();
	for (uint32_t i = 0; i < n; i++) {
		if (!hale_text_printable(picks[i].i->name, IFNAMSIZ) ||
		    !hale_text_printable(picks[i].i->kind, 16))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_world w = { .ifs = NULL };

	while (size >= 2) {
		uint16_t type = data[0] & 1 ? RTM_NEWLINK : RTM_NEWROUTE;
		size_t len = (size_t)data[1] * 4;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		take(&w, type, data, len);
		data += len;
		size -= len;
	}
	check(&w);
	link_world_done(&w);
	return 0;
}
