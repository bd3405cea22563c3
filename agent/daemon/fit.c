/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate for shells: one symbolic link. Decides nothing; it must never show
 * a link of a moment ago. Invariant: the link is there only while the last
 * word was "fit", and its target only while this process lives.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/fit.h"

#define FIT_NAME "fit"
#define FIT_NEW	 ".fit.new"

void fit_init(struct fit *f, int dir_fd)
{
	f->dir_fd = dir_fd;
	f->shown = false;
	snprintf(f->target, sizeof(f->target), "/proc/%d/comm", (int)getpid());
	unlinkat(dir_fd, FIT_NAME, 0);
	unlinkat(dir_fd, FIT_NEW, 0);
}

void fit_done(struct fit *f)
{
	fit_show(f, false);
}

/* Renamed into place: nobody sees a state between two links. */
static int show(struct fit *f)
{
	unlinkat(f->dir_fd, FIT_NEW, 0);
	if (symlinkat(f->target, f->dir_fd, FIT_NEW) < 0)
		return -errno;
	if (renameat(f->dir_fd, FIT_NEW, f->dir_fd, FIT_NAME) < 0)
		return -errno;
	return 0;
}

int fit_show(struct fit *f, bool fit)
{
	int r = 0;

	if (fit == f->shown)
		return 0;
	if (fit)
		r = show(f);
	else if (unlinkat(f->dir_fd, FIT_NAME, 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r == 0)
		f->shown = fit;
	return r;
}
