/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts to messages. Each is packed when it is said, into a buffer that its
 * process owns: nothing is kept of it but bytes, and a batch of facts is one
 * message because protobuf's repeated fields may simply follow each other.
 * Must never allocate. The enums of hale.proto and of include/hale have the
 * same values; the assertions below hold them together.
 */
#include "codec_fact.h"

#include <errno.h>

#define SAME(proto, ours) _Static_assert((int)(proto) == (int)(ours), #ours)

SAME(HALE__V1__OBSERVATION__KIND__COUNTER, HALE_OBSERVED_COUNT - 1);
SAME(HALE__V1__OBSERVATION__REF__ARRAY, HALE_REF_COUNT - 1);
SAME(HALE__V1__DEVICE__KIND__OPTICAL, HALE_BLOCK_COUNT - 1);
SAME(HALE__V1__BEARER__NEWS__SET_UP, HALE_BEARER_NEWS_COUNT - 1);
SAME(HALE__V1__DISK_READING__PROTOCOL__NVME, HALE_DISK_PROTOCOL_COUNT - 1);
SAME(HALE__V1__DISK_READING__NAME__UNSAFE_SHUTDOWNS, HALE_DISK_VALUE_COUNT - 1);

/* Field 1 of Facts and of ProbeReport, length-delimited. */
#define FACT_TAG 0x0a
/* That, and two bytes of length: a fact is shorter than 16 KiB. */
#define FACT_HEAD 3

_Static_assert(CODEC_FACT_MAX < 1 << 14, "two bytes of length");

static Hale__V1__Observation *observation(struct codec_arena *a,
					  const struct hale_observation *o)
{
	Hale__V1__Observation *m =
		codec_new(a, &hale__v1__observation__descriptor);

	if (!m)
		return NULL;
	m->part = codec_new(a, &hale__v1__part__descriptor);
	if (!m->part)
		return NULL;
	m->part->id = codec_borrow(o->part);
	m->kind = (Hale__V1__Observation__Kind)o->kind;
	m->ref = (Hale__V1__Observation__Ref)o->ref;
	if (o->condition != HALE_CONDITION_NONE)
		m->condition =
			codec_borrow(hale_condition_info(o->condition)->name);
	m->metric = codec_borrow(codec_metric_name(o->metric));
	m->unreadable = o->quality == HALE_QUALITY_UNREADABLE;
	m->holds = o->holds;
	m->at_least = o->at_least;
	m->count = o->count;
	m->time_ns = o->time_ns;
	m->seq = o->seq;
	m->join = (uint32_t)o->join;
	m->join_key = o->join_key;
	m->counter = o->counter;
	m->value = o->value;
	m->total = o->total;
	m->evidence = codec_borrow(o->evidence);
	return m;
}

static Hale__V1__Device *device(struct codec_arena *a,
				const struct hale_device *d)
{
	Hale__V1__Device *m = codec_new(a, &hale__v1__device__descriptor);

	if (!m)
		return NULL;
	m->major = d->major;
	m->minor = d->minor;
	m->kind = (Hale__V1__Device__Kind)d->kind;
	m->present = d->present;
	m->removable = d->removable;
	m->since_ns = d->since_ns;
	m->name = codec_borrow(d->name);
	m->disk = codec_borrow(d->disk);
	m->identity = codec_borrow(d->identity);
	m->devpath = codec_borrow(d->devpath);
	m->model = codec_borrow(d->model);
	m->serial = codec_borrow(d->serial);
	m->fs_uuid = codec_borrow(d->fs_uuid);
	return m;
}

static Hale__V1__Mount *mount(struct codec_arena *a, const struct hale_mount *f)
{
	Hale__V1__Mount *m = codec_new(a, &hale__v1__mount__descriptor);

	if (!m)
		return NULL;
	m->major = f->major;
	m->minor = f->minor;
	m->read_only = f->read_only;
	m->remote = f->remote;
	m->writable = f->writable;
	m->swap = f->swap;
	m->type = codec_borrow(f->type);
	m->source = codec_borrow(f->source);
	m->mountpoint = codec_borrow(f->mountpoint);
	return m;
}

static Hale__V1__Layer *layer(struct codec_arena *a, const struct hale_layer *f)
{
	Hale__V1__Layer *m = codec_new(a, &hale__v1__layer__descriptor);

	if (!m)
		return NULL;
	m->upper_major = f->upper_major;
	m->upper_minor = f->upper_minor;
	m->lower_major = f->lower_major;
	m->lower_minor = f->lower_minor;
	m->redundant = f->redundant;
	m->unmapped = f->unmapped;
	m->via = codec_borrow(f->via);
	return m;
}

static Hale__V1__Coverage *coverage(struct codec_arena *a,
				    const struct hale_coverage *c)
{
	Hale__V1__Coverage *m = codec_coverage(a, c);

	if (m)
		m->part = codec_borrow(c->part);
	return m;
}

static Hale__V1__Bearer *bearer(struct codec_arena *a,
				const struct hale_bearer *b)
{
	Hale__V1__Bearer *m = codec_new(a, &hale__v1__bearer__descriptor);

	if (!m)
		return NULL;
	m->news = (Hale__V1__Bearer__News)b->news;
	m->time_ns = b->time_ns;
	m->name = codec_borrow(b->name);
	return m;
}

static Hale__V1__Rests *rests(struct codec_arena *a, const struct hale_rests *f)
{
	Hale__V1__Rests *m = codec_new(a, &hale__v1__rests__descriptor);

	if (!m)
		return NULL;
	m->holds = f->holds;
	m->major = f->major;
	m->minor = f->minor;
	m->part = codec_borrow(f->part);
	m->on = codec_borrow(f->on);
	m->path = codec_borrow(f->path);
	return m;
}

static bool disk_values(struct codec_arena *a,
			const struct hale_disk_reading *d,
			Hale__V1__DiskReading *m)
{
	m->values = codec_alloc(a, HALE_DISK_VALUE_COUNT * sizeof(void *));
	for (int v = 0; m->values && v < HALE_DISK_VALUE_COUNT; v++) {
		Hale__V1__DiskReading__Value *one;

		if (!hale_disk_knows(d, (enum hale_disk_value)v))
			continue;
		one = codec_new(a, &hale__v1__disk_reading__value__descriptor);
		if (!one)
			return false;
		one->name = (Hale__V1__DiskReading__Name)v;
		one->value = d->value[v];
		m->values[m->n_values++] = one;
	}
	return m->values != NULL;
}

static bool disk_attributes(struct codec_arena *a,
			    const struct hale_disk_reading *d,
			    Hale__V1__DiskReading *m)
{
	m->attributes =
		codec_alloc(a, HALE_DISK_ATTRIBUTES_MAX * sizeof(void *));
	for (uint32_t i = 0; m->attributes && i < d->n_attributes &&
			     i < HALE_DISK_ATTRIBUTES_MAX;
	     i++) {
		const struct hale_disk_attribute *from = &d->attributes[i];
		Hale__V1__DiskReading__Attribute *one = codec_new(
			a, &hale__v1__disk_reading__attribute__descriptor);

		if (!one)
			return false;
		one->id = from->id;
		one->value = from->value;
		one->worst = from->worst;
		one->threshold = from->threshold;
		one->flags = from->flags;
		one->threshold_known = from->threshold_known;
		one->foreign = from->foreign;
		one->raw = from->raw;
		m->attributes[m->n_attributes++] = one;
	}
	return m->attributes != NULL;
}

static Hale__V1__DiskReading *disk(struct codec_arena *a,
				   const struct hale_disk_reading *d)
{
	Hale__V1__DiskReading *m =
		codec_new(a, &hale__v1__disk_reading__descriptor);

	if (!m || !disk_values(a, d, m) || !disk_attributes(a, d, m))
		return NULL;
	m->protocol = (Hale__V1__DiskReading__Protocol)d->protocol;
	m->ref = (Hale__V1__Observation__Ref)d->ref;
	m->asleep = d->asleep;
	m->rotational = d->rotational;
	m->time_ns = d->time_ns;
	m->part = codec_borrow(d->part);
	m->model = codec_borrow(d->model);
	m->serial = codec_borrow(d->serial);
	m->firmware = codec_borrow(d->firmware);
	return m;
}

/* The arms that are messages; their pointers share one place in the union. */
static void *arm(struct codec_arena *a, const struct hale_fact *f)
{
	switch (f->kind) {
	case HALE_FACT_OBSERVATION:
		return observation(a, &f->u.observation);
	case HALE_FACT_DEVICE:
		return device(a, &f->u.device);
	case HALE_FACT_MOUNT:
		return mount(a, &f->u.mount);
	case HALE_FACT_LAYER:
		return layer(a, &f->u.layer);
	case HALE_FACT_COVERAGE:
		return coverage(a, &f->u.coverage);
	case HALE_FACT_BEARER:
		return bearer(a, &f->u.bearer);
	case HALE_FACT_DISK_READING:
		return disk(a, &f->u.disk);
	case HALE_FACT_RESTS:
		return rests(a, &f->u.rests);
	case HALE_FACT_VICTIM:
		return codec_victim(a, &f->u.victim);
	case HALE_FACT_MAP_BEGIN:
	case HALE_FACT_MAP_END:
	case HALE_FACT_POSITION:
	case HALE_FACT_KIND_END:
		break;
	}
	return NULL;
}

#define CASE(kind) HALE__V1__FACT__BODY_##kind

static const Hale__V1__Fact__BodyCase cases[HALE_FACT_KIND_END] = {
	[HALE_FACT_OBSERVATION] = CASE(OBSERVATION),
	[HALE_FACT_DEVICE] = CASE(DEVICE),
	[HALE_FACT_MAP_BEGIN] = CASE(MAP_BEGIN),
	[HALE_FACT_MOUNT] = CASE(MOUNT),
	[HALE_FACT_LAYER] = CASE(LAYER),
	[HALE_FACT_MAP_END] = CASE(MAP_END),
	[HALE_FACT_COVERAGE] = CASE(COVERAGE),
	[HALE_FACT_POSITION] = CASE(POSITION),
	[HALE_FACT_BEARER] = CASE(BEARER),
	[HALE_FACT_DISK_READING] = CASE(DISK),
	[HALE_FACT_RESTS] = CASE(RESTS),
	[HALE_FACT_VICTIM] = CASE(VICTIM),
};

Hale__V1__Fact *codec_fact(struct codec_arena *a, const struct hale_fact *f)
{
	Hale__V1__Fact *m = codec_new(a, &hale__v1__fact__descriptor);

	if (!m || (unsigned int)f->kind >= HALE_FACT_KIND_END)
		return NULL;
	m->body_case = cases[f->kind];
	if (m->body_case == HALE__V1__FACT__BODY__NOT_SET)
		return NULL;
	if (f->kind == HALE_FACT_POSITION) {
		m->position = f->u.position;
	} else if (f->kind == HALE_FACT_MAP_BEGIN) {
		m->map_begin = true;
	} else if (f->kind == HALE_FACT_MAP_END) {
		m->map_end = true;
	} else {
		/* pointers to messages: any of them is the union's */
		m->observation = arm(a, f);
		return m->observation ? m : NULL;
	}
	return m;
}

int codec_facts_add(struct codec_facts *b, const struct hale_fact *f,
		    const char *driver)
{
	struct codec_arena a = { .mem = b->arena, .size = sizeof(b->arena) };
	Hale__V1__Fact *m = codec_fact(&a, f);
	uint8_t *at = b->bytes + b->len;
	ssize_t n;

	if (!m)
		return -EINVAL;
	m->driver = codec_borrow(driver ? driver : "");
	if (sizeof(b->bytes) - b->len < FACT_HEAD)
		return -ENOSPC;
	n = codec_pack(m, at + FACT_HEAD,
		       sizeof(b->bytes) - b->len - FACT_HEAD);
	if (n < 0)
		return b->len > 0 ? -ENOSPC : -EINVAL;
	at[0] = FACT_TAG;
	at[1] = (uint8_t)(n | 0x80);
	at[2] = (uint8_t)(n >> 7);
	b->len += FACT_HEAD + (size_t)n;
	b->n++;
	return 0;
}

bool codec_fact_turns(const struct hale_fact *f)
{
	const struct hale_observation *o = &f->u.observation;

	return f->kind == HALE_FACT_OBSERVATION &&
	       o->kind == HALE_OBSERVED_STATE && !o->holds &&
	       (o->condition == HALE_FS_HUNG ||
		o->condition == HALE_DISK_STALLED);
}

int codec_facts_append(struct codec_facts *b, const void *m)
{
	ssize_t n = codec_pack(m, b->bytes + b->len, sizeof(b->bytes) - b->len);

	if (n < 0)
		return -ENOSPC;
	b->len += (size_t)n;
	return 0;
}
