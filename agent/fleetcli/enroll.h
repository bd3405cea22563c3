/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_ENROLL_H
#define HALE_FLEETCLI_ENROLL_H

/*
 * What the files of `hale fleet enroll` share: a host makes its key, an
 * operator lets it in. Only the public half ever leaves the host.
 */

#include "agent/fleetcli/fleet_dir.h"

#define ENROLL_FOLDER "/etc/hale/fleet" /* on a host */

struct enroll_options {
	const char *name, *key, *dir, *folder;
	enum member_role role;
	char labels[MEMBER_LABELS_SIZE]; /* "-": none */
	bool here, anew, rotate;
};

/* enroll_options.c: -1 to go on, else an exit code. */
int enroll_options_read(int argc, char **argv, struct enroll_options *ret);
/* enroll_key.c: this host's key, which is made if it is not there. 0 or an exit
 * code after one line. @ret_made: it was. */
int enroll_key(const struct enroll_options *o, char ret_key[NKEY_PUBLIC_SIZE],
	       bool *ret_made);
/* enroll_member.c: lets @key in. 0 or an exit code. */
int enroll_member(const struct enroll_options *o, const char *key);

#endif
