/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_OBSERVATION_H
#define HALE_OBSERVATION_H

/*
 * Facts: what drivers say. Fixed-size values, integers with units, bounded
 * text, never a severity. What else a driver can say stands in fact.h.
 *
 * Agent time: nanoseconds since the Unix epoch, read once at start and then
 * advanced by CLOCK_BOOTTIME, so that it never jumps while the agent runs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "hale/condition.h"

#define HALE_PART_MAX	  96  /* "disk/" + 64 of WWN or model_serial + NUL */
#define HALE_NAME_MAX	  32  /* kernel names: DISK_NAME_LEN is 32 */
#define HALE_EVIDENCE_MAX 240 /* one kernel line, cut where longer */
#define HALE_PATH_MAX	  256 /* mount points and sysfs paths, cut */
#define HALE_UUID_MAX	  40

enum hale_quality {
	HALE_QUALITY_GOOD = 0,
	HALE_QUALITY_UNREADABLE, /* asked and got no value: not a zero */
	HALE_QUALITY_COUNT
};

/* How a driver names a part that it cannot identify itself. */
enum hale_ref {
	HALE_REF_PART = 0, /* a part id: "host", "cpu/3", "pci/0000:03:00.0" */
	HALE_REF_DISK,	   /* block name ("sde", "sde1"), "major:minor", or a
			    * token of its device path ("ata3", "2:0:0:0") */
	HALE_REF_FS,	   /* block name or "major:minor" of a filesystem */
	HALE_REF_ARRAY,	   /* "md0", or the block name of a dm device */
	HALE_REF_COUNT
};

enum hale_observed {
	HALE_OBSERVED_EVENT = 0, /* it happened, @count times */
	HALE_OBSERVED_STATE,	 /* it holds (@holds) or no longer does */
	HALE_OBSERVED_MEASURE,	 /* @metric has @value; the middle judges */
	HALE_OBSERVED_COUNTER,	 /* the source's own running count is @value;
				  * what it has grown by is what happened */
	HALE_OBSERVED_COUNT
};

enum hale_metric {
	HALE_METRIC_NONE = 0,
	HALE_METRIC_FS_BYTES,	   /* value: available to users; total: size */
	HALE_METRIC_FS_INODES,	   /* value: free; total: all, 0 = unlimited */
	HALE_METRIC_BACKING_BYTES, /* of the store under a disk */
	HALE_METRIC_COUNT
};

/*
 * Several drivers may witness one event: a failed request is a tracepoint and a
 * line of the log. Witnesses of one event agree in part, join and key, and the
 * middle counts them once, however they are ordered in time.
 */
enum hale_join {
	HALE_JOIN_NONE = 0,
	HALE_JOIN_BLOCK,      /* key: HALE_BLOCK_KEY(op, sector) */
	HALE_JOIN_SUPPRESSED, /* so many lines of block errors were not
			       * printed: @count, of whatever disk */
	HALE_JOIN_DEATH,      /* key: pid */
	HALE_JOIN_OOM,	      /* key: pid of the victim */
	HALE_JOIN_PAGE,	      /* key: page frame number */
	HALE_JOIN_OTHER,      /* key: text_key() of what both can tell */
	HALE_JOIN_COUNT
};

/* Of a block request; older logs do not name it. */
enum hale_block_op {
	HALE_OP_UNKNOWN = 0,
	HALE_OP_READ,
	HALE_OP_WRITE,
	HALE_OP_FLUSH,
	HALE_OP_DISCARD,
	HALE_OP_OTHER,
	HALE_OP_COUNT
};

#define HALE_BLOCK_KEY(op, sector) ((uint64_t)(op) << 60 | (sector))
/* In place of a sector, or as any other key: not said; and all of its bits. */
#define HALE_SECTOR_UNKNOWN ((UINT64_C(1) << 60) - 1)

struct hale_observation {
	enum hale_observed kind;
	enum hale_condition condition; /* NONE for a MEASURE */
	enum hale_quality quality;
	enum hale_metric metric;
	enum hale_ref ref;
	bool holds;	  /* STATE; COUNTER: it goes on over a reboot */
	bool at_least;	  /* @count is a lower bound (suppressed lines) */
	uint32_t count;	  /* EVENT; 0 = adds evidence to what is counted */
	uint64_t time_ns; /* agent time at which it happened */
	uint64_t seq;	  /* position in its source (kmsg sequence), or 0 */
	enum hale_join join;
	uint64_t join_key;
	uint32_t counter; /* COUNTER: which one of this part and condition */
	uint64_t
		value;	/* MEASURE, COUNTER, or a number that goes with it
			 * (errno,   sector, signal): the driver's header says */
	uint64_t total; /* COUNTER: where it stood when nothing had happened
			 * yet: 0 for one that begins at boot; UINT64_MAX:
			 * unknown, growth counts from the first reading */
	char part[HALE_PART_MAX];	  /* named in the way @ref says */
	char evidence[HALE_EVIDENCE_MAX]; /* printable UTF-8 */
};

#endif
