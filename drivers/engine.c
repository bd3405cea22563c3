/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver engine's row in the table: is there a container engine to look at?
 * All looking is done by its helper (drivers/engine/), which is started for a
 * run and ends after it. Decides only whether that is worth starting; must
 * never connect to a socket, since that starts an engine which systemd starts
 * on demand.
 *
 * No connection is held open to notice a dying engine at once: it would keep
 * an on-demand engine awake for ever, and the engine closes idle ones itself.
 * Whoever is about to build asks with `hale check --container`, and that looks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>

#include "hale/base.h"

#include "cached.h"
#include "engine/engine.h"

/* Whether the kernel knows it without a look at the disk; -EAGAIN: it would
 * have to look. */
static int is_cached(int root_fd, const char *path)
{
	int fd = cached_open(root_fd, path, O_PATH | O_NOFOLLOW, 0);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/*
 * All is tried again and again where there is no engine, and on the day on
 * which the disk hangs that must not hang the probe: from the second try on,
 * what is not cached counts as not there. A socket that somebody listens on is
 * cached, and so is a program that was just installed.
 */
static bool is_there(const struct hale_probe *p, const char *path)
{
	int r = is_cached(p->root_fd, path);

	if (r == 0 || r == -ENOENT || (r == -EAGAIN && p->retried))
		return r == 0;
	/* at first; or before Linux 5.12 */
	return faccessat(p->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool any_engine(const struct hale_probe *p)
{
	for (size_t i = 0; i < ENGINE_PLACES; i++) {
		const struct engine_place *place = &engine_places[i];

		if (is_there(p, place->socket) ||
		    is_there(p, place->programs[0]) ||
		    is_there(p, place->programs[1]))
			return true;
	}
	return hale_option(p, "socket") != NULL;
}

static int engine_probe(struct hale_probe *p)
{
	if (any_engine(p))
		return 0;
	hale_emit_coverage(p, HALE_SENSE_ENGINE, HALE_SIGHT_BLIND,
			   "no container engine is here", "");
	/* not -ENODEV, which is for good: one may be installed any day, and
	 * the host tries again, at the price of six lookups */
	return -ENOENT;
}

static int engine_check(const struct hale_probe *p,
			char ret_error[HALE_CHECK_ERROR_MAX])
{
	const char *socket = hale_option(p, "socket");

	if (!socket || (socket[0] == '/' && strlen(socket) < ENGINE_SOCKET_MAX))
		return 0;
	snprintf(ret_error, HALE_CHECK_ERROR_MAX,
		 "socket = %.100s: expected an absolute path of at most %d "
		 "bytes",
		 socket, ENGINE_SOCKET_MAX - 1);
	return -EINVAL;
}

HALE_DRIVER(engine) = {
	.name = "engine",
	.about = "the container engine, its storage and its plugins",
	/* A run costs 8 ms of processor time; who needs to know now, asks. */
	.period_ms = 10 * 60 * 1000,
	.deadline_ms = ENGINE_DEADLINE_MS,
	.senses = 1U << HALE_SENSE_ENGINE,
	/* the engine's socket, and those of users */
	.capabilities = UINT64_C(1) << CAP_DAC_OVERRIDE,
	.may_block = true,
	.helper = true,
	.scans = true,
	.probe = engine_probe,
	.check = engine_check,
};
