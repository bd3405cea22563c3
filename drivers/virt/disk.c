/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which disks are made of something on a host. Decides by the maker that the
 * disk names; one handed through from the host names its real maker, and is
 * left out. Opens no disk.
 */
#include <dirent.h>
#include <fcntl.h>

#include "../disk_identity.h"
#include "virt.h"

static const char *const vendors[] = {
	"Msft",	  "QEMU",    "VMware", "VBOX",
	"Google", "Red Hat", "XENSRC", "Nutanix"
};
static const char *const nvme_models[] = { "QEMU",	     "VMware",
					   "VirtualBox",     "Amazon Elastic",
					   "Microsoft NVMe", "nvme_card" };

static bool any_begins(const char *text, const char *const *with, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strncmp(text, with[i], strlen(with[i])) == 0)
			return true;
	}
	return false;
}

static void attribute(int block_fd, const char *name, const char *attr,
		      char *text, size_t size)
{
	char path[HALE_PATH_MAX];

	text[0] = '\0';
	snprintf(path, sizeof(path), "%.64s/%s", name, attr);
	hale_read_at(block_fd, path, text, size);
}

static bool is_virtual(int block_fd, const char *name, const char *vendor)
{
	char text[64];

	if (strncmp(name, "vd", 2) == 0 || strncmp(name, "xvd", 3) == 0)
		return !vendor;
	if (strncmp(name, "nvme", 4) == 0) {
		attribute(block_fd, name, "device/model", text, sizeof(text));
		return !vendor && any_begins(text, nvme_models,
					     HALE_ARRAY_SIZE(nvme_models));
	}
	attribute(block_fd, name, "device/vendor", text, sizeof(text));
	return vendor ? any_begins(text, &vendor, 1)
		      : any_begins(text, vendors, HALE_ARRAY_SIZE(vendors));
}

static bool is_fixed(int block_fd, const char *name)
{
	char text[16];

	attribute(block_fd, name, "ro", text, sizeof(text));
	return text[0] == '1';
}

/* Not "sda1": a disk, by its name alone and by what lies in its folder. */
static bool is_disk(int block_fd, const char *name)
{
	char path[HALE_PATH_MAX];

	snprintf(path, sizeof(path), "%.64s/partition", name);
	return name[0] != '.' && strlen(name) < HALE_NAME_MAX &&
	       disk_kind(name) == HALE_BLOCK_DISK &&
	       faccessat(block_fd, path, F_OK, 0) != 0;
}

void virt_find_disks(int root_fd, const char *vendor,
		     struct virt_disks *ret_disks)
{
	int fd = openat(root_fd, "sys/class/block",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct virt_disks *d = ret_disks;
	const struct dirent *e;

	d->n = 0;
	while (dir && d->n < VIRT_DISKS_MAX && (e = readdir(dir)) != NULL) {
		if (is_disk(fd, e->d_name) && !is_fixed(fd, e->d_name) &&
		    is_virtual(fd, e->d_name, vendor))
			hale_copy(d->name[d->n++], HALE_NAME_MAX, e->d_name,
				  strlen(e->d_name));
	}
	if (dir)
		closedir(dir);
}
