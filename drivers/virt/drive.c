/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drive of the host on which the virtual disks are files. In WSL that is
 * the drive of Windows on which users' data lies: C:, unless the configuration
 * names another; a full stick on E: stops nobody. Must turn to the drive only
 * after it said so, because a host may be slow to answer, or never do.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "../mounts_line.h"
#include "virt.h"

struct search {
	const char *path; /* of the mount, or NULL */
	struct virt_drive *drive;
	bool found;
};

/* 'c' to 'C'; what is no letter of a drive to 0. */
static char upper(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return c >= 'A' && c <= 'Z' ? c : '\0';
}

/* "C:\" and "C:" are a drive of Windows. */
static char letter_of(const char *text)
{
	return text[0] && text[1] == ':' ? upper(text[0]) : '\0';
}

/* By its source; by "path=C:\" in 9p's aname; or by the name of its folder. */
static char drive_letter(const struct mounts_line *line)
{
	char aname[128], *path;
	const char *base = strrchr(line->mountpoint, '/');
	char letter = letter_of(line->source);

	if (strcmp(line->type, "drvfs") != 0 && strcmp(line->type, "9p") != 0 &&
	    strcmp(line->type, "virtiofs") != 0)
		return '\0';
	if (!letter && mounts_line_option(line->options, "aname", 0, aname,
					  sizeof(aname)) > 0) {
		path = strstr(aname, "path=");
		letter = path ? letter_of(path + 5) : '\0';
	}
	/* virtiofs of WSL names its source "drvfs" and a tag */
	if (!letter && strncmp(line->source, "drvfs", 5) == 0 && base &&
	    base[1] && !base[2])
		letter = upper(base[1]);
	return letter;
}

static int see(void *ctx, const struct mounts_line *line)
{
	struct search *s = ctx;
	struct virt_drive d = { .major = line->major, .minor = line->minor };

	d.letter = drive_letter(line);
	if (s->path ? strcmp(s->path, line->mountpoint) != 0 : d.letter != 'C')
		return 0;
	hale_print_text(d.path, sizeof(d.path), line->mountpoint,
			strlen(line->mountpoint));
	hale_print_text(d.type, sizeof(d.type), line->type, strlen(line->type));
	*s->drive = d; /* of two in one place the later one counts */
	s->found = true;
	return 0;
}

bool virt_find_drive(int root_fd, const char *path,
		     struct virt_drive *ret_drive)
{
	struct virt_drive drive = { 0 };
	struct search s = { .path = path, .drive = &drive };

	if (mounts_line_each(root_fd, "proc/self/mountinfo", see, &s) < 0 ||
	    !s.found)
		return false;
	*ret_drive = drive;
	return true;
}

int virt_ask_drive(struct hale_probe *p, const struct virt_drive *d,
		   struct virt_room *ret_room)
{
	_cleanup_fd_ int fd = -1;
	struct statvfs v;

	if (!virt_turn_to(p, d->major, d->minor))
		return -EBUSY;
	fd = openat(p->root_fd, d->path + 1, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstatvfs(fd, &v) < 0)
		return -errno;
	ret_room->avail_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	ret_room->total_bytes = (uint64_t)v.f_blocks * v.f_frsize;
	return 0;
}

void virt_say_drive(struct hale_probe *p, const struct virt_drive *d,
		    const struct virt_room *room,
		    const struct virt_disks *disks, const char *whose)
{
	char evidence[HALE_EVIDENCE_MAX], avail[16], total[16], name[16];

	virt_size(avail, sizeof(avail), room->avail_bytes);
	virt_size(total, sizeof(total), room->total_bytes);
	snprintf(name, sizeof(name), d->letter ? "drive %c:" : "host drive",
		 d->letter);
	snprintf(evidence, sizeof(evidence),
		 "%s (%.100s, %.20s) has %s of %s free: the virtual disks of "
		 "this %s are files on it",
		 name, d->path, d->type, avail, total, whose);
	for (uint32_t i = 0; i < disks->n; i++)
		virt_measure(p, disks->name[i], room, evidence);
}
