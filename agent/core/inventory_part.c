/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part id of a device: its identity, its identity with its place where
 * another present device bears the same, or its kernel name for want of both.
 * Changes nothing. Invariant: no two present devices get the same id, unless
 * they sit in the same place under the same name.
 */
#include "inventory.h"

/* "0000:00:1f.2-2:0:0:0": the last PCI address and what the disk sits on. */
static void bus_path(const char *devpath, char *ret_path, size_t size)
{
	const char *pci = "", *seat = "";
	size_t pci_len = 0, seat_len = 0;

	for (const char *s = devpath; *s;) {
		size_t len = strcspn(s + 1, "/");

		if (strncmp(s, "/block", 6) == 0 && len == 5)
			break;
		if (s[1 + len] == '/') {
			seat = s + 1;
			seat_len = len;
		}
		if (len == 12 && s[5] == ':' && s[8] == ':' && s[11] == '.') {
			pci = s + 1;
			pci_len = len;
		}
		s += 1 + len;
	}
	if (pci_len == 0 || pci == seat)
		snprintf(ret_path, size, "%.*s", (int)seat_len, seat);
	else
		snprintf(ret_path, size, "%.*s-%.*s", (int)pci_len, pci,
			 (int)seat_len, seat);
}

static bool part_taken(const struct inventory *inv, const char *part,
		       const struct inventory_device *but)
{
	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d != but && d->until_ns == 0 &&
		    strcmp(inventory_text(inv, d, INVENTORY_PART), part) == 0)
			return true;
	}
	return false;
}

bool inventory_choose_part(const struct inventory *inv,
			   const struct hale_device *f, char *ret_part)
{
	char seat[64];
	int keep;

	ret_part[0] = '\0';
	if (f->kind == HALE_BLOCK_PARTITION)
		return false;
	if (!f->identity[0]) {
		snprintf(ret_part, HALE_PART_MAX, "%s/%s",
			 f->kind == HALE_BLOCK_MD ? "array" : "disk", f->name);
		return true;
	}
	HALE_SET((*(char(*)[HALE_PART_MAX])ret_part), f->identity);
	if (!part_taken(inv, f->identity, NULL))
		return false;
	bus_path(f->devpath, seat, sizeof(seat));
	if (!seat[0])
		HALE_SET(seat, f->name);
	keep = (int)(HALE_PART_MAX - 2 - strlen(seat));
	snprintf(ret_part, HALE_PART_MAX, "%.*s@%s", keep, f->identity, seat);
	return false;
}
