/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed block requests. The kernel prints and traces them in the same place
 * (block/blk-mq.c, blk_update_request), so that what this says of an errno and
 * what kmsg.rules say of its text must be one and the same, look-alikes
 * included. Decides nothing about disks beyond the class that the kernel gave.
 */
#include "trace_block.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/major.h>

#include "hale/base.h"

enum {
	BLOCK_DEV,
	BLOCK_SECTOR,
	BLOCK_SECTORS,
	BLOCK_ERRNO,
	BLOCK_RWBS
};

#define MINOR_BITS 20 /* include/linux/kdev_t.h */

/* block/blk-core.c: blk_errors. NONE: flow control, or an offer declined. What
 * timed out here was given up: a build's read has failed, not merely waited. */
static const struct trace_block_class classes[] = {
	{ EIO, HALE_DISK_IO_ERROR, "I/O" },
	{ EOPNOTSUPP, HALE_CONDITION_NONE, "operation not supported" },
	{ ETIMEDOUT, HALE_DISK_IO_ERROR, "timeout" },
	{ ENOSPC, HALE_VIRT_BACKING_FULL, "critical space allocation" },
	{ ENOLINK, HALE_DISK_IO_ERROR, "recoverable transport" },
	{ EREMOTEIO, HALE_DISK_IO_ERROR, "critical target" },
	{ EBADE, HALE_DISK_IO_ERROR, "reservation conflict" },
	{ ENODATA, HALE_DISK_MEDIUM_ERROR, "critical medium" },
	{ EILSEQ, HALE_DISK_IO_ERROR, "protection" },
	{ ENOMEM, HALE_DISK_IO_ERROR, "kernel resource" },
	{ EBUSY, HALE_CONDITION_NONE, "device resource" },
	{ EAGAIN, HALE_CONDITION_NONE, "nonblocking retry" },
	{ ENODEV, HALE_DISK_OFFLINE, "device offline" },
	{ EREMCHG, HALE_CONDITION_NONE, "dm internal retry" },
	{ ETOOMANYREFS, HALE_CONDITION_NONE, "zone open resource" },
	{ EOVERFLOW, HALE_CONDITION_NONE, "zone active resource" },
	{ ETIME, HALE_DISK_IO_ERROR, "duration limit exceeded" },
	{ EINVAL, HALE_DISK_IO_ERROR, "invalid" },
};

const struct trace_block_class *trace_block_class(int error)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(classes); i++) {
		if (classes[i].error == error)
			return &classes[i];
	}
	return &classes[0];
}

enum hale_block_op trace_block_op(const char *rwbs)
{
	/* in front of a write it asks for a flush first */
	if (rwbs[0] == 'F' && rwbs[1] != '\0')
		rwbs++;
	switch (rwbs[0]) {
	case 'R':
		return HALE_OP_READ;
	case 'W':
		return rwbs[1] == 'Z' ? HALE_OP_OTHER : HALE_OP_WRITE;
	case 'F':
		return HALE_OP_FLUSH;
	case 'D':
		return rwbs[1] == 'E' ? HALE_OP_OTHER : HALE_OP_DISCARD;
	default:
		return HALE_OP_OTHER;
	}
}

/* Drives for media that come and go, and empty ones. */
static bool is_optical(unsigned int major)
{
	return major == SCSI_CDROM_MAJOR || major == FLOPPY_MAJOR;
}

/* udev and blkid look at the first sector of devices without a backing. */
static bool is_probe(unsigned int major, enum hale_block_op op, uint64_t sector)
{
	return (major == LOOP_MAJOR || major == NBD_MAJOR) && sector == 0 &&
	       op == HALE_OP_READ;
}

/* Discard and zeroing are offers: a device may decline them. */
static bool is_declined(enum hale_block_op op, int error)
{
	return (op == HALE_OP_DISCARD || op == HALE_OP_OTHER) &&
	       (error == EIO || error == EREMOTEIO || error == EBADE);
}

static void prove(struct hale_observation *o, const char *class_name,
		  enum hale_block_op op, uint64_t sectors)
{
	static const char *const ops[HALE_OP_COUNT] = { "request", "read",
							"write",   "flush",
							"discard", "request" };

	snprintf(o->evidence, sizeof(o->evidence),
		 "%s error: %s of sector %" PRIu64 " failed (%" PRIu64
		 " sectors, errno %" PRIu64 ")",
		 class_name, ops[op], o->value, sectors, o->total);
}

void trace_block_say(struct hale_probe *p, const struct trace_layout *l,
		     const struct trace_raw *raw)
{
	const struct trace_field *f = l->fields;
	uint64_t dev = trace_number(raw, &f[BLOCK_DEV]) & UINT32_MAX;
	int64_t error = (int64_t)trace_number(raw, &f[BLOCK_ERRNO]);
	unsigned int major = (unsigned int)(dev >> MINOR_BITS);
	const struct trace_block_class *class;
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .ref = HALE_REF_DISK,
				      .count = 1,
				      .join = HALE_JOIN_BLOCK };
	uint64_t ahead =
		raw->time_ns + (uint64_t)p->mono_to_agent_ns - p->now_ns;
	enum hale_block_op op;
	char rwbs[12];

	/* read up to the sign: a record of no failure, or of none at all */
	if (error >= 0 || error < -4095 || dev == 0)
		return;
	trace_text(raw, &f[BLOCK_RWBS], rwbs, sizeof(rwbs));
	op = trace_block_op(rwbs);
	o.value = trace_number(raw, &f[BLOCK_SECTOR]);
	o.total = (uint64_t)-error;
	class = trace_block_class((int)-error);
	o.condition = class->condition;
	if (o.condition == HALE_CONDITION_NONE || is_optical(major) ||
	    is_probe(major, op, o.value) || is_declined(op, (int)-error))
		return;
	if (hale_condition_info(o.condition)->life == HALE_LIFE_STATE) {
		o.kind = HALE_OBSERVED_STATE;
		o.holds = true;
	}
	o.at_least = raw->after_loss;
	o.time_ns = trace_agent_ns(p, raw->time_ns);
	/* printk's clock is ahead a little: the order of things matters more */
	if (o.time_ns == p->now_ns && ahead <= 10 * HALE_NS_PER_S)
		o.time_ns += ahead;
	o.join_key = HALE_BLOCK_KEY(op, o.value & HALE_SECTOR_UNKNOWN);
	snprintf(o.part, sizeof(o.part), "%u:%u", major,
		 (unsigned int)(dev & ((1U << MINOR_BITS) - 1)));
	prove(&o, class->name, op,
	      trace_number(raw, &f[BLOCK_SECTORS]) & UINT32_MAX);
	hale_emit_observation(p, &o);
}
