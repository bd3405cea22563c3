/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CONTAINER_H
#define HALE_RUN_CONTAINER_H

#include <stdbool.h>

#include "agent/run/run.h"

/**
 * container_build() - does this command work in a container engine of this
 * host?
 * @command: NULL-terminated words, as exec gets them.
 * @docker_host: $DOCKER_HOST or NULL: an engine elsewhere does not count.
 *
 * Looks behind env, sudo, nice, timeout and their like, and into `sh -c`. What
 * a Makefile calls is not known: --container says it. Pure.
 */
bool container_build(char *const *command, const char *docker_host);

/* The same, where the command line does not say it. */
bool container_wanted(const struct run_options *o, char *const *command,
		      const char *docker_host);

/* Where the command tells an engine without a daemon to keep its data (podman
 * --root), or NULL. */
const char *container_root(char *const *command);

#endif
