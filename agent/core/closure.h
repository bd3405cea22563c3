/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CLOSURE_H
#define HALE_CORE_CLOSURE_H

/*
 * Everything that one filesystem or swap area stands on, down to the disks, and
 * in which way: through redundant legs only, for reading only.
 */

#include "naming.h"

#define CLOSURE_MAX 256 /* devices under one filesystem; a JBOD has ~100 */

#define CLOSURE_EDGES_MAX 512

struct closure_node {
	uint32_t major, minor;
	const struct inventory_device *device; /* NULL: none, or unknown */
	const struct map_mount *mount;	       /* a filesystem is here */
	bool bad;     /* in: something on it blocks by itself */
	bool broken;  /* it cannot work: by itself or by what is beneath */
	bool plain;   /* a way leads here that no redundancy covers */
	bool written; /* a way leads here through which files are written */
	bool roomy;   /* a way leads here whose space the files take */
	uint64_t part_key, fs_key;
	char part[HALE_PART_MAX]; /* "" where it has none of its own */
	char fs[HALE_PART_MAX];	  /* of the filesystem here, or "" */
};

struct closure_edge {
	uint16_t upper, lower; /* indices of nodes */
	bool redundant;
	bool reading; /* nothing is written through it: an overlay's lower */
	bool file;    /* @lower holds a file that is @upper's store: a loop */
};

struct closure {
	uint32_t n, n_edges;
	uint32_t disks;
	bool loop, removable;
	bool fuse; /* what is not known is a program's matter */
	char story[HALE_EVIDENCE_MAX]; /* what is not known; "": all is */
	struct closure_edge edges[CLOSURE_EDGES_MAX];
	struct closure_node nodes[CLOSURE_MAX];
};

/* Collects what stands under a superblock or swap device. Cycles are fine. */
void closure_walk(struct closure *c, const struct storage *s, uint32_t major,
		  uint32_t minor);

/* From the nodes' @bad to their other flags. @written: of the top. */
void closure_settle(struct closure *c, bool written);

#endif
