/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_OPTIONS_H
#define HALE_OPTIONS_H

/* haled's command line. */

#include <stdbool.h>

struct options {
	const char *config; /* default: CONFIG_FILE_DEFAULT, may be absent */
	bool config_given;
	const char *run_dir, *state_dir;
	bool check_only;
	bool check_sandbox;
};

enum options_said {
	OPTIONS_RUN = 0,
	OPTIONS_DONE = 1,  /* help or version was printed */
	OPTIONS_WRONG = 2, /* said on stderr */
};

enum options_said options_parse(int argc, char **argv,
				struct options *ret_options);

#endif
