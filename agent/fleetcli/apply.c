/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet apply`: the streams of a fleet whose servers run. A step of its
 * own because init only writes files, and the servers are started by others.
 * Invariant: run twice, the second changes nothing.
 */
#include <getopt.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"

#include "agent/core/parse.h"

static const char help[] =
	"usage: hale fleet apply [DIR] [--wait TIME]\n"
	"Makes the streams STATE, FINDINGS, BUILDS and ORDERS on the servers "
	"of "
	"the\n"
	"fleet in DIR, or brings them to what they should be.\n"
	"\n"
	"  --wait TIME   for servers that are starting: 30s\n"
	"\n"
	"  hale fleet apply /root/fleet\n";

static const struct option table[] = {
	{ "wait", required_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int apply_in(const char *path, uint64_t wait_ns)
{
	static struct fleet_dir d = FLEET_DIR_CLOSED;
	char context[LAYOUT_PATH_SIZE + 16];
	struct streams_ask ask = { .context = context,
				   .wait_ms = wait_ns / HALE_NS_PER_MS };
	int r = fleet_dir_open(path, &d);

	if (r == 0 && d.layout.n_nodes == 0)
		r = fleet_fail(HALE_EXIT_USAGE,
			       "%s: no fleet in it; `hale fleet init` makes "
			       "one",
			       path);
	if (r == 0) {
		snprintf(context, sizeof(context), "%s/operator", d.path);
		ask.replicas = d.layout.n_nodes;
		r = streams_apply(&ask);
	}
	fleet_dir_close(&d);
	return r;
}

int fleet_apply(int argc, char **argv)
{
	char path[LAYOUT_PATH_SIZE];
	uint64_t wait_ns = 0;
	int option, r;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == 'h')
			return fleet_help(help);
		if (option != 'w')
			return fleet_fail(HALE_EXIT_USAGE, "%s: see --help",
					  argv[optind - 1]);
		if (hale_duration_parse(optarg, &wait_ns) < 0)
			return fleet_fail(HALE_EXIT_USAGE,
					  "%s: not a time, as 30s is", optarg);
	}
	if (argc > optind + 1)
		return fleet_fail(HALE_EXIT_USAGE, "%s: one folder, please",
				  argv[optind + 1]);
	r = fleet_dir_find(argv[optind], path);
	return r ? r : apply_in(path, wait_ns);
}
