/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts builds out of the history: those that ended since the doors opened.
 * Decides which are new; the store is asked for the latest, and what was
 * counted once is remembered. Must never count a build twice, nor those of the
 * past, which a restart would then add again.
 */
#include "hale/base.h"

#include "agent/doors/doors.h"
#include "agent/lib/store_builds.h"

/* Asked for when somebody asks us, and not more often than that. */
#define LOOK_NS	  (5 * HALE_NS_PER_S)
#define ANSWER_MS 250
/* A build that takes longer is told by its end all the same, if among the
 * latest 300. */
#define BACK_NS (UINT64_C(2) * 86400 * HALE_NS_PER_S)

static uint64_t key_of(const struct store_build *b)
{
	uint64_t key =
		b->started_ns * UINT64_C(0x9e3779b97f4a7c15) ^ b->ended_ns;

	for (const char *c = b->repo; *c != '\0'; c++)
		key = (key ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return key;
}

static bool was_seen(struct doors *d, uint64_t key)
{
	for (size_t i = 0; i < d->n_seen; i++) {
		if (d->seen[i] == key)
			return true;
	}
	d->seen[d->at_seen] = key;
	d->at_seen = (d->at_seen + 1) % HALE_ARRAY_SIZE(d->seen);
	if (d->n_seen < HALE_ARRAY_SIZE(d->seen))
		d->n_seen++;
	return false;
}

static void count(struct doors *d, const struct store_build *b)
{
	size_t outcome =
		(size_t)b->outcome < BUILD_OUTCOMES ? (size_t)b->outcome : 0;
	size_t cause = build_cause_index(b->cause);

	if (was_seen(d, key_of(b)) || b->ended_ns < d->builds.since_ns)
		return;
	d->builds.counts[outcome][cause]++;
	if (b->ended_ns > b->started_ns)
		d->builds.seconds_ns[outcome] += b->ended_ns - b->started_ns;
}

void builds_look(struct doors *d)
{
	static struct store_build list[STORE_BUILDS_MAX];
	uint64_t now = doors_time_ns();
	uint64_t since = now > BACK_NS ? now - BACK_NS : 0;
	int n = store_builds(d->run_dir, since, ANSWER_MS, list);

	d->builds_ns = doors_now_ns() + LOOK_NS;
	d->builds.known = d->builds.known || n >= 0;
	for (int i = 0; i < n; i++)
		count(d, &list[i]);
}
