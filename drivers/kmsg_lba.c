/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From NVMe's logical blocks to sectors. Decides by sysfs how large a block is;
 * must never take a block's number for a sector's: the failure would count
 * twice, and a test would read back another place. Invariant: a sector that
 * cannot be told is UINT64_MAX.
 */
#include "kmsg_lba.h"

#include <ctype.h>

#include "hale/base.h"
#include "hale/driver.h"

#define SECTOR	  512
#define BLOCK_MAX 65536

static bool is_name(const char *s)
{
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s))
			return false;
	}
	return true;
}

/* Sectors in a block, 0 where that cannot be told. */
static uint64_t sectors_of(int root_fd, const char *disk)
{
	char path[HALE_RULES_PART_MAX + 48], text[24];
	unsigned long bytes;

	if (!is_name(disk))
		return 0;
	snprintf(path, sizeof(path), "sys/block/%s/queue/logical_block_size",
		 disk);
	if (hale_read_at(root_fd, path, text, sizeof(text)) <= 0)
		return 0;
	bytes = strtoul(text, NULL, 10);
	return bytes % SECTOR == 0 && bytes <= BLOCK_MAX ? bytes / SECTOR : 0;
}

void kmsg_lba(int root_fd, const char *text, size_t len, struct hale_match *m)
{
	static const char mark[] = " @ LBA ";
	uint64_t n;

	if (m->sector == UINT64_MAX || strncmp(m->part, "nvme", 4) != 0 ||
	    !memmem(text, len, mark, sizeof(mark) - 1))
		return;
	n = sectors_of(root_fd, m->part);
	m->sector = n > 0 && m->sector <= UINT64_MAX / 2 / n ? m->sector * n
							     : UINT64_MAX;
}
