/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names each block device: from udev's database where udevd has written an
 * entry, because the udev driver sees the same properties; else from sysfs.
 * The two are never mixed for one disk, or its name would depend on who saw it
 * first.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>

#include "../disk_identity.h"
#include "array.h"

/* A database entry: some 40 properties, 4 KiB with many links. */
struct udev_entry {
	char text[16384];
	char value[HALE_PATH_MAX];
};

static const char *udev_property(void *ctx, const char *key)
{
	struct udev_entry *e = ctx;
	size_t len = strlen(key);
	const char *line = e->text;

	while (line) {
		line += *line == '\n';
		if (strncmp(line, "E:", 2) == 0 &&
		    strncmp(line + 2, key, len) == 0 && line[2 + len] == '=') {
			line += 3 + len;
			hale_copy(e->value, sizeof(e->value), line,
				  strcspn(line, "\n"));
			return e->value[0] ? e->value : NULL;
		}
		line = strchr(line, '\n');
	}
	return NULL;
}

static bool udev_read(const struct storage *s, const struct storage_block *b,
		      struct udev_entry *e)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "run/udev/data/b%u:%u", b->dev.major,
		 b->dev.minor);
	r = hale_read_at(s->p->root_fd, path, e->text, sizeof(e->text));
	return r > 0 || r == -EMSGSIZE;
}

static void read_text(const struct storage *s, const char *name,
		      const char *attr, char *dst, size_t size)
{
	char text[HALE_PATH_MAX];

	if (dst[0] || storage_attr(s, name, attr, text, sizeof(text)) <= 0)
		return;
	disk_trim(text);
	hale_copy(dst, size, text, strlen(text));
}

static size_t read_bytes(const struct storage *s, const char *name,
			 const char *attr, unsigned char *buf, size_t size)
{
	_cleanup_fd_ int fd = -1;
	char path[HALE_PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", name, attr);
	fd = openat(s->block_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	n = read(fd, buf, size);
	return n > 0 ? (size_t)n : 0;
}

#define NAME(member)                                                           \
	offsetof(struct disk_names, member),                                   \
		sizeof(((struct disk_names *)0)->member)

struct sysfs_source {
	size_t offset, size;
	const char *attr;
};

/* In order: the first attribute that has something fills its field. */
static const struct sysfs_source sources[] = {
	{ NAME(wwn), "wwid" },	      /* NVMe */
	{ NAME(wwn), "device/wwid" }, /* SCSI, kernel 3.15 */
	{ NAME(wwn), "uuid" },	      /* pmem */
	{ NAME(nsid), "nsid" },
	{ NAME(model), "device/model" },
	{ NAME(model), "device/name" }, /* mmc */
	{ NAME(serial), "device/serial" },
	{ NAME(serial), "serial" },	/* virtio: asks the device */
	{ NAME(serial), "device/cid" }, /* mmc without a serial */
};

/* "…/usb1/1-2/1-2:1.0/host4/…": the serial is the USB device's, 1-2. */
static void read_usb_serial(const struct storage *s,
			    const struct storage_block *b,
			    struct disk_names *names)
{
	char path[HALE_PATH_MAX + 16];
	const char *host = strstr(b->devpath, "/host"), *end = host;

	if (!host || !strstr(b->devpath, "/usb"))
		return;
	while (end > b->devpath && *--end != '/')
		;
	snprintf(path, sizeof(path), "sys%.*s/serial", (int)(end - b->devpath),
		 b->devpath);
	if (hale_read_at(s->p->root_fd, path, names->serial,
			 sizeof(names->serial)) < 0)
		names->serial[0] = '\0';
	disk_trim(names->serial);
}

static void read_vpd(const struct storage *s, const char *name,
		     struct disk_names *names)
{
	unsigned char page[1024];
	size_t n = read_bytes(s, name, "device/vpd_pg83", page, sizeof(page));

	if (!names->wwn[0] || strncmp(names->wwn, "t10.", 4) == 0)
		disk_names_from_vpd83(page, n, names);
	n = read_bytes(s, name, "device/vpd_pg80", page, sizeof(page));
	disk_names_from_vpd80(page, n, names);
}

static void names_from_sysfs(const struct storage *s,
			     const struct storage_block *b,
			     struct disk_names *names)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sources); i++)
		read_text(s, b->name, sources[i].attr,
			  (char *)names + sources[i].offset, sources[i].size);
	/* what ATA says in full, device/model cuts at 16 characters */
	disk_names_from_t10(names->wwn, names);
	if (!names->serial[0])
		read_usb_serial(s, b, names);
	read_vpd(s, b->name, names);
	disk_bus_path(b->devpath, names->path, sizeof(names->path));
}

/* mdadm's own map: "md127 1.2 3aa1…:… /dev/md/store", for kernels whose sysfs
 * has no md/uuid. */
static bool mdadm_uuid(const struct storage *s, const char *name, char *uuid,
		       size_t size)
{
	char text[2048], md[HALE_NAME_MAX];
	const char *line = text;

	if (hale_read_at(s->p->root_fd, "run/mdadm/map", text, sizeof(text)) <=
	    0)
		return false;
	while (line) {
		char found[48];

		line += *line == '\n';
		if (sscanf(line, "%31s %*s %47s", md, found) == 2 &&
		    strcmp(md, name) == 0)
			return hale_copy(uuid, size, found, strlen(found));
		line = strchr(line, '\n');
	}
	return false;
}

static void identify_md(const struct storage *s, const char *name,
			struct udev_entry *e, struct hale_device *device)
{
	char uuid[HALE_PATH_MAX] = "";
	const char *known = udev_property(e, "MD_UUID");

	if (known)
		HALE_SET(uuid, known);
	else if (storage_attr(s, name, "md/uuid", uuid, sizeof(uuid)) <= 0)
		mdadm_uuid(s, name, uuid, sizeof(uuid));
	disk_array_identity(uuid, device->identity);
	if (!device->identity[0])
		snprintf(device->identity, sizeof(device->identity), "array/%s",
			 name);
}

/* Only what can lose a leg, or run out of what it has promised, is an array;
 * other dm devices are mere layers. */
static void identify_dm(const struct storage *s, const struct storage_block *b,
			struct hale_device *device)
{
	struct storage_array array;
	char uuid[HALE_PATH_MAX];

	storage_dm_read(s, b, &array);
	if (!array.redundant && strcmp(array.via, "multipath") != 0 &&
	    strncmp(array.via, "raid", 4) != 0 &&
	    strcmp(array.via, "mirror") != 0 &&
	    strcmp(array.via, "thin-pool") != 0 &&
	    strcmp(array.via, "vdo") != 0)
		return;
	if (storage_attr(s, b->name, "dm/uuid", uuid, sizeof(uuid)) <= 0 &&
	    storage_attr(s, b->name, "dm/name", uuid, sizeof(uuid)) <= 0)
		HALE_SET(uuid, b->name);
	hale_print_text(device->identity, sizeof(device->identity), "array/",
			6);
	hale_print_text(device->identity + 6, sizeof(device->identity) - 6,
			uuid, strlen(uuid));
}

static void identify_disk(const struct storage *s,
			  const struct storage_block *b, struct udev_entry *e,
			  struct hale_device *device)
{
	struct disk_names names = { 0 };

	disk_names_from_udev(udev_property, e, &names);
	disk_describe(&names, device);
	if (device->identity[0])
		return;
	memset(&names, 0, sizeof(names));
	names_from_sysfs(s, b, &names);
	disk_describe(&names, device);
}

bool storage_identity_hangs(const struct storage *s,
			    const struct storage_block *b)
{
	char path[64];

	/* virtio_blk's serial attribute sends the device a request */
	if (b->kind != HALE_BLOCK_DISK || strncmp(b->name, "vd", 2) != 0)
		return false;
	snprintf(path, sizeof(path), "run/udev/data/b%u:%u", b->dev.major,
		 b->dev.minor);
	return faccessat(s->p->root_fd, path, F_OK, 0) < 0;
}

void storage_identify(const struct storage *s, const struct storage_block *b,
		      struct hale_device *device)
{
	struct udev_entry *e = calloc(1, sizeof(*e));
	const char *uuid;

	if (!e)
		return;
	udev_read(s, b, e);
	uuid = udev_property(e, "ID_FS_UUID");
	if (uuid)
		hale_print_text(device->fs_uuid, sizeof(device->fs_uuid), uuid,
				strlen(uuid));
	switch (b->kind) {
	case HALE_BLOCK_DISK:
	case HALE_BLOCK_NETWORK:
	case HALE_BLOCK_OPTICAL:
		identify_disk(s, b, e, device);
		break;
	case HALE_BLOCK_MD:
		identify_md(s, b->name, e, device);
		break;
	case HALE_BLOCK_DM:
		identify_dm(s, b, device);
		break;
	case HALE_BLOCK_PARTITION:
	case HALE_BLOCK_LOOP:
	case HALE_BLOCK_MEMORY:
	case HALE_BLOCK_COUNT:
		break;
	}
	free(e);
}
