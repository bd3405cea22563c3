/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_FLEET_H
#define HALE_CONSOLE_FLEET_H

/* The supply of a real fleet: its servers' streams, the picture made of them,
 * the judgments over it. */

#include "agent/fleetcli/look.h"

#include "shelf.h"
#include "supply.h"

/* How far back a host's page reaches; the judgments ask for as much. */
#define FLEET_FINDINGS_DAYS 30
#define FLEET_BUILDS_DAYS   7

struct fleet {
	struct look look; /* open, with a judge */
	struct shelf shelf;
	uint64_t change; /* of the picture, put on the screen */
	uint64_t judged; /* of the judge, likewise */
	bool judged_any;
	bool down;	   /* no server is reached */
	uint64_t down_ns;  /* ns since the epoch: since then */
	char trouble[240]; /* that needs somebody; "": none */
	bool told;	   /* the link's state is on the screen */
	uint8_t *scratch;  /* a host's messages, unpacked */
	Hale__Fleet__V1__FindingEvent **events; /* SUPPLY_EVENTS_MAX */
	Hale__Fleet__V1__BuildOutcome **builds; /* SUPPLY_BUILDS_MAX */
};

/* Connects, reads all that the servers hold. Return: 0, or an exit code, and
 * what is wrong has been said. fleet_close() in any case. */
int fleet_open(struct fleet *f, const struct cli *cli, const char *context);
void fleet_close(struct fleet *f);

struct supply fleet_supply(struct fleet *f);

/* fleet_rows.c: hosts and judgments onto the screen. */
void fleet_show_hosts(struct fleet *f, struct screen *s);
void fleet_show_judgments(struct fleet *f, struct screen *s);
/* fleet_host.c */
int fleet_tell_host(struct fleet *f, const char *id, struct supply_host *ret);

#endif
