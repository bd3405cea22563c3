/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns bytes into facts and questions: each byte or two choose one field's
 * value. Decides nothing about them. All that comes out is valid in itself,
 * though no driver might ever say it in this order.
 */
#include "middle_bytes.h"

uint32_t bytes_next(struct bytes *b, uint32_t below)
{
	uint32_t n = 0;

	for (uint32_t range = 1; range < below && b->len > 0; range <<= 8) {
		n = n << 8 | *b->data++;
		b->len--;
	}
	return below ? n % below : 0;
}

static const char *bytes_pick(struct bytes *b, const char *const *of,
			      uint32_t n)
{
	return of[bytes_next(b, n)];
}

#define BYTES_PICK(b, of) bytes_pick((b), (of), HALE_ARRAY_SIZE(of))

static const char *const bytes_names[] = {
	"sda",	"sdb",	   "sda1", "sdb1", "dm-0",  "loop0",	    "md0",
	"ata1", "2:0:0:0", "8:1",  "0:40", "nvme0", "0000:00:1f.2", "sdz"
};
static const char *const bytes_parts[] = {
	"host",	      "cpu/1",	       "dimm/A1",
	"disk/a",     "disk/b",	       "fs/u1",
	"net/eth0",   "engine/docker", "pci/0000:00:1f.2",
	"process/cc", "disk/unknown",  "usb/1-1",
	"array/x"
};
static const char *const bytes_ids[] = { "", "disk/a", "disk/b", "disk/path-x",
					 "array/x" };
static const char *const bytes_uuids[] = { "", "u1", "u2" };
static const char *const bytes_paths[] = {
	"",
	"/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/"
	"block/sda",
	"/devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/"
	"block/sdb",
	"/devices/virtual/block/dm-0",
};
static const char *const bytes_types[] = { "ext4", "tmpfs",    "btrfs",
					   "nfs4", "overlay",  "zfs",
					   "swap", "squashfs", "fuse.x" };
static const char *const bytes_mounts[] = { "/", "/usr", "/home", "/tmp", "" };
static const char *const bytes_vias[] = { "partition", "raid1", "loop",
					  "overlay-lower", "linear" };
static const char *const bytes_drivers[] = { "kmsg", "space", "storage",
					     "udev" };

static const struct {
	uint32_t major, minor;
} bytes_numbers[] = { { 8, 0 },	 { 8, 1 },   { 8, 16 }, { 8, 17 },
		      { 9, 0 },	 { 253, 0 }, { 7, 0 },	{ 0, 40 },
		      { 0, 41 }, { 0, 0 },   { 8, 99 } };

static void bytes_number(struct bytes *b, uint32_t *major, uint32_t *minor)
{
	uint32_t i = bytes_next(b, HALE_ARRAY_SIZE(bytes_numbers));

	*major = bytes_numbers[i].major;
	*minor = bytes_numbers[i].minor;
}

static uint64_t bytes_time(struct bytes *b, uint64_t now)
{
	static const uint64_t steps[] = { 0,
					  1,
					  HALE_NS_PER_S,
					  60 * HALE_NS_PER_S,
					  3600 * HALE_NS_PER_S,
					  100 * 24 * 3600 * HALE_NS_PER_S };
	uint64_t step = steps[bytes_next(b, HALE_ARRAY_SIZE(steps))];

	return bytes_next(b, 4) == 0 ? now + step : now - step;
}

/* Few keys, so that witnesses meet; a counter has none. */
static void bytes_join(struct bytes *b, struct hale_observation *o)
{
	static const uint64_t keys[] = {
		0,
		8,
		16,
		UINT64_C(8) << 32 | 16,
		HALE_SECTOR_UNKNOWN,
		HALE_BLOCK_KEY(HALE_OP_READ, 8),
		HALE_BLOCK_KEY(HALE_OP_WRITE, 8),
		HALE_BLOCK_KEY(HALE_OP_UNKNOWN, HALE_SECTOR_UNKNOWN),
	};

	if (o->kind == HALE_OBSERVED_COUNTER ||
	    o->kind == HALE_OBSERVED_MEASURE)
		return;
	o->join = (enum hale_join)bytes_next(b, HALE_JOIN_COUNT);
	o->join_key = keys[bytes_next(b, HALE_ARRAY_SIZE(keys))];
	/* the log numbers its lines, others do not */
	if (bytes_next(b, 2))
		o->seq = 0;
}

static void bytes_observation(struct bytes *b, uint64_t now,
			      struct hale_observation *o)
{
	o->kind = (enum hale_observed)bytes_next(b, HALE_OBSERVED_COUNT);
	o->condition = (enum hale_condition)bytes_next(b, HALE_CONDITION_COUNT);
	o->quality =
		bytes_next(b, 8) ? HALE_QUALITY_GOOD : HALE_QUALITY_UNREADABLE;
	o->metric = (enum hale_metric)bytes_next(b, HALE_METRIC_COUNT);
	o->ref = (enum hale_ref)bytes_next(b, HALE_REF_COUNT);
	o->holds = bytes_next(b, 3) != 0;
	o->at_least = bytes_next(b, 4) == 0;
	o->count = bytes_next(b, 20);
	o->time_ns = bytes_time(b, now);
	o->seq = bytes_next(b, 100);
	o->value = bytes_next(b, 1000) * HALE_MIB;
	o->total = bytes_next(b, 1000) * HALE_MIB;
	if (o->ref == HALE_REF_PART)
		HALE_SET(o->part, BYTES_PICK(b, bytes_parts));
	else
		HALE_SET(o->part, BYTES_PICK(b, bytes_names));
	HALE_SET(o->evidence, BYTES_PICK(b, bytes_names));
	bytes_join(b, o);
}

static void bytes_device(struct bytes *b, uint64_t now, struct hale_device *d)
{
	bytes_number(b, &d->major, &d->minor);
	d->kind = (enum hale_block_kind)bytes_next(b, HALE_BLOCK_COUNT);
	d->present = bytes_next(b, 4) != 0;
	d->removable = bytes_next(b, 8) == 0;
	d->since_ns = bytes_next(b, 2) ? bytes_time(b, now) : 0;
	HALE_SET(d->name, BYTES_PICK(b, bytes_names));
	HALE_SET(d->disk, BYTES_PICK(b, bytes_names));
	HALE_SET(d->identity, BYTES_PICK(b, bytes_ids));
	HALE_SET(d->devpath, BYTES_PICK(b, bytes_paths));
	HALE_SET(d->serial, BYTES_PICK(b, bytes_uuids));
	HALE_SET(d->fs_uuid, BYTES_PICK(b, bytes_uuids));
}

static void bytes_mount(struct bytes *b, struct hale_mount *m)
{
	bytes_number(b, &m->major, &m->minor);
	m->read_only = bytes_next(b, 4) == 0;
	m->remote = bytes_next(b, 8) == 0;
	m->writable = bytes_next(b, 4) != 0;
	HALE_SET(m->type, BYTES_PICK(b, bytes_types));
	m->swap = strcmp(m->type, "swap") == 0;
	HALE_SET(m->source, BYTES_PICK(b, bytes_names));
	HALE_SET(m->mountpoint, BYTES_PICK(b, bytes_mounts));
}

static void bytes_layer(struct bytes *b, struct hale_layer *l)
{
	bytes_number(b, &l->upper_major, &l->upper_minor);
	bytes_number(b, &l->lower_major, &l->lower_minor);
	l->redundant = bytes_next(b, 3) == 0;
	l->unmapped = bytes_next(b, 8) == 0;
	HALE_SET(l->via, BYTES_PICK(b, bytes_vias));
}

static void bytes_bearer(struct bytes *b, uint64_t now, struct hale_bearer *f)
{
	f->news = (enum hale_bearer_news)bytes_next(b, HALE_BEARER_NEWS_COUNT);
	f->time_ns = bytes_time(b, now);
	HALE_SET(f->name, BYTES_PICK(b, bytes_names));
}

static void bytes_coverage(struct bytes *b, struct hale_coverage *c)
{
	c->sense = (enum hale_sense)bytes_next(b, HALE_SENSE_COUNT);
	c->sight = (enum hale_sight)bytes_next(b, HALE_SIGHT_COUNT);
	HALE_SET(c->why, BYTES_PICK(b, bytes_names));
}

const char *bytes_fact(struct bytes *b, uint64_t now,
		       struct hale_fact *ret_fact)
{
	static const enum hale_fact_kind kinds[] = {
		HALE_FACT_OBSERVATION, HALE_FACT_OBSERVATION,
		HALE_FACT_DEVICE,      HALE_FACT_DEVICE,
		HALE_FACT_MAP_BEGIN,   HALE_FACT_MOUNT,
		HALE_FACT_MOUNT,       HALE_FACT_LAYER,
		HALE_FACT_LAYER,       HALE_FACT_MAP_END,
		HALE_FACT_COVERAGE,    HALE_FACT_POSITION,
		HALE_FACT_BEARER
	};

	memset(ret_fact, 0, sizeof(*ret_fact));
	ret_fact->kind = kinds[bytes_next(b, HALE_ARRAY_SIZE(kinds))];
	if (ret_fact->kind == HALE_FACT_OBSERVATION)
		bytes_observation(b, now, &ret_fact->u.observation);
	if (ret_fact->kind == HALE_FACT_DEVICE)
		bytes_device(b, now, &ret_fact->u.device);
	if (ret_fact->kind == HALE_FACT_MOUNT)
		bytes_mount(b, &ret_fact->u.mount);
	if (ret_fact->kind == HALE_FACT_LAYER)
		bytes_layer(b, &ret_fact->u.layer);
	if (ret_fact->kind == HALE_FACT_COVERAGE)
		bytes_coverage(b, &ret_fact->u.coverage);
	if (ret_fact->kind == HALE_FACT_BEARER)
		bytes_bearer(b, now, &ret_fact->u.bearer);
	if (ret_fact->kind == HALE_FACT_POSITION)
		ret_fact->u.position = bytes_next(b, 100);
	return BYTES_PICK(b, bytes_drivers);
}

void bytes_request(struct bytes *b, struct hale_scope_request *ret_req)
{
	memset(ret_req, 0, sizeof(*ret_req));
	ret_req->host = bytes_next(b, 4) == 0;
	ret_req->n_paths = bytes_next(b, 4);
	ret_req->need_bytes = bytes_next(b, 4) ? 0 : HALE_GIB;
	for (uint32_t i = 0; i < ret_req->n_paths; i++) {
		struct hale_scope_path *p = &ret_req->paths[i];

		bytes_number(b, &p->major, &p->minor);
		p->implied = bytes_next(b, 3) == 0;
		p->unresolved = bytes_next(b, 10) == 0;
		p->measured = bytes_next(b, 2) == 0;
		p->read_only = bytes_next(b, 6) == 0;
		p->avail_bytes = bytes_next(b, 100) * HALE_GIB;
		p->total_bytes = 100 * HALE_GIB;
		HALE_SET(p->path, BYTES_PICK(b, bytes_mounts));
		HALE_SET(p->type, BYTES_PICK(b, bytes_types));
		HALE_SET(p->source, BYTES_PICK(b, bytes_names));
		HALE_SET(p->mountpoint, p->path);
	}
}

const char *bytes_name(struct bytes *b)
{
	return BYTES_PICK(b, bytes_names);
}
