/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which disks there are and what the kernel knows of each, out of sysfs. Must
 * never open a device: a disk that sleeps or hangs is listed like any other.
 * What is missing or absurd costs that attribute; a device without a number is
 * none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "../disk_identity.h"
#include "smart.h"

/* An entry of sys/class/block being read. */
struct entry {
	int root_fd;
	const char *name;
	struct smart_disk *d;
};

static int attribute(const struct entry *e, const char *attr, char *buf,
		     size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/class/block/%s/%s", e->name, attr);
	return hale_read_at(e->root_fd, path, buf, size);
}

static bool is(const struct entry *e, const char *attr, const char *value)
{
	char text[32];

	return attribute(e, attr, text, sizeof(text)) >= 0 &&
	       strcmp(text, value) == 0;
}

static bool exists(const struct entry *e, const char *attr)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/class/block/%s/%s", e->name, attr);
	return faccessat(e->root_fd, path, F_OK, 0) == 0;
}

static void text_of(const struct entry *e, const char *attr, char *dst,
		    size_t size)
{
	char text[128];
	int n = attribute(e, attr, text, sizeof(text));

	if (n < 0)
		return;
	hale_print_text(dst, size, text, (size_t)n);
	disk_trim(dst);
}

/* "8:16" */
static bool number_of(const struct entry *e)
{
	char text[32], *end;
	unsigned long ma, mi;

	if (attribute(e, "dev", text, sizeof(text)) <= 0)
		return false;
	ma = strtoul(text, &end, 10);
	if (end == text || *end != ':')
		return false;
	mi = strtoul(end + 1, &end, 10);
	if (*end || ma > UINT32_MAX || mi > UINT32_MAX)
		return false;
	e->d->major = (uint32_t)ma;
	e->d->minor = (uint32_t)mi;
	return true;
}

/* "…/host2/target2:0:0/…": its adapter, and the driver of that. */
static void read_host(const struct entry *e, const char *devpath)
{
	const char *at = strstr(devpath, "/host");
	char path[96];
	size_t len;

	if (!at)
		return;
	at++;
	len = strcspn(at, "/");
	if (strspn(at + 4, "0123456789") + 4 != len ||
	    !hale_copy(e->d->host, sizeof(e->d->host), at, len))
		return;
	snprintf(path, sizeof(path), "sys/class/scsi_host/%s/proc_name",
		 e->d->host);
	hale_read_at(e->root_fd, path, e->d->host_driver,
		     sizeof(e->d->host_driver));
}

static void read_path(const struct entry *e)
{
	char path[96], target[512];
	ssize_t n;

	snprintf(path, sizeof(path), "sys/class/block/%s", e->name);
	n = readlinkat(e->root_fd, path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	e->d->usb = strstr(target, "/usb") != NULL;
	read_host(e, target);
}

static void read_serial(const struct entry *e)
{
	struct disk_names names = { 0 };
	char page[260];
	int n = attribute(e, "device/vpd_pg80", page, sizeof(page));

	if (n > 0)
		disk_names_from_vpd80((const unsigned char *)page, (size_t)n,
				      &names);
	hale_print_text(e->d->serial, sizeof(e->d->serial), names.serial,
			strlen(names.serial));
	if (!e->d->serial[0])
		text_of(e, "device/serial", e->d->serial, sizeof(e->d->serial));
}

static bool is_suspended(const struct entry *e)
{
	return is(e, "device/power/runtime_status", "suspended") ||
	       is(e, "device/power/runtime_status", "suspending");
}

/* Return: is it a disk, with a medium? */
static bool read_disk(const struct entry *e)
{
	struct smart_disk *d = e->d;

	if (disk_kind(e->name) != HALE_BLOCK_DISK || exists(e, "partition") ||
	    exists(e, "dm") || exists(e, "md") || is(e, "hidden", "1") ||
	    is(e, "size", "0") || !number_of(e))
		return false;
	d->fd = -1;
	d->rotational = is(e, "queue/rotational", "1");
	d->suspended = is_suspended(e);
	text_of(e, "device/vendor", d->vendor, sizeof(d->vendor));
	text_of(e, "device/model", d->model, sizeof(d->model));
	text_of(e, "device/rev", d->revision, sizeof(d->revision));
	read_serial(e);
	read_path(e);
	smart_choose_way(d, exists(e, "device/vpd_pg89"));
	return true;
}

/* sdb before sdaa */
static int by_name(const void *a, const void *b)
{
	const struct smart_disk *x = a, *y = b;
	size_t m = strlen(x->name), n = strlen(y->name);

	return m != n ? (m > n) - (m < n) : strcmp(x->name, y->name);
}

int smart_disks_read(int root_fd, struct smart_disk *disks, size_t max)
{
	int fd = openat(root_fd, "sys/class/block",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (n < max && (entry = readdir(dir))) {
		struct entry e = { root_fd, entry->d_name, &disks[n] };

		memset(&disks[n], 0, sizeof(disks[n]));
		if (entry->d_name[0] != '.' &&
		    HALE_SET(disks[n].name, entry->d_name) && read_disk(&e))
			n++;
	}
	closedir(dir);
	qsort(disks, n, sizeof(*disks), by_name);
	return (int)n;
}
