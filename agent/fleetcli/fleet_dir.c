/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's folder: finding, locking and reading it, and writing what follows
 * from its members. It decides nothing about who is one. Invariant: the lists
 * of all nodes are written before any server is told to read them.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/fleetcli/fleet_dir.h"
#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/server_config.h"

#define PATH_BYTES (LAYOUT_PATH_SIZE + 320)

bool fleet_dir_of_dev(char ret_path[LAYOUT_PATH_SIZE])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (geteuid() == 0)
		snprintf(ret_path, LAYOUT_PATH_SIZE, "/var/lib/hale-fleet");
	else if (state && state[0] == '/')
		snprintf(ret_path, LAYOUT_PATH_SIZE, "%s/hale/fleet", state);
	else if (home && home[0] == '/')
		snprintf(ret_path, LAYOUT_PATH_SIZE,
			 "%s/.local/state/hale/fleet", home);
	else
		return false;
	return true;
}

static bool is_fleet(const char *dir)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/fleet.ini", dir);
	return files_exist(path);
}

int fleet_dir_find(const char *word, char ret_path[LAYOUT_PATH_SIZE])
{
	if (word) {
		if (!hale_copy(ret_path, LAYOUT_PATH_SIZE, word, strlen(word)))
			return fleet_fail(HALE_EXIT_USAGE, "too long a path");
		return 0;
	}
	if (is_fleet(".") && getcwd(ret_path, LAYOUT_PATH_SIZE))
		return 0;
	if (fleet_dir_of_dev(ret_path) && is_fleet(ret_path))
		return 0;
	return fleet_fail(HALE_EXIT_USAGE,
			  "which fleet? --dir DIR is what `hale fleet init "
			  "DIR` made");
}

/* --- opening --- */

static int lock(struct fleet_dir *d)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/.lock", d->path);
	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			  FILES_SECRET);
	if (d->lock_fd < 0)
		return fleet_fail(errno == EACCES ? FLEET_NOPERM : FLEET_OSERR,
				  "%s: %s", path, strerrordesc_np(errno));
	while (flock(d->lock_fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return fleet_fail(FLEET_OSERR, "%s: %s", path,
					  strerrordesc_np(errno));
	}
	return 0;
}

static int read_all(struct fleet_dir *d)
{
	char path[PATH_BYTES], why[LAYOUT_WHY_SIZE] = "";
	int r = layout_load(d->path, &d->layout, why);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return fleet_fail(FLEET_SOFTWARE, "%s", why);
	snprintf(path, sizeof(path), "%s/members", d->path);
	r = members_load(&d->members, path, why);
	return r < 0 ? fleet_fail(FLEET_SOFTWARE, "%s", why) : 0;
}

int fleet_dir_open(const char *path, struct fleet_dir *d)
{
	_cleanup_free_ char *whole = NULL;
	int r;

	*d = (struct fleet_dir)FLEET_DIR_CLOSED;
	whole = realpath(path, NULL);
	if (!whole)
		return fleet_fail(errno == EACCES ? FLEET_NOPERM
						  : HALE_EXIT_USAGE,
				  "%s: %s", path, strerrordesc_np(errno));
	if (strlen(whole) > LAYOUT_PATH_SIZE - 80 || strpbrk(whole, "\"\\\n%"))
		return fleet_fail(HALE_EXIT_USAGE,
				  "%s: too long, or not a path that a "
				  "server's configuration could hold",
				  whole);
	HALE_SET(d->path, whole);
	r = lock(d);
	return r == 0 ? read_all(d) : r;
}

void fleet_dir_close(struct fleet_dir *d)
{
	if (d->lock_fd >= 0)
		close(d->lock_fd);
	members_done(&d->members);
	d->lock_fd = -1;
}

/* --- writing --- */

int fleet_dir_put(struct fleet_dir *d, struct files_builder *b,
		  const char *name, mode_t mode, bool replace)
{
	char path[PATH_BYTES];
	int r;

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	r = files_end(b, path, mode, replace);
	if (r < 0)
		return fleet_fail(FLEET_CANTCREAT, "%s: %s", path,
				  strerrordesc_np(-r));
	d->done[r]++;
	if (r == FILES_KEPT)
		fleet_fail(0,
			   "%s is another than init would write, and was "
			   "kept; --replace writes it anew",
			   path);
	return 0;
}

int fleet_dir_folder(const struct fleet_dir *d, const char *name, mode_t mode)
{
	char path[PATH_BYTES];
	int r;

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	r = files_folder(path, mode);
	return r < 0 ? fleet_fail(FLEET_CANTCREAT, "%s: %s", path,
				  strerrordesc_np(-r))
		     : 0;
}

static int put_list(struct fleet_dir *d, const char *name,
		    void (*write)(const struct members *m, FILE *to))
{
	struct files_builder b;

	if (files_begin(&b) < 0)
		return fleet_fail(FLEET_OSERR, "no memory");
	write(&d->members, b.to);
	return fleet_dir_put(d, &b, name, FILES_PLAIN, FILES_REPLACE);
}

int fleet_dir_save(struct fleet_dir *d)
{
	static const struct {
		const char *name;
		void (*write)(const struct members *m, FILE *to);
	} lists[] = {
		{ "hosts.conf", config_hosts },
		{ "fleet-users.conf", config_users },
		{ "system-users.conf", config_system },
	};
	char name[LAYOUT_NAME_SIZE + 40];
	int r = put_list(d, "members", members_write);

	for (size_t i = 0; r == 0 && i < d->layout.n_nodes; i++) {
		for (size_t k = 0; r == 0 && k < HALE_ARRAY_SIZE(lists); k++) {
			snprintf(name, sizeof(name), "nodes/%s/%s",
				 d->layout.nodes[i].name, lists[k].name);
			r = put_list(d, name, lists[k].write);
		}
	}
	return r;
}

void fleet_dir_now(char ret[MEMBER_SINCE_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	ret[0] = '\0';
	if (gmtime_r(&now, &tm))
		strftime(ret, MEMBER_SINCE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void fleet_dir_who(char ret[MEMBER_BY_SIZE])
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *p;

	if (geteuid() == 0 && sudo && layout_name_valid(sudo, MEMBER_BY_SIZE)) {
		hale_copy(ret, MEMBER_BY_SIZE, sudo, strlen(sudo));
		return;
	}
	p = getpwuid(geteuid());
	if (p && layout_name_valid(p->pw_name, MEMBER_BY_SIZE))
		hale_copy(ret, MEMBER_BY_SIZE, p->pw_name, strlen(p->pw_name));
	else
		snprintf(ret, MEMBER_BY_SIZE, "uid-%u", geteuid());
}
