/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROBE_FIXTURE_H
#define PROBE_FIXTURE_H

/*
 * The probe process with a driver "mapper" of the map, "looker" that measures
 * its option "key" (17 at first), "watcher" that looks at who is dying, and
 * "event" of the core: what the tests of its work and those of its troubles
 * share.
 */

#include "host_fixture.h"

#include "agent/daemon/child.h"
#include "agent/daemon/probe.h"

extern struct probe probe;
/* The process, as a supervisor sees it that starts another at once. */
extern struct child process;

/* Shared with all processes. */
struct world {
	uint32_t maps, checks, looks, looked_at;
	bool slow, slow_map, sees_asked, lies;
};
extern volatile struct world *world;

/* A process that cannot be ended is one whom no kill reaches. */
extern bool kills_arrive;

extern const struct driver_option one, two; /* "key" is 17, and 18 */

/* What looker measured last. */
uint64_t number(void);
/* Until it has settled. */
void start_probe(void);
/* As its supervisor does at its end: in its place. */
void start_another(void);

int probe_setup_test(void **state);
int probe_teardown_test(void **state);

#endif
