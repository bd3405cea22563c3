/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_INVENTORY_H
#define HALE_CORE_INVENTORY_H

/*
 * The block devices that are and were: which identity a kernel name stood for
 * at which time. A removed device keeps its record: a late log line and a
 * filesystem still mounted find the disk that was lost.
 */

#include "bearers.h"
#include "middle.h"
#include "pool.h"
#define INVENTORY_MAX  512
#define INVENTORY_TEXT (96 * 1024) /* ~190 bytes a device */

enum inventory_text {
	INVENTORY_NAME = 0,
	INVENTORY_DISK, /* of a partition */
	INVENTORY_PART, /* part id; "" for partitions */
	INVENTORY_DEVPATH,
	INVENTORY_MODEL,
	INVENTORY_SERIAL,
	INVENTORY_FS_UUID,
	INVENTORY_TEXTS
};

struct inventory_device {
	uint32_t major, minor;
	uint64_t since_ns, until_ns, known_ns; /* until 0: present; to us */
	uint64_t part_key;		       /* text_key() of its part */
	uint32_t at, len;		/* its strings in the pool, together */
	uint16_t text[INVENTORY_TEXTS]; /* offsets from @at */
	uint32_t seen;			/* last pass that listed it */
	uint8_t kind;			/* enum hale_block_kind */
	bool removable;
	bool named; /* its part id is only its kernel name: "disk/loop0" */
};

struct inventory {
	uint32_t n;
	uint32_t pass;	     /* how often all devices have been listed */
	uint64_t listing_ns; /* when the running listing may have begun */
	uint64_t listed_ns;  /* when the last whole one began; 0: none yet */
	uint64_t dropped;    /* devices that found no room */
	struct bearers bearers;
	struct pool pool;
	struct inventory_device devices[INVENTORY_MAX];
	char bytes[INVENTORY_TEXT];
};

/* What a device fact changed, for the ledger. Empty strings: nothing. */
struct inventory_change {
	bool changed, named;
	bool appeared; /* a new instance of @part since @since_ns */
	bool vanished; /* @part is no longer there */
	uint64_t since_ns;
	char part[HALE_PART_MAX];
	char name[HALE_NAME_MAX];
	char renamed[HALE_PART_MAX]; /* what @part was called until now */
};

void inventory_init(struct inventory *inv);
/* One that was known before, by its @texts. -1: no room. */
int inventory_restore(struct inventory *inv, const struct inventory_device *d,
		      const char *const *texts);
/* @listed: by who lists all there are, not by who tells of a change. */
void inventory_update(struct inventory *inv, const struct hale_device *fact,
		      bool listed, uint64_t now_ns,
		      struct inventory_change *ret_change);

/* All devices have been listed once more. */
void inventory_pass(struct inventory *inv, uint64_t now_ns);
/* This present device is no longer there. */
void inventory_end(struct inventory *inv, struct inventory_device *d,
		   uint64_t now_ns, struct inventory_change *ret_change);
const char *inventory_text(const struct inventory *inv,
			   const struct inventory_device *d,
			   enum inventory_text which);

/* The device that had a name at a time (UINT64_MAX: now): the latest that came
 * by then, present or not; NULL: unknown, or all are younger. */
const struct inventory_device *inventory_by_name(const struct inventory *inv,
						 const char *name, size_t len,
						 uint64_t time_ns);

/* The part id of a new instance; "" for a partition. Return: whether it is
 * only the device's kernel name. */
bool inventory_choose_part(const struct inventory *inv,
			   const struct hale_device *f, char *ret_part);

/* The present device with this number, else the one that had it last. */
const struct inventory_device *inventory_by_number(const struct inventory *inv,
						   uint32_t major,
						   uint32_t minor);

/* The present device of this part, else the last one. */
const struct inventory_device *inventory_by_part(const struct inventory *inv,
						 const char *part);

/* A partition's disk in its own time; @d itself for the rest; or NULL. */
const struct inventory_device *
inventory_disk_of(const struct inventory *inv,
		  const struct inventory_device *d);

/* The disk behind a token of its device path: "ata3", "ata3.00", "2:0:0:0",
 * "nvme0", "0000:03:00.0", "2-1.3"; NULL where none or several have it. */
const struct inventory_device *inventory_by_token(const struct inventory *inv,
						  const char *token,
						  uint64_t time_ns);

/* Is @token one component of the device's path, or its name? */
bool inventory_has_token(const struct inventory *inv,
			 const struct inventory_device *d, const char *token);
/* Where a disk sits, or 0; and does a present one sit there? */
uint64_t inventory_seat(const struct inventory *inv,
			const struct inventory_device *d);
bool inventory_seated(const struct inventory *inv, uint64_t seat);

#endif
