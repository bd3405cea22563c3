/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_LOG_H
#define HALE_KMSG_LOG_H

/*
 * Where in the kernel's log it is read on. There is no way to a record's number
 * in /dev/kmsg but by a descriptor that stands there, so two of them outlive
 * each core: one reads, the other follows a little behind what is known to have
 * been read. The next core takes the one that stands right and reads some
 * records anew, instead of all that the log holds.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "hale/driver.h"

struct kmsg_log {
	int fd;		   /* is read */
	int mark;	   /* follows; -1: nobody comes after this process */
	size_t first;	   /* bytes of a record that was read to see where @fd
			    * stands, still to be given out */
	bool marked;	   /* @mark has followed once */
	bool lent;	   /* both are hale_probe.logs and stay open: who is
			    * tried again finds them where they were */
	uint64_t mark_seq; /* of what @mark has read last */
};

/**
 * kmsg_log_open() - the log, from where it has to be read
 * @buf: KMSG_RECORD_MAX bytes, the same that kmsg_log_read() is given first.
 *
 * What hale_probe.logs tells is a core's word that may have been taken over: a
 * descriptor counts only where no record is missing between
 * hale_probe.resume_seq and what it gives; else the log is read from its begin.
 *
 * Return: 0 or negative errno.
 */
int kmsg_log_open(struct kmsg_log *l, const struct hale_probe *p, char *buf);
void kmsg_log_close(struct kmsg_log *l);

/* The next record: its length, or negative errno; -EAGAIN: there is none. */
ssize_t kmsg_log_read(struct kmsg_log *l, char *buf);
int kmsg_log_rewind(struct kmsg_log *l);

/**
 * kmsg_log_follow() - move the mark by a record
 * @last_seq: of what was read.
 *
 * Return: the length of what it went over, in @buf; 0: it goes no further now;
 * negative errno: over what is no record, go on.
 */
ssize_t kmsg_log_follow(struct kmsg_log *l, uint64_t last_seq, char *buf);

#endif
