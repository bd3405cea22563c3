/* SPDX-License-Identifier: Apache-2.0 */
/* A healthy host with two disks, two filesystems, two labels and one sense that
 * it lacks; and what it finds when a disk fails. */
#include "fleet_host.h"

static void host_hardware(struct host *h)
{
	for (size_t i = 0; i < 2; i++) {
		hale__fleet__v1__label__init(&h->labels[i]);
		hale__fleet__v1__room__init(&h->rooms[i]);
		hale__fleet__v1__model__init(&h->models[i]);
		h->label_rows[i] = &h->labels[i];
		h->room_rows[i] = &h->rooms[i];
		h->model_rows[i] = &h->models[i];
		h->rooms[i].where = TEXT(i ? "/home" : "/");
		h->rooms[i].total_bytes = 500 * HALE_GIB;
		h->rooms[i].available_bytes = 123 * HALE_GIB;
		h->models[i].part = TEXT(i ? "disk/naa.5000c500a1b2c3d4"
					   : "disk/naa.5000c500a1b2c3d5");
		h->models[i].model = TEXT("WDC WD40EZRZ");
		h->models[i].firmware = TEXT("80.00A80");
	}
	h->labels[0].key = TEXT("rack");
	h->labels[0].value = TEXT("7");
	h->labels[1].key = TEXT("pool");
	h->labels[1].value = TEXT("nightly");
	hale__fleet__v1__capacity__init(&h->capacity);
	h->capacity.cpus = 64;
	h->capacity.memory_bytes = 256 * HALE_GIB;
	h->capacity.memory_available_bytes = 101 * HALE_GIB;
	h->capacity.n_rooms = 2;
	h->capacity.rooms = h->room_rows;
}

static void host_senses(struct host *h)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(h->senses); i++) {
		hale__v1__coverage__init(&h->senses[i]);
		h->sense_rows[i] = &h->senses[i];
		h->senses[i].driver = TEXT("kmsg");
		h->senses[i].sense = TEXT("block_errors");
		h->senses[i].sight = HALE__V1__SIGHT__SIGHT_LIVE;
		h->senses[i].since_ns = NOW - 86400 * HALE_NS_PER_S;
	}
	h->senses[3].driver = TEXT("edac");
	h->senses[3].sense = TEXT("memory_errors");
	h->senses[3].sight = HALE__V1__SIGHT__SIGHT_BLIND;
	h->senses[3].why = TEXT("no memory controller reports its errors");
	h->senses[3].remedy = TEXT("load the EDAC driver of this machine");
	h->report.coverage = h->sense_rows;
	h->report.n_coverage = HALE_ARRAY_SIZE(h->senses);
}

void host_init(struct host *h)
{
	memset(h, 0, sizeof(*h));
	hale__fleet__v1__host_state__init(&h->main);
	hale__v1__host_report__init(&h->report);
	hale__v1__verdict__init(&h->verdict);
	hale__fleet__v1__spool__init(&h->spool);
	host_hardware(h);
	host_senses(h);
	h->report.host = TEXT("build-07.ci.example.org");
	h->report.boot_id = TEXT("7f6a2b1c-52e1-4f0e-9f53-2a3f1d0c9b8e");
	h->report.version = TEXT("0.6.0");
	h->report.as_of_ns = NOW;
	h->report.started_ns = NOW - 86400 * HALE_NS_PER_S;
	h->report.generation = 4711;
	h->report.verdict = &h->verdict;
	h->verdict.fitness = HALE__V1__FITNESS__FIT;
	h->verdict.as_of_ns = NOW;
	h->verdict.parts = 9;
	h->main.id = TEXT(HOST_ID);
	h->main.report = &h->report;
	h->main.labels = h->label_rows;
	h->main.n_labels = 2;
	h->main.capacity = &h->capacity;
	h->main.models = h->model_rows;
	h->main.n_models = 2;
	h->main.spool = &h->spool;
	h->main.spool_id = UINT64_C(0xfedcba9876543210);
	h->main.seq = 100000;
	h->main.sent_ns = NOW;
	h->main.heartbeat_s = 30;
}

void finding_init(Hale__V1__Finding *f, Hale__V1__Part *part)
{
	hale__v1__finding__init(f);
	hale__v1__part__init(part);
	part->id = TEXT("disk/naa.5000c500a1b2c3d4");
	part->alias = TEXT("sde");
	part->model = TEXT("WDC WD40EZRZ");
	part->serial = TEXT("WD-WCC7K1");
	part->where = TEXT("/home");
	f->part = part;
	f->condition = TEXT("disk.medium_error");
	f->effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	f->count = 14;
	f->first_ns = NOW - 3600 * HALE_NS_PER_S;
	f->last_ns = NOW;
	f->evidence = TEXT("critical medium error, dev sde, sector 7814037");
	f->driver = TEXT("kmsg");
	f->meaning = TEXT("The disk could not read a sector");
	f->advice = TEXT("Replace it");
	f->clears = TEXT("all sectors were read back");
}
