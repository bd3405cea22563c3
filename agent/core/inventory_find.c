/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds devices by what a log line or a mount calls them. Decides which
 * instance of a name a line of a given age means: the latest that was there by
 * then, gone or not, and none where all are younger. Changes nothing.
 * Invariant: an ambiguous token finds nothing rather than the wrong disk.
 */
#include "inventory.h"

static bool text_is(const char *text, const char *name, size_t len)
{
	return strncmp(text, name, len) == 0 && text[len] == '\0';
}

/* Of two instances, the one that a question about now means. */
static bool later(const struct inventory_device *a,
		  const struct inventory_device *b)
{
	if (!b)
		return true;
	if ((a->until_ns == 0) != (b->until_ns == 0))
		return a->until_ns == 0;
	if (a->until_ns != b->until_ns)
		return a->until_ns > b->until_ns;
	return a->since_ns > b->since_ns;
}

const struct inventory_device *inventory_by_name(const struct inventory *inv,
						 const char *name, size_t len,
						 uint64_t time_ns)
{
	const struct inventory_device *found = NULL;

	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d->since_ns > time_ns ||
		    !text_is(inventory_text(inv, d, INVENTORY_NAME), name, len))
			continue;
		if (later(d, found))
			found = d;
	}
	return found;
}

const struct inventory_device *
inventory_by_number(const struct inventory *inv, uint32_t major, uint32_t minor)
{
	const struct inventory_device *found = NULL;

	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d->major == major && d->minor == minor && later(d, found))
			found = d;
	}
	return found;
}

const struct inventory_device *inventory_by_part(const struct inventory *inv,
						 const char *part)
{
	const struct inventory_device *found = NULL;
	uint64_t key = text_key(part);

	if (!part[0])
		return NULL;
	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d->part_key == key &&
		    strcmp(inventory_text(inv, d, INVENTORY_PART), part) == 0 &&
		    later(d, found))
			found = d;
	}
	return found;
}

const struct inventory_device *
inventory_disk_of(const struct inventory *inv, const struct inventory_device *d)
{
	const struct inventory_device *found;
	const char *disk = inventory_text(inv, d, INVENTORY_DISK);
	uint64_t time_ns = d->until_ns ? d->until_ns : UINT64_MAX;

	if (d->kind != HALE_BLOCK_PARTITION)
		return d;
	/* a disk leaves after its partitions, in the same breath */
	found = inventory_by_name(inv, disk, strlen(disk), time_ns);
	return found && found->kind != HALE_BLOCK_PARTITION ? found : NULL;
}

bool inventory_has_token(const struct inventory *inv,
			 const struct inventory_device *d, const char *token)
{
	const char *path = inventory_text(inv, d, INVENTORY_DEVPATH);
	const char *name = inventory_text(inv, d, INVENTORY_NAME);
	size_t len = strlen(token);
	const char *dot = strrchr(token, '.');

	if (len == 0)
		return false;
	/* "ata3.00" names the device at the port's end; the path has "ata3" */
	if (dot && strncmp(token, "ata", 3) == 0)
		len = (size_t)(dot - token);
	if (text_is(name, token, len))
		return true;
	while (*path == '/') {
		size_t part = strcspn(++path, "/");

		if (part == len && strncmp(path, token, len) == 0)
			return true;
		path += part;
	}
	/* a multipath namespace has no controller in its path */
	return strncmp(token, "nvme", 4) == 0 &&
	       strncmp(name, token, len) == 0 && name[len] == 'n';
}

static bool is_hardware(const struct inventory_device *d)
{
	return d->kind == HALE_BLOCK_DISK || d->kind == HALE_BLOCK_OPTICAL ||
	       d->kind == HALE_BLOCK_NETWORK;
}

const struct inventory_device *inventory_by_token(const struct inventory *inv,
						  const char *token,
						  uint64_t time_ns)
{
	const struct inventory_device *found = NULL;
	bool more = false;

	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (!is_hardware(d) || d->since_ns > time_ns ||
		    !inventory_has_token(inv, d, token))
			continue;
		/* present ones are ambiguous among themselves; gone ones only
		 * matter where nothing took their place */
		if (found && found->until_ns == 0 && d->until_ns == 0)
			more = true;
		if (later(d, found))
			found = d;
	}
	return more ? NULL : found;
}

/* By what of its path names the seat, not who sits there. */
uint64_t inventory_seat(const struct inventory *inv,
			const struct inventory_device *d)
{
	const char *devpath = inventory_text(inv, d, INVENTORY_DEVPATH);
	const char *block = strstr(devpath, "/block/");
	char seat[HALE_PATH_MAX] = "";

	if (d->kind != HALE_BLOCK_DISK || !devpath[0])
		return 0;
	hale_copy(seat, sizeof(seat), devpath,
		  block ? (size_t)(block - devpath) : strlen(devpath));
	return text_key(seat);
}

bool inventory_seated(const struct inventory *inv, uint64_t seat)
{
	for (uint32_t i = 0; seat && i < inv->n; i++) {
		if (inv->devices[i].until_ns == 0 &&
		    inventory_seat(inv, &inv->devices[i]) == seat)
			return true;
	}
	return false;
}
