/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors' own confinement: from here on they write below their folder and
 * the textfile's, go out to the network, and start nothing. Must come before
 * the first byte of a stranger; doors that cannot be confined as this kernel
 * would have it do not run.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/doors/doors.h"
#include "agent/sandbox/sandbox.h"

#define READABLE_MAX (HALE_HOOKS_MAX + 2)

static void folder_of(const char *path, char ret_dir[HALE_DOOR_TEXT_MAX])
{
	char *slash;

	hale_copy(ret_dir, HALE_DOOR_TEXT_MAX, path, strlen(path));
	slash = strrchr(ret_dir, '/');
	if (slash)
		slash[slash == ret_dir] = '\0';
}

static size_t add(const char *list[], size_t n, const char *path)
{
	if (path && path[0])
		list[n++] = path;
	return n;
}

int doors_confine(struct doors *d)
{
	const struct sandbox_user self = { true, geteuid(), getegid() };
	char textfile[HALE_DOOR_TEXT_MAX] = "", socket[HALE_DOOR_TEXT_MAX] = "";
	const char *writable[4] = { NULL }, *readable[READABLE_MAX] = { NULL };
	const struct sandbox_setup setup = { .user = &self,
					     .writable = writable,
					     .readable = readable };
	char lacks[SANDBOX_TEXT_MAX];
	size_t n = 0;
	int r;

	folder_of(d->config.textfile, textfile);
	if (d->config.listen[0] == '/') /* its name is removed at the end */
		folder_of(d->config.listen, socket);
	n = add(writable, n, d->state_dir);
	n = add(writable, n, textfile);
	add(writable, n, socket);
	n = add(readable, 0, d->config.otlp_ca_file);
	for (uint32_t i = 0; i < d->config.n_hooks; i++)
		n = add(readable, n, d->config.hooks[i].ca_file);
	r = sandbox_enter(SANDBOX_DOORS, &setup, lacks);
	if (r < 0)
		doors_log(3, "the doors cannot be confined: %s", strerror(-r));
	else if (lacks[0] != '\0')
		doors_log(5, "the doors' sandbox lacks %s", lacks);
	return r;
}
