/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

/*
 * A host made of facts, for tests of the middle: time is invented, and each
 * helper says one fact. For cmocka programs; a failed setup fails the test.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/core/middle.h"

#define SECOND HALE_NS_PER_S
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  (UINT64_C(1700000000) * SECOND)

struct world {
	struct middle *m;
	uint64_t now;
	struct hale_verdict verdict; /* of the last check */
	struct hale_finding finding; /* of the last look */
};

bool world_fact(struct world *w, const char *driver, const struct hale_fact *f);
void world_sight(struct world *w, const char *driver, enum hale_sense sense,
		 enum hale_sight sight, const char *why);
void world_see_all(struct world *w);
/* A middle with nothing in it but time. */
void world_bare(struct world *w);
void world_end(struct world *w);
struct hale_device world_device(const char *name, uint32_t major,
				uint32_t minor, enum hale_block_kind kind);
bool world_add(struct world *w, const struct hale_device *d);
/* @identity: "disk/…"; the disk hangs on port ata<@minor / 16>. */
void world_disk(struct world *w, const char *name, uint32_t minor,
		const char *identity);
void world_partition(struct world *w, const char *name, uint32_t minor,
		     const char *uuid);
void world_layered(struct world *w, const char *name, uint32_t major,
		   uint32_t minor, enum hale_block_kind kind);
void world_remove(struct world *w, const char *name, uint32_t minor);
void world_map(struct world *w, enum hale_fact_kind edge);
struct hale_fact world_mount_fact(uint32_t major, uint32_t minor,
				  const char *type, const char *mountpoint);
void world_mount(struct world *w, uint32_t major, uint32_t minor,
		 const char *type, const char *mountpoint);
struct hale_fact world_layer_fact(uint32_t upper_major, uint32_t upper_minor,
				  uint32_t lower_major, uint32_t lower_minor,
				  const char *via);
/* Of two device numbers, "253:0" on "8:16"; @via "?zfs" is not mapped. */
void world_layer(struct world *w, const char *upper, const char *lower,
		 const char *via);
struct hale_observation world_observation(enum hale_condition c,
					  enum hale_ref ref, const char *part);
bool world_say(struct world *w, const char *driver,
	       const struct hale_observation *o);
bool world_event(struct world *w, enum hale_condition c, enum hale_ref ref,
		 const char *part);
bool world_state(struct world *w, enum hale_condition c, enum hale_ref ref,
		 const char *part, bool holds);
/* What the log tells of a name, as kmsg says it. */
bool world_bearer(struct world *w, enum hale_bearer_news news, const char *name,
		  uint64_t time_ns);
bool world_measure(struct world *w, enum hale_metric metric, const char *fs,
		   uint64_t value, uint64_t total);
/* sda: "/" on sda1. sdb: "/home/ci" on sdb1. */
void world_devices(struct world *w);
/* With those, and everything is seen. */
void world_new(struct world *w);
struct hale_scope_path world_path(const char *path, uint32_t major,
				  uint32_t minor, const char *type);
/* Checks one path, with "/" on sda1 implied as the client does it. */
enum hale_fitness world_check_path(struct world *w,
				   const struct hale_scope_path *p);
enum hale_fitness world_check(struct world *w, const char *path, uint32_t major,
			      uint32_t minor);
enum hale_fitness world_check_build(struct world *w);
enum hale_fitness world_check_root(struct world *w);
enum hale_fitness world_check_host(struct world *w);
/* The @i-th reason of the last check; there must be one. */
const struct hale_reason *world_reason(const struct world *w, uint32_t i);
/* Some reason of the last check says that something is not known. */
void world_assert_story(const struct world *w, const char *story);
/* The finding of (part, condition), or NULL. */
const struct hale_finding *world_finding(struct world *w, const char *part,
					 enum hale_condition c);
uint64_t world_wait(struct world *w, uint64_t ns);
/* All that a restart keeps, into a new middle. */
void world_restart(struct world *w, bool same_boot);

#define assert_fitness(expected, got) assert_int_equal((expected), (got))

#endif
