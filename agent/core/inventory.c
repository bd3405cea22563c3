/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the records of block devices. Decides when a fact speaks of the same
 * instance of a device and when of a new one under an old name, and which part
 * id an instance bears; that id never changes while the instance lives, because
 * a dying disk may stop telling its serial number. Invariant: a name has at
 * most one present record, and the strings of a record lie together in the
 * pool.
 */
#include "inventory.h"

void inventory_init(struct inventory *inv)
{
	memset(inv, 0, offsetof(struct inventory, bytes));
	pool_init(&inv->pool, inv->bytes, sizeof(inv->bytes));
}

const char *inventory_text(const struct inventory *inv,
			   const struct inventory_device *d,
			   enum inventory_text which)
{
	return pool_text(&inv->pool, d->at + d->text[which]);
}

static void device_cut(struct inventory *inv, struct inventory_device *d)
{
	if (d->len == 0)
		return;
	pool_cut(&inv->pool, d->at, d->len);
	for (uint32_t i = 0; i < inv->n; i++) {
		if (inv->devices[i].at > d->at)
			inv->devices[i].at -= d->len;
	}
	d->at = d->len = 0;
}

static void device_drop(struct inventory *inv, struct inventory_device *d)
{
	struct inventory_device *last = &inv->devices[inv->n - 1];

	device_cut(inv, d);
	*d = *last;
	inv->n--;
}

static bool drop_oldest_gone(struct inventory *inv)
{
	struct inventory_device *oldest = NULL;

	for (uint32_t i = 0; i < inv->n; i++) {
		struct inventory_device *d = &inv->devices[i];

		if (d->until_ns && (!oldest || d->until_ns < oldest->until_ns))
			oldest = d;
	}
	if (oldest)
		device_drop(inv, oldest);
	return oldest != NULL;
}

static uint32_t texts_size(const char *const *texts)
{
	size_t size = 0;

	for (size_t i = 0; i < INVENTORY_TEXTS; i++)
		size += strlen(texts[i]) + 1;
	return (uint32_t)size;
}

static bool pool_has_room(struct inventory *inv, uint32_t size)
{
	return inv->pool.size - inv->pool.used >= size;
}

/* @texts must not point into the pool. */
static void device_write(struct inventory *inv, struct inventory_device *d,
			 const char *const *texts)
{
	d->at = inv->pool.used;
	for (size_t i = 0; i < INVENTORY_TEXTS; i++) {
		uint32_t at = pool_put(&inv->pool, texts[i]);

		d->text[i] = (uint16_t)(at - d->at);
	}
	d->len = inv->pool.used - d->at;
	d->part_key = text_key(texts[INVENTORY_PART]);
}

static struct inventory_device *device_new(struct inventory *inv,
					   const char *const *texts)
{
	uint32_t size = texts_size(texts);
	struct inventory_device *d;

	while (inv->n == INVENTORY_MAX || !pool_has_room(inv, size)) {
		if (!drop_oldest_gone(inv))
			return NULL;
	}
	d = &inv->devices[inv->n++];
	memset(d, 0, sizeof(*d));
	device_write(inv, d, texts);
	return d;
}

int inventory_restore(struct inventory *inv, const struct inventory_device *d,
		      const char *const *texts)
{
	struct inventory_device *mine = device_new(inv, texts);
	struct inventory_device whole = *d;

	if (!mine)
		return -1;
	whole.at = mine->at;
	whole.len = mine->len;
	whole.part_key = mine->part_key;
	memcpy(whole.text, mine->text, sizeof(whole.text));
	*mine = whole;
	return 0;
}

static struct inventory_device *present(struct inventory *inv, const char *name)
{
	for (uint32_t i = 0; i < inv->n; i++) {
		struct inventory_device *d = &inv->devices[i];

		if (d->until_ns == 0 &&
		    strcmp(inventory_text(inv, d, INVENTORY_NAME), name) == 0)
			return d;
	}
	return NULL;
}

static bool same_identity(const struct inventory *inv,
			  const struct inventory_device *d,
			  const struct hale_device *f)
{
	/* a duplicate's part goes on behind its identity */
	return f->identity[0] && strncmp(inventory_text(inv, d, INVENTORY_PART),
					 f->identity, strlen(f->identity)) == 0;
}

/* Only the place where a disk sits: its kernel name, or the bus path. */
static bool is_place(const struct inventory_device *d, const char *part)
{
	return d->named || strncmp(part, "disk/path-", 10) == 0;
}

/*
 * Two identities under one name and no removal seen: another disk, unless one
 * of them is only a place, or both have one serial number. A dying disk that
 * no longer tells its identity is not another disk.
 */
static bool other_disk(const struct inventory *inv,
		       const struct inventory_device *d,
		       const struct hale_device *f)
{
	const char *serial = inventory_text(inv, d, INVENTORY_SERIAL);

	if (!f->identity[0] || strncmp(f->identity, "disk/path-", 10) == 0 ||
	    is_place(d, inventory_text(inv, d, INVENTORY_PART)))
		return false;
	return !serial[0] || strcmp(serial, f->serial) != 0;
}

/* A loop set up anew may keep name and number, but not what is in it. */
static bool other_content(const struct inventory *inv,
			  const struct inventory_device *d,
			  const struct hale_device *f)
{
	const char *uuid = inventory_text(inv, d, INVENTORY_FS_UUID);

	return uuid[0] && f->fs_uuid[0] && strcmp(uuid, f->fs_uuid) != 0;
}

/*
 * A name seen again: a removal was missed where the kernel made it anew.
 * The same identity is the same disk, however late udev announces it.
 */
static bool same_instance(const struct inventory *inv,
			  const struct inventory_device *d,
			  const struct hale_device *f)
{
	if (d->major != f->major || d->minor != f->minor ||
	    d->kind != (uint8_t)f->kind)
		return false;
	if (f->kind == HALE_BLOCK_PARTITION || same_identity(inv, d, f))
		return true;
	if (f->since_ns > d->since_ns)
		return false;
	if (f->kind == HALE_BLOCK_LOOP || f->kind == HALE_BLOCK_DM)
		return !other_content(inv, d, f);
	return !other_disk(inv, d, f);
}

static bool texts_equal(const struct inventory *inv,
			const struct inventory_device *d,
			const char *const *texts)
{
	for (size_t i = 0; i < INVENTORY_TEXTS; i++) {
		const char *old =
			inventory_text(inv, d, (enum inventory_text)i);

		if (strcmp(old, texts[i]) != 0)
			return false;
	}
	return true;
}

/* What the fact no longer says stays as it was: its disk may be dying. */
static bool device_refresh(struct inventory *inv, struct inventory_device *d,
			   const struct hale_device *f,
			   struct inventory_change *ret_change)
{
	char part[HALE_PART_MAX], model[sizeof(f->model)];
	char serial[sizeof(f->serial)], uuid[sizeof(f->fs_uuid)];
	const char *texts[INVENTORY_TEXTS] = { f->name,	   f->disk, part,
					       f->devpath, model,   serial,
					       uuid };
	bool removable = d->removable; /* udev's events do not say it */

	HALE_SET(part, inventory_text(inv, d, INVENTORY_PART));
	HALE_SET(model, inventory_text(inv, d, INVENTORY_MODEL));
	HALE_SET(serial, inventory_text(inv, d, INVENTORY_SERIAL));
	HALE_SET(uuid, inventory_text(inv, d, INVENTORY_FS_UUID));
	if (f->identity[0] && is_place(d, part) &&
	    strcmp(part, f->identity) != 0 && f->kind != HALE_BLOCK_PARTITION) {
		HALE_SET(ret_change->renamed, part);
		d->named = inventory_choose_part(inv, f, part);
		HALE_SET(ret_change->part, part);
	}
	if (f->model[0])
		HALE_SET(model, f->model);
	if (f->serial[0])
		HALE_SET(serial, f->serial);
	if (f->fs_uuid[0])
		HALE_SET(uuid, f->fs_uuid);
	d->removable |= f->removable;
	if (texts_equal(inv, d, texts))
		return removable != d->removable;
	while (!pool_has_room(inv, texts_size(texts)) && drop_oldest_gone(inv))
		d = present(inv, f->name);
	if (!d || !pool_has_room(inv, texts_size(texts))) {
		inv->dropped++; /* it stays as it was known */
		return true;
	}
	device_cut(inv, d);
	device_write(inv, d, texts);
	return true;
}

static void tell(const struct inventory *inv, const struct inventory_device *d,
		 struct inventory_change *ret_change)
{
	ret_change->changed = true;
	ret_change->named = d->named;
	ret_change->since_ns = d->since_ns;
	HALE_SET(ret_change->part, inventory_text(inv, d, INVENTORY_PART));
	HALE_SET(ret_change->name, inventory_text(inv, d, INVENTORY_NAME));
}

static uint64_t last_end(const struct inventory *inv, const char *name)
{
	uint64_t ended_ns = 0;

	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d->until_ns > ended_ns &&
		    strcmp(inventory_text(inv, d, INVENTORY_NAME), name) == 0)
			ended_ns = d->until_ns;
	}
	return ended_ns;
}

static void device_add(struct inventory *inv, const struct hale_device *f,
		       uint64_t now_ns, struct inventory_change *ret_change)
{
	char part[HALE_PART_MAX];
	bool named = inventory_choose_part(inv, f, part);
	const char *const texts[INVENTORY_TEXTS] = { f->name,	f->disk,
						     part,	f->devpath,
						     f->model,	f->serial,
						     f->fs_uuid };
	uint64_t ended_ns = last_end(inv, f->name);
	uint64_t borne_ns = bearers_since(&inv->bearers, f->name);
	struct inventory_device *d = device_new(inv, texts);

	ret_change->changed = true;
	if (!d) {
		inv->dropped++;
		return;
	}
	d->major = f->major;
	d->minor = f->minor;
	d->kind = (uint8_t)f->kind;
	d->removable = f->removable;
	d->named = named;
	d->seen = inv->pass;
	d->since_ns = f->since_ns;
	d->known_ns = now_ns;
	/* whatever came after another of its name is younger than that */
	if (d->since_ns < ended_ns)
		d->since_ns = ended_ns;
	if (d->since_ns < borne_ns)
		d->since_ns = borne_ns;
	/* what is set up by software and was not in the last listing came
	 * after it; a disk may be missing there because it was slow to say
	 * who it is */
	if (d->since_ns == 0 && named && f->kind != HALE_BLOCK_DISK)
		d->since_ns = inv->listed_ns;
	tell(inv, d, ret_change);
	ret_change->appeared = true;
}

/* Replaced unseen, it left before the next one came. */
static uint64_t left_by(const struct inventory *inv,
			const struct inventory_device *d,
			const struct hale_device *next, uint64_t now_ns)
{
	uint64_t borne_ns = bearers_since(&inv->bearers, next->name);

	if (!next->present)
		return now_ns;
	if (next->since_ns && next->since_ns < now_ns)
		return next->since_ns;
	return borne_ns > d->known_ns && borne_ns < now_ns ? borne_ns : now_ns;
}

void inventory_update(struct inventory *inv, const struct hale_device *fact,
		      bool listed, uint64_t now_ns,
		      struct inventory_change *ret_change)
{
	struct inventory_device *d = present(inv, fact->name);

	memset(ret_change, 0, sizeof(*ret_change));
	if (!fact->name[0])
		return;
	if (inv->listing_ns == 0)
		inv->listing_ns = now_ns;
	if (d && fact->present && same_instance(inv, d, fact)) {
		if (listed)
			d->seen = inv->pass;
		ret_change->changed = device_refresh(inv, d, fact, ret_change);
		return;
	}
	if (d) {
		d->until_ns = left_by(inv, d, fact, now_ns);
		tell(inv, d, ret_change);
		ret_change->vanished = true;
	}
	if (fact->present)
		device_add(inv, fact, now_ns, ret_change);
}

void inventory_pass(struct inventory *inv, uint64_t now_ns)
{
	inv->listed_ns = inv->listing_ns ? inv->listing_ns : now_ns;
	inv->listing_ns = 0;
	inv->pass++;
}

void inventory_end(struct inventory *inv, struct inventory_device *d,
		   uint64_t now_ns, struct inventory_change *ret_change)
{
	memset(ret_change, 0, sizeof(*ret_change));
	d->until_ns = now_ns;
	tell(inv, d, ret_change);
	ret_change->vanished = true;
}
