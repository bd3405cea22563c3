/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has a command stalled? Decides by running totals and times alone. It must
 * never take a slow build for a hung one: any byte of output, any disk I/O and
 * any noticeable work moves it on. What does not: the few instructions that a
 * runtime's timers cost while all else waits (a Go or Java program that waits
 * for a socket wakes some times a second). Invariant: what grew since it last
 * moved is counted together, so that slow work adds up to movement.
 */
#include "stall.h"

#include "hale/base.h"

/* A tick of /proc is 10 ms. Ten of them, and one for two seconds of waiting:
 * half a per cent of one processor. Measured over a minute, each waiting for a
 * client: Java 17 took five ticks (0.08 %), node 20 and Python 3 none. */
#define IDLE_TICKS	 10
#define IDLE_NS_PER_TICK (2 * HALE_NS_PER_S)
/* Wake-ups through eventfd(2) and pipes are I/O to /proc/PID/io: eight a
 * second, of eight bytes. Starting any program reads more. */
#define IDLE_BYTES_PER_S 64

/* How often to look: often enough to know the time of the last movement. */
#define LOOK_MIN_NS (100 * HALE_NS_PER_MS)
#define LOOK_MAX_NS (5 * HALE_NS_PER_S)

static uint64_t period_of(const struct stall *s)
{
	uint64_t period = s->limit_ns / 8;

	if (period < LOOK_MIN_NS)
		return LOOK_MIN_NS;
	return period < LOOK_MAX_NS ? period : LOOK_MAX_NS;
}

void stall_start(struct stall *s, uint64_t limit_ns, uint64_t mono_ns)
{
	*s = (struct stall){ .limit_ns = limit_ns,
			     .moved_mono_ns = mono_ns,
			     .looked_mono_ns = mono_ns };
}

static bool has_moved(const struct stall *s, const struct stall *now)
{
	uint64_t waited = now->looked_mono_ns - s->moved_mono_ns;

	return now->output_bytes != s->output_bytes ||
	       now->cpu_ticks - s->cpu_ticks >
		       IDLE_TICKS + waited / IDLE_NS_PER_TICK ||
	       now->io_bytes - s->io_bytes >
		       IDLE_BYTES_PER_S * (1 + waited / HALE_NS_PER_S);
}

bool stall_feed(struct stall *s, uint64_t output_bytes, uint64_t cpu_ticks,
		uint64_t io_bytes, uint64_t mono_ns)
{
	struct stall now = { .limit_ns = s->limit_ns,
			     .moved_mono_ns = mono_ns,
			     .looked_mono_ns = mono_ns,
			     .output_bytes = output_bytes,
			     .cpu_ticks = cpu_ticks,
			     .io_bytes = io_bytes };
	/* Nobody looked for a long time, as when hale itself was stopped: what
	 * happened meanwhile is not known. */
	bool unseen =
		mono_ns - s->looked_mono_ns > 4 * period_of(s) + LOOK_MAX_NS;

	if (unseen || has_moved(s, &now)) {
		*s = now;
		return false;
	}
	s->looked_mono_ns = mono_ns;
	return s->limit_ns > 0 && mono_ns - s->moved_mono_ns >= s->limit_ns;
}

uint64_t stall_due(const struct stall *s)
{
	uint64_t look = s->looked_mono_ns + period_of(s);
	uint64_t end = s->moved_mono_ns + s->limit_ns;

	if (s->limit_ns == 0)
		return UINT64_MAX;
	return look < end ? look : end;
}
