/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_SETTINGS_H
#define HALE_FLEETCLI_SETTINGS_H

/*
 * Where a fleet's servers are and who asks them: the [fleet] section of a
 * context's fleet.conf, which `hale fleet init` writes. Paths in it are from
 * its own folder.
 */

#include <stdbool.h>
#include <stddef.h>

#define FLEET_PATH_MAX	  512
#define FLEET_SERVERS_MAX 16
#define FLEET_SERVER_MAX  200
#define FLEET_SAID_MAX	  400

struct fleet_settings {
	char from[FLEET_PATH_MAX]; /* the file */
	char servers[FLEET_SERVERS_MAX][FLEET_SERVER_MAX];
	size_t n_servers;
	char seed[FLEET_PATH_MAX]; /* a user's NKey; "": none */
	char ca[FLEET_PATH_MAX];   /* TLS: who signed the servers' keys */
	char certificate[FLEET_PATH_MAX];   /* and ours, with its */
	char key[FLEET_PATH_MAX];	    /* key */
	char operator_seed[FLEET_PATH_MAX]; /* signs orders */
	char name[64];			    /* the fleet's, for people */
};

/**
 * settings_load() - a context's fleet.conf
 * @context: a folder, or such a file; NULL: $HALE_FLEET, else
 * ~/.config/hale/fleet, else /etc/hale/fleet.
 * @ret_said: on failure one line: which file, which line, what to do.
 *
 * Return: 0; -ENOENT: there is none; -EINVAL: something in it is wrong; or what
 * open(2) says. @ret_s is untouched on failure.
 */
int settings_load(const char *context, struct fleet_settings *ret_s,
		  char ret_said[FLEET_SAID_MAX]);

/* The same of text; @path stands for the file and its folder. Pure. */
int settings_parse(const char *text, const char *path,
		   struct fleet_settings *ret_s, char ret_said[FLEET_SAID_MAX]);

#endif
