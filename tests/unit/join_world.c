/* SPDX-License-Identifier: Apache-2.0 */
/* Says what a log and a tracer say of one disk; decides nothing. */
#include "join_world.h"

uint64_t log_seq;

void trace_lives(struct world *w, enum hale_sight sight, uint64_t since)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };

	f.u.coverage.sense = HALE_SENSE_BLOCK_ERRORS;
	f.u.coverage.sight = sight;
	f.u.coverage.since_ns = since;
	HALE_SET(f.u.coverage.driver, "trace");
	world_fact(w, "trace", &f);
}

void deaths_are_heard(struct world *w)
{
	world_sight(w, "procevent", HALE_SENSE_PROCESS_DEATHS, HALE_SIGHT_LIVE,
		    "");
}

struct hale_observation request(enum hale_condition c, const char *disk,
				enum hale_block_op op, uint64_t sector,
				uint64_t time_ns)
{
	struct hale_observation o = world_observation(c, HALE_REF_DISK, disk);

	o.count = 1;
	o.time_ns = time_ns;
	o.join = HALE_JOIN_BLOCK;
	o.join_key = HALE_BLOCK_KEY(op, sector);
	o.value = sector;
	return o;
}

void traced(struct world *w, enum hale_condition c, uint64_t sector,
	    uint64_t time_ns)
{
	struct hale_observation o =
		request(c, "8:0", HALE_OP_READ, sector, time_ns);

	HALE_SET(o.evidence, "traced");
	world_say(w, "trace", &o);
}

void logged(struct world *w, enum hale_condition c, uint64_t sector,
	    uint64_t time_ns)
{
	struct hale_observation o =
		request(c, "sda", HALE_OP_READ, sector, time_ns);

	o.seq = ++log_seq;
	HALE_SET(o.evidence, "logged");
	world_say(w, "kmsg", &o);
}

void sensed(struct world *w, enum hale_condition c, uint64_t time_ns)
{
	struct hale_observation o = request(c, "sda", HALE_OP_UNKNOWN,
					    HALE_SECTOR_UNKNOWN, time_ns);

	o.seq = ++log_seq;
	HALE_SET(o.evidence, "sense data");
	world_say(w, "kmsg", &o);
}

void block_line(struct world *w, enum hale_condition c, uint64_t sector,
		uint64_t time_ns)
{
	struct hale_observation o =
		request(c, "sda", HALE_OP_READ, sector, time_ns);

	o.count = 0;
	o.seq = ++log_seq;
	HALE_SET(o.evidence, "logged");
	world_say(w, "kmsg", &o);
}

void suppressed(struct world *w, uint32_t n, uint64_t time_ns)
{
	struct hale_observation o =
		world_observation(HALE_DISK_IO_ERROR, HALE_REF_DISK, "sda");

	o.count = n;
	o.at_least = true;
	o.time_ns = time_ns;
	o.seq = ++log_seq;
	o.join = HALE_JOIN_SUPPRESSED;
	world_say(w, "kmsg", &o);
}

uint64_t count_of(struct world *w, enum hale_condition c)
{
	const struct hale_finding *f = world_finding(w, "disk/naa.root", c);

	return f ? f->count : 0;
}

bool is_at_least(struct world *w, enum hale_condition c)
{
	const struct hale_finding *f = world_finding(w, "disk/naa.root", c);

	return f && f->at_least;
}

void begin(struct world *w, bool tracing)
{
	world_new(w);
	world_wait(w, SECOND);
	if (tracing)
		trace_lives(w, HALE_SIGHT_LIVE, w->now);
	world_wait(w, SECOND);
}
