/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator lets a key in. It decides whether that key and name may be: each
 * name has one key, and a key that was revoked stays so. Invariant: the list is
 * on the disk before a server is told.
 */
#include "agent/fleetcli/enroll.h"
#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/server_config.h"

/* A second host of that name would be the first one to people. */
static int check_name(const struct enroll_options *o, struct fleet_dir *d)
{
	struct member *old = members_find(&d->members, o->name);

	if (!old) {
		return o->rotate ? fleet_fail(HALE_EXIT_USAGE,
					      "%s is not in: nothing to rotate",
					      o->name)
				 : 0;
	}
	if (!o->rotate)
		return fleet_fail(FLEET_NOTHING,
				  "%s is in with another key, %s; --rotate "
				  "lets this one in and shuts that out",
				  o->name, old->key);
	if (old->role != o->role)
		return fleet_fail(HALE_EXIT_USAGE,
				  "%s is in as %s: --rotate changes a key, not "
				  "what it may do",
				  o->name, member_role_name(old->role));
	old->role = MEMBER_REVOKED;
	return 0;
}

static int add(const struct enroll_options *o, struct fleet_dir *d,
	       const char *key)
{
	char name[MEMBER_NAME_SIZE], labels[MEMBER_LABELS_SIZE];
	char since[MEMBER_SINCE_SIZE], by[MEMBER_BY_SIZE];
	char why[MEMBERS_WHY_SIZE] = "";
	struct member m = { .role = o->role,
			    .name = name,
			    .since = since,
			    .by = by,
			    .labels = labels };

	HALE_SET(m.key, key);
	HALE_SET(name, o->name);
	HALE_SET(labels, o->labels);
	fleet_dir_now(since);
	fleet_dir_who(by);
	return members_add(&d->members, &m, why) < 0
		       ? fleet_fail(HALE_EXIT_USAGE, "%s: %s", key, why)
		       : 0;
}

/* 0: go on; -1: it is in already; else an exit code. */
static int check_key(const struct enroll_options *o, const struct fleet_dir *d,
		     const char *key)
{
	const char *fault = nkey_public_fault(key);
	const struct member *there;

	if (fault)
		return fleet_fail(HALE_EXIT_USAGE, "%.8s...: %s", key, fault);
	there = members_find(&d->members, key);
	if (!there)
		return 0;
	if (there->role == MEMBER_REVOKED)
		return fleet_fail(HALE_EXIT_USAGE,
				  "%s was revoked (%s): `hale fleet enroll "
				  "--new` on the host makes another",
				  key, there->name);
	if (strcasecmp(there->name, o->name) == 0 && there->role == o->role)
		return -1;
	return fleet_fail(HALE_EXIT_USAGE, "%s is in as %s %s", key,
			  member_role_name(there->role), there->name);
}

static void say_next(const struct enroll_options *o, struct fleet_dir *d)
{
	const struct config_host h = { .folder = o->folder,
				       .labels = o->labels };

	if (o->role != MEMBER_HOST) {
		printf("next: give %s %s/%s/fleet.conf and ca.pem; its seed is "
		       "user.nk beside them\n",
		       o->name, d->path, member_role_name(o->role));
		return;
	}
	if (o->here)
		printf("next: into /etc/hale/hale.conf:\n\n");
	else
		printf("next, on %s: %s/ca/ca.pem goes to %s/ca.pem, and into "
		       "/etc/hale/hale.conf:\n\n",
		       o->name, d->path, o->folder);
	config_host(&d->layout, &d->members, &h, stdout);
	puts("\nthen: systemctl reload haled; here: hale fleet ls");
}

/* --here: the way to the host is short. */
static int bring_ca(const struct enroll_options *o, const struct fleet_dir *d)
{
	char path[LAYOUT_PATH_SIZE + 16], text[2000];
	struct files_text ca = { .at = text };
	int r;

	snprintf(path, sizeof(path), "%s/ca/ca.pem", d->path);
	r = (int)files_read(path, text, sizeof(text));
	if (r < 0)
		return fleet_fail(FLEET_OSERR, "%s: %s", path,
				  strerrordesc_np(-r));
	ca.len = (size_t)r;
	snprintf(path, sizeof(path), "%s/ca.pem", o->folder);
	r = files_put(path, ca, FILES_PLAIN, FILES_REPLACE);
	return r < 0 ? fleet_fail(FLEET_CANTCREAT, "%s: %s", path,
				  strerrordesc_np(-r))
		     : 0;
}

static int let_in(const struct enroll_options *o, struct fleet_dir *d,
		  const char *key)
{
	int r = check_key(o, d, key);
	int told;

	if (r > 0)
		return r;
	if (r < 0) {
		printf("%s is in already, with this key\n", o->name);
		r = fleet_dir_save(d);
	} else {
		r = check_name(o, d);
		if (r == 0)
			r = add(o, d, key);
		if (r == 0)
			r = fleet_dir_save(d);
		if (r == 0)
			printf("%s %s is in: %s (%zu hosts)\n",
			       member_role_name(o->role), o->name, key,
			       members_count(&d->members, MEMBER_HOST));
	}
	if (r == 0 && o->here)
		r = bring_ca(o, d);
	if (r != 0)
		return r;
	told = fleet_dir_reload(d);
	say_next(o, d);
	return told;
}

int enroll_member(const struct enroll_options *o, const char *key)
{
	static struct fleet_dir d = FLEET_DIR_CLOSED;
	char path[LAYOUT_PATH_SIZE];
	int r = fleet_dir_find(o->dir, path);

	if (r == 0)
		r = fleet_dir_open(path, &d);
	if (r == 0 && d.layout.n_nodes == 0)
		r = fleet_fail(HALE_EXIT_USAGE,
			       "%s: no fleet in it; `hale fleet init` makes "
			       "one",
			       path);
	if (r == 0)
		r = let_in(o, &d, key);
	fleet_dir_close(&d);
	return r;
}
