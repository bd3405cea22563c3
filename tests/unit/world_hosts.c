/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts for tests of the middle, fact by fact. */
#include "world_hosts.h"

void world_stack_begin(struct world *w)
{
	world_new(w);
	world_disk(w, "sdc", 32, "disk/naa.c");
	world_disk(w, "sdd", 48, "disk/naa.d");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_layer(w, "8:1", "8:0", "partition");
}

void world_stack_end(struct world *w)
{
	world_map(w, HALE_FACT_MAP_END);
}

void world_mirror(struct world *w)
{
	world_stack_begin(w);
	world_layered(w, "md0", 9, 0, HALE_BLOCK_MD);
	world_mount(w, 9, 0, "xfs", "/data");
	world_layer(w, "9:0", "8:16", "raid1");
	world_layer(w, "9:0", "8:32", "raid1");
	world_stack_end(w);
}

void world_whole_disk(struct world *w, const char *name, const char *identity,
		      const char *devpath, uint64_t since_ns)
{
	static uint32_t minor = 256;
	struct hale_device d = world_device(name, 8, minor, HALE_BLOCK_DISK);

	minor += 16;
	HALE_SET(d.identity, identity);
	HALE_SET(d.devpath, devpath);
	d.since_ns = since_ns;
	world_add(w, &d);
}

void world_io_error(struct world *w, enum hale_ref ref, const char *name,
		    uint64_t time_ns)
{
	struct hale_observation o =
		world_observation(HALE_DISK_IO_ERROR, ref, name);

	o.time_ns = time_ns;
	world_say(w, "kmsg", &o);
}

void world_errors(struct world *w, enum hale_condition c, const char *name,
		  uint32_t count, uint64_t time_ns)
{
	struct hale_observation o = world_observation(c, HALE_REF_DISK, name);

	o.count = count;
	o.time_ns = time_ns;
	world_say(w, "kmsg", &o);
}

bool world_has(struct world *w, const char *part)
{
	return world_finding(w, part, HALE_DISK_IO_ERROR) != NULL;
}
