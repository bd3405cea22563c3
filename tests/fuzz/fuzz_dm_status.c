/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device-mapper's status and table lines, as any text: legs and blocks that
 * come out of them make sense together.
 */
#include "drivers/array/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_legs(const struct dm_legs *legs)
{
	if (legs->lost > legs->n || legs->n == 0)
		abort();
}

static void judge(const struct dm_pool *state)
{
	static struct array_pool_judgment j;
	struct array_pool pool = { .state = *state,
				   .block_bytes = 65536,
				   .warn_percent = 90,
				   .name = "vg/pool" };

	array_pool_judge(&pool, &j);
	if (j.full[0] && j.low[0] && state->meta_total == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dm_legs legs;
	struct dm_pool pool;
	uint32_t major, minor;
	uint64_t n;
	char *text = malloc(size + 1), dev[24], name[96];

	memcpy(text, data, size);
	text[size] = '\0';
	if (dm_status_raid(text, &legs))
		check_legs(&legs);
	if (dm_status_mirror(text, &legs))
		check_legs(&legs);
	if (dm_status_multipath(text, NULL, NULL, &legs))
		check_legs(&legs);
	if (dm_status_thin_pool(text, &pool))
		judge(&pool);
	if (dm_status_vdo(text, &pool))
		judge(&pool);
	dm_status_thin(text, &n);
	dm_table_thin(text, &major, &minor);
	dm_table_thin_pool(text, &n);
	dm_table_raid_leg(text, 1, dev, sizeof(dev));
	array_dm_print_name("LVM-x", text, name, sizeof(name));
	free(text);
	return 0;
}
