/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the driver link says of the interfaces that carry a host: which numbers
 * are whose, and how what it said before ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "facts.h"
#include "link_wires.h"
#include "tree.h"

static struct link_memory memory;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

/* Everything a pass says. */
static char *say(const struct link_world *w, const struct tree *t)
{
	struct link_pick picks[LINK_PICKS_MAX];
	struct link_state s = { .fd = -1, .memory = &memory };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .state = &s,
				.root_fd = t->root_fd,
				.now_ns = 1700000000 * HALE_NS_PER_S,
				.emit = print,
				.sink = out };

	link_say(&p, w, picks, link_pick(w, picks));
	fclose(out);
	return text;
}

static void has(const char *facts, const char *line)
{
	if (!strstr(facts, line))
		fail_msg("missing: %s\nfacts:\n%s", line, facts);
}

static void test_what_is_said_of_a_card(void **state)
{
	static const struct wire host[] = { { .index = 2,
					      .name = "eth0",
					      .downs = 4,
					      .stats = { .rx_errors = 5,
							 .rx_crc_errors = 4,
							 .rx_frame_errors = 3,
							 .tx_errors = 2,
							 .tx_carrier_errors =
								 2 } },
					    WIRES_OF_CONTAINERS };
	struct link_world w;
	struct tree t;
	char *facts;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	tree_new(&t);
	tree_line(&t, "file sys/class/net/eth0/speed = 100");
	tree_line(&t, "file sys/class/net/eth0/duplex = half");
	tree_line(&t, "file sys/class/net/eth0/queues/tx-0/tx_timeout = 3");
	tree_line(&t, "file sys/class/net/eth0/queues/tx-1/tx_timeout = 4");
	wire_host(&w, host, HALE_ARRAY_SIZE(host), 2);
	facts = say(&w, &t);
	has(facts, "rests host on net/eth0 0:0 holds=1\n");
	has(facts, "state net.link_down part=net/eth0 holds=0 ");
	has(facts, "counter net.link_flap part=net/eth0 value=4 "
		   "total=18446744073709551615 evidence=\"eth0 has lost its "
		   "link 4 times since it is there; now up, 100 Mb/s half "
		   "duplex\"\n");
	/* 4 + 3 damaged are more than the card's own sum */
	has(facts, "counter net.errors part=net/eth0 value=7 ");
	has(facts, "counter net.errors part=net/eth0 value=2 ");
	has(facts, "counter net.tx_timeout part=net/eth0 value=7 ");
	has(facts, "coverage network live why=\"\"");
	assert_null(strstr(facts, "docker0"));
	assert_null(strstr(facts, "veth1"));
	free(facts);
	link_world_done(&w);
	tree_remove(&t);
}

/* Peers that cannot be reached are errors of a tunnel, not of hardware. */
static void test_a_tunnel_has_no_errors(void **state)
{
	static const struct wire host[] = { { .index = 2,
					      .name = "wg0",
					      .kind = "wireguard",
					      .stats = { .tx_errors = 99 } } };
	struct link_world w;
	struct tree t;
	char *facts;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	tree_new(&t);
	wire_host(&w, host, 1, 2);
	facts = say(&w, &t);
	has(facts, "net.link_flap part=net/wg0");
	assert_null(strstr(facts, "net.errors"));
	free(facts);
	link_world_done(&w);
	tree_remove(&t);
}

/* The agent was started anew after it had said that eth0 is down, and nobody
 * but the agent before it knows: what does not carry the host is not down. */
static void test_what_an_agent_before_said(void **state)
{
	static const struct wire host[] = {
		{ .index = 2, .name = "eth0", .operstate = WIRE_DOWN },
		{ .index = 3, .name = "eth1" },
		WIRES_OF_CONTAINERS,
	};
	struct link_world w;
	struct tree t;
	char *facts;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	tree_new(&t);
	wire_host(&w, host, HALE_ARRAY_SIZE(host), 3);
	facts = say(&w, &t);
	has(facts, "state net.link_down part=net/eth0 holds=0 ");
	assert_null(strstr(facts, "veth1"));
	assert_null(strstr(facts, "net/lo"));
	free(facts);
	/* once is enough */
	facts = say(&w, &t);
	assert_null(strstr(facts, "eth0"));
	free(facts);
	link_world_done(&w);
	tree_remove(&t);
}

/* Down; then the route moves to another card, then there is none at all. */
static void test_what_carried_the_host_before(void **state)
{
	static const struct wire host[] = {
		{ .index = 2, .name = "eth0", .operstate = WIRE_DOWN },
		{ .index = 3, .name = "eth1" },
	};
	struct link_world w;
	struct tree t;
	char *facts;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	tree_new(&t);
	wire_host(&w, host, 2, 2);
	facts = say(&w, &t);
	has(facts, "state net.link_down part=net/eth0 holds=1 value=0 total=0 "
		   "evidence=\"eth0 carries the default route and has no "
		   "link\"\n");
	free(facts);
	link_world_done(&w);

	wire_host(&w, host, 2, 0);
	facts = say(&w, &t);
	has(facts, "coverage network partial why=\"there is no default route");
	assert_null(strstr(facts, "eth0"));
	free(facts);
	link_world_done(&w);

	wire_host(&w, host, 2, 3);
	facts = say(&w, &t);
	has(facts, "rests host on net/eth1 0:0 holds=1\n");
	has(facts, "rests host on net/eth0 0:0 holds=0\n");
	has(facts, "state net.link_down part=net/eth0 holds=0 ");
	free(facts);
	link_world_done(&w);
	tree_remove(&t);
}

static void test_a_container_says_so(void **state)
{
	static const struct wire host[] = {
		{ .index = 2, .name = "eth0", .kind = "veth" }
	};
	struct link_world w;
	struct tree t;
	char *facts;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	tree_new(&t);
	wire_host(&w, host, 1, 2);
	facts = say(&w, &t);
	has(facts, "coverage network partial why=\"a container's network");
	free(facts);
	link_world_done(&w);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_of_a_card),
		cmocka_unit_test(test_a_tunnel_has_no_errors),
		cmocka_unit_test(test_what_an_agent_before_said),
		cmocka_unit_test(test_what_carried_the_host_before),
		cmocka_unit_test(test_a_container_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
