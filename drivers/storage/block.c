/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads /sys/class/block. Devices come and go while it is read: an attribute
 * that is missing, torn or absurd costs that attribute, at most that device,
 * never the pass. Nothing here opens a device.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../disk_identity.h"
#include "storage.h"

static const char nvme_subsystem[] = "/devices/virtual/nvme-subsystem/";

int storage_attr(const struct storage *s, const char *name, const char *attr,
		 char *buf, size_t size)
{
	char path[HALE_PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", name, attr);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return hale_read_at(s->block_fd, path, buf, size);
}

int storage_number(const struct storage *s, const char *name, const char *attr,
		   struct storage_dev *ret_dev)
{
	struct storage_dev dev;
	const char *end;
	char text[32];
	int r;

	r = storage_attr(s, name, attr, text, sizeof(text));
	if (r < 0)
		return r;
	end = storage_parse_dev(text, &dev);
	if (!end || *end)
		return -EBADMSG;
	*ret_dev = dev;
	return 0;
}

/* "../../devices/pci…/block/sda" to "/devices/pci…/block/sda". */
static void read_devpath(const struct storage *s, struct storage_block *b)
{
	char target[HALE_PATH_MAX + 16];
	ssize_t n =
		readlinkat(s->block_fd, b->name, target, sizeof(target) - 1);
	const char *from;

	if (n <= 0)
		return;
	target[n] = '\0';
	from = strstr(target, "/devices/");
	if (from)
		hale_print_text(b->devpath, sizeof(b->devpath), from,
				strlen(from));
}

/* The one controller of an NVMe subsystem, or that there are others. */
struct controllers {
	unsigned int n;
	char name[HALE_NAME_MAX];
};

static int see_controller(void *ctx, const char *name)
{
	struct controllers *c = ctx;
	size_t digits;

	if (strncmp(name, "nvme", 4) != 0)
		return 0;
	digits = strspn(name + 4, "0123456789");
	if (digits && name[4 + digits] == '\0') { /* "nvme0", not "nvme0n1" */
		c->n++;
		HALE_SET(c->name, name);
	}
	return 0;
}

/*
 * A namespace that could have several controllers is a virtual device to
 * sysfs. As long as it has one, that one's path is where the disk is.
 */
static void follow_controller(const struct storage *s, struct storage_block *b)
{
	struct controllers c = { 0 };
	char folder[HALE_PATH_MAX], path[2 * HALE_PATH_MAX];
	char target[HALE_PATH_MAX];
	size_t len = strlen(b->devpath) - strlen(b->name);
	const char *from;
	ssize_t n;

	snprintf(folder, sizeof(folder), "sys%.*s", (int)len, b->devpath);
	storage_each_entry(s->p->root_fd, folder, 64, see_controller, &c);
	if (c.n != 1)
		return;
	snprintf(path, sizeof(path), "%s%s", folder, c.name);
	n = readlinkat(s->p->root_fd, path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	from = target + strspn(target, "./");
	n = snprintf(path, sizeof(path), "/devices/%s/%s", from, b->name);
	if ((size_t)n < sizeof(b->devpath))
		hale_print_text(b->devpath, sizeof(b->devpath), path,
				(size_t)n);
}

/* The directory that holds this one: of a partition, its disk. */
static void parent_of(const char *devpath, char *dst, size_t size)
{
	const char *end = strrchr(devpath, '/'), *begin = end;

	if (!end)
		return;
	while (begin > devpath && begin[-1] != '/')
		begin--;
	hale_copy(dst, size, begin, (size_t)(end - begin));
}

static bool has(const struct storage *s, const char *name, const char *attr)
{
	char path[HALE_PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", name, attr);

	return n > 0 && (size_t)n < sizeof(path) &&
	       faccessat(s->block_fd, path, F_OK, 0) == 0;
}

static enum hale_block_kind kind_of(const struct storage *s, const char *name)
{
	if (has(s, name, "md"))
		return HALE_BLOCK_MD;
	if (has(s, name, "dm"))
		return HALE_BLOCK_DM;
	return disk_kind(name);
}

int storage_block_read(const struct storage *s, const char *name,
		       struct storage_block *ret_block)
{
	struct storage_block b = { 0 };
	int r;

	if (!HALE_SET(b.name, name))
		return -ENAMETOOLONG;
	r = storage_number(s, name, "dev", &b.dev);
	if (r < 0)
		return r;
	read_devpath(s, &b);
	if (strncmp(b.devpath, nvme_subsystem, strlen(nvme_subsystem)) == 0)
		follow_controller(s, &b);
	b.partition = has(s, name, "partition");
	if (b.partition) {
		b.kind = HALE_BLOCK_PARTITION;
		parent_of(b.devpath, b.parent, sizeof(b.parent));
	} else {
		b.kind = kind_of(s, name);
	}
	*ret_block = b;
	return 0;
}

int storage_each_entry(int dirfd, const char *path, unsigned int max,
		       int (*see)(void *ctx, const char *name), void *ctx)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	unsigned int n = 0;
	int r = 0;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (r >= 0 && n < max && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		r = see(ctx, entry->d_name);
	}
	closedir(dir);
	return r < 0 ? r : (int)n;
}

int storage_dev_of_node(const struct storage *s, const char *path,
			struct storage_dev *ret_dev)
{
	char name[HALE_NAME_MAX];
	struct stat st;

	if (strncmp(path, "/dev/", 5) != 0)
		return -EINVAL;
	/* sysfs writes '!' where a device's name has a '/' */
	if (HALE_SET(name, path + 5)) {
		for (char *c = name; *c; c++)
			*c = *c == '/' ? '!' : *c;
		if (storage_number(s, name, "dev", ret_dev) == 0)
			return 0;
	}
	if (fstatat(s->p->root_fd, path + 1, &st, 0) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode))
		return -ENOTBLK;
	ret_dev->major = major(st.st_rdev);
	ret_dev->minor = minor(st.st_rdev);
	return 0;
}
