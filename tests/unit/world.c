/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says the facts that tests of the middle are made of, as drivers would, and
 * asks as the client does. Decides nothing; invents only time and hardware.
 */
#include "agent/core/memory.h"

#include "world.h"

bool world_fact(struct world *w, const char *driver, const struct hale_fact *f)
{
	return middle_fact(w->m, driver, f, w->now);
}

void world_sight(struct world *w, const char *driver, enum hale_sense sense,
		 enum hale_sight sight, const char *why)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };

	f.u.coverage.sense = sense;
	f.u.coverage.sight = sight;
	f.u.coverage.period_s = strcmp(driver, "space") == 0 ? 30 : 0;
	HALE_SET(f.u.coverage.driver, driver);
	HALE_SET(f.u.coverage.why, why);
	world_fact(w, driver, &f);
}

void world_see_all(struct world *w)
{
	world_sight(w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_LIVE, "");
	world_sight(w, "kmsg", HALE_SENSE_KERNEL_LOG, HALE_SIGHT_LIVE, "");
	world_sight(w, "space", HALE_SENSE_FS_STATE, HALE_SIGHT_LIVE, "");
	world_sight(w, "storage", HALE_SENSE_STORAGE_MAP, HALE_SIGHT_LIVE, "");
}

void world_bare(struct world *w)
{
	struct hale_policy policy;

	memset(w, 0, sizeof(*w));
	w->now = START;
	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &w->m), 0);
}

void world_end(struct world *w)
{
	w->m = middle_free(w->m);
}

struct hale_device world_device(const char *name, uint32_t major,
				uint32_t minor, enum hale_block_kind kind)
{
	struct hale_device d = {
		.major = major, .minor = minor, .kind = kind, .present = true
	};

	HALE_SET(d.name, name);
	return d;
}

bool world_add(struct world *w, const struct hale_device *d)
{
	struct hale_fact f = { .kind = HALE_FACT_DEVICE, .u.device = *d };

	return world_fact(w, "udev", &f);
}

void world_disk(struct world *w, const char *name, uint32_t minor,
		const char *identity)
{
	struct hale_device d = world_device(name, 8, minor, HALE_BLOCK_DISK);
	unsigned int port = minor / 16 + 1;

	HALE_SET(d.identity, identity);
	snprintf(d.devpath, sizeof(d.devpath),
		 "/devices/pci0000:00/0000:00:1f.2/ata%u/host%u/target%u:0:0/"
		 "%u:0:0:0/block/%s",
		 port, port - 1, port - 1, port - 1, name);
	HALE_SET(d.model, "WDC WD40EZRZ");
	HALE_SET(d.serial, identity + 5);
	world_add(w, &d);
}

void world_partition(struct world *w, const char *name, uint32_t minor,
		     const char *uuid)
{
	struct hale_device d =
		world_device(name, 8, minor, HALE_BLOCK_PARTITION);

	hale_copy(d.disk, sizeof(d.disk), name, strcspn(name, "0123456789"));
	HALE_SET(d.fs_uuid, uuid);
	world_add(w, &d);
}

void world_layered(struct world *w, const char *name, uint32_t major,
		   uint32_t minor, enum hale_block_kind kind)
{
	struct hale_device d = world_device(name, major, minor, kind);

	snprintf(d.devpath, sizeof(d.devpath), "/devices/virtual/block/%s",
		 name);
	world_add(w, &d);
}

void world_remove(struct world *w, const char *name, uint32_t minor)
{
	struct hale_device d = world_device(name, 8, minor, HALE_BLOCK_DISK);

	d.present = false;
	world_add(w, &d);
}

void world_map(struct world *w, enum hale_fact_kind edge)
{
	const struct hale_fact f = { .kind = edge };

	world_fact(w, "storage", &f);
}

struct hale_fact world_mount_fact(uint32_t major, uint32_t minor,
				  const char *type, const char *mountpoint)
{
	struct hale_fact f = { .kind = HALE_FACT_MOUNT };
	struct hale_mount *m = &f.u.mount;

	m->major = major;
	m->minor = minor;
	m->writable = true;
	m->swap = strcmp(type, "swap") == 0;
	HALE_SET(m->type, type);
	snprintf(m->source, sizeof(m->source), "/dev/%u-%u", major, minor);
	HALE_SET(m->mountpoint, mountpoint);
	return f;
}

void world_mount(struct world *w, uint32_t major, uint32_t minor,
		 const char *type, const char *mountpoint)
{
	struct hale_fact f = world_mount_fact(major, minor, type, mountpoint);

	world_fact(w, "storage", &f);
}

struct hale_fact world_layer_fact(uint32_t upper_major, uint32_t upper_minor,
				  uint32_t lower_major, uint32_t lower_minor,
				  const char *via)
{
	struct hale_fact f = { .kind = HALE_FACT_LAYER };
	struct hale_layer *l = &f.u.layer;

	l->upper_major = upper_major;
	l->upper_minor = upper_minor;
	l->lower_major = lower_major;
	l->lower_minor = lower_minor;
	/* as the kernel: a raid leg is redundant while another one works */
	l->redundant = strncmp(via, "raid1", 5) == 0;
	l->unmapped = strncmp(via, "?", 1) == 0;
	HALE_SET(l->via, l->unmapped ? via + 1 : via);
	return f;
}

void world_layer(struct world *w, const char *upper, const char *lower,
		 const char *via)
{
	struct hale_fact f;
	uint32_t n[4];

	assert_int_equal(sscanf(upper, "%u:%u", &n[0], &n[1]), 2);
	assert_int_equal(sscanf(lower, "%u:%u", &n[2], &n[3]), 2);
	f = world_layer_fact(n[0], n[1], n[2], n[3], via);
	world_fact(w, "storage", &f);
}

struct hale_observation world_observation(enum hale_condition c,
					  enum hale_ref ref, const char *part)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = c,
				      .ref = ref,
				      .count = 1 };

	HALE_SET(o.part, part);
	snprintf(o.evidence, sizeof(o.evidence), "%s on %s",
		 hale_condition_info(c)->name, part);
	return o;
}

bool world_say(struct world *w, const char *driver,
	       const struct hale_observation *o)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION,
			       .u.observation = *o };

	if (f.u.observation.time_ns == 0)
		f.u.observation.time_ns = w->now;
	return world_fact(w, driver, &f);
}

bool world_event(struct world *w, enum hale_condition c, enum hale_ref ref,
		 const char *part)
{
	struct hale_observation o = world_observation(c, ref, part);

	return world_say(w, "kmsg", &o);
}

bool world_state(struct world *w, enum hale_condition c, enum hale_ref ref,
		 const char *part, bool holds)
{
	struct hale_observation o = world_observation(c, ref, part);

	o.kind = HALE_OBSERVED_STATE;
	o.holds = holds;
	return world_say(w, "space", &o);
}

bool world_bearer(struct world *w, enum hale_bearer_news news, const char *name,
		  uint64_t time_ns)
{
	struct hale_fact f = { .kind = HALE_FACT_BEARER };

	f.u.bearer.news = news;
	f.u.bearer.time_ns = time_ns;
	HALE_SET(f.u.bearer.name, name);
	return world_fact(w, "kmsg", &f);
}

bool world_measure(struct world *w, enum hale_metric metric, const char *fs,
		   uint64_t value, uint64_t total)
{
	struct hale_observation o =
		world_observation(HALE_CONDITION_NONE, HALE_REF_FS, fs);

	o.kind = HALE_OBSERVED_MEASURE;
	o.metric = metric;
	o.value = value;
	o.total = total;
	o.evidence[0] = '\0';
	return world_say(w, "space", &o);
}

void world_devices(struct world *w)
{
	world_disk(w, "sda", 0, "disk/naa.root");
	world_partition(w, "sda1", 1, "uuid-root");
	world_disk(w, "sdb", 16, "disk/naa.build");
	world_partition(w, "sdb1", 17, "uuid-build");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_mount(w, 8, 17, "ext4", "/home/ci");
	world_layer(w, "8:1", "8:0", "partition");
	world_layer(w, "8:17", "8:16", "partition");
	world_map(w, HALE_FACT_MAP_END);
}

void world_new(struct world *w)
{
	world_bare(w);
	world_see_all(w);
	world_devices(w);
}

struct hale_scope_path world_path(const char *path, uint32_t major,
				  uint32_t minor, const char *type)
{
	struct hale_scope_path p = { .major = major, .minor = minor };

	HALE_SET(p.path, path);
	HALE_SET(p.type, type);
	HALE_SET(p.mountpoint, path);
	return p;
}

enum hale_fitness world_check_path(struct world *w,
				   const struct hale_scope_path *p)
{
	struct hale_scope_request req = { .n_paths = 2 };

	req.paths[0] = *p;
	req.paths[1] = world_path("/", 8, 1, "ext4");
	req.paths[1].implied = true;
	middle_judge(w->m, &req, w->now, &w->verdict);
	return w->verdict.fitness;
}

enum hale_fitness world_check(struct world *w, const char *path, uint32_t major,
			      uint32_t minor)
{
	/* of whatever type the map has */
	const struct hale_scope_path p = world_path(path, major, minor, "");

	return world_check_path(w, &p);
}

enum hale_fitness world_check_build(struct world *w)
{
	return world_check(w, "/home/ci/src", 8, 17);
}

enum hale_fitness world_check_root(struct world *w)
{
	return world_check(w, "/srv", 8, 1);
}

enum hale_fitness world_check_host(struct world *w)
{
	struct hale_scope_request req = { .host = true };

	middle_judge(w->m, &req, w->now, &w->verdict);
	return w->verdict.fitness;
}

const struct hale_finding *world_finding(struct world *w, const char *part,
					 enum hale_condition c)
{
	for (size_t i = 0; middle_finding(w->m, i, w->now, &w->finding); i++) {
		if (w->finding.condition == c &&
		    strcmp(w->finding.part, part) == 0)
			return &w->finding;
	}
	return NULL;
}

uint64_t world_wait(struct world *w, uint64_t ns)
{
	w->now += ns;
	return middle_tick(w->m, w->now);
}

void world_restart(struct world *w, bool same_boot)
{
	struct middle *old = w->m;
	struct hale_memory_row row;
	struct hale_memory_counter counter;
	struct hale_memory_disk disk;
	struct hale_memory_sectors sectors;
	uint64_t now = w->now;

	world_bare(w);
	w->now = now;
	for (size_t i = 0; middle_save(old, i, &row); i++)
		assert_int_equal(middle_load(w->m, &row, same_boot, now), 0);
	for (size_t i = 0; middle_save_counter(old, i, &counter); i++) {
		if (counter.key)
			assert_int_equal(middle_load_counter(w->m, &counter,
							     same_boot, now),
					 0);
	}
	for (size_t i = 0; middle_save_disk(old, i, &disk); i++) {
		if (disk.key)
			assert_int_equal(middle_load_disk(w->m, &disk, now), 0);
	}
	for (size_t i = 0; middle_save_sectors(old, i, &sectors); i++) {
		if (sectors.failing.part[0])
			assert_int_equal(middle_load_sectors(w->m, &sectors),
					 0);
	}
	middle_free(old);
}

const struct hale_reason *world_reason(const struct world *w, uint32_t i)
{
	assert_true(i < w->verdict.n_reasons);
	return &w->verdict.reasons[i];
}

void world_assert_story(const struct world *w, const char *story)
{
	for (uint32_t i = 0; i < w->verdict.n_reasons; i++) {
		const struct hale_finding *f = &w->verdict.reasons[i].finding;

		if (f->condition == HALE_CONDITION_NONE &&
		    strstr(f->evidence, story))
			return;
	}
	fail_msg("no reason says \"%s\"", story);
}
