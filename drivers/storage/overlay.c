/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what an overlay stands on from its mount options. The names in them
 * belong to whoever mounted it; those that lead nowhere from here are said to
 * be unmapped. Hundreds of layers on one filesystem come out as one edge.
 */
#include <errno.h>
#include <limits.h>

#include "../mounts_line.h"
#include "storage.h"

/* Distinct filesystems below one overlay; more is not plausible. */
enum {
	BELOW_MAX = 32
};

struct overlay {
	struct storage *s;
	const struct mounts_fs *fs;
	bool unmapped;
	unsigned int n_below;
	struct storage_dev below[BELOW_MAX];
};

static struct storage_dev dev_of(const struct mounts_fs *fs)
{
	return (struct storage_dev){ fs->major, fs->minor };
}

static bool first_time(struct overlay *o, struct storage_dev dev)
{
	for (unsigned int i = 0; i < o->n_below; i++) {
		if (o->below[i].major == dev.major &&
		    o->below[i].minor == dev.minor)
			return false;
	}
	if (o->n_below == BELOW_MAX) {
		o->unmapped = true;
		return false;
	}
	o->below[o->n_below++] = dev;
	return true;
}

/*
 * Engines mount with names relative to their storage folder when the options
 * would not fit a page; the folder is then two levels above the mount point:
 * "<folder>/<id>/merged" (docker's overlay2, podman's overlay).
 */
static bool absolute(const struct overlay *o, const char *name, char *path)
{
	const char *mount = o->s->mounts->rows[o->fs->mount].path;
	const char *end = mount + strlen(mount);

	if (name[0] == '/')
		return hale_copy(path, STORAGE_PATH_MAX, name, strlen(name));
	for (int up = 0; up < 2; up++) {
		while (end > mount && *--end != '/')
			;
	}
	if (end == mount)
		return false;
	return snprintf(path, STORAGE_PATH_MAX, "%.*s/%s", (int)(end - mount),
			mount, name) < STORAGE_PATH_MAX;
}

static void stand_on(struct overlay *o, const char *name, const char *via)
{
	struct storage_dev dev;
	char path[STORAGE_PATH_MAX];

	if (!absolute(o, name, path) || storage_path_fs(o->s, path, &dev) < 0) {
		o->unmapped = true;
		return;
	}
	if (first_time(o, dev))
		storage_layer(o->s, dev_of(o->fs), dev, via, false);
}

/* "/a:/b\:c::/data": one name after the other, '\' keeps a ':' in a name. */
static void each_name(struct overlay *o, char *list)
{
	char *out = list, *name = list;

	for (char *in = list;; in++) {
		if (*in == '\\' && in[1]) {
			*out++ = *++in;
			continue;
		}
		if (*in != ':' && *in != '\0') {
			*out++ = *in;
			continue;
		}
		if (out > name) {
			char keep = *in;

			*out = '\0';
			stand_on(o, name, "overlay-lower");
			if (keep == '\0')
				return;
		} else if (*in == '\0') {
			return;
		}
		out = name = in + 1;
	}
}

/* Kernel 6.8 shows layers that were given one by one as options of their own.*/
static void each_option(struct overlay *o, const char *key, char *buf)
{
	int r = 0;

	for (unsigned int nth = 0; r >= 0; nth++) {
		r = mounts_line_option(o->fs->options, key, nth, buf,
				       MOUNTS_LINE_MAX);
		if (r > 0 && key[strlen(key) - 1] == '+')
			stand_on(o, buf, "overlay-lower");
		else if (r > 0)
			each_name(o, buf);
	}
}

void storage_overlay(struct storage *s, const struct mounts_fs *fs)
{
	struct overlay o = { .s = s, .fs = fs, .unmapped = fs->cut };
	_cleanup_free_ char *buf = malloc(MOUNTS_LINE_MAX);

	if (buf && mounts_line_option(fs->options, "upperdir", 0, buf,
				      MOUNTS_LINE_MAX) > 0)
		stand_on(&o, buf, "overlay-upper");
	if (buf) {
		each_option(&o, "lowerdir", buf);
		each_option(&o, "lowerdir+", buf);
		each_option(&o, "datadir+", buf);
	}
	if (o.unmapped || o.n_below == 0)
		storage_unmapped(s, dev_of(fs), "overlay");
}
