/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says what the driver can and cannot see, and what would help. Decides no
 * more than words. Invariant: a tracepoint that this kernel does not have, or
 * does not let us have, is named; what was overwritten is counted.
 */
#include "trace_sight.h"

#include <errno.h>
#include <inttypes.h>

#include "hale/base.h"

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_BLOCK_ERRORS, sight, why, remedy);
	hale_emit_coverage(p, HALE_SENSE_MEMORY_ERRORS, sight, why, remedy);
	hale_emit_coverage(p, HALE_SENSE_PROCESS_DEATHS, sight, why, remedy);
}

static bool locked_down(const struct hale_probe *p, const char *mode)
{
	char modes[64] = "";

	hale_read_at(p->root_fd, "sys/kernel/security/lockdown", modes,
		     sizeof(modes));
	return strstr(modes, mode) != NULL;
}

static bool is_refusal(int error)
{
	return error == -EPERM || error == -EACCES;
}

/* In its strictest mode the kernel does not even fill the filesystem
 * (kernel/trace/trace.c, "Tracing disabled due to lockdown"). */
static bool is_locked_down(const struct hale_probe *p, int error)
{
	if (!is_refusal(error) && error != -ENOTCONN)
		return false;
	return locked_down(p, "[confidentiality]") ||
	       (is_refusal(error) && locked_down(p, "[integrity]"));
}

int trace_sight_absent(struct hale_probe *p, int error)
{
	if (error == -ENOENT &&
	    faccessat(p->root_fd, "sys/kernel", F_OK, 0) < 0)
		cover(p, HALE_SIGHT_BLIND, "there is no /sys: a container?",
		      "run haled on the host, or give the container /sys");
	else if (error == -ENOENT)
		cover(p, HALE_SIGHT_BLIND, "this kernel has no tracefs",
		      "use a kernel with CONFIG_TRACING; until then the log "
		      "tells");
	else if (is_locked_down(p, error))
		cover(p, HALE_SIGHT_BLIND, "kernel lockdown forbids tracefs",
		      "boot with a lesser lockdown= mode, or rely on the log");
	else if (error == -ENOTCONN)
		cover(p, HALE_SIGHT_BLIND, "tracefs is not mounted",
		      "mount -t tracefs nodev /sys/kernel/tracing");
	else if (error == -ESRCH)
		cover(p, HALE_SIGHT_BLIND, "there is no /proc",
		      "mount -t proc proc /proc");
	else if (error == -EBUSY)
		cover(p, HALE_SIGHT_BLIND,
		      "another haled has the tracing instance of our pid",
		      "let only one haled trace this host, or restart this "
		      "one");
	else if (is_refusal(error) || error == -EROFS)
		cover(p, HALE_SIGHT_BLIND, "tracefs is not permitted",
		      "run haled as root on the host");
	else
		return error;
	return -ENODEV;
}

static bool has(const struct trace_sight *s, enum trace_event event)
{
	return (s->enabled & 1U << event) != 0;
}

static void say_sense(const struct trace_sight *s, struct hale_probe *p,
		      enum hale_sense sense, const char *why,
		      const char *remedy)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;

	c->sense = sense;
	c->sight = why[0] ? HALE_SIGHT_PARTIAL : HALE_SIGHT_LIVE;
	c->since_ns = s->since_ns;
	HALE_SET(c->why, why);
	HALE_SET(c->remedy, remedy);
	p->emit(p->sink, &f);
}

static void say_block(const struct trace_sight *s, struct hale_probe *p)
{
	char why[128] = "";

	if (!has(s, TRACE_BLOCK_ERROR) && !has(s, TRACE_BLOCK_COMPLETE)) {
		hale_emit_coverage(p, HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_BLIND,
				   "this kernel has no block tracepoints",
				   "use a kernel with CONFIG_BLOCK and "
				   "CONFIG_FTRACE");
		return;
	}
	if (s->lost > 0)
		snprintf(why, sizeof(why),
			 "%" PRIu64 " records were overwritten before they "
			 "were read, last on CPU %u",
			 s->lost, s->lost_cpu);
	say_sense(s, p, HALE_SENSE_BLOCK_ERRORS, why,
		  why[0] ? "set a larger [trace] buffer_kib" : "");
}

static void say_memory(const struct trace_sight *s, struct hale_probe *p)
{
	static const enum trace_event events[] = { TRACE_MEMORY_FAILURE,
						   TRACE_MC, TRACE_MCE };
	char why[128] = "";
	size_t missing = 0;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(events); i++) {
		size_t len = strlen(why);

		if (has(s, events[i]))
			continue;
		snprintf(why + len, sizeof(why) - len, "%s%s",
			 missing++ ? ", " : "this kernel has no tracepoint ",
			 trace_events[events[i]].name);
	}
	if (missing == HALE_ARRAY_SIZE(events))
		hale_emit_coverage(p, HALE_SENSE_MEMORY_ERRORS,
				   HALE_SIGHT_BLIND, why,
				   "the log tells of these errors, too");
	else
		say_sense(s, p, HALE_SENSE_MEMORY_ERRORS, why,
			  missing ? "the log tells of these errors, too" : "");
}

void trace_sight_say(struct trace_sight *s, struct hale_probe *p)
{
	say_block(s, p);
	say_memory(s, p);
	if (has(s, TRACE_SIGNAL))
		say_sense(s, p, HALE_SENSE_PROCESS_DEATHS,
			  has(s, TRACE_DEATH)
				  ? "the signal that ends a process, not its "
				    "end"
				  : "only SIGBUS, and not whether the process "
				    "died of it",
			  "");
	else
		hale_emit_coverage(p, HALE_SENSE_PROCESS_DEATHS,
				   HALE_SIGHT_BLIND,
				   "this kernel has no tracepoint "
				   "signal_generate",
				   "");
}

void trace_sight_lost(struct trace_sight *s, const struct hale_probe *p,
		      uint32_t cpu, uint64_t n)
{
	(void)p;
	s->lost_now += n ? n : 1;
	s->at_least |= n == 0;
	s->lost_cpu = cpu;
}

void trace_sight_say_lost(struct trace_sight *s, struct hale_probe *p)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_AGENT_BLIND,
				      .at_least = s->at_least,
				      .time_ns = p->now_ns,
				      .part = "host" };

	if (s->lost_now == 0)
		return;
	s->lost += s->lost_now;
	o.count = s->lost_now < UINT32_MAX ? (uint32_t)s->lost_now : UINT32_MAX;
	snprintf(o.evidence, sizeof(o.evidence),
		 "tracepoints: %" PRIu64 " records of CPU %u were overwritten "
		 "before they were read, %" PRIu64 " since haled started",
		 s->lost_now, s->lost_cpu, s->lost);
	hale_emit_observation(p, &o);
	s->lost_now = 0;
	say_block(s, p);
}
