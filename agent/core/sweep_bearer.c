/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a name that passed to another device means for findings. Decides which
 * of them, put on the present device because nobody knew better, are those of
 * the one before it; they go to the name itself, unresolved. Never takes a
 * finding from a device that we knew before the name passed on: that is the old
 * one, and udev will say that it left. Invariant: what a device keeps is not
 * older than its time under its name, or was said while we saw it there.
 */
#include "core.h"

/* Only lines of the log that @driver read come by a name and late. NULL: what
 * was set up anew has nothing of the one before it, whoever said it. */
static void move_older(struct middle *m, const char *driver, const char *part,
		       const char *name, uint64_t since_ns)
{
	const char *slash = strchr(part, '/');
	char to[HALE_PART_MAX];

	if (!slash || naming_unresolved(part))
		return;
	snprintf(to, sizeof(to), "%.*s" NAMING_UNRESOLVED "%s",
		 (int)(slash - part + 1), part, name);
	for (uint32_t i = m->ledger.n; i-- > 0;) {
		struct ledger_entry *e = &m->ledger.entries[i];

		if (e->open && !e->loaded && e->last_ns < since_ns &&
		    (!driver || strcmp(e->driver, driver) == 0) &&
		    strcmp(e->part, part) == 0) {
			ledger_move(&m->ledger, e, to);
			sectors_rename(&m->sectors, part, to);
		}
	}
}

static void raise_device(struct middle *m, const char *driver,
			 struct inventory_device *d, uint64_t since_ns)
{
	const struct inventory *inv = &m->inventory;
	const char *name = inventory_text(inv, d, INVENTORY_NAME);
	const struct storage s = middle_storage(m);
	struct name fs;

	naming_filesystem(&s, d->major, d->minor, &fs);
	move_older(m, driver, fs.part, name, since_ns);
	move_older(m, driver, inventory_text(inv, d, INVENTORY_PART), name,
		   since_ns);
	d->since_ns = since_ns;
}

bool sweep_bearer(struct middle *m, const char *driver,
		  const struct hale_bearer *f, uint64_t now_ns)
{
	struct inventory *inv = &m->inventory;
	uint64_t since_ns = bearers_take(&inv->bearers, f);
	bool raised = false;

	for (uint32_t i = 0; since_ns && i < inv->n; i++) {
		struct inventory_device *d = &inv->devices[i];

		if (d->until_ns || d->since_ns >= since_ns ||
		    !bearers_means(f->name,
				   inventory_text(inv, d, INVENTORY_NAME)) ||
		    (d->known_ns < since_ns && f->news != HALE_BEARER_SET_UP))
			continue;
		raise_device(m, f->news == HALE_BEARER_SET_UP ? NULL : driver,
			     d, since_ns);
		raised = true;
	}
	if (raised)
		sweep(m, now_ns);
	return raised;
}
