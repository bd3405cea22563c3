/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CORE_H
#define HALE_CORE_CORE_H

/* The middle's one object, for the files that implement middle.h. */

#include "cause_nodes.h"
#include "closure.h"
#include "counter.h"
#include "coverage.h"
#include "crashes.h"
#include "join.h"
#include "ledger.h"
#include "readings.h"
#include "rests.h"
#include "sectors.h"
#include "space.h"
#include "victims.h"

/* A finding as the scope under judgment meets it. */
struct mark {
	uint8_t effect; /* enum hale_effect, worst over all paths */
	bool redundant;
	const struct hale_scope_path *path; /* by which it is met, or NULL */
	const struct map_mount *mount;	    /* likewise */
};

#define MIDDLE_HOPS 32 /* of one path, looked at for its disks */

struct middle {
	struct hale_policy policy;
	uint64_t generation;
	uint64_t position;
	char position_driver[HALE_NAME_MAX];
	char map_driver[HALE_NAME_MAX]; /* lists all devices before a map */
	struct coverage coverage;
	struct ledger ledger;
	struct counters counters;
	struct join join;
	struct readings readings;
	struct sectors sectors;
	struct inventory inventory;
	struct topology topology;
	struct rests rests;
	struct victims victims;
	struct crashes crashes;
	/* scratch, valid within one call; @causes until the next question */
	struct cause_work causes;
	struct closure closure;
	struct mark marks[LEDGER_MAX];
	struct hale_scope_path engine_paths[RESTS_MAX]; /* as marks name them */
	struct hale_hop hops[MIDDLE_HOPS];
	uint64_t part_keys[LEDGER_MAX]; /* of the ledger's entries */
	bool part_tokens[LEDGER_MAX]; /* it is met by a token, not by its id */
	/* kept by sweep(): the filesystem on each mount of the map */
	uint64_t mount_keys[MAP_MOUNTS_MAX];
	/* order of middle_finding(), made anew when the ledger was touched */
	uint64_t ordered_at;
	uint32_t n_order;
	uint16_t order[LEDGER_MAX];
};

static inline struct storage middle_storage(const struct middle *m)
{
	return (struct storage){ &m->inventory, topology_map(&m->topology) };
}

/* The map's filesystem of a path; NULL: none, or it is another by now. */
const struct map_mount *middle_mount(const struct middle *m,
				     const struct hale_scope_path *path);

/* What a running total has grown by. middle.c */
bool middle_counter(struct middle *m, const char *driver,
		    const struct hale_observation *o, uint64_t now_ns);

/* Deaths whose witnesses have spoken: are they signs of bad memory? Return:
 * when to ask again. middle_victim.c */
uint64_t middle_judge_deaths(struct middle *m, uint64_t now_ns, bool *changed);

/* A failure was taken in: which sectors it names. @o: as it was said, @event:
 * as it was counted. failing.c */
void failing_heard(struct middle *m, const struct join_said *said,
		   const struct hale_observation *o,
		   const struct hale_observation *event);
/* Forgets the sectors of what is over. */
void failing_sweep(struct middle *m);

/* Judges a disk by what it says of itself. disk_findings.c */
bool disk_findings(struct middle *m, const char *driver,
		   const struct hale_disk_reading *reading, uint64_t now_ns);

/* Devices or map changed: findings follow their parts. sweep.c */
bool sweep(struct middle *m, uint64_t now_ns);
/* Only which filesystem is on which mount. */
void sweep_mounts(struct middle *m);
bool sweep_device(struct middle *m, const struct inventory_change *change,
		  uint64_t now_ns);
bool sweep_map(struct middle *m, uint64_t now_ns);
/* All devices have been listed: mounted from none of them? sweep_orphan.c */
bool sweep_orphans(struct middle *m, uint64_t now_ns);
/* The log tells of a name: what @driver said of its bearer before that was not
 * about the present one. sweep_bearer.c */
bool sweep_bearer(struct middle *m, const char *driver,
		  const struct hale_bearer *f, uint64_t now_ns);

/* Makes an entry readable. report.c */
void report_finding(const struct middle *m, const struct ledger_entry *e,
		    struct hale_finding *ret_finding);

#endif
