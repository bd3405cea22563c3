/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to facts: what a driver's process, a helper or the probe sent. They
 * are ours, and a disk, a library or a bug may have made them into anything, so
 * each number is held against its field's bounds here and the whole fact
 * against hale_fact_valid() by the caller. Must never allocate nor trust a
 * pointer that protobuf leaves NULL.
 */
#include "codec_fact.h"

#include <errno.h>

#include "hale/text.h"

#include "codec_read.h"

static const char *const metric_names[HALE_METRIC_COUNT] = {
	[HALE_METRIC_NONE] = "",
	[HALE_METRIC_FS_BYTES] = "fs.bytes",
	[HALE_METRIC_FS_INODES] = "fs.inodes",
	[HALE_METRIC_BACKING_BYTES] = "backing.bytes",
};

const char *codec_metric_name(enum hale_metric metric)
{
	return (unsigned int)metric < HALE_METRIC_COUNT && metric_names[metric]
		       ? metric_names[metric]
		       : "";
}

static bool metric_from_name(const char *name, enum hale_metric *ret_metric)
{
	for (int i = 0; i < HALE_METRIC_COUNT; i++) {
		if (metric_names[i] && strcmp(metric_names[i], name) == 0) {
			*ret_metric = (enum hale_metric)i;
			return true;
		}
	}
	return false;
}

static int refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EBADMSG;
}

static void text(char *dst, size_t size, const char *src)
{
	hale_print_text(dst, size, src, strlen(src));
}

#define TEXT(array, src) text((array), sizeof(array), (src))

static int read_observation(const Hale__V1__Observation *m,
			    struct hale_observation *o, const char **ret_why)
{
	size_t len = strlen(m->condition);

	if (!m->part)
		return refuse(ret_why, "observation: part is missing");
	if (!metric_from_name(m->metric, &o->metric))
		return refuse(ret_why, "observation: metric is not known");
	o->condition = hale_condition_from_name(m->condition, len);
	if (len > 0 && o->condition == HALE_CONDITION_NONE)
		return refuse(ret_why, "observation: condition is not known");
	o->kind = (enum hale_observed)m->kind;
	o->ref = (enum hale_ref)m->ref;
	o->quality =
		m->unreadable ? HALE_QUALITY_UNREADABLE : HALE_QUALITY_GOOD;
	o->holds = m->holds;
	o->at_least = m->at_least;
	o->count = m->count;
	o->time_ns = m->time_ns;
	o->seq = m->seq;
	o->join = (enum hale_join)m->join;
	o->join_key = m->join_key;
	o->counter = m->counter;
	o->value = m->value;
	o->total = m->total;
	TEXT(o->part, m->part->id);
	TEXT(o->evidence, m->evidence);
	return 0;
}

static void read_device(const Hale__V1__Device *m, struct hale_device *d)
{
	d->major = m->major;
	d->minor = m->minor;
	d->kind = (enum hale_block_kind)m->kind;
	d->present = m->present;
	d->removable = m->removable;
	d->since_ns = m->since_ns;
	TEXT(d->name, m->name);
	TEXT(d->disk, m->disk);
	TEXT(d->identity, m->identity);
	TEXT(d->devpath, m->devpath);
	TEXT(d->model, m->model);
	TEXT(d->serial, m->serial);
	TEXT(d->fs_uuid, m->fs_uuid);
}

static void read_mount(const Hale__V1__Mount *m, struct hale_mount *f)
{
	f->major = m->major;
	f->minor = m->minor;
	f->read_only = m->read_only;
	f->remote = m->remote;
	f->writable = m->writable;
	f->swap = m->swap;
	TEXT(f->type, m->type);
	TEXT(f->source, m->source);
	TEXT(f->mountpoint, m->mountpoint);
}

static void read_layer(const Hale__V1__Layer *m, struct hale_layer *f)
{
	f->upper_major = m->upper_major;
	f->upper_minor = m->upper_minor;
	f->lower_major = m->lower_major;
	f->lower_minor = m->lower_minor;
	f->redundant = m->redundant;
	f->unmapped = m->unmapped;
	TEXT(f->via, m->via);
}

static void read_bearer(const Hale__V1__Bearer *m, struct hale_bearer *b)
{
	b->news = (enum hale_bearer_news)m->news;
	b->time_ns = m->time_ns;
	TEXT(b->name, m->name);
}

static void read_rests(const Hale__V1__Rests *m, struct hale_rests *f)
{
	f->holds = m->holds;
	f->major = m->major;
	f->minor = m->minor;
	TEXT(f->part, m->part);
	TEXT(f->on, m->on);
	TEXT(f->path, m->path);
}

static bool attribute_fits(const Hale__V1__DiskReading__Attribute *m)
{
	return m->id <= UINT8_MAX && m->value <= UINT8_MAX &&
	       m->worst <= UINT8_MAX && m->threshold <= UINT8_MAX &&
	       m->flags <= UINT16_MAX;
}

static int read_attributes(const Hale__V1__DiskReading *m,
			   struct hale_disk_reading *d, const char **ret_why)
{
	if (m->n_attributes > HALE_DISK_ATTRIBUTES_MAX)
		return refuse(ret_why, "disk: more than 30 attributes");
	for (; d->n_attributes < m->n_attributes; d->n_attributes++) {
		const Hale__V1__DiskReading__Attribute *from =
			m->attributes[d->n_attributes];

		if (!attribute_fits(from))
			return refuse(ret_why, "disk: attribute out of range");
		d->attributes[d->n_attributes] = (struct hale_disk_attribute){
			.id = (uint8_t)from->id,
			.value = (uint8_t)from->value,
			.worst = (uint8_t)from->worst,
			.threshold = (uint8_t)from->threshold,
			.flags = (uint16_t)from->flags,
			.threshold_known = from->threshold_known,
			.foreign = from->foreign,
			.raw = from->raw,
		};
	}
	return 0;
}

static int read_disk(const Hale__V1__DiskReading *m,
		     struct hale_disk_reading *d, const char **ret_why)
{
	for (size_t i = 0; i < m->n_values; i++) {
		unsigned int name = (unsigned int)m->values[i]->name;

		if (name >= HALE_DISK_VALUE_COUNT)
			return refuse(ret_why, "disk: value is not known");
		hale_disk_set(d, (enum hale_disk_value)name,
			      m->values[i]->value);
	}
	d->protocol = (enum hale_disk_protocol)m->protocol;
	d->ref = (enum hale_ref)m->ref;
	d->asleep = m->asleep;
	d->rotational = m->rotational;
	d->time_ns = m->time_ns;
	TEXT(d->part, m->part);
	TEXT(d->model, m->model);
	TEXT(d->serial, m->serial);
	TEXT(d->firmware, m->firmware);
	return read_attributes(m, d, ret_why);
}

static int read_coverage(const Hale__V1__Coverage *m, struct hale_coverage *c,
			 const char **ret_why)
{
	int r = codec_read_coverage(m, c, ret_why);

	if (r == 0)
		TEXT(c->part, m->part);
	return r;
}

#define IS(kind_, call)                                                        \
	do {                                                                   \
		ret_f->kind = HALE_FACT_##kind_;                               \
		call;                                                          \
	} while (0)

int codec_read_fact(const Hale__V1__Fact *m, struct hale_fact *ret_f,
		    const char **ret_why)
{
	int r = 0;

	memset(ret_f, 0, sizeof(*ret_f));
	switch (m->body_case) {
	case HALE__V1__FACT__BODY_OBSERVATION:
		IS(OBSERVATION,
		   r = read_observation(m->observation, &ret_f->u.observation,
					ret_why));
		break;
	case HALE__V1__FACT__BODY_DEVICE:
		IS(DEVICE, read_device(m->device, &ret_f->u.device));
		break;
	case HALE__V1__FACT__BODY_MAP_BEGIN:
		ret_f->kind = HALE_FACT_MAP_BEGIN;
		break;
	case HALE__V1__FACT__BODY_MOUNT:
		IS(MOUNT, read_mount(m->mount, &ret_f->u.mount));
		break;
	case HALE__V1__FACT__BODY_LAYER:
		IS(LAYER, read_layer(m->layer, &ret_f->u.layer));
		break;
	case HALE__V1__FACT__BODY_MAP_END:
		ret_f->kind = HALE_FACT_MAP_END;
		break;
	case HALE__V1__FACT__BODY_COVERAGE:
		IS(COVERAGE,
		   r = read_coverage(m->coverage, &ret_f->u.coverage, ret_why));
		break;
	case HALE__V1__FACT__BODY_POSITION:
		IS(POSITION, ret_f->u.position = m->position);
		break;
	case HALE__V1__FACT__BODY_BEARER:
		IS(BEARER, read_bearer(m->bearer, &ret_f->u.bearer));
		break;
	case HALE__V1__FACT__BODY_DISK:
		IS(DISK_READING,
		   r = read_disk(m->disk, &ret_f->u.disk, ret_why));
		break;
	case HALE__V1__FACT__BODY_RESTS:
		IS(RESTS, read_rests(m->rests, &ret_f->u.rests));
		break;
	case HALE__V1__FACT__BODY_VICTIM:
		IS(VICTIM,
		   r = codec_read_victim(m->victim, &ret_f->u.victim, ret_why));
		break;
	case HALE__V1__FACT__BODY__NOT_SET:
	case _HALE__V1__FACT__BODY__CASE_IS_INT_SIZE:
		return refuse(ret_why, "fact: it says nothing");
	}
	return r;
}
