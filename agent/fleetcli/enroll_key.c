/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's key: made where it stays. It decides where that is and who may read
 * it: root only, who opens it for the reporter. It must never print the seed,
 * nor lose one that is there.
 */
#include <errno.h>

#include "agent/fleetcli/enroll.h"
#include "agent/fleetcli/fleetcli.h"

#define PATH_BYTES (LAYOUT_PATH_SIZE + 16)

static int make_folder(const char *path)
{
	char parent[LAYOUT_PATH_SIZE];
	char *end;
	int r;

	HALE_SET(parent, path);
	end = strrchr(parent, '/');
	if (end && end != parent) {
		*end = '\0';
		r = files_folder(parent, 0755);
		if (r < 0)
			return r;
	}
	return files_folder(path, 0755);
}

static int make(const char *path, bool anew, char ret_key[NKEY_PUBLIC_SIZE])
{
	char seed[NKEY_SEED_SIZE];
	char line[NKEY_SEED_SIZE + 1];
	int r = nkey_make(seed, ret_key);

	if (r == 0) {
		int n = snprintf(line, sizeof(line), "%s\n", seed);

		r = files_put(path, (struct files_text){ line, (size_t)n },
			      FILES_SECRET, anew);
	}
	nkey_wipe(seed, sizeof(seed));
	nkey_wipe(line, sizeof(line));
	return r == FILES_KEPT ? -EEXIST : r;
}

int enroll_key(const struct enroll_options *o, char ret_key[NKEY_PUBLIC_SIZE],
	       bool *ret_made)
{
	char path[PATH_BYTES];
	int r;

	snprintf(path, sizeof(path), "%s/host.nk", o->folder);
	*ret_made = o->anew || !files_exist(path);
	if (!*ret_made) {
		r = nkey_read_public(path, ret_key);
		return r < 0 ? fleet_fail(r == -EACCES ? FLEET_NOPERM
						       : FLEET_SOFTWARE,
					  "%s: %s", path,
					  r == -EINVAL ? "no key is in it; "
							 "--new makes one"
						       : strerrordesc_np(-r))
			     : 0;
	}
	r = make_folder(o->folder);
	if (r == 0)
		r = make(path, o->anew, ret_key);
	if (r < 0)
		return fleet_fail(r == -EACCES || r == -EPERM ? FLEET_NOPERM
							      : FLEET_CANTCREAT,
				  "%s: %s", path, strerrordesc_np(-r));
	return 0;
}
