/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_LBA_H
#define HALE_KMSG_LBA_H

#include "hale/rules.h"

#define KMSG_DISKS_MAX	   64
#define KMSG_DISK_NAME_MAX 16

/* What was read of NVMe disks while files could be opened: the agent's core may
 * open none when their lines come. One that comes later is not in it. */
struct kmsg_blocks {
	uint32_t n;
	struct {
		char disk[KMSG_DISK_NAME_MAX];
		uint32_t sectors; /* in a block */
	} list[KMSG_DISKS_MAX];
};

void kmsg_blocks_learn(struct kmsg_blocks *b, int root_fd);

/**
 * kmsg_lba() - make the block that a line names the sector that it is
 * @b: for what cannot be read below @root_fd now.
 * @root_fd: "/" or a fixture.
 * @text: the line that matched, @len bytes.
 *
 * NVMe's lines count logical blocks (drivers/nvme/host/core.c, nvme_log_error:
 * nvme_sect_to_lba), all others sectors of 512 bytes. Where the size of a block
 * is not known, as of a disk that is gone, neither is the sector.
 */
void kmsg_lba(const struct kmsg_blocks *b, int root_fd, const char *text,
	      size_t len, struct hale_match *m);

#endif
