/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TESTS_FLEET_WORLD_H
#define HALE_TESTS_FLEET_WORLD_H

/*
 * A fleet of made-up hosts under invented time: they speak, build, fall ill and
 * die as a story wants, and the picture and the judge are told.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/fleet/judge.h"
#include "hale/base.h"

#define SECOND HALE_NS_PER_S
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  (UINT64_C(1700000000) * SECOND)

#define SIM_LABELS 6
#define SIM_DISKS  4

struct sim_host {
	char id[TOLD_ID_MAX], name[24];
	char keys[SIM_LABELS][24], values[SIM_LABELS][40];
	char parts[SIM_DISKS][48], models[SIM_DISKS][40];
	uint32_t n_labels, n_disks;
	uint64_t spool, seq;
	int64_t skew_ns; /* its clock minus the server's */
	enum hale_fitness fitness;
	const char *why, *condition;
	bool dead; /* says nothing */
};

struct world {
	struct picture *p;
	struct judge *j;
	struct sim_host *hosts;
	uint32_t n;
	uint64_t now_ns, random;
};

/* @n hosts "b0", "b1", ...: rack=i/20, pool=ci, a disk each of "DISK A". */
void world_init(struct world *w, uint32_t n);
void world_done(struct world *w);
uint32_t world_random(struct world *w, uint32_t below);

void sim_label(struct sim_host *h, const char *key, const char *value);
void sim_disk(struct sim_host *h, uint32_t n, const char *model);
/* Says its state now. Return: as picture_state(). */
int64_t sim_speak(struct world *w, uint32_t host);
void world_speak(struct world *w); /* all that are not dead */
/* A finding opens, @ago before now. */
int sim_opens(struct world *w, uint32_t host, const char *condition,
	      const char *part, uint64_t ago_ns);
/* A build of repository @repo ends now; @cause NULL: it passed. */
int sim_builds(struct world *w, uint32_t host, uint32_t repo, const char *cause,
	       uint64_t seconds);
/* Lets time pass in steps of 10 s; all that live speak every @beat_ns. */
void world_run(struct world *w, uint64_t ns, uint64_t beat_ns);
/* Lets time pass, nobody speaks. */
void world_step(struct world *w, uint64_t ns);

/* Everyday life: every @every_ns each host that lives builds one of @repos in a
 * minute, and one build in a hundred fails, of one cause or another; one host
 * in a hundred a day has a finding. Nobody is heard or missed meanwhile. */
void world_live(struct world *w, uint64_t ns, uint64_t every_ns,
		uint32_t repos);

/* How many judgments of a kind hold; the newest of them in @ret (or NULL). */
uint32_t world_judged(const struct world *w, enum judgment_kind kind,
		      const struct judgment **ret);
/* How many there were at all. */
uint32_t world_ever(const struct world *w, enum judgment_kind kind);
struct picture_row sim_row(const struct world *w, uint32_t host);

#endif
