/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TREE_ENGINE_H
#define HALE_RUN_TREE_ENGINE_H

/*
 * A build in a container works elsewhere: the command only waits for the
 * engine, whose processes and containers are no descendants of it.
 */

#include <stdbool.h>
#include <stdint.h>

struct tree_engine {
	/* of engines, and of what began in containers since; runs back when
	 * one of these ends */
	uint64_t cpu_ticks;
	uint64_t io_bytes; /* of the latter alone: an engine is never idle */
};

/**
 * tree_engine() - what container engines of this host have used
 * @proc_fd: /proc; fixtures are another folder.
 * @since_ticks: what is inside of one counts if it began then or later;
 *               tree.root_start.
 *
 * Return: how many processes that is; 0: none is to be seen. Negative errno.
 */
int tree_engine(int proc_fd, uint64_t since_ticks, struct tree_engine *ret);

#endif
