/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's own confinement: from here on it writes below its folder and
 * talks through sockets of this host, and no more, whoever sends it what. Must
 * come before the first byte of a stranger. A store that cannot be confined as
 * this kernel would have it does not run.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/sandbox/sandbox.h"
#include "agent/ship/ship.h"

bool ship_folder(const struct ship *s, char *ret_dir, size_t size)
{
	const char *path = s->setup.path;
	char *slash;
	bool here = !strchr(path, '/');

	if (!hale_copy(ret_dir, size, here ? "./" : path,
		       here ? 2 : strlen(path)))
		return false;
	slash = strrchr(ret_dir, '/');
	if (!slash)
		return false;
	slash[slash == ret_dir] = '\0';
	return true;
}

int ship_confine(struct ship *s)
{
	/* it is who it was started as */
	const struct sandbox_user self = { true, geteuid(), getegid() };
	char dir[1024];
	/* where it makes its socket itself, its name is there */
	const char *const writable[] = { dir,
					 s->listen_fd < 0 ? s->run_dir : NULL,
					 NULL };
	const struct sandbox_setup setup = { .user = &self,
					     .writable = writable };
	char lacks[SANDBOX_TEXT_MAX], text[SANDBOX_TEXT_MAX + 64];
	int r = ship_folder(s, dir, sizeof(dir)) ? 0 : -ENAMETOOLONG;

	if (r == 0 && stat(dir, &s->folder) < 0)
		s->folder.st_ino = 0;
	if (r == 0)
		r = sandbox_enter(SANDBOX_SHIP, &setup, lacks);
	if (r < 0) {
		snprintf(text, sizeof(text), "the store cannot be confined: %s",
			 strerror(-r));
		ship_log(3, text);
	} else if (lacks[0] != '\0') {
		snprintf(text, sizeof(text), "the store's sandbox lacks %s",
			 lacks);
		ship_log(5, text);
	}
	return r;
}
