/* SPDX-License-Identifier: Apache-2.0 */
/* More devices than there is room for. */
#include "world.h"

#include "agent/core/inventory.h"

static void more_devices_than_fit(void **state)
{
	static struct inventory inv;
	struct inventory_change change;
	struct hale_coverage c;
	bool said = false;
	struct world w;

	(void)state;
	inventory_init(&inv);
	for (uint32_t i = 0; i < INVENTORY_MAX + 5; i++) {
		struct hale_device d = world_device("", 8, i, HALE_BLOCK_DISK);

		snprintf(d.name, sizeof(d.name), "sd%u", i);
		inventory_update(&inv, &d, true, START, &change);
	}
	assert_int_equal(inv.n, INVENTORY_MAX);
	assert_int_equal(inv.dropped, 5);
	/* those that left make room, the oldest first */
	for (uint32_t i = 0; i < 2; i++) {
		struct hale_device d = world_device("", 8, i, HALE_BLOCK_DISK);

		snprintf(d.name, sizeof(d.name), "sd%u", i);
		d.present = false;
		inventory_update(&inv, &d, true, START + 2 - i, &change);
	}
	{
		struct hale_device d = world_device("new", 9, 9, 0);

		inventory_update(&inv, &d, true, START, &change);
		assert_true(change.appeared);
	}
	assert_int_equal(inv.dropped, 5);
	assert_non_null(inventory_by_name(&inv, "new", 3, UINT64_MAX));
	assert_non_null(inventory_by_name(&inv, "sd0", 3, UINT64_MAX));
	assert_null(inventory_by_name(&inv, "sd1", 3, UINT64_MAX));

	world_new(&w);
	for (uint32_t i = 0; i < INVENTORY_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "dm-%u", i);
		world_layered(&w, name, 253, i, HALE_BLOCK_DM);
	}
	for (size_t i = 0; middle_coverage(w.m, i, &c); i++)
		said |= strcmp(c.why, "4 devices left out: no room") == 0;
	assert_true(said);
	world_end(&w);
}

static void long_texts_fill_the_inventory(void **state)
{
	static struct inventory inv;
	struct inventory_change change;
	struct hale_device d;
	uint32_t n;

	(void)state;
	inventory_init(&inv);
	for (uint32_t i = 0; i < INVENTORY_MAX; i++) {
		d = world_device("", 8, i, HALE_BLOCK_DISK);
		snprintf(d.name, sizeof(d.name), "sd%u", i);
		memset(d.devpath, 'x', sizeof(d.devpath) - 1);
		d.devpath[0] = '/';
		inventory_update(&inv, &d, true, START, &change);
	}
	assert_true(inv.n < INVENTORY_MAX);
	assert_int_equal(inv.n + inv.dropped, INVENTORY_MAX);
	/* a change that no longer fits leaves the device as it was */
	n = inv.n;
	d = world_device("sd7", 8, 7, HALE_BLOCK_DISK);
	memset(d.devpath, 'x', sizeof(d.devpath) - 1);
	d.devpath[0] = '/';
	for (int i = 0; i < 2; i++) {
		memset(d.model, 'm', sizeof(d.model) - 1);
		memset(d.serial, 's', sizeof(d.serial) - 1);
		memset(d.fs_uuid, 'u', sizeof(d.fs_uuid) - 1);
		memset(d.identity, 'i', sizeof(d.identity) - 1);
		inventory_update(&inv, &d, true, START, &change);
		d.minor = 8;
		HALE_SET(d.name, "sd8");
	}
	assert_int_equal(inv.n, n);
	assert_non_null(inventory_by_name(&inv, "sd7", 3, UINT64_MAX));
	assert_string_equal(
		inventory_text(&inv,
			       inventory_by_name(&inv, "sd9", 3, UINT64_MAX),
			       INVENTORY_NAME),
		"sd9");
	/* room is made out of what is gone */
	d = world_device("sd9", 8, 9, HALE_BLOCK_DISK);
	d.present = false;
	inventory_update(&inv, &d, true, START, &change);
	d = world_device("sd10", 8, 10, HALE_BLOCK_DISK);
	memset(d.devpath, 'y', sizeof(d.devpath) - 1);
	d.devpath[0] = '/';
	memset(d.model, 'm', sizeof(d.model) - 1);
	memset(d.serial, 's', sizeof(d.serial) - 1);
	inventory_update(&inv, &d, true, START, &change);
	assert_null(inventory_by_name(&inv, "sd9", 3, UINT64_MAX));
	assert_non_null(inventory_by_name(&inv, "sd10", 4, UINT64_MAX));
}

static void facts_without_a_name(void **state)
{
	struct hale_device d = world_device("", 8, 1, HALE_BLOCK_DISK);
	struct world w;

	(void)state;
	world_new(&w);
	assert_false(world_add(&w, &d));
	d = world_device("sdnone", 8, 1, HALE_BLOCK_DISK);
	d.present = false;
	assert_false(world_add(&w, &d));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_devices_than_fit),
		cmocka_unit_test(long_texts_fill_the_inventory),
		cmocka_unit_test(facts_without_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
