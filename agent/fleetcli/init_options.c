/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `hale fleet init`. It decides what was asked for; it must
 * never guess: what does not go together is refused in one line.
 */
#include <errno.h>
#include <getopt.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"

static const char help[] =
	"usage: hale fleet init DIR [OPTION]...\n"
	"       hale fleet init --dev [DIR] [OPTION]...\n"
	"Writes the servers' side of a fleet into DIR: configurations of "
	"nats-server,\n"
	"certificates, the keys of its operator and of a reader. What is there "
	"already\n"
	"stays, so it may be run again.\n"
	"\n"
	"  --nodes A,B,C     1, 3 or 5 servers: NAME[=ADDRESS[:PORT"
	"[:CLUSTER_PORT]]]\n"
	"                    (default: nats-1,nats-2,nats-3)\n"
	"  --name NAME       what the fleet is called (default: hale)\n"
	"  --at PATH         where a node's folder will be on its server\n"
	"                    (default: /etc/nats-hale; on loopback: where it "
	"is)\n"
	"  --store PATH      where a server keeps its streams (default:\n"
	"                    /var/lib/nats-hale; on loopback: in its folder)\n"
	"  --replace         write anew what differs, and keep it as FILE.old\n"
	"  --renew           new certificates for the servers\n"
	"  --dev             one server on this machine, started, with its "
	"streams\n"
	"  --port N          of --dev: its port (default: 4222; 0: a free "
	"one)\n"
	"  --foreground      of --dev: stay, and end it with ctrl-c\n"
	"\n"
	"  hale fleet init --dev\n"
	"  hale fleet init /root/fleet --nodes nats-1.example.org,"
	"nats-2.example.org,\\\n"
	"nats-3.example.org\n";

enum option_id {
	OPTION_NODES = 256,
	OPTION_NAME,
	OPTION_AT,
	OPTION_STORE,
	OPTION_REPLACE,
	OPTION_RENEW,
	OPTION_DEV,
	OPTION_PORT,
	OPTION_FOREGROUND,
	OPTION_HELP,
};

static const struct option table[] = {
	{ "nodes", required_argument, NULL, OPTION_NODES },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "at", required_argument, NULL, OPTION_AT },
	{ "store", required_argument, NULL, OPTION_STORE },
	{ "replace", no_argument, NULL, OPTION_REPLACE },
	{ "renew", no_argument, NULL, OPTION_RENEW },
	{ "dev", no_argument, NULL, OPTION_DEV },
	{ "port", required_argument, NULL, OPTION_PORT },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static bool take_port(const char *text, struct init_options *o)
{
	char *end;
	unsigned long port;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	port = strtoul(text, &end, 10);
	o->port = (uint16_t)port;
	o->port_set = true;
	return !errno && !*end && port <= UINT16_MAX;
}

static bool take(int option, struct init_options *o)
{
	switch (option) {
	case OPTION_NODES:
		o->nodes = optarg;
		return true;
	case OPTION_NAME:
		o->name = optarg;
		return true;
	case OPTION_AT:
		o->at = optarg;
		return optarg[0] == '/';
	case OPTION_STORE:
		o->store = optarg;
		return optarg[0] == '/';
	case OPTION_REPLACE:
		return o->replace = true;
	case OPTION_RENEW:
		return o->renew = true;
	case OPTION_DEV:
		return o->dev = true;
	case OPTION_FOREGROUND:
		return o->foreground = true;
	default:
		return take_port(optarg, o);
	}
}

static int check(const struct init_options *o)
{
	if (!o->dev && !o->dir)
		return fleet_fail(HALE_EXIT_USAGE,
				  "into which folder? see --help");
	if (o->dev && (o->nodes || o->at))
		return fleet_fail(HALE_EXIT_USAGE,
				  "--dev is one server on this machine: "
				  "without --nodes and --at");
	if (!o->dev && (o->port_set || o->foreground))
		return fleet_fail(HALE_EXIT_USAGE,
				  "--port and --foreground are of --dev");
	return -1;
}

int init_options_read(int argc, char **argv, struct init_options *ret)
{
	struct init_options o = { .port = LAYOUT_CLIENT_PORT };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == OPTION_HELP)
			return fleet_help(help);
		if (option == ':')
			return fleet_fail(HALE_EXIT_USAGE, "%s needs a value",
					  argv[optind - 1]);
		if (option == '?')
			return fleet_fail(HALE_EXIT_USAGE,
					  "%s: no such option; see --help",
					  argv[optind - 1]);
		if (!take(option, &o))
			return fleet_fail(HALE_EXIT_USAGE,
					  "%s: not a value that this option "
					  "takes",
					  optarg);
	}
	if (argc > optind + 1)
		return fleet_fail(HALE_EXIT_USAGE, "%s: one folder, please",
				  argv[optind + 1]);
	if (optind < argc)
		o.dir = argv[optind];
	*ret = o;
	return check(&o);
}
