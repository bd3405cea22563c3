/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run over all disks: each is named to the host before it is asked, so that
 * the host knows which one we sit in if we do not come back; then it is asked
 * by its way, and what it said goes out at once. Must never wake a disk unless
 * the configuration says so, nor ask one in which an earlier run is stuck.
 */
#include <errno.h>

#include "smart.h"

/* The whole of a run. */
struct run {
	struct hale_probe *p;
	const struct smart_io *io;
	bool wake;
	uint64_t begun_ms;
	size_t n;
	struct smart_disk disks[SMART_DISKS_MAX];
};

static int (*const asks[SMART_WAY_COUNT])(struct smart_visit *v) = {
	[SMART_WAY_ATA] = smart_ata_ask,   [SMART_WAY_SCSI] = smart_scsi_ask,
	[SMART_WAY_NVME] = smart_nvme_ask, [SMART_WAY_USB] = smart_usb_ask,
	[SMART_WAY_RAID] = smart_raid_ask,
};

static void say_answers(const struct smart_visit *v)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_DISK_STALLED,
				      .ref = HALE_REF_DISK,
				      .time_ns = v->p->now_ns };

	HALE_SET(o.part, v->disk->name);
	hale_emit_observation(v->p, &o);
}

static void say_timeout(const struct smart_visit *v)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_DISK_TIMEOUT,
				      .ref = HALE_REF_DISK,
				      .count = 1,
				      .time_ns = v->p->now_ns };

	HALE_SET(o.part, v->disk->name);
	snprintf(o.evidence, sizeof(o.evidence), "%s: %s", v->disk->name,
		 v->disk->sight.why);
	hale_emit_observation(v->p, &o);
}

void smart_say_reading(const struct smart_visit *v)
{
	struct hale_fact f = { .kind = HALE_FACT_DISK_READING };

	f.u.disk = v->reading;
	v->p->emit(v->p->sink, &f);
}

static void prepare(struct smart_visit *v)
{
	struct hale_disk_reading *r = &v->reading;

	r->ref = HALE_REF_DISK;
	r->time_ns = v->p->now_ns;
	r->rotational = v->disk->rotational;
	HALE_SET(r->part, v->disk->name);
	HALE_SET(r->model, v->disk->model);
	HALE_SET(r->serial, v->disk->serial);
	HALE_SET(r->firmware, v->disk->revision);
	v->disk->sight.sight = HALE_SIGHT_LIVE;
	v->disk->sight.remedy = "";
}

static void rest(struct smart_visit *v)
{
	v->reading.asleep = true;
	v->known = true;
}

static int open_and_ask(struct smart_visit *v)
{
	struct smart_disk *d = v->disk;
	int r;

	say_answers(v);
	if (d->way == SMART_WAY_USB || d->way == SMART_WAY_RAID)
		return asks[d->way](v); /* smartctl opens what it needs */
	r = v->io->open(v->io, v->p->root_fd, d);
	if (r < 0) {
		smart_see_error(d, r, "opening it");
		return r;
	}
	r = asks[d->way](v);
	v->io->close(v->io, d);
	return r;
}

/* What the disk is, and what follows from that for what it said. */
static void conclude(struct smart_visit *v, int error)
{
	struct smart_disk *d = v->disk;

	if (v->reading.asleep) {
		smart_see(d, HALE_SIGHT_PARTIAL,
			  "wake = yes in [smart] wakes it for this",
			  "it sleeps and was not woken");
		d->sight.asleep = true;
	} else if (d->virtual && error == 0) {
		smart_see(d, v->known ? HALE_SIGHT_PARTIAL : HALE_SIGHT_BLIND,
			  "",
			  "a virtual disk tells nothing of the disk beneath "
			  "it");
	} else if (v->known && !smart_tells_health(&v->reading)) {
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "it tells nothing of its health");
	}
	if (v->known)
		smart_say_reading(v);
}

static void visit(const struct run *run, struct smart_disk *d)
{
	struct smart_visit v = {
		.p = run->p, .io = run->io, .disk = d, .wake = run->wake
	};
	int r = 0;

	prepare(&v);
	d->asked = true;
	if (d->suspended && !v.wake)
		rest(&v);
	else
		r = open_and_ask(&v);
	if (r == -ETIMEDOUT)
		say_timeout(&v);
	conclude(&v, r);
}

/* All volumes of one RAID controller stand on the same disks. */
static const struct smart_disk *sibling_of(const struct run *run,
					   const struct smart_disk *d)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct smart_disk *other = &run->disks[i];

		if (other->asked && other->way == SMART_WAY_RAID &&
		    strcmp(other->host, d->host) == 0)
			return other;
	}
	return NULL;
}

static bool out_of_time(const struct run *run)
{
	return run->io->now_ms(run->io) - run->begun_ms > SMART_BUDGET_MS;
}

static void turn_to(const struct run *run, struct smart_disk *d)
{
	const struct smart_disk *sibling = NULL;

	if (d->way == SMART_WAY_NONE)
		return;
	if (d->way == SMART_WAY_RAID)
		sibling = sibling_of(run, d);
	if (sibling)
		d->sight = sibling->sight;
	else if (hale_skips(run->p, d->name))
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "a request to it has not returned");
	else if (out_of_time(run))
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "it was not its turn: other disks took too long");
	else
		visit(run, d);
}

/* Where to begin: another disk in each period, so that slow ones do not keep
 * the same others from being asked. */
static size_t first_of(const struct run *run)
{
	return run->n ? (size_t)(run->p->now_ns / (1800 * HALE_NS_PER_S)) %
				run->n
		      : 0;
}

static int ask_all(struct run *run)
{
	int r = smart_disks_read(run->p->root_fd, run->disks, SMART_DISKS_MAX);
	size_t first;

	if (r < 0)
		return r;
	run->n = (size_t)r;
	run->begun_ms = run->io->now_ms(run->io);
	first = first_of(run);
	for (size_t i = 0; i < run->n; i++)
		turn_to(run, &run->disks[(first + i) % run->n]);
	smart_say_sights(run->p, run->disks, run->n);
	return 0;
}

int smart_run(struct hale_probe *p, const struct smart_io *io)
{
	_cleanup_free_ struct run *run = calloc(1, sizeof(*run));
	const char *wake = hale_option(p, "wake");

	if (!run)
		return -ENOMEM;
	run->p = p;
	run->io = io;
	run->wake = wake && strcmp(wake, "yes") == 0;
	return ask_all(run);
}
