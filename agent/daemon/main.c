/* SPDX-License-Identifier: Apache-2.0 */
/*
 * haled: a list of calls. What is decided here is the exit status: 0 for an
 * orderly end, 1 where something is wrong with this host or the configuration,
 * 2 for a wrong command line. The one struct agent lives here.
 */
#include "hale/base.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"

#define EXIT_WRONG_USE 2

static struct agent agent;

int main(int argc, char **argv)
{
	struct options options;
	enum options_said said = options_parse(argc, argv, &options);
	int r;

	if (said != OPTIONS_RUN)
		return said == OPTIONS_DONE ? EXIT_SUCCESS : EXIT_WRONG_USE;
	if (options.check_only)
		return config_check(options.config, !options.config_given);
	process_prepare();
	r = agent_start(&agent, &options);
	if (r != 0)
		return r;
	r = loop_run(&agent.loop);
	if (r < 0)
		log_line(LOG_LEVEL_ERROR, "event loop: %s", strerror(-r));
	agent_stop(&agent);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
