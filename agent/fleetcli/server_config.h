/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_SERVER_CONFIG_H
#define HALE_FLEETCLI_SERVER_CONFIG_H

/*
 * The texts that init and enroll write: configurations of nats-server 2.9 and
 * contexts of `hale fleet`. Which account may do what, and why, is in the .c.
 */

#include "agent/fleetcli/layout.h"
#include "agent/fleetcli/members.h"

/* nats.conf of l->nodes[@i], for the folder @place on its server. */
void config_server(const struct layout *l, size_t i, const char *place,
		   FILE *to);
/* hosts.conf, fleet-users.conf, system-users.conf: who may be what. */
void config_hosts(const struct members *m, FILE *to);
void config_users(const struct members *m, FILE *to);
void config_system(const struct members *m, FILE *to);
/* nats-hale.service: a unit that starts it from @place. */
void config_unit(const char *place, const char *store, FILE *to);
/* fleet.conf of a context; @role says whose. */
void config_context(const struct layout *l, enum member_role role, FILE *to);
/* What a host's hale.conf needs, where its seed and the fleet's ca.pem are in
 * @folder there; @labels "-": none. Lines that are short: inih has 200 bytes.
 */
struct config_host {
	const char *folder, *labels;
};
void config_host(const struct layout *l, const struct members *m,
		 const struct config_host *h, FILE *to);

#endif
