/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_LAYOUT_H
#define HALE_FLEETCLI_LAYOUT_H

/*
 * What a fleet's servers are: chosen at `hale fleet init`, kept in
 *DIR/fleet.ini, and all that init writes follows from it. Pure but for
 *layout_load().
 *
 *	DIR/fleet.ini     this
 *	DIR/members       who may connect (members.h)
 *	DIR/ca/           what signs the servers' certificates: stays here
 *	DIR/operator/     a context for `hale fleet`: fleet.conf, its key,
 *ca.pem DIR/reader/       one that may only look DIR/nodes/NODE/   what goes to
 *that server, whole
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LAYOUT_NODES_MAX 5
#define LAYOUT_NAME_SIZE 64
#define LAYOUT_HOST_SIZE 254 /* RFC 1035 */
#define LAYOUT_PATH_SIZE 512
#define LAYOUT_WHY_SIZE	 240

#define LAYOUT_CLIENT_PORT  4222 /* IANA: nats */
#define LAYOUT_CLUSTER_PORT 6222 /* NATS' own custom */
#define LAYOUT_AT	    "/etc/nats-hale"
#define LAYOUT_STORE	    "/var/lib/nats-hale"

struct layout_node {
	char name[LAYOUT_NAME_SIZE];
	char address[LAYOUT_HOST_SIZE]; /* a name, or an IP without brackets */
	uint16_t port, cluster_port;
};

struct layout {
	char name[LAYOUT_NAME_SIZE]; /* the fleet's */
	struct layout_node nodes[LAYOUT_NODES_MAX];
	size_t n_nodes;
	char at[LAYOUT_PATH_SIZE];    /* where a node's folder lies on its
				       * server; "": where init wrote it */
	char store[LAYOUT_PATH_SIZE]; /* JetStream's files; "": in that folder
				       */
	bool dev;		      /* one server, on loopback */
};

/**
 * layout_nodes() - "--nodes a,b=10.0.0.2,c=[fd00::3]:4222:6222"
 *
 * A node is NAME[=ADDRESS[:PORT[:CLUSTER_PORT]]]; without ADDRESS its name is
 * that. Return: 0, or -EINVAL with a line in @ret_why.
 */
int layout_nodes(const char *text, struct layout *l,
		 char ret_why[LAYOUT_WHY_SIZE]);

/* Names, ports and the number of nodes. 0, or -EINVAL with a line. */
int layout_check(const struct layout *l, char ret_why[LAYOUT_WHY_SIZE]);

/* Of DIR/fleet.ini. -ENOENT: @dir is no fleet's; -EINVAL: something in it is
 * wrong, with a line in @ret_why. */
int layout_load(const char *dir, struct layout *ret_l,
		char ret_why[LAYOUT_WHY_SIZE]);
void layout_write(const struct layout *l, FILE *to);

/* "127.0.0.1", "::1", "localhost" */
bool layout_is_loopback(const struct layout_node *n);
bool layout_is_ip(const char *address);
/* Letters, digits, '-', '_' and '.', not beginning with '.' or '-'. */
bool layout_name_valid(const char *name, size_t size);
/* Where @n's folder lies on its server, for init in @dir. */
void layout_place(const struct layout *l, const char *dir,
		  const struct layout_node *n, char *ret_path, size_t size);
/* A server as clients want it: "tls://a:4222" */
void layout_server(const struct layout *l, size_t i, FILE *to);

#endif
