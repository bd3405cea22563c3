/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rates with hysteresis. Decides when a stream of events is above its limit
 * (level over one window) and when it is calm again (level at half a window or
 * less): the gap keeps a finding from flapping around its limit. Knows nothing
 * of conditions or parts, and takes its time from the caller. Invariant:
 * level_ns never exceeds DECAY_WINDOWS_MAX windows.
 */
#include "decay.h"

static bool decay_counts(const struct hale_rate *rate)
{
	return rate->limit > 0 && rate->window_ns > 0;
}

static void decay_leak(struct decay *d, uint64_t window_ns, uint64_t time_ns)
{
	uint64_t windows;

	if (time_ns <= d->at_ns)
		return;
	windows = (time_ns - d->at_ns) / window_ns;
	if (windows > DECAY_WINDOWS_MAX || d->level_ns < windows * window_ns)
		d->level_ns = 0;
	else
		d->level_ns -= windows * window_ns;
	d->at_ns += windows * window_ns;
}

void decay_add(struct decay *d, const struct hale_rate *rate, uint64_t count,
	       uint64_t time_ns)
{
	uint64_t step, most;

	if (!decay_counts(rate))
		return;
	decay_leak(d, rate->window_ns, time_ns);
	if (d->level_ns == 0)
		d->at_ns = time_ns;
	/* rounded up, so that N + 1 steps always exceed the window */
	step = (rate->window_ns - 1) / rate->limit + 1;
	most = DECAY_WINDOWS_MAX * rate->window_ns;
	if (count > most / step || d->level_ns + count * step > most)
		d->level_ns = most;
	else
		d->level_ns += count * step;
	/* N steps may exceed the window by the rounding: at most N ns */
	if (d->level_ns > rate->window_ns + rate->limit)
		d->above = true;
}

bool decay_settle(struct decay *d, const struct hale_rate *rate,
		  uint64_t now_ns)
{
	bool was = d->above;

	if (!decay_counts(rate)) {
		d->above = false;
		return was;
	}
	decay_leak(d, rate->window_ns, now_ns);
	if (d->level_ns <= rate->window_ns / 2)
		d->above = false;
	return was != d->above;
}

uint64_t decay_due(const struct decay *d, const struct hale_rate *rate)
{
	uint64_t excess, windows;

	if (!d->above || !decay_counts(rate))
		return UINT64_MAX;
	excess = d->level_ns - rate->window_ns / 2;
	if (d->level_ns <= rate->window_ns / 2)
		return d->at_ns;
	windows = (excess - 1) / rate->window_ns + 1;
	return d->at_ns + windows * rate->window_ns;
}
