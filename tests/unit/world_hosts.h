/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_WORLD_HOSTS_H
#define TESTS_UNIT_WORLD_HOSTS_H

/* Hosts that several tests of the middle stand on, and the error that they
 * tell disks apart by. */

#include "world.h"

/* "/" on sda1; sdb, sdc, sdd as whole disks for the test to build on, until
 * the map ends. */
void world_stack_begin(struct world *w);
void world_stack_end(struct world *w);
/* The same with "/data" on md0, a mirror of sdb and sdc; the map has ended. */
void world_mirror(struct world *w);

/* A disk with a number of its own. */
void world_whole_disk(struct world *w, const char *name, const char *identity,
		      const char *devpath, uint64_t since_ns);
/* The log tells of a disk.io_error. */
void world_io_error(struct world *w, enum hale_ref ref, const char *name,
		    uint64_t time_ns);
/* Of @count errors of a disk. */
void world_errors(struct world *w, enum hale_condition c, const char *name,
		  uint32_t count, uint64_t time_ns);
/* Has the part a disk.io_error? */
bool world_has(struct world *w, const char *part);

#endif
