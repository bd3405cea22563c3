/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet init`: a fleet's folder, and what to do next. It decides nothing
 * that init_layout.c and init_files.c do not; it says what was done. Invariant:
 * run twice, the second changes nothing.
 */
#include <errno.h>
#include <sys/stat.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"

/* mkdir -p; the last is the owner's only: keys lie in it. */
static int make_folders(const char *path)
{
	char part[LAYOUT_PATH_SIZE];
	int r;

	if (!HALE_SET(part, path))
		return -ENAMETOOLONG;
	for (char *at = part + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		r = files_folder(part, 0755);
		*at = '/';
		if (r < 0)
			return r;
	}
	return files_folder(part, 0700);
}

static int open_dir(const struct init_options *o, struct fleet_dir *d)
{
	char path[LAYOUT_PATH_SIZE];
	int r;

	if (o->dir) {
		r = fleet_dir_find(o->dir, path);
		if (r != 0)
			return r;
	} else if (!fleet_dir_of_dev(path)) {
		return fleet_fail(HALE_EXIT_USAGE,
				  "$HOME is not set: name a folder");
	}
	r = make_folders(path);
	if (r < 0)
		return fleet_fail(r == -EACCES ? FLEET_NOPERM : FLEET_CANTCREAT,
				  "%s: %s", path, strerrordesc_np(-r));
	return fleet_dir_open(path, d);
}

static void say_files(const struct fleet_dir *d)
{
	const unsigned int *n = d->done;

	printf("%s: fleet %s, %zu server%s; %u files made, %u as they were",
	       d->path, d->layout.name, d->layout.n_nodes,
	       d->layout.n_nodes == 1 ? "" : "s", n[FILES_MADE], n[FILES_SAME]);
	if (n[FILES_REPLACED])
		printf(", %u written anew (the old: FILE.old)",
		       n[FILES_REPLACED]);
	if (n[FILES_KEPT])
		printf(", %u differ and were kept", n[FILES_KEPT]);
	puts("");
}

static void say_nodes(const struct fleet_dir *d)
{
	const struct layout *l = &d->layout;

	for (size_t i = 0; i < l->n_nodes; i++) {
		const struct layout_node *n = &l->nodes[i];

		if (!l->at[0])
			printf("  nats-server -c %s/nodes/%s/nats.conf\n",
			       d->path, n->name);
		else
			printf("  copy nodes/%s/ to %s:%s/ (owner nats)%s%s, "
			       "start nats-hale.service there\n",
			       n->name, n->address, l->at,
			       l->store[0] ? ", make " : "", l->store);
	}
}

static void say_next(const struct fleet_dir *d)
{
	if (d->done[FILES_MADE] == 0 && d->done[FILES_REPLACED] == 0)
		return;
	puts(d->done[FILES_MADE] ? "next:"
				 : "next, and where it runs already: systemctl "
				   "reload nats-hale (or SIGHUP):");
	say_nodes(d);
	printf("  hale fleet apply %s      makes the streams, once they run\n"
	       "  hale fleet enroll          on each host; then here what it "
	       "prints\n"
	       "  export HALE_FLEET=%s/operator\n"
	       "ca/ and operator/ hold secrets: they stay on this machine.\n",
	       d->path, d->path);
}

static int init_in(const struct init_options *o, struct fleet_dir *d)
{
	int r = open_dir(o, d);

	if (r == 0)
		r = init_layout(o, d);
	if (r == 0)
		r = init_files(o, d);
	if (r != 0)
		return r;
	say_files(d);
	if (o->dev)
		return init_dev(o, d);
	say_next(d);
	return d->done[FILES_KEPT] ? FLEET_CANTCREAT : 0;
}

int fleet_init(int argc, char **argv)
{
	static struct fleet_dir d = FLEET_DIR_CLOSED;
	struct init_options o;
	int r = init_options_read(argc, argv, &o);

	if (r >= 0)
		return r;
	umask(0077);
	r = init_in(&o, &d);
	fleet_dir_close(&d);
	return r;
}
