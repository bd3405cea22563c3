/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps count of the log's own numbering. A jump in it is how the kernel says
 * that records were overwritten before they could be read; they are counted
 * and told, so that silence never passes for health. Pure but for the probe's
 * emit. Invariant: every number from the first to the last that was read is
 * either a record taken in or one counted as lost.
 */
#include "kmsg_tally.h"

#include <inttypes.h>

#include "hale/base.h"

#include "kmsg_judge.h"

void kmsg_tally_record(struct kmsg_tally *t, const struct kmsg_record *r)
{
	uint64_t next = (t->any ? t->last_seq : t->resume_seq) + 1;
	bool first = !t->any;

	if (first)
		t->first_seq = r->seq;
	if ((!first || t->resume_seq != 0) && r->seq > next) {
		if (t->lost.now == 0)
			t->lost.from_ns = t->last_ns;
		t->lost.now += r->seq - next;
		t->lost.to_ns = r->time_ns;
		t->lost.seq = r->seq;
	}
	t->any = true;
	t->last_seq = r->seq;
	t->last_ns = r->time_ns;
}

/* As dmesg prints it. */
static void stamp(char text[32], uint64_t mono_ns)
{
	snprintf(text, 32, "[%" PRIu64 ".%06" PRIu64 "]",
		 mono_ns / HALE_NS_PER_S,
		 mono_ns % HALE_NS_PER_S / HALE_NS_PER_US);
}

static void describe(const struct kmsg_lost *l, char *text, size_t size)
{
	char from[32], to[32];

	stamp(from, l->from_ns);
	stamp(to, l->to_ns);
	if (l->from_ns == 0) /* while no agent ran */
		snprintf(text, size,
			 "kernel log: %" PRIu64 " records lost before %s",
			 l->now, to);
	else
		snprintf(text, size,
			 "kernel log: %" PRIu64 " records lost between %s and "
			 "%s, %" PRIu64 " since haled started",
			 l->now, from, to, l->total);
}

void kmsg_tally_say_lost(struct kmsg_tally *t, struct hale_probe *p)
{
	struct kmsg_lost *l = &t->lost;
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_AGENT_BLIND,
				      .seq = l->seq,
				      .part = "host" };

	if (l->now == 0)
		return;
	l->total += l->now;
	o.count = l->now < UINT32_MAX ? (uint32_t)l->now : UINT32_MAX;
	o.time_ns = kmsg_agent_ns(p, l->to_ns);
	describe(l, o.evidence, sizeof(o.evidence));
	hale_emit_observation(p, &o);
	l->now = 0;
}

void kmsg_tally_say_position(struct kmsg_tally *t, struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_POSITION };

	if (!t->any || t->last_seq == t->said_seq)
		return;
	f.u.position = t->said_seq = t->last_seq;
	p->emit(p->sink, &f);
}

static void add(char *why, size_t size, uint64_t n, const char *what)
{
	size_t len = strlen(why);

	if (n > 0)
		snprintf(why + len, size - len, "%s%" PRIu64 " %s",
			 len ? "; " : "", n, what);
}

static void cover(struct hale_probe *p, enum hale_sense sense, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, sense,
			   why[0] ? HALE_SIGHT_PARTIAL : HALE_SIGHT_LIVE, why,
			   remedy);
}

void kmsg_tally_say_coverage(struct kmsg_tally *t, struct hale_probe *p)
{
	char why[128] = "";

	/* an earlier agent has read what is overwritten by now */
	add(why, sizeof(why), t->resume_seq == 0 ? t->first_seq : 0,
	    "records since boot were overwritten before hale began");
	add(why, sizeof(why), t->malformed, "records were malformed");
	t->malformed_said = t->malformed;
	cover(p, HALE_SENSE_BLOCK_ERRORS, why, "");
	if (t->rules_error[0] != '\0')
		cover(p, HALE_SENSE_KERNEL_LOG, t->rules_error,
		      "correct the rule file, then reload haled");
	else
		cover(p, HALE_SENSE_KERNEL_LOG, why, "");
}
