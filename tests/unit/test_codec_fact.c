/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts between the agent's processes: each kind arrives as it was said, the
 * longest ones fit, and what is none is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "proto/codec_fact.h"
#include "proto/codec_read.h"

static struct codec_facts out;
static uint8_t mem[CODEC_ARENA_FACTS];
static const char *why;

static int reset(void **state)
{
	(void)state;
	out.len = 0;
	out.n = 0;
	why = "";
	return 0;
}

static Hale__V1__Facts *unpack(void)
{
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__Facts *m = NULL;

	assert_int_equal(codec_unpack(&hale__v1__facts__descriptor, &a,
				      out.bytes, out.len, &m),
			 0);
	return m;
}

/* Over and back: nothing is lost on the way. */
static void same(const struct hale_fact *f)
{
	static struct hale_fact got;
	Hale__V1__Facts *m;

	assert_true(hale_fact_valid(f));
	out.len = 0;
	assert_int_equal(codec_facts_add(&out, f, "x"), 0);
	m = unpack();
	assert_int_equal(m->n_facts, 1);
	assert_string_equal(m->facts[0]->driver, "x");
	assert_int_equal(codec_read_fact(m->facts[0], &got, &why), 0);
	assert_true(hale_fact_valid(&got));
	assert_memory_equal(&got, f, sizeof(got));
}

static struct hale_fact observation(void)
{
	static struct hale_fact f;
	struct hale_observation *o = &f.u.observation;

	memset(&f, 0, sizeof(f));
	f.kind = HALE_FACT_OBSERVATION;
	o->condition = HALE_DISK_MEDIUM_ERROR;
	o->ref = HALE_REF_DISK;
	o->quality = HALE_QUALITY_UNREADABLE;
	o->at_least = true;
	o->count = 7;
	o->time_ns = UINT64_MAX;
	o->seq = 12345;
	o->join = HALE_JOIN_BLOCK;
	o->join_key = HALE_BLOCK_KEY(HALE_OP_WRITE, 987654);
	o->value = 5;
	HALE_SET(o->part, "sde");
	HALE_SET(o->evidence, "I/O error, dev sde \xc3\xa4");
	return f;
}

static void test_observations(void **state)
{
	struct hale_fact f = observation();
	struct hale_observation *o = &f.u.observation;

	(void)state;
	same(&f);
	o->kind = HALE_OBSERVED_STATE;
	o->holds = true;
	same(&f);
	o->kind = HALE_OBSERVED_COUNTER;
	o->counter = 3;
	o->join = HALE_JOIN_NONE;
	o->total = UINT64_MAX;
	same(&f);
	o->kind = HALE_OBSERVED_MEASURE;
	o->condition = HALE_CONDITION_NONE;
	for (int i = 1; i < HALE_METRIC_COUNT; i++) {
		o->metric = (enum hale_metric)i;
		same(&f);
	}
}

static void test_every_condition_has_its_way(void **state)
{
	struct hale_fact f = observation();

	(void)state;
	for (int i = 1; i < HALE_CONDITION_COUNT; i++) {
		f.u.observation.condition = (enum hale_condition)i;
		same(&f);
	}
}

/* Zeroed, padding included: they are compared as bytes. */
static struct hale_fact *blank(enum hale_fact_kind kind)
{
	static struct hale_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = kind;
	return &f;
}

static void test_devices(void **state)
{
	struct hale_fact *f = blank(HALE_FACT_DEVICE);
	struct hale_device *d = &f->u.device;

	(void)state;
	d->major = 259;
	d->minor = 1048575;
	d->kind = HALE_BLOCK_MD;
	d->present = d->removable = true;
	d->since_ns = 77;
	HALE_SET(d->name, "md127");
	HALE_SET(d->disk, "sde");
	HALE_SET(d->identity, "array/1:2:3:4");
	HALE_SET(d->devpath, "/devices/virtual/block/md127");
	HALE_SET(d->model, "a model");
	HALE_SET(d->serial, "a serial");
	HALE_SET(d->fs_uuid, "0000-1111");
	same(f);
}

static void test_the_map(void **state)
{
	struct hale_fact *f = blank(HALE_FACT_MAP_BEGIN);

	(void)state;
	same(f);
	same(blank(HALE_FACT_MAP_END));
	f = blank(HALE_FACT_MOUNT);
	f->u.mount = (struct hale_mount){ .major = 8, .minor = 1 };
	f->u.mount.remote = f->u.mount.swap = f->u.mount.read_only =
		f->u.mount.writable = true;
	HALE_SET(f->u.mount.type, "ext4");
	HALE_SET(f->u.mount.source, "/dev/sda1");
	HALE_SET(f->u.mount.mountpoint, "/mnt/a b");
	same(f);
	f = blank(HALE_FACT_LAYER);
	f->u.layer.upper_major = 1;
	f->u.layer.upper_minor = 2;
	f->u.layer.lower_major = 3;
	f->u.layer.lower_minor = 4;
	f->u.layer.redundant = f->u.layer.unmapped = true;
	HALE_SET(f->u.layer.via, "raid1");
	same(f);
}

static void test_the_small_ones(void **state)
{
	struct hale_fact *f = blank(HALE_FACT_COVERAGE);

	(void)state;
	f->u.coverage.sense = HALE_SENSE_BACKING;
	f->u.coverage.sight = HALE_SIGHT_PARTIAL;
	f->u.coverage.since_ns = 5;
	HALE_SET(f->u.coverage.driver, "smart");
	HALE_SET(f->u.coverage.why, "behind a bridge");
	HALE_SET(f->u.coverage.remedy, "install smartmontools");
	HALE_SET(f->u.coverage.part, "sdc");
	same(f);
	f = blank(HALE_FACT_POSITION);
	f->u.position = UINT64_MAX;
	same(f);
	f = blank(HALE_FACT_BEARER);
	f->u.bearer.news = HALE_BEARER_SET_UP;
	f->u.bearer.time_ns = 9;
	HALE_SET(f->u.bearer.name, "loop0");
	same(f);
	f = blank(HALE_FACT_RESTS);
	f->u.rests.holds = true;
	f->u.rests.major = 8;
	f->u.rests.minor = 2;
	HALE_SET(f->u.rests.part, "engine/docker");
	HALE_SET(f->u.rests.on, "net/eth0");
	HALE_SET(f->u.rests.path, "/var/lib/docker");
	same(f);
}

static struct hale_fact *full_disk(void)
{
	struct hale_fact *f = blank(HALE_FACT_DISK_READING);
	struct hale_disk_reading *d = &f->u.disk;

	d->protocol = HALE_DISK_NVME;
	d->ref = HALE_REF_DISK;
	d->asleep = d->rotational = true;
	d->time_ns = UINT64_MAX;
	for (int v = 0; v < HALE_DISK_VALUE_COUNT; v++)
		hale_disk_set(d, (enum hale_disk_value)v, UINT64_MAX);
	d->n_attributes = HALE_DISK_ATTRIBUTES_MAX;
	for (int i = 0; i < HALE_DISK_ATTRIBUTES_MAX; i++) {
		d->attributes[i].id = (uint8_t)(250 - i);
		d->attributes[i].value = d->attributes[i].worst =
			d->attributes[i].threshold = 255;
		d->attributes[i].flags = UINT16_MAX;
		d->attributes[i].threshold_known = true;
		d->attributes[i].foreign = true;
		d->attributes[i].raw = UINT64_MAX;
	}
	memset(d->part, 'p', sizeof(d->part) - 1);
	memset(d->model, 'm', sizeof(d->model) - 1);
	memset(d->serial, 's', sizeof(d->serial) - 1);
	memset(d->firmware, 'f', sizeof(d->firmware) - 1);
	return f;
}

static void test_a_disk_with_all_its_values(void **state)
{
	struct hale_fact *f = full_disk();

	(void)state;
	same(f);
	assert_true(out.len <= CODEC_FACT_MAX);
	f->u.disk.known &= ~(UINT64_C(1) << HALE_DISK_SPARE);
	f->u.disk.value[HALE_DISK_SPARE] = 0;
	f->u.disk.n_attributes = 0;
	memset(f->u.disk.attributes, 0, sizeof(f->u.disk.attributes));
	same(f);
}

/* A process has room for the longest fact whatever it holds already. */
static void test_a_full_buffer_says_so(void **state)
{
	struct hale_fact *f = full_disk();
	uint32_t n = 0;

	(void)state;
	while (codec_facts_add(&out, f, "driver") == 0)
		n++;
	assert_true(n >= 3);
	assert_int_equal(codec_facts_add(&out, f, "driver"), -ENOSPC);
	assert_int_equal(unpack()->n_facts, n);
	out.len = 0;
	assert_int_equal(codec_facts_add(&out, f, "driver"), 0);
}

static void test_what_is_none_is_refused(void **state)
{
	struct hale_fact f = { .kind = HALE_FACT_KIND_END };

	(void)state;
	assert_int_equal(codec_facts_add(&out, &f, NULL), -EINVAL);
	f.kind = (enum hale_fact_kind)0;
	assert_int_equal(codec_facts_add(&out, &f, NULL), -EINVAL);
	f.kind = (enum hale_fact_kind) - 1;
	assert_int_equal(codec_facts_add(&out, &f, NULL), -EINVAL);
	assert_int_equal(out.len, 0);
}

/* A message as a stranger would send it. */
static int refuse(Hale__V1__Fact *m)
{
	static struct hale_fact got;
	int r = codec_read_fact(m, &got, &why);

	assert_true(r == 0 || why[0] != '\0');
	return r == 0 && hale_fact_valid(&got) ? 0 : -EBADMSG;
}

static void test_what_a_stranger_sends(void **state)
{
	Hale__V1__Fact m;
	Hale__V1__Part part;
	Hale__V1__Observation o;

	(void)state;
	hale__v1__fact__init(&m);
	hale__v1__part__init(&part);
	hale__v1__observation__init(&o);
	assert_int_equal(refuse(&m), -EBADMSG);
	m.body_case = HALE__V1__FACT__BODY_OBSERVATION;
	m.observation = &o;
	assert_int_equal(refuse(&m), -EBADMSG); /* of no part */
	o.part = &part;
	assert_int_equal(refuse(&m), -EBADMSG); /* of an empty one */
	part.id = codec_borrow("sde");
	o.condition = codec_borrow("disk.nonsense");
	assert_int_equal(refuse(&m), -EBADMSG);
	o.condition = codec_borrow("disk.io_error");
	assert_int_equal(refuse(&m), 0);
	o.metric = codec_borrow("fs.nonsense");
	assert_int_equal(refuse(&m), -EBADMSG);
	o.metric = codec_borrow("");
	o.kind = (Hale__V1__Observation__Kind)99;
	assert_int_equal(refuse(&m), -EBADMSG);
	o.kind = HALE__V1__OBSERVATION__KIND__EVENT;
	o.join = 4000000000U;
	assert_int_equal(refuse(&m), -EBADMSG);
	o.join = 0;
	o.evidence = codec_borrow("\x1b[2J\xff\n");
	assert_int_equal(refuse(&m), 0); /* made harmless */
}

static void test_a_strangers_disk(void **state)
{
	Hale__V1__Fact m;
	Hale__V1__DiskReading d;
	Hale__V1__DiskReading__Value v = HALE__V1__DISK_READING__VALUE__INIT;
	Hale__V1__DiskReading__Attribute row =
		HALE__V1__DISK_READING__ATTRIBUTE__INIT;
	Hale__V1__DiskReading__Value *values[] = { &v };
	Hale__V1__DiskReading__Attribute *rows[HALE_DISK_ATTRIBUTES_MAX + 1];

	(void)state;
	hale__v1__fact__init(&m);
	hale__v1__disk_reading__init(&d);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		rows[i] = &row;
	m.body_case = HALE__V1__FACT__BODY_DISK;
	m.disk = &d;
	d.part = codec_borrow("sde");
	assert_int_equal(refuse(&m), 0);
	d.values = values;
	d.n_values = 1;
	v.name = (Hale__V1__DiskReading__Name)64;
	assert_int_equal(refuse(&m), -EBADMSG);
	v.name = (Hale__V1__DiskReading__Name)-1;
	assert_int_equal(refuse(&m), -EBADMSG);
	v.name = HALE__V1__DISK_READING__NAME__SPARE;
	d.attributes = rows;
	d.n_attributes = HALE_DISK_ATTRIBUTES_MAX;
	assert_int_equal(refuse(&m), 0);
	d.n_attributes++;
	assert_int_equal(refuse(&m), -EBADMSG);
	d.n_attributes = 1;
	row.value = 256;
	assert_int_equal(refuse(&m), -EBADMSG);
}

static void test_which_part_it_turns_to(void **state)
{
	struct hale_fact f = observation();

	(void)state;
	assert_false(codec_fact_turns(&f));
	f.u.observation.kind = HALE_OBSERVED_STATE;
	f.u.observation.condition = HALE_FS_HUNG;
	assert_true(codec_fact_turns(&f));
	f.u.observation.condition = HALE_DISK_STALLED;
	assert_true(codec_fact_turns(&f));
	f.u.observation.holds = true;
	assert_false(codec_fact_turns(&f));
	f.u.observation.holds = false;
	f.u.observation.condition = HALE_FS_ERROR;
	assert_false(codec_fact_turns(&f));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		CASE(test_observations),
		CASE(test_every_condition_has_its_way),
		CASE(test_devices),
		CASE(test_the_map),
		CASE(test_the_small_ones),
		CASE(test_a_disk_with_all_its_values),
		CASE(test_a_full_buffer_says_so),
		CASE(test_what_is_none_is_refused),
		CASE(test_what_a_stranger_sends),
		CASE(test_a_strangers_disk),
		CASE(test_which_part_it_turns_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
