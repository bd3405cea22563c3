/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What devices write of themselves: VPD pages, world-wide names, device paths,
 * device-mapper status lines. The first byte chooses what the rest is taken
 * for. An identity that comes out is printable, bounded and begins with what
 * it is.
 */
#include <stdlib.h>

#include "hale/text.h"

#include "drivers/disk_identity.h"
#include "drivers/storage/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_names(const struct disk_names *n)
{
	struct hale_device d = { 0 };

	disk_describe(n, &d);
	check(hale_text_printable(d.identity, sizeof(d.identity)));
	check(hale_text_printable(d.model, sizeof(d.model)));
	check(hale_text_printable(d.serial, sizeof(d.serial)));
	check(!d.identity[0] ||
	      (strncmp(d.identity, "disk/", 5) == 0 && strlen(d.identity) > 5));
}

static void as_text(unsigned int what, const char *text)
{
	static const char *const types[] = { "raid", "mirror", "multipath" };
	struct storage_array array = { 0 };
	struct disk_names n = { 0 };
	char dst[HALE_PART_MAX];

	if (what == 2)
		disk_names_from_t10(text, &n);
	else
		HALE_SET(n.wwn, text);
	disk_bus_path(text, n.path, sizeof(n.path));
	check(strlen(n.path) < sizeof(n.path));
	check_names(&n);
	disk_array_identity(text, dst);
	check(!dst[0] || strlen(dst) == 6 + 32);
	for (unsigned int i = 0; i < HALE_ARRAY_SIZE(types); i++)
		storage_dm_target(&array, i, types[i], text);
	check(array.n_failed <= HALE_ARRAY_SIZE(array.failed));
	check(strlen(array.via) < sizeof(array.via));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct disk_names n = { 0 };
	char *text;

	if (size == 0)
		return 0;
	if (data[0] % 4 < 2) {
		if (data[0] % 4 == 0)
			disk_names_from_vpd83(data + 1, size - 1, &n);
		else
			disk_names_from_vpd80(data + 1, size - 1, &n);
		check_names(&n);
		return 0;
	}
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	as_text(data[0] % 4, text);
	free(text);
	return 0;
}
