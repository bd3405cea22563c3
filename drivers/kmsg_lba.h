/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_LBA_H
#define HALE_KMSG_LBA_H

#include "hale/rules.h"

/**
 * kmsg_lba() - make the block that a line names the sector that it is
 * @root_fd: "/" or a fixture.
 * @text: the line that matched, @len bytes.
 *
 * NVMe's lines count logical blocks (drivers/nvme/host/core.c, nvme_log_error:
 * nvme_sect_to_lba), all others sectors of 512 bytes. Where the size of a block
 * is not known, as of a disk that is gone, neither is the sector.
 */
void kmsg_lba(int root_fd, const char *text, size_t len, struct hale_match *m);

#endif
