/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_RECORD_H
#define HALE_KMSG_RECORD_H

/*
 * One record as a read of /dev/kmsg gives it (kernel:
 * Documentation/ABI/testing/dev-kmsg):
 *
 *	6,339,5140900,-,caller=T1;sd 2:0:0:0: [sda] Attached SCSI disk
 *	 SUBSYSTEM=scsi
 *	 DEVICE=+scsi:2:0:0:0
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KMSG_RECORD_MAX 8192 /* kernel: PRINTKRB_RECORD_MAX */
#define KMSG_DEVICE_MAX 64

struct kmsg_record {
	unsigned int level, facility; /* facility 0: the kernel */
	uint64_t seq;
	uint64_t time_ns; /* printk's own clock: see kmsg_clock.h */
	bool fragment;	  /* may go on where the record before it ended */
	const char *text; /* in the buffer; not terminated; may hold '\n' */
	size_t len;
	char device[KMSG_DEVICE_MAX]; /* "b8:16", "+scsi:2:0:0:0", or "" */
};

/**
 * kmsg_record_parse() - take a record apart
 * @buf: @len bytes; escapes ("\x0a") are resolved in place.
 *
 * Return: 0, or -EBADMSG where it is not a record.
 */
int kmsg_record_parse(char *buf, size_t len, struct kmsg_record *ret);

#endif
