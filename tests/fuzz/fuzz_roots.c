/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole drivers over a "/" of any files: sysfs, procfs and configuration as a
 * hostile guest's host, a broken firmware or a container's engine may show
 * them. Each fact that a driver states must be a valid one, and its memory is
 * given back. The input: one byte for the driver, one for how it is called,
 * then files as planted.h takes them; seeds_roots.py makes them of
 * tests/fixtures.
 */
#include <poll.h>
#include <stdlib.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "drivers/smart/smart.h"
#include "drivers/thermal_parts.h"
#include "tests/fuzz/planted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct hale_driver storage_driver, array_driver, edac_driver,
	limits_driver, virt_driver, space_driver, sensors_driver, engine_driver,
	smart_driver;

static const struct hale_driver *const drivers[] = {
	&storage_driver, &array_driver,	 &edac_driver,
	&limits_driver,	 &virt_driver,	 &space_driver,
	&sensors_driver, &engine_driver, &smart_driver,
};

static char root[] = "/dev/shm/fuzz-roots-XXXXXX";

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void take(void *sink, const struct hale_fact *f)
{
	uint32_t *n = sink;

	check(hale_fact_valid(f));
	check(++*n < 100000);
}

static void run(const struct hale_driver *d, struct hale_probe *p)
{
	int r = d->probe ? d->probe(p) : 0;

	for (int i = 0; r == 0 && d->sample && i < 2; i++) {
		p->now_ns += 20 * HALE_NS_PER_S;
		r = d->sample(p);
	}
	if (d->remove)
		d->remove(p);
}

static void parts_of(int root_fd)
{
	static struct smart_disk disks[16];
	struct thermal_map map;

	check(smart_disks_read(root_fd, disks, HALE_ARRAY_SIZE(disks)) <=
	      (int)HALE_ARRAY_SIZE(disks));
	thermal_map_read(root_fd, &map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int root_fd = -1;
	uint32_t n_facts = 0;
	struct hale_probe p = { .event_fd = -1,
				.event_mask = POLLIN,
				.now_ns = UINT64_C(1700000000) * HALE_NS_PER_S,
				.emit = take,
				.sink = &n_facts };
	const struct hale_driver *d;

	if (size < 2)
		return 0;
	if (root_fd < 0)
		root_fd = planted_open(root);
	d = drivers[data[0] % HALE_ARRAY_SIZE(drivers)];
	p.root_fd = root_fd;
	p.asked = data[1] & 1;
	p.once = data[1] & 2;
	p.state = calloc(1, d->state_size + 1);
	planted(root_fd, data + 2, size - 2);
	run(d, &p);
	parts_of(root_fd);
	free(p.state);
	planted_clear(root);
	return 0;
}
