/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RUN/bin/hale, the command for the day on which the root disk is gone: made by
 * a short child, since it reads that disk. Decides only whether it is worth
 * making: where the run directory is on a disk itself, the way to it is. Must
 * never hold up the start.
 */
#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/rescue.h"
#include "agent/super/super.h"

#define DEADLINE_NS (10 * HALE_NS_PER_S)

static bool is_worth_it(const struct super *s)
{
	struct statfs fs;

	return geteuid() == 0 && fstatfs(s->run_fd, &fs) == 0 &&
	       fs.f_type == TMPFS_MAGIC;
}

/* It may hang on the disk that it reads: with the lock, it would keep the next
 * agent out. */
static int work(void *data, int fd)
{
	struct super *s = data;
	int run_fd = dup(s->run_fd);

	(void)fd;
	super_in_child(s);
	return run_fd < 0 ? EMFILE : -rescue_mount(run_fd);
}

static void on_ended(void *data, int status)
{
	const struct super *s = data;

	if (status == 0 || status == EPERM)
		return;
	log_line(LOG_LEVEL_WARNING,
		 "%s/" RESCUE_DIR "/hale was not made: %s, ignoring",
		 s->options.run_dir,
		 status > 0 ? strerror(status) : "no answer in time");
}

void super_start_rescue(struct super *s)
{
	const struct child_job job = {
		.name = "hale-rescue",
		.work = work,
		.ended = on_ended,
		.data = s,
		.deadline_ns = DEADLINE_NS,
	};

	child_init(&s->rescuer, &s->loop);
	if (is_worth_it(s))
		child_start(&s->rescuer, &job);
}

void super_stop_rescue(struct super *s)
{
	child_done(&s->rescuer);
	if (is_worth_it(s))
		rescue_unmount(s->run_fd);
}
