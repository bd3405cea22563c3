/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a fleet, out of its layout. It decides in which order they come
 * to be, so that one that was interrupted is made whole by running it again; it
 * must never write a key over another.
 */
#include <errno.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"
#include "agent/fleetcli/server_config.h"
#include "agent/fleetcli/tls.h"

#define PATH_BYTES (LAYOUT_PATH_SIZE + 160)

static int no_memory(void)
{
	return fleet_fail(FLEET_OSERR, "no memory");
}

static int put_layout(const struct init_options *o, struct fleet_dir *d)
{
	struct files_builder b;

	if (files_begin(&b) < 0)
		return no_memory();
	layout_write(&d->layout, b.to);
	return fleet_dir_put(d, &b, "fleet.ini", FILES_PLAIN, o->replace);
}

/* --- those who may connect from the first day on --- */

/* The key of DIR/@name/user.nk, which is made if it is not there. */
static int user_key(struct fleet_dir *d, const char *name,
		    char ret_key[NKEY_PUBLIC_SIZE])
{
	char file[64], path[PATH_BYTES], seed[NKEY_SEED_SIZE];
	struct files_builder b;
	int r;

	snprintf(file, sizeof(file), "%s/user.nk", name);
	snprintf(path, sizeof(path), "%s/%s", d->path, file);
	if (files_exist(path)) {
		r = nkey_read_public(path, ret_key);
		d->done[FILES_SAME]++;
		return r < 0 ? fleet_fail(FLEET_SOFTWARE,
					  "%s: not a key, or cannot be read "
					  "(%s)",
					  path, strerrordesc_np(-r))
			     : 0;
	}
	if (nkey_make(seed, ret_key) < 0)
		return fleet_fail(FLEET_OSERR, "no random numbers for a key");
	if (files_begin(&b) < 0)
		return no_memory();
	fprintf(b.to, "%s\n", seed);
	fflush(b.to);
	r = fleet_dir_put(d, &b, file, FILES_SECRET, false);
	nkey_wipe(seed, sizeof(seed));
	return r;
}

static int add_user(struct fleet_dir *d, enum member_role role)
{
	const char *name = member_role_name(role);
	char key[NKEY_PUBLIC_SIZE], since[MEMBER_SINCE_SIZE];
	char by[MEMBER_BY_SIZE], text[LAYOUT_NAME_SIZE];
	char dash[] = "-", why[MEMBERS_WHY_SIZE] = "";
	struct member m = { .role = role, .labels = dash };
	int r = user_key(d, name, key);

	if (r != 0 || members_find(&d->members, key))
		return r;
	fleet_dir_now(since);
	fleet_dir_who(by);
	HALE_SET(text, name);
	HALE_SET(m.key, key);
	m.name = text;
	m.since = since;
	m.by = by;
	r = members_add(&d->members, &m, why);
	return r < 0 ? fleet_fail(FLEET_OSERR, "%s: %s", name, why) : 0;
}

static int put_ca(struct fleet_dir *d, const char *name)
{
	char path[PATH_BYTES], text[3000]; /* P-256: 600 */
	struct files_builder b;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ca/ca.pem", d->path);
	n = files_read(path, text, sizeof(text));
	if (n < 0)
		return fleet_fail(FLEET_OSERR, "%s: %s", path,
				  strerrordesc_np((int)-n));
	if (files_begin(&b) < 0)
		return no_memory();
	fwrite(text, 1, (size_t)n, b.to);
	snprintf(path, sizeof(path), "%s/ca.pem", name);
	return fleet_dir_put(d, &b, path, FILES_PLAIN, FILES_REPLACE);
}

static int put_context(const struct init_options *o, struct fleet_dir *d,
		       enum member_role role)
{
	const char *name = member_role_name(role);
	char file[64];
	struct files_builder b;
	int r = fleet_dir_folder(d, name, 0700);

	if (r == 0)
		r = add_user(d, role);
	if (r == 0)
		r = put_ca(d, name);
	if (r != 0)
		return r;
	if (files_begin(&b) < 0)
		return no_memory();
	config_context(&d->layout, role, b.to);
	snprintf(file, sizeof(file), "%s/fleet.conf", name);
	return fleet_dir_put(d, &b, file, FILES_PLAIN, o->replace);
}

/* --- the servers --- */

static int put_certificate(const struct init_options *o, struct fleet_dir *d,
			   const struct tls_ca *ca, const struct layout_node *n)
{
	char folder[PATH_BYTES], path[PATH_BYTES + 16];
	int days, r;

	snprintf(folder, sizeof(folder), "%s/nodes/%s", d->path, n->name);
	snprintf(path, sizeof(path), "%s/server.pem", folder);
	if (!o->renew && tls_fits(ca, n, folder) &&
	    tls_days_left(path, &days) == 0 && days >= TLS_RENEW_DAYS) {
		d->done[FILES_SAME] += 2;
		return 0;
	}
	d->done[files_exist(path) ? FILES_REPLACED : FILES_MADE] += 2;
	r = tls_issue(ca, n, folder);
	return r < 0 ? fleet_fail(FLEET_CANTCREAT, "%s: %s", path,
				  strerrordesc_np(-r))
		     : 0;
}

static int put_server(const struct init_options *o, struct fleet_dir *d,
		      size_t i, const char *folder)
{
	const struct layout *l = &d->layout;
	char place[PATH_BYTES], file[LAYOUT_NAME_SIZE + 40];
	struct files_builder b;
	int r;

	layout_place(l, d->path, &l->nodes[i], place, sizeof(place));
	if (files_begin(&b) < 0)
		return no_memory();
	config_server(l, i, place, b.to);
	snprintf(file, sizeof(file), "%s/nats.conf", folder);
	r = fleet_dir_put(d, &b, file, FILES_PLAIN, o->replace);
	if (r != 0 || l->dev)
		return r;
	if (files_begin(&b) < 0)
		return no_memory();
	config_unit(place, l->store[0] ? l->store : place, b.to);
	snprintf(file, sizeof(file), "%s/nats-hale.service", folder);
	return fleet_dir_put(d, &b, file, FILES_PLAIN, o->replace);
}

static int put_node(const struct init_options *o, struct fleet_dir *d,
		    const struct tls_ca *ca, size_t i)
{
	const struct layout_node *n = &d->layout.nodes[i];
	char folder[LAYOUT_NAME_SIZE + 8];
	int r;

	snprintf(folder, sizeof(folder), "nodes/%s", n->name);
	r = fleet_dir_folder(d, folder, 0700);
	if (r == 0)
		r = put_ca(d, folder);
	if (r == 0)
		r = put_certificate(o, d, ca, n);
	return r == 0 ? put_server(o, d, i, folder) : r;
}

static int open_ca(struct fleet_dir *d, struct tls_ca **ret_ca)
{
	char path[PATH_BYTES];
	bool made = false;
	int days, r;

	snprintf(path, sizeof(path), "%s/ca", d->path);
	r = tls_ca_open(path, d->layout.name, ret_ca, &made);
	if (r < 0)
		return fleet_fail(FLEET_SOFTWARE, "%s: %s", path,
				  r == -EKEYREJECTED
					  ? "ca.key and ca.pem are no pair"
					  : strerrordesc_np(-r));
	d->done[made ? FILES_MADE : FILES_SAME] += 2;
	snprintf(path, sizeof(path), "%s/ca/ca.pem", d->path);
	if (tls_days_left(path, &days) == 0 && days < TLS_SERVER_DAYS)
		fleet_fail(0,
			   "%s ends in %d days, and with it every "
			   "certificate: hale-fleet(1) says how to replace "
			   "it",
			   path, days);
	return 0;
}

int init_files(const struct init_options *o, struct fleet_dir *d)
{
	static const enum member_role users[] = { MEMBER_OPERATOR,
						  MEMBER_READER,
						  MEMBER_SYSTEM };
	struct tls_ca *ca = NULL;
	int r = put_layout(o, d);

	if (r == 0)
		r = fleet_dir_folder(d, "ca", 0700);
	if (r == 0)
		r = fleet_dir_folder(d, "nodes", 0700);
	if (r == 0)
		r = open_ca(d, &ca);
	for (size_t i = 0; r == 0 && i < HALE_ARRAY_SIZE(users); i++)
		r = put_context(o, d, users[i]);
	for (size_t i = 0; r == 0 && i < d->layout.n_nodes; i++)
		r = put_node(o, d, ca, i);
	if (r == 0)
		r = fleet_dir_save(d);
	tls_ca_close(ca);
	return r;
}
