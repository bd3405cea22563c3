/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives every fact its part. Decides which identity a kernel name stood for
 * when it was said, and what a filesystem is called: its UUID, else the place
 * on its disk, else its type and mount point. Never drops a name that it cannot
 * tell. Invariant: the same thing has the same part id whatever name it came
 * by.
 */
#include "naming.h"

const char *naming_unresolved(const char *part)
{
	const char *slash = strchr(part, '/');
	size_t len = strlen(NAMING_UNRESOLVED);

	if (slash && strcmp(slash + 1, "unknown") == 0)
		return slash + 1;
	if (!slash || strncmp(slash + 1, NAMING_UNRESOLVED, len) != 0)
		return NULL;
	return slash + 1 + len;
}

static void name_unresolved(const char *kind, const char *name,
			    struct name *ret_name)
{
	snprintf(ret_name->part, sizeof(ret_name->part),
		 "%s/" NAMING_UNRESOLVED "%.70s", kind, name);
	HALE_SET(ret_name->alias, name);
}

/* "nvme0n1p2" -> "2" */
static const char *number_of(const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
		len--;
	return name + len;
}

/* "sde1" -> 3, "nvme0n1p2" -> 7: how much of it names the disk. */
static size_t disk_len(const char *name)
{
	size_t len = (size_t)(number_of(name) - name);

	if (len > 1 && name[len - 1] == 'p' && name[len - 2] >= '0' &&
	    name[len - 2] <= '9')
		len--;
	return len;
}

/* Return: what stands behind the digits; NULL where there are none or too
 * many for a device number. */
static const char *read_digits(const char *text, uint32_t *ret_number)
{
	uint32_t number = 0;
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 9)
		return NULL;
	for (size_t i = 0; i < n; i++)
		number = number * 10 + (uint32_t)(text[i] - '0');
	*ret_number = number;
	return text + n;
}

/* "8:65", and nothing else. */
static bool parse_number(const char *name, uint32_t *ret_major,
			 uint32_t *ret_minor)
{
	name = read_digits(name, ret_major);
	if (!name || *name != ':')
		return false;
	name = read_digits(name + 1, ret_minor);
	return name && *name == '\0';
}

static const struct inventory_device *
find_disk(const struct inventory *inv, const char *name, uint64_t time_ns)
{
	const struct inventory_device *d, *disk = NULL;
	uint32_t major, minor;

	if (parse_number(name, &major, &minor))
		d = inventory_by_number(inv, major, minor);
	else
		d = inventory_by_name(inv, name, strlen(name), time_ns);
	if (d && d->since_ns <= time_ns)
		disk = inventory_disk_of(inv, d);
	if (!disk)
		disk = inventory_by_name(inv, name, disk_len(name), time_ns);
	if (!disk)
		disk = inventory_by_token(inv, name, time_ns);
	return disk && disk->kind != HALE_BLOCK_PARTITION ? disk : NULL;
}

static void resolve_block(const struct storage *s, const char *kind,
			  const char *name, uint64_t time_ns,
			  struct name *ret_name)
{
	const struct inventory *inv = s->inventory;
	const struct inventory_device *d = find_disk(inv, name, time_ns);

	if (!d) {
		name_unresolved(kind, name, ret_name);
		return;
	}
	HALE_SET(ret_name->part, inventory_text(inv, d, INVENTORY_PART));
	HALE_SET(ret_name->alias, inventory_text(inv, d, INVENTORY_NAME));
}

/* Another mounted device bears the same UUID, and bore it first. */
static bool is_clone(const struct storage *s, const struct inventory_device *d)
{
	const struct inventory *inv = s->inventory;
	const char *uuid = inventory_text(inv, d, INVENTORY_FS_UUID);
	bool mounted = map_mount_by_number(s->map, d->major, d->minor);

	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *other = &inv->devices[i];

		if (other == d || other->until_ns ||
		    strcmp(inventory_text(inv, other, INVENTORY_FS_UUID),
			   uuid) != 0 ||
		    !map_mount_by_number(s->map, other->major, other->minor))
			continue;
		if (other < d || !mounted)
			return true;
	}
	return false;
}

static void name_on_device(const struct storage *s,
			   const struct inventory_device *d,
			   struct name *ret_name)
{
	const struct inventory *inv = s->inventory;
	const char *uuid = inventory_text(inv, d, INVENTORY_FS_UUID);
	const char *name = inventory_text(inv, d, INVENTORY_NAME);
	const struct inventory_device *disk = inventory_disk_of(inv, d);
	const char *part =
		disk ? inventory_text(inv, disk, INVENTORY_PART) : "";
	const char *slash = strchr(part, '/');

	HALE_SET(ret_name->alias, name);
	if (uuid[0] && is_clone(s, d))
		snprintf(ret_name->part, sizeof(ret_name->part), "fs/%s@%s",
			 uuid, name);
	else if (uuid[0])
		snprintf(ret_name->part, sizeof(ret_name->part), "fs/%s", uuid);
	else if (!slash)
		name_unresolved("fs", name, ret_name);
	else if (disk == d)
		snprintf(ret_name->part, sizeof(ret_name->part), "fs/%s",
			 slash + 1);
	else
		snprintf(ret_name->part, sizeof(ret_name->part),
			 "fs/%.80s-part%s", slash + 1, number_of(name));
}

void naming_mount(const char *type, const char *mountpoint,
		  struct name *ret_name)
{
	int len = snprintf(ret_name->part, sizeof(ret_name->part), "fs/%s@%s",
			   type, mountpoint);

	/* container layers differ only at their ends */
	if (len >= (int)sizeof(ret_name->part))
		snprintf(ret_name->part, sizeof(ret_name->part),
			 "fs/%s@%.40s~%016llx", type, mountpoint,
			 (unsigned long long)text_key(mountpoint));
	ret_name->alias[0] = '\0';
}

static bool is_multi_device(const char *type)
{
	return strcmp(type, "btrfs") == 0 || strcmp(type, "bcachefs") == 0;
}

/* A filesystem over several devices: all of them bear its UUID. */
static const struct inventory_device *member_of(const struct storage *s,
						uint32_t major, uint32_t minor)
{
	uint32_t n;
	const struct map_layer *l = map_layers(s->map, major, minor, &n);

	for (uint32_t i = 0; i < n; i++) {
		const struct inventory_device *d = inventory_by_number(
			s->inventory, l[i].lower_major, l[i].lower_minor);

		if (d && !l[i].unmapped &&
		    inventory_text(s->inventory, d, INVENTORY_FS_UUID)[0])
			return d;
	}
	return NULL;
}

void naming_filesystem(const struct storage *s, uint32_t major, uint32_t minor,
		       struct name *ret_name)
{
	const struct inventory_device *d =
		inventory_by_number(s->inventory, major, minor);
	const struct map_mount *m = map_mount_by_number(s->map, major, minor);
	char text[HALE_NAME_MAX];

	if (d) {
		name_on_device(s, d, ret_name);
		return;
	}
	if (m && is_multi_device(map_type(s->map, m))) {
		d = member_of(s, major, minor);
		if (d) {
			name_on_device(s, d, ret_name);
			return;
		}
	}
	if (m) {
		naming_mount(map_type(s->map, m),
			     pool_text(&s->map->text, m->mountpoint), ret_name);
		return;
	}
	snprintf(text, sizeof(text), "%u:%u", major, minor);
	name_unresolved("fs", text, ret_name);
}

static void resolve_fs(const struct storage *s, const char *name,
		       uint64_t time_ns, struct name *ret_name)
{
	const struct inventory_device *d;
	uint32_t major, minor;

	if (parse_number(name, &major, &minor)) {
		d = inventory_by_number(s->inventory, major, minor);
		if (d && d->since_ns > time_ns)
			name_unresolved("fs", name, ret_name);
		else
			naming_filesystem(s, major, minor, ret_name);
		return;
	}
	d = inventory_by_name(s->inventory, name, strlen(name), time_ns);
	if (d)
		name_on_device(s, d, ret_name);
	else
		name_unresolved("fs", name, ret_name);
}

void naming_resolve(const struct storage *s, enum hale_ref ref,
		    const char *name, uint64_t time_ns, struct name *ret_name)
{
	switch (ref) {
	case HALE_REF_DISK:
		resolve_block(s, "disk", name, time_ns, ret_name);
		return;
	case HALE_REF_ARRAY:
		resolve_block(s, "array", name, time_ns, ret_name);
		return;
	case HALE_REF_FS:
		resolve_fs(s, name, time_ns, ret_name);
		return;
	case HALE_REF_PART:
	case HALE_REF_COUNT:
		break;
	}
	HALE_SET(ret_name->part, name);
	ret_name->alias[0] = '\0';
}
