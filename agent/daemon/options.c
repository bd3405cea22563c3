/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: a table of options for getopt_long(3). Decides nothing
 * about the agent. A word that it does not know is an error with one line, as
 * in the config.
 */
#include <getopt.h>

#include "hale/base.h"
#include "hale/version.h"

#include "agent/daemon/config.h"
#include "agent/daemon/options.h"

static const char help[] =
	"haled: watches this host and says whether it is fit to build on\n"
	"\n"
	"  haled [options]        run the agent, in the foreground, until "
	"SIGTERM\n"
	"\n"
	"  -c, --config FILE      read FILE (/etc/hale/hale.conf, if it is "
	"there)\n"
	"      --run-dir DIR      gate.sock and fit are in DIR (/run/hale)\n"
	"      --state-dir DIR    what survives a restart is in DIR "
	"(/var/lib/hale)\n"
	"  -n, --check-config     check the configuration and exit: 0 or 1\n"
	"      --check-sandbox    try what the agent's processes must not be "
	"able to do,\n"
	"                         and exit: 0, or 1 where one is\n"
	"      --foreground       accepted, as it always is\n"
	"      --version, --help\n"
	"\n"
	"SIGHUP reads the configuration again. See haled(8), hale.conf(5).\n";

enum {
	OPTION_RUN_DIR = 256,
	OPTION_STATE_DIR,
	OPTION_FOREGROUND,
	OPTION_CHECK_SANDBOX,
	OPTION_VERSION,
};

static const struct option table[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
	{ "check-config", no_argument, NULL, 'n' },
	{ "check-sandbox", no_argument, NULL, OPTION_CHECK_SANDBOX },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum options_said take(int option, struct options *o)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		o->config_given = true;
		return OPTIONS_RUN;
	case OPTION_RUN_DIR:
		o->run_dir = optarg;
		return OPTIONS_RUN;
	case OPTION_STATE_DIR:
		o->state_dir = optarg;
		return OPTIONS_RUN;
	case 'n':
		o->check_only = true;
		return OPTIONS_RUN;
	case OPTION_CHECK_SANDBOX:
		o->check_sandbox = true;
		return OPTIONS_RUN;
	case OPTION_FOREGROUND:
		return OPTIONS_RUN;
	case OPTION_VERSION:
		puts("haled " HALE_VERSION);
		return OPTIONS_DONE;
	case 'h':
		fputs(help, stdout);
		return OPTIONS_DONE;
	default: /* getopt_long(3) has said what is wrong */
		return OPTIONS_WRONG;
	}
}

enum options_said options_parse(int argc, char **argv,
				struct options *ret_options)
{
	struct options o = {
		.config = CONFIG_FILE_DEFAULT,
		.run_dir = "/run/hale",
		.state_dir = "/var/lib/hale",
	};
	enum options_said said = OPTIONS_RUN;
	int option = 0;

	while (said == OPTIONS_RUN && option != -1) {
		option = getopt_long(argc, argv, "c:nh", table, NULL);
		if (option != -1)
			said = take(option, &o);
	}
	if (said == OPTIONS_RUN && optind < argc) {
		fprintf(stderr, "haled: unexpected argument: %s\n",
			argv[optind]);
		said = OPTIONS_WRONG;
	}
	if (said == OPTIONS_WRONG)
		fputs("haled: try `haled --help`\n", stderr);
	*ret_options = o;
	return said;
}
