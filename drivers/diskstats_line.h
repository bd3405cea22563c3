/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_DISKSTATS_LINE_H
#define DRIVERS_DISKSTATS_LINE_H

/*
 * Private to the driver diskstats: a line of /proc/diskstats to numbers, and
 * looks at a disk, one after the other, to a word about it. Pure.
 */

#include "hale/base.h"
#include "hale/observation.h"

/* One line (Documentation/admin-guide/iostats.rst). */
struct diskstats_line {
	uint32_t major, minor;
	char name[HALE_NAME_MAX];
	uint64_t done;	  /* grows with all that comes back: requests and
			   * sectors, read, written, discarded; flushes */
	uint64_t waiting; /* requests that the disk has and did not answer */
};

/* One disk, from look to look. */
struct diskstats_disk {
	struct diskstats_line last;
	uint64_t looked_ns; /* when that was; 0: there was none */
	uint64_t still_ns;  /* so long something waits and nothing comes back */
	bool moved;	    /* its counters have been seen to grow */
};

enum diskstats_word {
	DISKSTATS_NOTHING = 0, /* that could be said */
	DISKSTATS_HANGS,
	DISKSTATS_ANSWERS, /* or has nothing to answer */
};

/* Between looks that are further apart nobody knows what happened, and perhaps
 * the machine itself stood still: no more than this counts. */
#define DISKSTATS_APART_NS (12 * HALE_NS_PER_S)

/* @line: up to its newline or NUL. False: it is none. */
bool diskstats_parse(const char *line, struct diskstats_line *ret_line);

/* A whole disk, of hardware or a server's, by its name? Not a partition, nor
 * what stands on other disks of this host: it hangs when they do. */
bool diskstats_is_disk(const char *name);

/* How long it may be silent over a request. */
uint64_t diskstats_patience_ns(const char *name);

/*
 * What waits in a disk, from /sys/block/NAME/inflight: on Linux 6.15 and later
 * that is what its driver has and did not give back, while /proc/diskstats
 * tells of a count that may have been lost.
 */
struct diskstats_inflight {
	uint64_t reads, writes; /* discards and zeroes are writes */
};
bool diskstats_parse_inflight(const char *text,
			      struct diskstats_inflight *ret_waits);

/* Is it for long enough that these wait, NULL: nobody knows which? A read is
 * answered or not; one discard may take a healthy disk that @discards longer
 * than any disk is silent over a read. */
bool diskstats_is_long(const struct diskstats_disk *d,
		       const struct diskstats_inflight *waits, bool discards);

/* A look at @d, at agent time @now_ns; and what it shows. */
enum diskstats_word diskstats_look(struct diskstats_disk *d,
				   const struct diskstats_line *now,
				   uint64_t now_ns);

#endif
