/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_THERMAL_PARTS_H
#define DRIVERS_THERMAL_PARTS_H

/* Private to the driver thermal: what its rooms hand each other. */

#include <linux/netlink.h>

#include "hale/base.h"
#include "hale/driver.h"

/* --- thermal_map.c: what there is, read in probe ------------------------- */

#define THERMAL_ZONES_MAX 64
#define THERMAL_TRIPS_MAX 16
#define THERMAL_CDEVS_MAX 1024 /* one a processor where ACPI makes them */

struct thermal_zone {
	bool present;
	char type[24]; /* "acpitz" */
	/* bit n: trip point n is where the machine is too hot ("hot",
	 * "critical"), not where a fan goes on */
	uint16_t hot_trips;
};

struct thermal_map {
	uint32_t n_zones;			      /* seen, kept or not */
	struct thermal_zone zones[THERMAL_ZONES_MAX]; /* by their number */
	uint64_t slows_cpu[THERMAL_CDEVS_MAX / 64];   /* cooling devices, by
						       * number */
};

void thermal_map_read(int root_fd, struct thermal_map *ret_map);
bool thermal_slows_cpu(const struct thermal_map *m, uint32_t cdev);

/* --- thermal_event.c: what the kernel tells, pure ------------------------ */

enum thermal_kind {
	THERMAL_NOTHING = 0, /* well formed and of no interest */
	THERMAL_TRIP_UP,     /* @id's zone is above its trip @trip */
	THERMAL_TRIP_DOWN,
	THERMAL_COOLING,    /* cooling device @id is in state @value */
	THERMAL_ACPI_HOT,   /* the firmware says so of its zone @name */
	THERMAL_ACPI_LIMIT, /* it limits @name to performance state @value */
};

struct thermal_event {
	enum thermal_kind kind;
	uint32_t id, trip, value;
	char name[16];
};

/* Generic netlink families, by their numbers in this boot; 0: not there. */
struct thermal_families {
	uint16_t thermal, acpi;
};

/* Return: 0, or -EBADMSG where the message is malformed. */
int thermal_event_parse(struct nlmsghdr *h, const struct thermal_families *f,
			struct thermal_event *ret_event);

/* --- thermal_throttle.c: the processors' own counters -------------------- */

/* Cores of a large server have one each, and its packages. */
#define THROTTLE_ROWS_MAX 256

struct throttle_row {
	int fd;
	bool package, in_ms, known, said, holds;
	uint32_t cpu; /* the first one that shares it */
	uint64_t value;
};

struct throttle {
	uint32_t n;
	bool cut; /* there are more */
	uint64_t read_ns;
	struct throttle_row rows[THROTTLE_ROWS_MAX];
};

void throttle_open(int root_fd, struct throttle *t);
void throttle_close(struct throttle *t);
/* Reads all and says what has begun or ended since the last time. */
void throttle_sample(struct hale_probe *p, struct throttle *t);

#endif
