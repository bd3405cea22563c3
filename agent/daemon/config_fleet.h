/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONFIG_FLEET_H
#define HALE_CONFIG_FLEET_H

/* [fleet] of hale.conf(5), part of config.h's struct: what `haled: fleet` is
 * started with. */

#include <stdint.h>

#define CONFIG_VALUE_MAX   256
#define CONFIG_SERVERS_MAX 2048
#define CONFIG_LABELS_MAX  1024

/* [fleet], for `haled: fleet`; lists have single blanks between their words. */
struct config_fleet {
	char servers[CONFIG_SERVERS_MAX]; /* "": there is no fleet */
	char labels[CONFIG_LABELS_MAX];	  /* "rack=7 room=b" */
	char obey[CONFIG_VALUE_MAX];	  /* operators' public NKeys */
	/* files, "" where there is none */
	char seed[CONFIG_VALUE_MAX]; /* this host's NKey */
	char ca[CONFIG_VALUE_MAX], certificate[CONFIG_VALUE_MAX];
	char key[CONFIG_VALUE_MAX]; /* the certificate's */
	uint32_t heartbeat_s;	    /* 0, as the next: the reporter's default */
	uint64_t spool_bytes, spool_age_ns;
};

/* A key of [fleet] that config_set() knows. 0 or -EINVAL. */
int config_set_fleet(struct config_fleet *f, const char *key,
		     const char *value);
/* As config_doubt() of config.h. */
const char *config_doubt_fleet(const struct config_fleet *f);

#endif
