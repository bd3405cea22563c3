/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a made-up host: findings, a past, builds, a machine. Decides what
 * is in it by the host's id alone. It is one page at a time.
 */
#include <errno.h>

#include "hale/base.h"

#include "made.h"

#define MINUTE (60 * HALE_NS_PER_S)
#define HOUR   (60 * MINUTE)
#define EVENTS 24
#define BUILDS 40

struct page {
	Hale__Fleet__V1__HostState state;
	Hale__V1__HostReport report;
	Hale__V1__Verdict verdict;
	Hale__V1__Reason reason, *reasons[1];
	Hale__V1__Finding finding, second, *findings[2];
	Hale__V1__Part part, second_part;
	Hale__V1__Coverage blind, *senses[1];
	Hale__Fleet__V1__Label label[3], *labels[3];
	Hale__Fleet__V1__Capacity capacity;
	Hale__Fleet__V1__Room room, *rooms[1];
	Hale__Fleet__V1__Model model, *models[1];
	Hale__Fleet__V1__Quarantine quarantine;
	Hale__Fleet__V1__FindingEvent event[EVENTS], *events[EVENTS];
	Hale__V1__Finding past[EVENTS];
	Hale__V1__Part past_part[EVENTS];
	Hale__Fleet__V1__BuildOutcome build[BUILDS], *builds[BUILDS];
	char value[3][32], key[3][32];
	char boot[40];
};

static struct page page;
#define TEXT(t) ((char *)(uintptr_t)(t))

static void page_finding(Hale__V1__Finding *f, Hale__V1__Part *p,
			 const struct made_trouble *t, uint64_t first_ns)
{
	hale__v1__finding__init(f);
	hale__v1__part__init(p);
	f->condition = TEXT(t->condition);
	f->effect = t->state == ROW_UNFIT ? HALE__V1__EFFECT__EFFECT_BLOCKS
					  : HALE__V1__EFFECT__EFFECT_WARNS;
	f->part = p;
	p->id = TEXT(t->part);
	p->alias = TEXT(t->alias);
	p->model = strncmp(t->part, "disk/", 5) == 0 ? TEXT("ST4000NM0035-1V4")
						     : TEXT("");
	p->serial =
		strncmp(t->part, "disk/", 5) == 0 ? TEXT("ZC1A2B3C") : TEXT("");
	p->where =
		strncmp(t->part, "fs/", 3) == 0 ? TEXT("/srv/build") : TEXT("");
	f->count = 3;
	f->first_ns = first_ns;
	f->last_ns = first_ns + 90 * HALE_NS_PER_S;
	f->evidence = TEXT(t->evidence);
	f->driver = TEXT("kmsg");
}

static void page_report(const struct made *m, const struct made_host *h)
{
	Hale__V1__HostReport *r = &page.report;

	hale__v1__host_report__init(r);
	hale__v1__verdict__init(&page.verdict);
	hale__v1__reason__init(&page.reason);
	snprintf(page.boot, sizeof(page.boot), "0f1e2d3c-%.4s-4a5b-8c7d-%.12s",
		 h->id + 4, h->id + 20);
	r->host = TEXT(h->name);
	r->boot_id = page.boot;
	r->version = TEXT("0.1.0");
	r->as_of_ns = m->now_ns;
	r->started_ns = m->now_ns - 9 * 24 * HOUR;
	r->verdict = &page.verdict;
	page.verdict.fitness = h->state == ROW_SILENT
				       ? HALE__V1__FITNESS__FIT
				       : (Hale__V1__Fitness)h->state;
	if (!h->trouble)
		return;
	page_finding(&page.finding, &page.part, &made_troubles[h->trouble - 1],
		     h->since_ns);
	page_finding(&page.second, &page.second_part, &made_troubles[6],
		     h->since_ns - 3 * HOUR);
	page.findings[0] = &page.finding;
	page.findings[1] = &page.second;
	r->findings = page.findings;
	r->n_findings = h->state == ROW_UNFIT ? 2 : 1;
	page.reason.finding = &page.finding;
	page.reason.effect = page.finding.effect;
	page.reason.path = TEXT("/srv/build");
	page.reason.via = TEXT(made_troubles[h->trouble - 1].via);
	page.reasons[0] = &page.reason;
	page.verdict.reasons = page.reasons;
	page.verdict.n_reasons = 1;
	page.verdict.reasons_total = 1;
	page.verdict.parts = 14;
}

static void page_senses(const struct made *m)
{
	hale__v1__coverage__init(&page.blind);
	page.blind.driver = TEXT("edac");
	page.blind.sense = TEXT("memory_errors");
	page.blind.sight = HALE__V1__SIGHT__SIGHT_BLIND;
	page.blind.since_ns = m->now_ns - 9 * 24 * HOUR;
	page.blind.why = TEXT("no memory controller reports to the kernel");
	page.senses[0] = &page.blind;
	page.report.coverage = page.senses;
	page.report.n_coverage = 1;
	page.state.senses_total = 21;
	page.state.senses_live = 20;
}

static void page_machine(void)
{
	hale__fleet__v1__capacity__init(&page.capacity);
	hale__fleet__v1__room__init(&page.room);
	hale__fleet__v1__model__init(&page.model);
	page.capacity.cpus = 64;
	page.capacity.memory_bytes = 256 * HALE_GIB;
	page.capacity.memory_available_bytes = 201 * HALE_GIB;
	page.room.where = TEXT("/srv/build");
	page.room.total_bytes = 1862 * HALE_GIB;
	page.room.available_bytes = 812 * HALE_GIB;
	page.room.total_inodes = 122000000;
	page.room.available_inodes = 98000000;
	page.rooms[0] = &page.room;
	page.capacity.rooms = page.rooms;
	page.capacity.n_rooms = 1;
	page.model.part = TEXT("disk/naa.5000c500a1b2c3d4");
	page.model.model = TEXT("ST4000NM0035-1V4");
	page.model.firmware = TEXT("TN05");
	page.models[0] = &page.model;
	page.state.capacity = &page.capacity;
	page.state.models = page.models;
	page.state.n_models = 1;
}

static void page_labels(const struct made *m, size_t i)
{
	const char *labels[3];
	struct row row;

	made_row(m, i, &row, labels);
	for (size_t k = 0; k < 3; k++) {
		const char *is = strchr(labels[k], '=');

		hale__fleet__v1__label__init(&page.label[k]);
		hale_copy(page.key[k], sizeof(page.key[k]), labels[k],
			  (size_t)(is - labels[k]));
		HALE_SET(page.value[k], is + 1);
		page.label[k].key = page.key[k];
		page.label[k].value = page.value[k];
		page.labels[k] = &page.label[k];
	}
	page.state.labels = page.labels;
	page.state.n_labels = 3;
}

static void page_past(const struct made *m, const struct made_host *h)
{
	uint64_t at = m->now_ns;

	for (size_t k = 0; k < EVENTS; k++) {
		const struct made_trouble *t =
			&made_troubles[k % 3 == 0 ? 0 : k % 7];
		Hale__Fleet__V1__FindingEvent *e = &page.event[k];

		hale__fleet__v1__finding_event__init(e);
		at -= HOUR + (uint64_t)h->id[k + 1] % 7 * 2 * HOUR;
		page_finding(&page.past[k], &page.past_part[k], t, at);
		e->id = TEXT(h->id);
		e->host = TEXT(h->name);
		e->at_ns = at;
		e->what = k % 2 ? HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED
				: HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED;
		if (k == 0)
			e->what = HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED;
		if (k % 2 == 0 && k > 0) {
			page.past[k].closed_ns = at;
			page.past[k].first_ns = at - 2 * HOUR;
			page.past[k].closed = TEXT("part replaced");
		}
		e->finding = &page.past[k];
		page.events[k] = e;
	}
	at = m->now_ns;
	for (size_t k = 0; k < BUILDS; k++) {
		Hale__Fleet__V1__BuildOutcome *b = &page.build[k];

		hale__fleet__v1__build_outcome__init(b);
		at -= HOUR / 2 + (uint64_t)h->id[k + 1] % 5 * HOUR;
		b->started_ns = at - 11 * MINUTE;
		b->ended_ns = at;
		b->outcome =
			k % 9 == 2    ? HALE__V1__BUILD_RESULT__OUTCOME__FAILED
			: k % 17 == 3 ? HALE__V1__BUILD_RESULT__OUTCOME__REFUSED
				      : HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
		b->cause = k % 9 == 2 ? TEXT("host-io") : TEXT("");
		b->confidence = k % 9 == 2 ? TEXT("certain") : TEXT("");
		b->host_fault = k % 9 == 2;
		page.builds[k] = b;
	}
}

static void page_quarantine(const struct made_host *h)
{
	hale__fleet__v1__quarantine__init(&page.quarantine);
	if (!(h->flags & ROW_QUARANTINED))
		return;
	page.quarantine.who = TEXT("operator ada");
	page.quarantine.reason = TEXT("disk is on its way");
	page.quarantine.since_ns = h->since_ns + 4 * MINUTE;
	page.state.quarantine = &page.quarantine;
}

int made_page(struct made *m, const char *id, struct supply_host *ret)
{
	size_t i = 0;
	const struct made_host *h;

	while (i < m->n && strcmp(m->hosts[i].id, id) != 0)
		i++;
	if (i == m->n)
		return -ENOENT;
	h = &m->hosts[i];
	hale__fleet__v1__host_state__init(&page.state);
	page.state.version = 1;
	page.state.id = TEXT(h->id);
	page.state.report = &page.report;
	page.state.seq = 4711;
	page.state.sent_ns = m->now_ns;
	page.state.heartbeat_s = 30;
	page_report(m, h);
	page_senses(m);
	page_machine();
	page_labels(m, i);
	page_past(m, h);
	page_quarantine(h);
	page.state.findings_total = (uint32_t)page.report.n_findings;
	*ret = (struct supply_host){
		.state = &page.state,
		.received_ns = m->now_ns,
		.judged = h->state,
		.judged_ns = h->since_ns,
		.connected = h->state != ROW_SILENT,
		.connected_known = true,
		.events = page.events,
		.events_n = h->state == ROW_FIT ? 0 : EVENTS,
		.builds = page.builds,
		.builds_n = BUILDS,
	};
	return 0;
}
