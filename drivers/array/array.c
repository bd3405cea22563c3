/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver array: things that are made of several disks, or promise more than
 * they have. In each pass it says of every md array, device-mapper target,
 * btrfs and ZFS pool whether it is whole, with the member that is not. The
 * kernel says by /proc/mdstat when something happens to md; all else is looked
 * at in periods, and what the kernel logs is kmsg's. Opens no device.
 *
 * Observations of this driver: value is how many members are lost, total how
 * many there ought to be; of a btrfs COUNTER its running count.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>

#include "array.h"

/* Where a pool that cannot keep its promises is told. */
#define WARN_PERCENT 90

static int read_warn(const struct hale_probe *p, unsigned int *ret_percent)
{
	const char *text = hale_option(p, "pool_warns");
	unsigned long n = WARN_PERCENT;
	char *end = NULL;

	if (text) {
		n = strtoul(text, &end, 10);
		if (end == text || (*end && strcmp(end, "%") != 0) || n < 1 ||
		    n > 100)
			return -EINVAL;
	}
	*ret_percent = (unsigned int)n;
	return 0;
}

static int array_check(const struct hale_probe *p,
		       char ret_error[HALE_CHECK_ERROR_MAX])
{
	unsigned int percent;
	int r = read_warn(p, &percent);

	if (r < 0)
		snprintf(ret_error, HALE_CHECK_ERROR_MAX,
			 "pool_warns: not a share from 1%% to 100%%");
	return r;
}

static void see_promises(void *ctx, const char *name)
{
	if (strncmp(name, "dm-", 3) == 0)
		array_dm_promises(ctx, name);
}

static void see_block(void *ctx, const char *name)
{
	struct array *a = ctx;

	if (strncmp(name, "dm-", 3) == 0)
		array_dm(a, name);
	/* "md127", "md_d0", not their partitions: those have no "md/" */
	else if (strncmp(name, "md", 2) == 0)
		array_md(a, name);
}

static void cover(const struct array *a)
{
	char why[128];

	if (a->n_dm == 0 || (a->dm_fd >= 0 && a->n_blind_dm == 0)) {
		hale_emit_coverage(a->p, HALE_SENSE_ARRAYS, HALE_SIGHT_LIVE, "",
				   "");
		return;
	}
	if (a->dm_fd >= 0) {
		snprintf(why, sizeof(why),
			 "device-mapper tells nothing of %u of its %u devices",
			 a->n_blind_dm, a->n_dm);
		hale_emit_coverage(a->p, HALE_SENSE_ARRAYS, HALE_SIGHT_PARTIAL,
				   why, "");
		return;
	}
	hale_emit_coverage(
		a->p, HALE_SENSE_ARRAYS, HALE_SIGHT_PARTIAL,
		"/dev/mapper/control cannot be opened: LVM mirrors, "
		"thin pools and multipath are not seen",
		"run haled as root, in a container with that device");
}

static void pass(struct array *a)
{
	a->promises_whole = true;
	array_each(a->block_fd, ".", ARRAY_BLOCKS_MAX, see_promises, a);
	array_each(a->block_fd, ".", ARRAY_BLOCKS_MAX, see_block, a);
	array_btrfs(a);
	array_zfs(a);
	cover(a);
}

/* Reading it to the end tells the kernel that we know of all changes so far;
 * the parent's descriptor is the same open file. */
static void acknowledge(const struct hale_probe *p)
{
	char text[2048];

	if (p->event_fd >= 0 && lseek(p->event_fd, 0, SEEK_SET) == 0) {
		while (read(p->event_fd, text, sizeof(text)) > 0)
			;
	}
}

static int array_sample(struct hale_probe *p)
{
	_cleanup_free_ struct array *a = calloc(1, sizeof(*a));
	int r = 0;

	if (!a)
		return -ENOMEM;
	a->p = p;
	if (read_warn(p, &a->warn_percent) < 0)
		return -EINVAL;
	acknowledge(p);
	a->dm_fd =
		openat(p->root_fd, "dev/mapper/control", O_RDONLY | O_CLOEXEC);
	a->block_fd = openat(p->root_fd, "sys/class/block",
			     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->block_fd < 0)
		r = -errno;
	else
		pass(a);
	hale_cleanup_fd(&a->block_fd);
	hale_cleanup_fd(&a->dm_fd);
	return r;
}

/* md raises POLLPRI there for each change of an array (drivers/md/md.c,
 * md_new_event()). Without it there is no md, yet. */
static int array_probe(struct hale_probe *p)
{
	if (faccessat(p->root_fd, "sys/class/block", F_OK, 0) < 0) {
		hale_emit_coverage(p, HALE_SENSE_ARRAYS, HALE_SIGHT_BLIND,
				   "there is no /sys: a container?",
				   "run haled on the host, or give it /sys");
		return -ENODEV;
	}
	if (p->once)
		return 0;
	p->event_fd = openat(p->root_fd, "proc/mdstat", O_RDONLY | O_CLOEXEC);
	p->event_mask = POLLPRI;
	return 0;
}

static void array_remove(struct hale_probe *p)
{
	if (p->event_fd >= 0)
		close(p->event_fd);
	p->event_fd = -1;
}

HALE_DRIVER(array) = {
	.name = "array",
	.about = "RAID, LVM, multipath, btrfs and ZFS: members that are lost, "
		 "pools that run full",
	.period_ms = 2 * 60 * 1000,
	.deadline_ms = 2000,
	.senses = 1U << HALE_SENSE_ARRAYS,
	/* /dev/mapper/control is root's, and device-mapper tells its tables to
	 * nobody without CAP_SYS_ADMIN (drivers/md/dm-ioctl.c) */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH |
			UINT64_C(1) << CAP_SYS_ADMIN,
	.may_block = true,
	.scans = true,
	.probe = array_probe,
	.check = array_check,
	.sample = array_sample,
	.remove = array_remove,
};
