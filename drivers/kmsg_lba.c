/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From NVMe's logical blocks to sectors. Decides by sysfs how large a block is;
 * must never take a block's number for a sector's: the failure would count
 * twice, and a test would read back another place. Invariant: a sector that
 * cannot be told is UINT64_MAX.
 */
#include "kmsg_lba.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>

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

static void learn(struct kmsg_blocks *b, int root_fd, const char *disk)
{
	uint64_t sectors;

	if (strncmp(disk, "nvme", 4) != 0 || strlen(disk) >= KMSG_DISK_NAME_MAX)
		return;
	sectors = sectors_of(root_fd, disk);
	if (sectors == 0)
		return;
	HALE_SET(b->list[b->n].disk, disk);
	b->list[b->n++].sectors = (uint32_t)sectors;
}

void kmsg_blocks_learn(struct kmsg_blocks *b, int root_fd)
{
	int fd = openat(root_fd, "sys/block",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	b->n = 0;
	if (!dir) {
		hale_cleanup_fd(&fd);
		return;
	}
	while (b->n < KMSG_DISKS_MAX && (e = readdir(dir)) != NULL)
		learn(b, root_fd, e->d_name);
	closedir(dir);
}

static uint64_t known(const struct kmsg_blocks *b, const char *disk)
{
	for (uint32_t i = 0; i < b->n; i++) {
		if (strcmp(b->list[i].disk, disk) == 0)
			return b->list[i].sectors;
	}
	return 0;
}

void kmsg_lba(const struct kmsg_blocks *b, int root_fd, const char *text,
	      size_t len, struct hale_match *m)
{
	static const char mark[] = " @ LBA ";
	uint64_t n;

	if (m->sector == UINT64_MAX || strncmp(m->part, "nvme", 4) != 0 ||
	    !memmem(text, len, mark, sizeof(mark) - 1))
		return;
	n = sectors_of(root_fd, m->part);
	if (n == 0)
		n = known(b, m->part);
	m->sector = n > 0 && m->sector <= UINT64_MAX / 2 / n ? m->sector * n
							     : UINT64_MAX;
}
