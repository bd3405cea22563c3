/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_TLS_H
#define HALE_FLEETCLI_TLS_H

/*
 * A fleet's own certificates, by libcrypto: a CA that signs nothing but its
 * servers, and a certificate a server, for its clients and for the other
 * servers. By the library and not the openssl program: it is linked for the
 * NKeys anyway, no secret passes through a file of another or a command line,
 * and there is one thing less that a machine may lack.
 */

#include <stdbool.h>
#include <stdint.h>

#include "agent/fleetcli/layout.h"

/* A server's certificate holds so long, and its CA's. */
#define TLS_SERVER_DAYS 825
#define TLS_CA_DAYS	3650
/* From then on init makes a new one. */
#define TLS_RENEW_DAYS 90

struct tls_ca;

/**
 * tls_ca_open() - DIR/ca, which is made where it is not there
 * @ret_made: it was.
 *
 * Return: 0; -EKEYREJECTED: ca.key and ca.pem are no pair, or no CA; negative
 * errno.
 */
int tls_ca_open(const char *dir, const char *fleet, struct tls_ca **ret_ca,
		bool *ret_made);
/* Returns NULL; NULL is fine. */
struct tls_ca *tls_ca_close(struct tls_ca *ca);

/* Makes @folder/server.pem and server.key for @n, with its name and address as
 * what it is called. 0 or negative errno. */
int tls_issue(const struct tls_ca *ca, const struct layout_node *n,
	      const char *folder);

/* Days until @path ends, rounded down, negative where it has. -1 in *ret_days
 * and a negative errno where it is none. */
int tls_days_left(const char *path, int *ret_days);
/* Was @folder/server.pem signed by @ca for @n's name and address, and is
 * server.key its key? */
bool tls_fits(const struct tls_ca *ca, const struct layout_node *n,
	      const char *folder);

#endif
