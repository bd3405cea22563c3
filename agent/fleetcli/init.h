/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_INIT_H
#define HALE_FLEETCLI_INIT_H

/*
 * What the files of `hale fleet init` share.
 */

#include "agent/fleetcli/fleet_dir.h"

struct init_options {
	const char *dir, *nodes, *name, *at, *store;
	bool dev, foreground, replace, renew;
	bool port_set;
	uint16_t port; /* of --dev; 0: a free one */
};

/* init_options.c: -1 to go on, else an exit code. */
int init_options_read(int argc, char **argv, struct init_options *ret);
/* init_layout.c: the layout out of the options and what is there. 0 or an exit
 * code after one line. */
int init_layout(const struct init_options *o, struct fleet_dir *d);
/* init_files.c: all files. 0 or an exit code. */
int init_files(const struct init_options *o, struct fleet_dir *d);
/* dev.c: the one server, running, with its streams. 0 or an exit code. */
int init_dev(const struct init_options *o, struct fleet_dir *d);

struct streams_ask {
	const char *context; /* an operator's, as settings_load() takes it */
	size_t replicas;     /* of each */
	uint64_t wait_ms;    /* for servers that are starting */
	bool quiet;	     /* what is as it should be is not told */
};

/* streams.c: makes the streams that are not there, and mends the others. 0 or
 * an exit code after one line. */
int streams_apply(const struct streams_ask *ask);

#endif
