/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet revoke`: a key is shut out. Its line stays, so that the key never
 * comes back. It must never leave a fleet without an operator.
 */
#include <getopt.h>
#include <sys/stat.h>

#include "agent/fleetcli/fleet_dir.h"
#include "agent/fleetcli/fleetcli.h"

static const char help[] =
	"usage: hale fleet revoke HOST|KEY [--dir DIR]\n"
	"Shuts a host out, or a reader or operator: the servers end its "
	"connection and\n"
	"take its key no more. The host may be let in again with another "
	"key.\n"
	"\n"
	"  --dir DIR   the fleet, as `hale fleet init DIR` made it\n"
	"\n"
	"  hale fleet revoke build-07 --dir /root/fleet\n";

static const struct option table[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int shut_out(struct fleet_dir *d, const char *word)
{
	struct member *m = members_find(&d->members, word);
	int r;

	if (!m)
		return fleet_fail(FLEET_NOTHING, "%s: no such host or key",
				  word);
	if (m->role == MEMBER_SYSTEM ||
	    (m->role == MEMBER_OPERATOR &&
	     members_count(&d->members, MEMBER_OPERATOR) == 1))
		return fleet_fail(HALE_EXIT_USAGE,
				  "%s is the last %s: enroll another first",
				  m->name, member_role_name(m->role));
	if (m->role == MEMBER_REVOKED)
		printf("%s was revoked before: %s\n", m->name, m->key);
	else
		printf("%s %s is out: %s\n", member_role_name(m->role), m->name,
		       m->key);
	m->role = MEMBER_REVOKED;
	r = fleet_dir_save(d);
	return r == 0 ? fleet_dir_reload(d) : r;
}

static int revoke_in(const char *dir, const char *word)
{
	static struct fleet_dir d = FLEET_DIR_CLOSED;
	char path[LAYOUT_PATH_SIZE];
	int r = fleet_dir_find(dir, path);

	if (r == 0)
		r = fleet_dir_open(path, &d);
	if (r == 0)
		r = shut_out(&d, word);
	fleet_dir_close(&d);
	return r;
}

int fleet_revoke(int argc, char **argv)
{
	const char *dir = NULL;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == 'h')
			return fleet_help(help);
		if (option != 'd')
			return fleet_fail(HALE_EXIT_USAGE, "%s: see --help",
					  argv[optind - 1]);
		dir = optarg;
	}
	if (argc != optind + 1)
		return fleet_fail(HALE_EXIT_USAGE,
				  "one host or key, please; see --help");
	umask(0077);
	return revoke_in(dir, argv[optind]);
}
