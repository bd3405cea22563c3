/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `hale fleet enroll`. It decides which half of it is
 * meant: a host's, which makes a key, or an operator's, who lets one in. An
 * option of the other half is refused, not ignored.
 */
#include <getopt.h>

#include "agent/fleetcli/enroll.h"
#include "agent/fleetcli/fleetcli.h"

static const char help[] =
	"usage: hale fleet enroll [HOST]\n"
	"       hale fleet enroll HOST --key U... [--dir DIR] [--label "
	"K=V]...\n"
	"       hale fleet enroll --here [--dir DIR] [HOST]\n"
	"On a host: makes its key, and prints the public half. The secret half "
	"never\n"
	"leaves the host.\n"
	"On the operator's machine, with --key: lets it in.\n"
	"\n"
	"  --key KEY      the public half, as the host printed it\n"
	"  --dir DIR      the fleet, as `hale fleet init DIR` made it\n"
	"  --label K=V    what hosts are told apart by: rack=7\n"
	"  --role ROLE    host (default), reader or operator\n"
	"  --rotate       HOST has a new key: the old one is shut out\n"
	"  --here         this host, into a fleet on this machine: both steps\n"
	"  --folder PATH  where a host keeps its key (default: "
	"/etc/hale/fleet)\n"
	"  --new          make another key although there is one\n"
	"\n"
	"  build-07$ hale fleet enroll\n"
	"  admin$    hale fleet enroll build-07 --key U... --dir /root/fleet "
	"--label rack=7\n";

enum option_id {
	OPTION_KEY = 256,
	OPTION_DIR,
	OPTION_NAME,
	OPTION_LABEL,
	OPTION_ROLE,
	OPTION_ROTATE,
	OPTION_HERE,
	OPTION_FOLDER,
	OPTION_NEW,
	OPTION_HELP,
};

static const struct option table[] = {
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "dir", required_argument, NULL, OPTION_DIR },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "label", required_argument, NULL, OPTION_LABEL },
	{ "role", required_argument, NULL, OPTION_ROLE },
	{ "rotate", no_argument, NULL, OPTION_ROTATE },
	{ "here", no_argument, NULL, OPTION_HERE },
	{ "folder", required_argument, NULL, OPTION_FOLDER },
	{ "new", no_argument, NULL, OPTION_NEW },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static bool take_label(struct enroll_options *o, const char *label)
{
	size_t n = strcmp(o->labels, "-") == 0 ? 0 : strlen(o->labels);

	if (!member_label_valid(label) ||
	    n + strlen(label) + 2 > sizeof(o->labels))
		return false;
	snprintf(o->labels + n, sizeof(o->labels) - n, "%s%s", n ? "," : "",
		 label);
	return true;
}

static bool take(int option, struct enroll_options *o)
{
	switch (option) {
	case OPTION_KEY:
		o->key = optarg;
		return true;
	case OPTION_DIR:
		o->dir = optarg;
		return true;
	case OPTION_NAME:
		o->name = optarg;
		return true;
	case OPTION_LABEL:
		return take_label(o, optarg);
	case OPTION_ROLE:
		o->role = member_role_of(optarg);
		return o->role <= MEMBER_OPERATOR;
	case OPTION_ROTATE:
		return o->rotate = true;
	case OPTION_HERE:
		return o->here = true;
	case OPTION_FOLDER:
		o->folder = optarg;
		return optarg[0] == '/' && strlen(optarg) < LAYOUT_PATH_SIZE;
	default:
		return o->anew = true;
	}
}

static int check(struct enroll_options *o)
{
	static char own[MEMBER_NAME_SIZE];
	bool signs = o->key || o->here;

	if (o->key && (o->here || o->anew))
		return fleet_fail(HALE_EXIT_USAGE,
				  "--key is another host's: without --here and "
				  "--new");
	if (!signs && (o->dir || o->rotate || strcmp(o->labels, "-") != 0 ||
		       o->role != MEMBER_HOST))
		return fleet_fail(HALE_EXIT_USAGE,
				  "--dir, --label, --role and --rotate are the "
				  "operator's, with --key; see --help");
	if (o->key && !o->name)
		return fleet_fail(HALE_EXIT_USAGE, "whose key is that? name "
						   "the host");
	if (!o->name && gethostname(own, sizeof(own) - 1) == 0)
		o->name = own;
	if (!o->name || !layout_name_valid(o->name, MEMBER_NAME_SIZE))
		return fleet_fail(HALE_EXIT_USAGE,
				  "%.80s: not a host's name: letters, digits, "
				  "'-', '_' and '.'",
				  o->name ? o->name : "?");
	return -1;
}

int enroll_options_read(int argc, char **argv, struct enroll_options *ret)
{
	struct enroll_options o = { .labels = "-", .folder = ENROLL_FOLDER };
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
					  "takes; see --help",
					  optarg);
	}
	if (argc > optind + 1 || (optind < argc && o.name))
		return fleet_fail(HALE_EXIT_USAGE, "%s: one host, please",
				  argv[argc - 1]);
	if (optind < argc)
		o.name = argv[optind];
	*ret = o;
	return check(ret);
}
