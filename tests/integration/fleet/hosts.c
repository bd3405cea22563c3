/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes what a build host says of itself: eight hosts a rack, four disk models,
 * one of ten with a coverage note, as a fleet has them. Invariant: one number,
 * one host, in every run.
 */
#include "hosts.h"

#include <errno.h>
#include <stdio.h>

#include "hale/base.h"

#define SENSES 14

void host_id(uint32_t host, char ret[FLEET_ID_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	memset(ret, 'A', FLEET_ID_SIZE - 1);
	ret[0] = 'U';
	ret[1] = 'H';
	for (int i = FLEET_ID_SIZE - 2; host > 0; host /= 32)
		ret[i--] = letters[host % 32];
	ret[FLEET_ID_SIZE - 1] = '\0';
}

void host_name(uint32_t host, char ret[32])
{
	snprintf(ret, 32, "build-%05u", host);
}

/* All of a message lies here: one host at a time. */
struct whole {
	Hale__Fleet__V1__HostState state;
	Hale__V1__HostReport report;
	Hale__V1__Verdict verdict;
	Hale__V1__Reason reason, *reasons[1];
	Hale__V1__Finding finding, *findings[1];
	Hale__V1__Part part;
	Hale__V1__Coverage sense[SENSES], *senses[SENSES];
	Hale__Fleet__V1__Label labels[3], *label[3];
	Hale__Fleet__V1__Capacity capacity;
	Hale__Fleet__V1__Room room, *rooms[1];
	Hale__Fleet__V1__Model models[2], *model[2];
	Hale__Fleet__V1__Spool spool;
	char id[FLEET_ID_SIZE], name[32], boot[40], rack[16], disks[2][48];
};

static char *text(const char *of)
{
	return (char *)(uintptr_t)of;
}

static void put_finding(struct whole *w, const struct said *s)
{
	hale__v1__part__init(&w->part);
	w->part.id = text(s->part ? s->part : "host");
	w->part.alias = text("sda");
	w->part.model = text("Acme DC500");
	w->part.serial = text("S3RIAL0042");
	hale__v1__finding__init(&w->finding);
	w->finding.condition = text(s->condition);
	w->finding.effect = s->fitness == HALE__V1__FITNESS__UNFIT
				    ? HALE__V1__EFFECT__EFFECT_BLOCKS
				    : HALE__V1__EFFECT__EFFECT_WARNS;
	w->finding.part = &w->part;
	w->finding.count = 14;
	w->finding.first_ns = s->now_ns - 180 * HALE_NS_PER_S;
	w->finding.last_ns = s->now_ns;
	w->finding.evidence = text(s->evidence ? s->evidence : "");
	w->finding.driver = text("kmsg");
}

static void put_report(struct whole *w, const struct said *s)
{
	hale__v1__host_report__init(&w->report);
	hale__v1__verdict__init(&w->verdict);
	hale__v1__reason__init(&w->reason);
	w->report.host = w->name;
	w->report.boot_id = w->boot;
	w->report.version = text("0.1.0");
	w->report.as_of_ns = s->now_ns;
	w->report.started_ns = s->now_ns - 86400 * HALE_NS_PER_S;
	w->report.generation = s->seq;
	w->report.verdict = &w->verdict;
	w->verdict.fitness = s->fitness;
	w->verdict.as_of_ns = s->now_ns;
	w->verdict.parts = 9;
	if (!s->condition)
		return;
	put_finding(w, s);
	w->findings[0] = &w->finding;
	w->report.findings = w->findings;
	w->report.n_findings = 1;
	w->reason.finding = &w->finding;
	w->reason.effect = w->finding.effect;
	w->reason.path = text("/");
	w->reasons[0] = &w->reason;
	w->verdict.reasons = w->reasons;
	w->verdict.n_reasons = 1;
	w->verdict.reasons_total = 1;
}

/* Senses that are live are not sent, only counted. */
static void put_senses(struct whole *w, const struct said *s)
{
	for (size_t i = 0; i < SENSES; i++) {
		hale__v1__coverage__init(&w->sense[i]);
		w->sense[i].driver = text("kmsg");
		w->sense[i].sense = text("block_errors");
		w->sense[i].sight = HALE__V1__SIGHT__SIGHT_LIVE;
		w->senses[i] = &w->sense[i];
	}
	if (s->host % 10 == 0) {
		w->sense[0].driver = text("smart");
		w->sense[0].sense = text("disk_health");
		w->sense[0].sight = HALE__V1__SIGHT__SIGHT_PARTIAL;
		w->sense[0].why = text("sdb: a USB bridge without SAT");
	}
	w->report.coverage = w->senses;
	w->report.n_coverage = SENSES;
}

static void put_label(struct whole *w, size_t i, const char *key,
		      const char *value)
{
	hale__fleet__v1__label__init(&w->labels[i]);
	w->labels[i].key = text(key);
	w->labels[i].value = text(value);
	w->label[i] = &w->labels[i];
	w->state.labels = w->label;
	w->state.n_labels = i + 1;
}

static void put_disks(struct whole *w, const struct said *s)
{
	static const char *const models[4] = { "Acme DC500 960GB", "Bolt PM9A",
					       "Crest X2", "Delta 7E8" };

	for (size_t i = 0; i < 2; i++) {
		snprintf(w->disks[i], sizeof(w->disks[i]),
			 "disk/naa.5000c500%07x%zu", s->host, i);
		hale__fleet__v1__model__init(&w->models[i]);
		w->models[i].part = w->disks[i];
		w->models[i].model = text(models[(s->host + i) % 4]);
		w->models[i].firmware = text(s->host % 3 ? "1.04" : "1.02");
		w->model[i] = &w->models[i];
	}
	w->state.models = w->model;
	w->state.n_models = 2;
}

static void put_capacity(struct whole *w)
{
	hale__fleet__v1__capacity__init(&w->capacity);
	hale__fleet__v1__room__init(&w->room);
	w->capacity.cpus = 32;
	w->capacity.memory_bytes = 128 * HALE_GIB;
	w->capacity.memory_available_bytes = 97 * HALE_GIB;
	w->room.where = text("/");
	w->room.total_bytes = 960 * HALE_GIB;
	w->room.available_bytes = 411 * HALE_GIB;
	w->room.total_inodes = 62000000;
	w->room.available_inodes = 60000000;
	w->rooms[0] = &w->room;
	w->capacity.rooms = w->rooms;
	w->capacity.n_rooms = 1;
	w->state.capacity = &w->capacity;
	hale__fleet__v1__spool__init(&w->spool);
	w->state.spool = &w->spool;
}

static void put_who(struct whole *w, const struct said *s)
{
	host_id(s->host, w->id);
	host_name(s->host, w->name);
	snprintf(w->boot, sizeof(w->boot), "%08x-0000-4000-8000-000000000001",
		 s->host);
	snprintf(w->rack, sizeof(w->rack), "%u", s->host / 8);
}

ssize_t host_state(const struct said *s, void *buf)
{
	static uint8_t memory[FLEET_ARENA];
	struct codec_arena a = { .mem = memory, .size = sizeof(memory) };
	static struct whole w;

	memset(&w, 0, sizeof(w));
	hale__fleet__v1__host_state__init(&w.state);
	put_who(&w, s);
	put_report(&w, s);
	put_senses(&w, s);
	put_label(&w, 0, "pool", s->host % 5 ? "linux" : "kernel");
	put_label(&w, 1, "rack", w.rack);
	put_label(&w, 2, "zone", s->host % 2 ? "east" : "west");
	put_capacity(&w);
	put_disks(&w, s);
	w.state.version = FLEET_VERSION;
	w.state.id = w.id;
	w.state.report = &w.report;
	w.state.findings_total = s->condition != NULL;
	w.state.spool_id = UINT64_C(0x5b00000000000000) + s->host;
	w.state.seq = s->seq;
	w.state.sent_ns = s->now_ns;
	w.state.heartbeat_s = s->heartbeat_s;
	return fleet_pack(&a, FLEET_POLICY_DEFAULT, &w.state, buf,
			  FLEET_STATE_MAX);
}

/* Other at each message, and the same in each run. */
static void message_id(const struct said *s, uint8_t ret[FLEET_MESSAGE_ID])
{
	uint64_t halves[2] = { UINT64_C(0x9e3779b97f4a7c15) * (s->host + 1),
			       UINT64_C(0xbf58476d1ce4e5b9) * (s->seq + 1) };

	memcpy(ret, halves, FLEET_MESSAGE_ID);
}

ssize_t host_finding(const struct said *s, bool closed, void *buf)
{
	static uint8_t memory[FLEET_ARENA];
	struct codec_arena a = { .mem = memory, .size = sizeof(memory) };
	Hale__Fleet__V1__FindingEvent m;
	uint8_t id[FLEET_MESSAGE_ID];
	static struct whole w;

	memset(&w, 0, sizeof(w));
	put_who(&w, s);
	put_finding(&w, s);
	message_id(s, id);
	hale__fleet__v1__finding_event__init(&m);
	m.version = FLEET_VERSION;
	m.message_id.data = id;
	m.message_id.len = sizeof(id);
	m.id = w.id;
	m.host = w.name;
	m.boot_id = w.boot;
	m.spool_id = UINT64_C(0x5b00000000000000) + s->host;
	m.seq = s->seq;
	m.what = closed ? HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED
			: HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED;
	m.at_ns = s->now_ns;
	m.finding = &w.finding;
	if (closed) {
		w.finding.closed_ns = s->now_ns;
		w.finding.closed = text("part replaced");
	}
	return fleet_pack(&a, FLEET_POLICY_DEFAULT, &m, buf, FLEET_EVENT_MAX);
}

ssize_t host_build(const struct said *s, const char *repo, const char *cause,
		   void *buf)
{
	static uint8_t memory[FLEET_ARENA];
	struct codec_arena a = { .mem = memory, .size = sizeof(memory) };
	Hale__Fleet__V1__BuildOutcome m;
	uint8_t id[FLEET_MESSAGE_ID], hash[FLEET_REPO_ID] = { 0 };
	static struct whole w;

	memset(&w, 0, sizeof(w));
	put_who(&w, s);
	message_id(s, id);
	for (size_t i = 0; repo[i]; i++)
		hash[i % sizeof(hash)] =
			(uint8_t)(hash[i % sizeof(hash)] * 31 + repo[i]);
	hale__fleet__v1__build_outcome__init(&m);
	m.version = FLEET_VERSION;
	m.message_id.data = id;
	m.message_id.len = sizeof(id);
	m.id = w.id;
	m.host = w.name;
	m.boot_id = w.boot;
	m.spool_id = UINT64_C(0x5b00000000000000) + s->host;
	m.seq = s->seq;
	m.repo.data = hash;
	m.repo.len = sizeof(hash);
	m.outcome = cause[0] ? HALE__V1__BUILD_RESULT__OUTCOME__FAILED
			     : HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
	m.cause = text(cause);
	m.confidence = text(cause[0] ? "likely" : "");
	m.host_fault = strncmp(cause, "host-", 5) == 0;
	m.started_ns = s->now_ns - 90 * HALE_NS_PER_S;
	m.ended_ns = s->now_ns;
	return fleet_pack(&a, FLEET_POLICY_DEFAULT, &m, buf, FLEET_EVENT_MAX);
}
