/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides when pressure begins and ends, and whose it is. The kernel adds up
 * all tasks that stall, also those that a limit of their own cgroup holds back:
 * while the host has memory left, that is a matter of that job and no fault of
 * the host. Invariant: a state that was said to hold is said to be over.
 */
#include <errno.h>

#include "hale/base.h"

#include "pressure_state.h"

/* So many looks in a row, 10 s apart, must find it low. */
#define CALM_LOOKS 3
/* A state that goes on is said again this often. */
#define REPEAT_NS (60 * HALE_NS_PER_S)
/* A host that thrashes has less than a tenth of its memory to give; caches of
 * files that are read again at once still count as available. */
#define SHORT_PERMILLE 150

static const struct {
	const char *for_what;
	enum hale_condition condition;
} infos[PRESSURE_COUNT] = {
	[PRESSURE_MEMORY] = { "memory", HALE_MEMORY_PRESSURE },
	[PRESSURE_IO] = { "I/O", HALE_IO_PRESSURE },
};

/* Where it cannot be known, it is the host's. */
static bool has_memory_left(const struct pressure_state *st,
			    struct pressure_memory *m)
{
	char text[512]; /* the two lines needed are its first three */
	ssize_t n = st->meminfo_fd < 0
			    ? -1
			    : pread(st->meminfo_fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return pressure_memory_parse(text, m) == 0 &&
	       m->available_kib / SHORT_PERMILLE > m->total_kib / 1000;
}

static void say(struct hale_probe *p, enum pressure_what w,
		const struct pressure_reading *r)
{
	struct pressure_state *st = p->state;
	struct pressure_source *s = &st->sources[w];
	const uint32_t *avg = r->avg10_permille;
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = infos[w].condition,
				      .holds = s->holds,
				      .count = s->holds,
				      .value = avg[s->limit.kind],
				      .time_ns = p->now_ns,
				      .part = "host" };

	if (s->holds)
		snprintf(o.evidence, sizeof(o.evidence),
			 "of the last 10 s some tasks waited for %s %u %%, all "
			 "of them %u %%",
			 infos[w].for_what, avg[PRESSURE_SOME] / 10,
			 avg[PRESSURE_FULL] / 10);
	s->said = true;
	s->said_ns = p->now_ns;
	hale_emit_observation(p, &o);
}

static void say_cgroup(struct hale_probe *p, const struct pressure_memory *m)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_MEMORY_LIMIT,
				      .count = 1,
				      .time_ns = p->now_ns,
				      .part = "host" };

	snprintf(o.evidence, sizeof(o.evidence),
		 "tasks stall at the limit of their own cgroup: the host has "
		 "%llu MiB of memory left",
		 (unsigned long long)(m->available_kib / 1024));
	hale_emit_observation(p, &o);
}

/* Begins, unless it is a job's own; that is said once. */
static void begin(struct hale_probe *p, enum pressure_what w)
{
	struct pressure_state *st = p->state;
	struct pressure_source *s = &st->sources[w];
	struct pressure_memory m;

	if (s->holds)
		return;
	if (w != PRESSURE_MEMORY || !has_memory_left(st, &m)) {
		s->holds = true;
		s->of_cgroup = false;
		return;
	}
	if (!s->of_cgroup)
		say_cgroup(p, &m);
	s->of_cgroup = true;
}

/*
 * Begins at half the limit: so high is the decaying average when a window has
 * just held as much stall as the limit allows. Ends well below it.
 */
void pressure_judge(struct hale_probe *p, enum pressure_what w,
		    const struct pressure_reading *r)
{
	struct pressure_state *st = p->state;
	struct pressure_source *s = &st->sources[w];
	uint32_t avg = r->avg10_permille[s->limit.kind];
	bool held = s->holds;

	s->calm = avg < s->limit.percent * 10 / 4 ? s->calm + 1 : 0;
	if (avg >= s->limit.percent * 10 / 2)
		begin(p, w);
	if (s->calm >= CALM_LOOKS) {
		s->calm = CALM_LOOKS;
		s->holds = s->of_cgroup = false;
	}
	if (!s->said || s->holds != held ||
	    (s->holds && p->now_ns - s->said_ns >= REPEAT_NS))
		say(p, w, r);
}

bool pressure_lasts(const struct pressure_state *st)
{
	for (int w = 0; w < PRESSURE_COUNT; w++) {
		if (st->sources[w].holds || st->sources[w].of_cgroup)
			return true;
	}
	return false;
}
