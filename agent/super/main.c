/* SPDX-License-Identifier: Apache-2.0 */
/*
 * haled: a list of calls. What is decided here is the exit status: 0 for an
 * orderly end, 1 where something is wrong with this host or the configuration,
 * 2 for a wrong command line. The one struct super lives here.
 */
#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/daemon/sandbox.h"
#include "agent/super/super.h"

#define EXIT_WRONG_USE 2

static struct super super;

static int check_sandbox(void)
{
	struct sandbox_user user;

	sandbox_find_user(SANDBOX_USER, &user);
	return sandbox_check(&user);
}

int main(int argc, char **argv)
{
	struct options options;
	enum options_said said;
	int r;

	process_init_name(argc, argv);
	said = options_parse(argc, argv, &options);
	if (said != OPTIONS_RUN)
		return said == OPTIONS_DONE ? EXIT_SUCCESS : EXIT_WRONG_USE;
	if (options.check_only)
		return config_check(options.config, !options.config_given);
	if (options.check_sandbox)
		return check_sandbox();
	process_prepare();
	r = super_start(&super, &options);
	if (r != 0)
		return r;
	r = loop_run(&super.loop);
	if (r < 0)
		log_line(LOG_LEVEL_ERROR, "event loop: %s", strerror(-r));
	super_stop(&super);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
