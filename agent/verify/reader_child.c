/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child that reads. Opens the disk read-only, reads what the plan says,
 * and on a failed read goes block by block to name the bad ones. Must never
 * write to the disk: there is no call in this file that could. Invariant: each
 * block is said good or bad at most once for each time that it is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/ioprio.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "reader_child.h"

/* O_DIRECT wants it aligned; blocks are 4 KiB at most, pages may be more. */
#define ALIGNMENT (64 * 1024)
#define REACH_KIB 1280 /* BLK_DEF_MAX_SECTORS, where sysfs does not say */

struct child {
	int disk, out;
	struct plan plan;
	uint8_t *buffer;
	uint32_t bad; /* blocks */
};

static void say(const struct child *c, enum reader_word word, uint64_t a,
		uint64_t b, uint64_t what)
{
	const struct reader_record r = { word, a, b, what };

	/* nobody listens any more */
	if (write(c->out, &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(1);
}

static _Noreturn void give_up(const struct child *c, int error)
{
	say(c, READER_ERROR, (uint64_t)error, 0, 0);
	_exit(1);
}

static bool is_it(const struct reader_device *d, const struct stat *st)
{
	return S_ISBLK(st->st_mode) && major(st->st_rdev) == d->major &&
	       minor(st->st_rdev) == d->minor;
}

int reader_open(const struct reader_device *d, int flags)
{
	char path[64];
	struct stat st;
	int fd;

	for (int i = 0; i < 2; i++) {
		if (i == 0)
			snprintf(path, sizeof(path), "/dev/%s", d->name);
		else
			snprintf(path, sizeof(path), "/dev/block/%u:%u",
				 d->major, d->minor);
		/* opening other things does something: tapes, watchdogs */
		if (stat(path, &st) < 0 || !is_it(d, &st))
			continue;
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
		if (fd < 0 && errno != ENOENT)
			return -errno;
		if (fd < 0)
			continue;
		if (fstat(fd, &st) == 0 && is_it(d, &st))
			return fd;
		close(fd);
	}
	return -ENODEV;
}

static uint32_t reach_of(const struct reader_device *d)
{
	char path[96], text[32];
	unsigned long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/dev/block/%u:%u/queue/max_sectors_kb", d->major,
		 d->minor);
	f = fopen(path, "re");
	if (f && fgets(text, sizeof(text), f))
		kib = strtoul(text, NULL, 10);
	if (f)
		fclose(f);
	return (uint32_t)(kib >= 4 && kib <= 65536 ? kib : REACH_KIB) * 1024;
}

/* Builds come first, where the disk's scheduler knows of that. The idle class
 * would never be served on a busy disk, and be taken for a hung one. */
static void be_modest(void)
{
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, IOPRIO_NR_LEVELS - 1));
}

static void look(struct child *c, const struct reader_job *job)
{
	struct plan *p = &c->plan;
	int block = 0;

	c->disk = reader_open(&job->device, O_RDONLY | O_DIRECT | O_NONBLOCK);
	if (c->disk < 0)
		give_up(c, -c->disk);
	if (ioctl(c->disk, BLKGETSIZE64, &p->disk.size) < 0 ||
	    ioctl(c->disk, BLKSSZGET, &block) < 0)
		give_up(c, errno);
	if (block < HALE_SECTOR_SIZE || block > ALIGNMENT)
		give_up(c, EMEDIUMTYPE);
	if (p->disk.size < (uint64_t)block)
		give_up(c, ENOMEDIUM);
	p->disk.block = (uint32_t)block;
	p->disk.reach = reach_of(&job->device);
	p->failing = job->failing;
	p->sample = job->sample;
	p->full = job->full;
	if (getrandom(&p->seed, sizeof(p->seed), GRND_NONBLOCK) < 0)
		p->seed = verify_now_ns();
}

/* 0, or an errno of the medium; others end it all. */
static int read_at(const struct child *c, uint64_t offset, uint64_t len)
{
	ssize_t n;

	do {
		n = pread(c->disk, c->buffer, len, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len)
		return 0;
	if (n < 0 && (errno == ENXIO || errno == ENODEV || errno == ENOMEDIUM ||
		      errno == EINVAL))
		give_up(c, errno);
	return n < 0 ? errno : EIO;
}

static void read_blocks(struct child *c, const struct plan_extent *e,
			uint64_t offset, uint64_t len)
{
	uint32_t block = c->plan.disk.block, bad = 0;

	for (uint64_t at = offset; at < offset + len; at += block) {
		if (read_at(c, at, block) == 0) {
			say(c, READER_GOOD, at, block, e->what);
			continue;
		}
		say(c, READER_BAD, at, block, e->what);
		c->bad++;
		if (++bad == READER_BAD_MOST)
			return;
	}
}

static void read_piece(struct child *c, const struct plan_extent *e,
		       uint64_t offset, uint64_t len)
{
	if (read_at(c, offset, len) == 0)
		say(c, READER_GOOD, offset, len, e->what);
	else
		read_blocks(c, e, offset, len);
}

/* A block that had failed: good if it reads well each time. */
static void read_failed(struct child *c, const struct plan_extent *e)
{
	uint32_t block = c->plan.disk.block;

	for (uint64_t at = e->offset; at < e->offset + e->len; at += block) {
		int r = 0;

		for (uint32_t i = 0; r == 0 && i < e->times; i++) {
			r = read_at(c, at, block);
			if (r == 0 && i > 0)
				say(c, READER_AGAIN, at, block, e->what);
		}
		c->bad += r != 0;
		say(c, r == 0 ? READER_GOOD : READER_BAD, at, block, e->what);
	}
}

static void read_extent(struct child *c, const struct plan_extent *e)
{
	if (e->what == PLAN_FAILED) {
		read_failed(c, e);
		return;
	}
	for (uint64_t at = 0; at < e->len; at += e->step)
		read_piece(c, e, e->offset + at,
			   e->len - at < e->step ? e->len - at : e->step);
}

_Noreturn void reader_child(const struct reader_job *job, int fd)
{
	struct child c = { .disk = -1, .out = fd };
	struct plan_extent e;
	bool listed = false;

	be_modest();
	look(&c, job);
	if (posix_memalign((void **)&c.buffer, ALIGNMENT, PLAN_PIECE) != 0)
		give_up(&c, ENOMEM);
	say(&c, READER_OPEN, c.plan.disk.size, c.plan.disk.block,
	    plan_bytes(&c.plan));
	say(&c, READER_FAILED, plan_failed_blocks(&c.plan), 0, 0);
	while (plan_next(&c.plan, &e)) {
		if (!listed && e.what == PLAN_REST) {
			say(&c, READER_LISTED, 0, 0, 0);
			listed = true;
		}
		/* each one is a line in the log, and minutes of a dying disk */
		if (c.bad >= READER_BAD_ALL)
			give_up(&c, EUCLEAN);
		read_extent(&c, &e);
	}
	if (!listed)
		say(&c, READER_LISTED, 0, 0, 0);
	say(&c, READER_END, c.plan.full || c.plan.sample >= c.plan.disk.size, 0,
	    0);
	_exit(0);
}
