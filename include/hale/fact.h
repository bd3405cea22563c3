/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FACT_H
#define HALE_FACT_H

/*
 * All that a driver can say: observations, the devices that exist, how they
 * stack, and what the driver itself can see. Between processes a fact is a
 * message (proto/codec_fact.h), and its reader asks hale_fact_valid() first.
 */

#include "hale/bearer.h"
#include "hale/coverage.h"
#include "hale/disk_reading.h"
#include "hale/observation.h"
#include "hale/rests.h"
#include "hale/victim.h"
#include "hale/words.h"

enum hale_block_kind {
	HALE_BLOCK_DISK = 0, /* real or virtual hardware: sd, nvme, vd, mmc */
	HALE_BLOCK_PARTITION,
	HALE_BLOCK_LOOP,
	HALE_BLOCK_DM,
	HALE_BLOCK_MD,
	HALE_BLOCK_MEMORY,  /* ram, zram: no disk beneath */
	HALE_BLOCK_NETWORK, /* nbd, rbd, drbd: the disk is elsewhere */
	HALE_BLOCK_OPTICAL, /* sr, fd: never part of a build's scope */
	HALE_BLOCK_COUNT
};

/* A block device that exists (or no longer: @present false). */
struct hale_device {
	uint32_t major, minor;
	enum hale_block_kind kind;
	bool present, removable;
	uint64_t since_ns; /* agent time of its appearance; 0 = before us */
	char name[HALE_NAME_MAX];      /* "sde1" */
	char disk[HALE_NAME_MAX];      /* of a partition: "sde" */
	char identity[HALE_PART_MAX];  /* "disk/naa.5000…", "array/<uuid>";
					* "" for partitions and layers */
	char devpath[HALE_PATH_MAX];   /* "/devices/pci0000:00/…/block/sde" */
	char model[HALE_UUID_MAX + 1]; /* for people; may be "" */
	char serial[HALE_UUID_MAX + 1];
	char fs_uuid[HALE_UUID_MAX]; /* of the filesystem on it, or "" */
};

/* A mounted filesystem, by its superblock's device. */
struct hale_mount {
	uint32_t major, minor;
	bool read_only; /* the superblock, not just this mount */
	bool remote;	/* nfs, cifs, 9p, ceph: may hang */
	bool writable;	/* some mount of it is rw: it is in host scope */
	bool swap;	/* a swap area; @mountpoint names the device or file */
	char type[HALE_NAME_MAX];   /* "ext4", "swap" */
	char source[HALE_PATH_MAX]; /* "/dev/sde1", "server:/x", "overlay" */
	char mountpoint[HALE_PATH_MAX]; /* the first one seen */
};

/* One thing stands on another; both by device number. */
struct hale_layer {
	uint32_t upper_major, upper_minor;
	uint32_t lower_major, lower_minor;
	bool redundant;		 /* @upper lives on while another leg works */
	bool unmapped;		 /* lower is 0:0, @via names the layer: "zfs" */
	char via[HALE_NAME_MAX]; /* "partition", "raid1", "overlay-upper" */
};

enum hale_fact_kind {
	HALE_FACT_OBSERVATION = 1,
	HALE_FACT_DEVICE,
	HALE_FACT_MAP_BEGIN, /* mounts and layers between these two replace */
	HALE_FACT_MOUNT,     /* the map at MAP_END, as one */
	HALE_FACT_LAYER,
	HALE_FACT_MAP_END,
	HALE_FACT_COVERAGE,
	HALE_FACT_POSITION, /* @position was read up to and with */
	HALE_FACT_BEARER,
	HALE_FACT_DISK_READING,
	HALE_FACT_RESTS,
	HALE_FACT_VICTIM,
	HALE_FACT_KIND_END
};

struct hale_fact {
	enum hale_fact_kind kind;
	union {
		struct hale_observation observation;
		struct hale_device device;
		struct hale_mount mount;
		struct hale_layer layer;
		struct hale_coverage coverage;
		struct hale_bearer bearer;
		struct hale_disk_reading disk;
		struct hale_rests rests;
		struct hale_victim victim;
		uint64_t position;
	} u;
};

/**
 * hale_fact_valid() - may this fact from a child be believed to be well formed?
 * @f: any bytes of the right size.
 *
 * Checks enums, booleans, terminated and printable texts. Says nothing about
 * its truth. Implemented in drivers/fact.c.
 */
bool hale_fact_valid(const struct hale_fact *f);

#endif
