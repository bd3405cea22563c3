/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet serve` of a hale that was built without its console. Decides
 * nothing; it must say what is missing and how to get it.
 */
#include "agent/fleetcli/fleetcli.h"

int fleet_serve(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return fleet_fail(HALE_EXIT_UNKNOWN,
			  "this hale was built without its console "
			  "(CONFIG_CONSOLE); `hale fleet watch` shows the same "
			  "in a terminal");
}
