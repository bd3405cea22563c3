/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver storage: which block devices there are, by what stable name, and
 * how every mounted filesystem stacks down to them. Runs in a child whenever
 * mounts change, devices change, or five minutes pass. Opens no block device
 * and holds nothing between passes: each one states all there is. Redundancy
 * is stated where it is known to be there, never assumed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>

#include "array.h"

/* Which devices a pass over the list is to emit. */
enum turn {
	TURN_SAFE,
	TURN_MAY_HANG
};

struct listing {
	struct storage *s;
	enum turn turn;
	bool postponed; /* some must be asked, and come last */
};

/* loop7, zram0, nbd3: nodes that wait for someone to set them up */
static bool idle(const struct storage *s, const struct storage_block *b)
{
	char size[24];

	if (b->kind == HALE_BLOCK_DISK || b->kind == HALE_BLOCK_PARTITION ||
	    b->kind == HALE_BLOCK_OPTICAL)
		return false;
	return storage_attr(s, b->name, "size", size, sizeof(size)) > 0 &&
	       strcmp(size, "0") == 0;
}

static void emit_device(const struct storage *s, const struct storage_block *b)
{
	struct hale_fact f = { .kind = HALE_FACT_DEVICE };
	struct hale_device *d = &f.u.device;
	char text[8];

	d->major = b->dev.major;
	d->minor = b->dev.minor;
	d->kind = b->kind;
	d->present = true;
	d->removable =
		storage_attr(s, b->name, "removable", text, sizeof(text)) > 0 &&
		strcmp(text, "1") == 0;
	hale_print_text(d->name, sizeof(d->name), b->name, strlen(b->name));
	hale_print_text(d->disk, sizeof(d->disk), b->parent, strlen(b->parent));
	HALE_SET(d->devpath, b->devpath);
	/* the nodes of others are older than what is set up on them */
	if (b->kind == HALE_BLOCK_DISK || b->kind == HALE_BLOCK_PARTITION)
		d->since_ns = storage_birth(s, b);
	storage_identify(s, b, d);
	s->p->emit(s->p->sink, &f);
}

/* The disk that is asked next; if it does not answer, the host names it. */
static void turn_to(const struct storage *s, const struct storage_block *b)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_DISK_STALLED,
				      .ref = HALE_REF_DISK,
				      .time_ns = s->p->now_ns };

	HALE_SET(o.part, b->name);
	hale_emit_observation(s->p, &o);
}

static int see_block(void *ctx, const char *name)
{
	struct listing *w = ctx;
	struct storage_block b;
	bool hangs;

	if (storage_block_read(w->s, name, &b) < 0 || idle(w->s, &b))
		return 0;
	hangs = storage_identity_hangs(w->s, &b);
	w->postponed |= hangs;
	if (hangs != (w->turn == TURN_MAY_HANG) ||
	    (hangs && hale_skips(w->s->p, b.name)))
		return 0;
	if (hangs)
		turn_to(w->s, &b);
	emit_device(w->s, &b);
	return 0;
}

static int emit_devices(struct storage *s, enum turn turn, bool *ret_postponed)
{
	struct listing w = { .s = s, .turn = turn };
	int r = storage_each_entry(s->block_fd, ".", STORAGE_BLOCKS_MAX,
				   see_block, &w);

	if (ret_postponed)
		*ret_postponed = w.postponed;
	return r;
}

static bool says_incomplete(const struct storage *s, int n_blocks, char *why,
			    size_t size)
{
	const struct mounts *m = s->mounts;

	if (n_blocks >= STORAGE_BLOCKS_MAX)
		snprintf(why, size, "more than %d block devices",
			 STORAGE_BLOCKS_MAX);
	else if (m->n_lost || m->n_bad)
		snprintf(why, size,
			 "%u mounts did not fit, %u could not be read",
			 m->n_lost, m->n_bad);
	else if (s->lost_swap[0])
		snprintf(why, size, "swap %s is not in this mount namespace",
			 s->lost_swap);
	else
		return false;
	return true;
}

static void emit_map_coverage(const struct storage *s, int n_blocks)
{
	char why[128] = "";
	bool partial = says_incomplete(s, n_blocks, why, sizeof(why));

	hale_emit_coverage(s->p, HALE_SENSE_STORAGE_MAP,
			   partial ? HALE_SIGHT_PARTIAL : HALE_SIGHT_LIVE, why,
			   "");
}

static void emit_identity_coverage(const struct storage *s)
{
	if (s->udevd)
		hale_emit_coverage(s->p, HALE_SENSE_IDENTITY, HALE_SIGHT_LIVE,
				   "", "");
	else
		hale_emit_coverage(s->p, HALE_SENSE_IDENTITY,
				   HALE_SIGHT_PARTIAL,
				   "no udevd: identity from sysfs only", "");
}

/* Without sysfs nothing is known of any disk. */
static int emit_blind(const struct storage *s, int error)
{
	char why[128] = "there is no /sys/class/block: a container?";
	const char *remedy = "run haled on the host, or give the container "
			     "/sys";

	if (error != ENOENT)
		snprintf(why, sizeof(why), "/sys/class/block: %s",
			 strerror(error));
	hale_emit_coverage(s->p, HALE_SENSE_STORAGE_MAP, HALE_SIGHT_BLIND, why,
			   remedy);
	hale_emit_coverage(s->p, HALE_SENSE_IDENTITY, HALE_SIGHT_BLIND, why,
			   remedy);
	return 0;
}

/* Everything in its order: see storage_emit_map() for why. */
static int pass(struct storage *s)
{
	bool postponed;
	int n = emit_devices(s, TURN_SAFE, &postponed);

	if (n < 0)
		return n;
	storage_emit_map(s);
	if (postponed)
		emit_devices(s, TURN_MAY_HANG, NULL);
	emit_map_coverage(s, n);
	emit_identity_coverage(s);
	return 0;
}

static int storage_sample(struct hale_probe *p)
{
	struct storage s = { .p = p, .block_fd = -1, .dm_fd = -1 };
	int r = mounts_new(p->root_fd, &s.mounts);

	if (r < 0)
		return r;
	s.udevd = faccessat(p->root_fd, "run/udev/control", F_OK, 0) == 0;
	s.dm_fd =
		openat(p->root_fd, "dev/mapper/control", O_RDONLY | O_CLOEXEC);
	s.block_fd = openat(p->root_fd, "sys/class/block",
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = s.block_fd < 0 ? emit_blind(&s, errno) : pass(&s);
	hale_cleanup_fd(&s.block_fd);
	hale_cleanup_fd(&s.dm_fd);
	mounts_free(s.mounts);
	return r;
}

/* The kernel raises POLLPRI on this file when the mounts change. */
static int storage_probe(struct hale_probe *p)
{
	if (p->once)
		return 0;
	p->event_fd =
		openat(p->root_fd, "proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (p->event_fd < 0)
		return -errno;
	p->event_mask = POLLPRI;
	return 0;
}

static void storage_remove(struct hale_probe *p)
{
	if (p->event_fd >= 0)
		close(p->event_fd);
	p->event_fd = -1;
}

HALE_DRIVER(storage) = {
	.name = "storage",
	.about = "block devices, mounts, and how they stack",
	.period_ms = 5 * 60 * 1000,
	.deadline_ms = 2000,
	.senses = 1 << HALE_SENSE_STORAGE_MAP | 1 << HALE_SENSE_IDENTITY,
	/* as array; and the layers of containers are in folders of root's */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH |
			UINT64_C(1) << CAP_SYS_ADMIN,
	.may_block = true,
	.scans = true,
	.probe = storage_probe,
	.sample = storage_sample,
	.remove = storage_remove,
};
