/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_VIRT_H
#define DRIVERS_VIRT_H

/* Private to the driver virt: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

#include "../mounts.h"

/* kind.c: in what this kernel runs, for people: "KVM", "WSL", "Hyper-V"; NULL:
 * on the metal, as far as it can be seen. */
#define VIRT_WSL "WSL"
const char *virt_kind(int root_fd);

/* disk.c: disks that are files or volumes of a host: 64 would be many. */
#define VIRT_DISKS_MAX 64

struct virt_disks {
	uint32_t n;
	char name[VIRT_DISKS_MAX][HALE_NAME_MAX]; /* "sdc", "vda" */
};

/* @vendor: only those of SCSI vendor "Msft"; NULL: all of a known maker. Disks
 * that cannot be written do not grow, and are left out. */
void virt_find_disks(int root_fd, const char *vendor,
		     struct virt_disks *ret_disks);

/* drive.c: the host's drive, as the guest has it mounted. */
struct virt_drive {
	uint32_t major, minor;
	char letter; /* 'C'; 0: it is no drive of Windows */
	char path[HALE_PATH_MAX];
	char type[HALE_NAME_MAX];
};

struct virt_room {
	uint64_t avail_bytes, total_bytes;
};

/* The one mounted at @path; where that is NULL, drive C: of Windows. */
bool virt_find_drive(int root_fd, const char *path,
		     struct virt_drive *ret_drive);
/* Asks it how much room it has; may hang, and says so first. */
int virt_ask_drive(struct hale_probe *p, const struct virt_drive *d,
		   struct virt_room *ret_room);
/* Says what that means for the disks that stand on it. */
void virt_say_drive(struct hale_probe *p, const struct virt_drive *d,
		    const struct virt_room *room,
		    const struct virt_disks *disks, const char *whose);

/* loop.c: loop devices on files that are not written in full yet. */
void virt_look_at_loops(struct hale_probe *p, const struct mounts *m);

struct virt_file {
	uint64_t size, written, free_bytes, total_bytes;
	char path[HALE_PATH_MAX];
};

void virt_say_loop(struct hale_probe *p, const char *name,
		   const struct virt_file *f);

/* say.c */
void virt_measure(struct hale_probe *p, const char *disk,
		  const struct virt_room *room, const char *evidence);
/* This disk's store is in no want of room. */
void virt_no_want(struct hale_probe *p, const char *disk);
/* "We turn to this filesystem now". Return: false: do not, someone sits there.
 */
bool virt_turn_to(struct hale_probe *p, uint32_t major, uint32_t minor);
/* "1.5 GiB", "0 B": 16 bytes at most. */
void virt_size(char *ret_text, size_t size, uint64_t bytes);

#endif
