/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_ENGINE_RUN_H
#define DRIVERS_ENGINE_RUN_H

/* A program of others, started with as little as can be. May take as long as it
 * is given, and no longer. */

#include <stdbool.h>

struct engine_end {
	int error;  /* negative errno: it could not be started */
	int signal; /* that it died of; 0: it did not */
	int status;
	bool late; /* it was ended, because it did not */
};

struct engine_program {
	const char *path;	       /* below root_fd */
	const char *argument, *second; /* may be NULL */
	bool ours; /* of the system's own: keeps our rights */
	int ms;
};

void engine_run(int root_fd, const struct engine_program *program,
		struct engine_end *ret_end);

#endif
