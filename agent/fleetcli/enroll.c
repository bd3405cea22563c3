/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet enroll`: a list of calls, and what to do next on which machine.
 * It decides nothing of its own.
 */
#include <sys/stat.h>

#include "agent/fleetcli/enroll.h"
#include "agent/fleetcli/fleetcli.h"

static void say(const struct enroll_options *o, const char *key, bool made)
{
	printf("%s\n", key);
	fprintf(stderr,
		"%s key of %s; its secret half is %s/host.nk and stays here\n"
		"next, on the operator's machine:\n"
		"  hale fleet enroll %s --key %s --dir DIR\n",
		made ? "made the" : "this is the", o->name, o->folder, o->name,
		key);
}

int fleet_enroll(int argc, char **argv)
{
	char key[NKEY_PUBLIC_SIZE];
	struct enroll_options o;
	bool made;
	int r = enroll_options_read(argc, argv, &o);

	if (r >= 0)
		return r;
	if (o.key) {
		umask(0077);
		return enroll_member(&o, o.key);
	}
	umask(0022);
	r = enroll_key(&o, key, &made);
	if (r != 0)
		return r;
	if (o.here)
		return enroll_member(&o, key);
	say(&o, key, made);
	return fflush(stdout) == 0 ? 0 : FLEET_OSERR;
}
