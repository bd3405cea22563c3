/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan without an agent: a loop and a host of its own, run until every
 * driver has had its say or the time is over. Must never outlive its deadline,
 * whatever a disk does. Invariant: a driver that was not heard is left for the
 * middle to miss; nothing is invented in its place.
 */
#include <signal.h>

#include "hale/base.h"

#include "agent/daemon/host.h"
#include "agent/daemon/scan.h"

static int run_until(struct loop *loop, const struct host *host,
		     uint64_t end_ns)
{
	uint64_t now = clock_boot_ns();
	int r = 0;

	while (r >= 0 && now < end_ns && !host_settled(host)) {
		r = loop_once(loop, 10);
		now = clock_boot_ns();
	}
	return r;
}

int host_scan(const struct host_scan *scan)
{
	struct loop loop;
	struct host *host = NULL;
	int r = loop_init(&loop);
	struct host_setup setup = {
		.loop = &loop,
		.clock = scan->clock,
		.drivers = hale_drivers,
		.sink = scan->sink,
		.sink_data = scan->data,
		.options = scan->options,
		.n_options = scan->n_options,
		.resume_seq = scan->resume_seq,
		.once = true,
	};

	signal(SIGCHLD, SIG_DFL); /* how a child ended is ours to read */
	if (r == 0)
		r = host_new(&setup, &host);
	if (r == 0) {
		host_start(host);
		r = run_until(&loop, host, clock_boot_ns() + scan->deadline_ns);
	}
	host_free(host);
	loop_done(&loop);
	return r;
}
