/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_IO_H
#define DRIVERS_SMART_IO_H

/* The way to the devices, behind which the tests put disks of their own. */

#include <stdint.h>

struct smart_disk;

/* A command that takes longer is a fault of its own: a busy disk answers from
 * its memory in milliseconds, one in recovery in some seconds. */
#define SMART_TIMEOUT_S 10

/* A SCSI command and what came of it. */
struct smart_command {
	uint8_t cdb[16];
	uint8_t cdb_len;
	uint8_t *data; /* from the device, @len bytes; zeroed by its owner */
	uint32_t len, got;
	uint8_t status;	   /* 0 good, 2 check condition */
	uint8_t sense[64]; /* of @sense_len bytes */
	uint8_t sense_len;
};

/* NVMe log pages, and identify controller under a number that is no log. */
enum smart_nvme_page {
	SMART_NVME_IDENTIFY = 0,
	SMART_NVME_ERRORS = 1,
	SMART_NVME_HEALTH = 2,
	SMART_NVME_SELF_TEST = 6
};

/*
 * The way to the devices; the tests have another one. All return 0 or negative
 * errno: -ETIMEDOUT where a command did not return within SMART_TIMEOUT_S.
 */
struct smart_io {
	void *ctx;
	/* Never spins a disk up, never waits for a medium. */
	int (*open)(const struct smart_io *io, int root_fd,
		    struct smart_disk *d);
	void (*close)(const struct smart_io *io, struct smart_disk *d);
	/* 0: it came back, with @status and @sense. */
	int (*scsi)(const struct smart_io *io, struct smart_disk *d,
		    struct smart_command *c);
	int (*nvme)(const struct smart_io *io, struct smart_disk *d,
		    enum smart_nvme_page page, void *buf, uint32_t len);
	/* Runs smartctl; its standard output, to be freed. -ENOENT: it is not
	 * installed. @ret_status: its exit status. */
	int (*smartctl)(const struct smart_io *io, const char *const argv[],
			char **ret_text, int *ret_status);
	uint64_t (*now_ms)(const struct smart_io *io);
};

extern const struct smart_io smart_real_io; /* io.c */

#endif
