/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `hale verify` asks and tells. Anyone may ask which sectors have failed;
 * only who may clear may say that a test was made, and what that ends is the
 * middle's to decide. Must never believe a test more than an operator: who and
 * why is kept beside what was cleared. Invariant: after a test of a disk its
 * own words are asked for anew.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/core/verified.h"
#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"
#include "proto/codec_verify.h"

#define TARGETS_MAX    16 /* disks beneath one path */
#define CONDITIONS_MAX 8  /* findings of one disk that are named */

struct work {
	struct hale_disk_target targets[TARGETS_MAX];
	struct hale_failing failing[TARGETS_MAX];
	Hale__V1__VerifyDisk *disks[TARGETS_MAX];
	Hale__V1__Part parts[TARGETS_MAX];
	char *conditions[TARGETS_MAX][CONDITIONS_MAX];
	uint8_t arena[CODEC_ARENA_UNPACK];
	uint8_t out[CODEC_MESSAGE_MAX];
};

static void put_conditions(struct agent *a, struct work *w, size_t i,
			   Hale__V1__VerifyDisk *d)
{
	struct hale_finding f;

	d->conditions = w->conditions[i];
	for (size_t k = 0;
	     d->n_conditions < CONDITIONS_MAX &&
	     middle_finding(a->middle, k, clock_now_ns(&a->clock), &f);
	     k++) {
		if (strcmp(f.part, w->targets[i].part) == 0)
			d->conditions[d->n_conditions++] = codec_borrow(
				hale_condition_info(f.condition)->name);
	}
}

static Hale__V1__VerifyDisk *describe(struct agent *a, struct work *w,
				      struct codec_arena *arena, size_t i)
{
	const struct hale_disk_target *t = &w->targets[i];
	Hale__V1__VerifyDisk *d;

	middle_failing(a->middle, t->part, &w->failing[i]);
	d = codec_verify_disk(arena, &w->failing[i]);
	if (!d)
		return NULL;
	hale__v1__part__init(&w->parts[i]);
	w->parts[i].id = codec_borrow(t->part);
	w->parts[i].alias = codec_borrow(t->name);
	w->parts[i].model = codec_borrow(t->model);
	w->parts[i].serial = codec_borrow(t->serial);
	d->part = &w->parts[i];
	d->major = t->major;
	d->minor = t->minor;
	put_conditions(a, w, i, d);
	return d;
}

static void say_failing(struct agent *a, struct gate_client *c,
			const struct hale_target_query *q, struct work *w)
{
	struct codec_arena arena = { .mem = w->arena,
				     .size = sizeof(w->arena) };
	size_t n = middle_targets(a->middle, q, clock_now_ns(&a->clock),
				  w->targets, TARGETS_MAX);
	ssize_t len;

	for (size_t i = 0; i < n; i++)
		w->disks[i] = describe(a, w, &arena, i);
	len = codec_pack(
		codec_reply_verify(&arena, w->disks, n, a->answer.host), w->out,
		sizeof(w->out));
	if (len < 0)
		agent_refuse(a, c, (int)-len, "out of memory");
	else
		gate_send(c, w->out, (size_t)len);
}

void agent_failing(struct agent *a, struct gate_client *c,
		   const Hale__V1__VerifyRequest *m)
{
	_cleanup_free_ struct work *w = NULL;
	struct hale_scope_path path;
	char name[HALE_PART_MAX];
	const struct hale_target_query q = { name, &path };
	const char *why = "";

	hale_print_text(name, sizeof(name), m->name, strlen(m->name));
	if (!name[0] && codec_read_scope_path(m->path, &path, &why) < 0) {
		agent_refuse(a, c, EBADMSG, why);
		return;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		agent_refuse(a, c, ENOMEM, "out of memory");
	else
		say_failing(a, c, &q, w);
}

static void take(struct agent *a, struct gate_client *c,
		 const struct hale_verification *v)
{
	struct hale_outcome outcome;
	char by[KEEP_BY_MAX];
	int kept = 0;
	bool changed = middle_verified(a->middle, v, clock_now_ns(&a->clock),
				       &outcome);

	snprintf(by, sizeof(by), "uid %u, pid %d: hale verify: %.90s",
		 (unsigned int)c->uid, (int)c->pid, outcome.text);
	if (outcome.cleared > 0)
		keep_note_clear(
			&a->keep,
			v->tested == HALE_TESTED_DISK ? v->part : "host", by);
	log_asked(LOG_LEVEL_NOTICE,
		  "verified part=%s verdict=%s findings=%u uid=%u pid=%d "
		  "outcome=%s",
		  v->part[0] ? v->part : "host", v->bad ? "bad" : "good",
		  outcome.cleared, (unsigned int)c->uid, (int)c->pid,
		  outcome.text);
	if (changed)
		kept = keep_save(&a->keep);
	/* pending and reallocated sectors, and what its self-test said */
	if (v->tested == HALE_TESTED_DISK)
		agent_trigger(a, 1u << HALE_SENSE_DISK_HEALTH, 0);
	agent_acknowledge(
		a, c, kept,
		(struct answer_outcome){ 0, outcome.cleared, outcome.text });
}

void agent_verified(struct agent *a, struct gate_client *c,
		    const Hale__V1__ControlRequest *m)
{
	struct answer_outcome wrong = { .error = EBADMSG };
	struct hale_verification v;

	if (codec_read_verification(m->verification, &v, &wrong.text) == 0)
		take(a, c, &v);
	else
		answer_control(&a->answer, wrong, agent_out, c);
}
