/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_H
#define DRIVERS_SMART_H

/* Private to the driver smart: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

#include "smart_io.h"

/* Disks in one run: two shelves of sixty, over two paths. */
#define SMART_DISKS_MAX 256
/* Of the deadline of a run, after which no further disk is begun with. */
#define SMART_BUDGET_MS 12000

/* How a disk is asked. */
enum smart_way {
	SMART_WAY_NONE = 0, /* not at all: the disk's sight says why */
	SMART_WAY_ATA,	    /* through SAT */
	SMART_WAY_SCSI,
	SMART_WAY_NVME,
	SMART_WAY_USB,	/* through smartctl, which knows the bridges */
	SMART_WAY_RAID, /* through smartctl, which knows the controllers */
	SMART_WAY_COUNT
};

/* What can be seen of one disk. */
struct smart_sight {
	enum hale_sight sight;
	bool asleep;
	const char *remedy; /* static, or "" */
	char why[128];
};

/* What sysfs says of one disk; nothing of it needs the disk to answer. */
struct smart_disk {
	char name[HALE_NAME_MAX]; /* "sda" */
	uint32_t major, minor;
	enum smart_way way;
	bool virtual, suspended, rotational, usb;
	bool asked; /* in this run */
	char vendor[12], model[HALE_UUID_MAX + 1], revision[12];
	char serial[HALE_UUID_MAX + 1];
	char host[12];			 /* "host2" */
	char host_driver[HALE_NAME_MAX]; /* "megaraid_sas" */
	int fd;				 /* open by smart_io.open, or -1 */
	struct smart_sight sight;
};

/* One disk being asked. */
struct smart_visit {
	struct hale_probe *p;
	const struct smart_io *io;
	struct smart_disk *disk;
	struct hale_disk_reading reading;
	bool wake;  /* also disks that sleep */
	bool known; /* something was read that is worth saying */
};

/* disks.c: fills up to @max; returns how many there are, or negative errno */
int smart_disks_read(int root_fd, struct smart_disk *disks, size_t max);
/* way.c: pure, out of the other fields */
void smart_choose_way(struct smart_disk *d, bool sat);

/* sight.c */
void smart_see(struct smart_disk *d, enum hale_sight sight, const char *remedy,
	       const char *why, ...) __attribute__((format(printf, 4, 5)));
void smart_see_error(struct smart_disk *d, int error, const char *what);
/* Is there more in it than age and temperature? */
bool smart_tells_health(const struct hale_disk_reading *d);
void smart_say_sights(struct hale_probe *p, const struct smart_disk *disks,
		      size_t n);

/* send.c: smart_io.scsi, past what the device has to say of other things */
int smart_send(struct smart_visit *v, struct smart_command *c);

/* ata.c, scsi.c, nvme.c, outside.c: 0: go on; negative errno: the disk did not
 * answer. Fill the visit's reading and the disk's sight. */
int smart_ata_ask(struct smart_visit *v);
int smart_scsi_ask(struct smart_visit *v);
int smart_nvme_ask(struct smart_visit *v);
int smart_usb_ask(struct smart_visit *v);
int smart_raid_ask(struct smart_visit *v);

/* run.c: one run of the driver over all disks */
void smart_say_reading(const struct smart_visit *v);
int smart_run(struct hale_probe *p, const struct smart_io *io);

#endif
