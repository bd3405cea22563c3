/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up hosts. Each step is told to the picture and the judge as messages of
 * a real fleet would be: by the host's own clock, numbered by its spool.
 */
#include "fleet_world.h"

static void sim_init(struct sim_host *h, uint32_t i)
{
	char rack[16];

	*h = (struct sim_host){ .fitness = HALE_FIT,
				.spool = 1000 + i,
				.why = "",
				.condition = NULL };
	snprintf(h->id, sizeof(h->id), "U%055u", i);
	snprintf(h->name, sizeof(h->name), "b%u", i);
	snprintf(rack, sizeof(rack), "%u", i / 20);
	sim_label(h, "rack", rack);
	sim_label(h, "pool", "ci");
	sim_disk(h, 0, "DISK A");
}

void world_init(struct world *w, uint32_t n)
{
	*w = (struct world){ .n = n, .now_ns = START, .random = 42 };
	w->p = picture_new(NULL);
	w->hosts = calloc(n, sizeof(*w->hosts));
	assert_non_null(w->p);
	assert_non_null(w->hosts);
	w->j = judge_new(w->p, NULL);
	assert_non_null(w->j);
	for (uint32_t i = 0; i < n; i++)
		sim_init(&w->hosts[i], i);
}

void world_done(struct world *w)
{
	judge_free(w->j);
	picture_free(w->p);
	free(w->hosts);
}

uint32_t world_random(struct world *w, uint32_t below)
{
	w->random = w->random * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
	return (uint32_t)(w->random >> 33) % below;
}

void sim_label(struct sim_host *h, const char *key, const char *value)
{
	uint32_t i = 0;

	while (i < h->n_labels && strcmp(h->keys[i], key) != 0)
		i++;
	assert_true(i < SIM_LABELS);
	HALE_SET(h->keys[i], key);
	HALE_SET(h->values[i], value);
	if (i == h->n_labels)
		h->n_labels++;
}

void sim_disk(struct sim_host *h, uint32_t n, const char *model)
{
	assert_true(n < SIM_DISKS);
	snprintf(h->parts[n], sizeof(h->parts[n]), "disk/%s-%u", h->name, n);
	HALE_SET(h->models[n], model);
	if (n >= h->n_disks)
		h->n_disks = n + 1;
}

static uint64_t own_clock(const struct world *w, const struct sim_host *h)
{
	return w->now_ns + (uint64_t)h->skew_ns;
}

int64_t sim_speak(struct world *w, uint32_t host)
{
	struct sim_host *h = &w->hosts[host];
	struct told_label labels[SIM_LABELS];
	struct told_disk disks[SIM_DISKS];
	struct told_open open = { h->condition, "disk/x", HALE_EFFECT_BLOCKS,
				  0 };
	struct told_state s = {
		.id = h->id,
		.name = h->name,
		.boot = "boot",
		.version = "0.1.0",
		.no = { h->spool, ++h->seq },
		.host_sent_ns = own_clock(w, h),
		.period_s = 30,
		.fitness = h->fitness,
		.why = h->why,
		.labels = labels,
		.n_labels = h->n_labels,
		.disks = disks,
		.n_disks = h->n_disks,
		.open = &open,
		.n_open = h->condition ? 1 : 0,
		.findings = h->condition ? 1 : 0,
	};

	for (uint32_t i = 0; i < h->n_labels; i++)
		labels[i] = (struct told_label){ h->keys[i], h->values[i] };
	for (uint32_t i = 0; i < h->n_disks; i++)
		disks[i] =
			(struct told_disk){ h->parts[i], h->models[i], "FW1" };
	return picture_state(w->p, &s, w->now_ns);
}

void world_speak(struct world *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (!w->hosts[i].dead)
			sim_speak(w, i);
}

int sim_opens(struct world *w, uint32_t host, const char *condition,
	      const char *part, uint64_t ago_ns)
{
	struct sim_host *h = &w->hosts[host];
	const struct told_finding f = {
		.id = h->id,
		.no = { h->spool, ++h->seq },
		.condition = condition,
		.part = part,
		.effect = HALE_EFFECT_BLOCKS,
		.opened = true,
		.host_at_ns = own_clock(w, h) - ago_ns,
	};

	return judge_finding(w->j, &f, w->now_ns);
}

int sim_builds(struct world *w, uint32_t host, uint32_t repo, const char *cause,
	       uint64_t seconds)
{
	struct sim_host *h = &w->hosts[host];
	const struct told_build b = {
		.id = h->id,
		.no = { h->spool, ++h->seq },
		.repo = &repo,
		.repo_len = sizeof(repo),
		.ok = !cause,
		.cause = cause,
		.duration_ms = seconds * 1000,
		.host_ended_ns = own_clock(w, h),
	};

	return judge_build(w->j, &b, w->now_ns);
}

void world_step(struct world *w, uint64_t ns)
{
	w->now_ns += ns;
	picture_tick(w->p, w->now_ns);
	judge_tick(w->j, w->now_ns);
}

void world_run(struct world *w, uint64_t ns, uint64_t beat_ns)
{
	uint64_t end = w->now_ns + ns, next = w->now_ns;

	while (w->now_ns < end) {
		if (w->now_ns >= next) {
			world_speak(w);
			next += beat_ns;
		}
		world_step(w, 10 * SECOND);
	}
}

static const char *everyday_cause(struct world *w)
{
	static const char *const causes[] = { "code",	    "code",
					      "dependency", "timeout",
					      "network",    "unknown" };

	return causes[world_random(w, HALE_ARRAY_SIZE(causes))];
}

static const char *everyday_condition(struct world *w)
{
	static const char *const conditions[] = {
		"fs.full",	  "disk.medium_error", "memory.oom",
		"process.sigbus", "engine.down",       "disk.link_error",
	};

	return conditions[world_random(w, HALE_ARRAY_SIZE(conditions))];
}

static const char *any_disk(struct world *w, uint32_t host)
{
	return w->hosts[host].parts[world_random(w, w->hosts[host].n_disks)];
}

void world_live(struct world *w, uint64_t ns, uint64_t every_ns, uint32_t repos)
{
	uint64_t end = w->now_ns + ns;
	uint32_t a_day = (uint32_t)(100 * DAY / every_ns);

	world_speak(w);
	picture_fed(w->p, false, w->now_ns);
	while (w->now_ns < end) {
		for (uint32_t i = 0; i < w->n; i++) {
			bool fails = world_random(w, 100) == 0;
			uint32_t repo = 1 + world_random(w, repos);

			if (w->hosts[i].dead)
				continue;
			sim_builds(w, i, repo, fails ? everyday_cause(w) : NULL,
				   fails ? world_random(w, 60) : 60);
			if (world_random(w, a_day) == 0)
				sim_opens(w, i, everyday_condition(w),
					  any_disk(w, i), 0);
		}
		world_step(w, every_ns);
	}
	picture_fed(w->p, true, w->now_ns);
	world_speak(w);
}

static uint32_t count(const struct world *w, enum judgment_kind kind,
		      bool ended, const struct judgment **ret)
{
	const struct judgment *g;
	uint32_t n = 0;

	for (uint32_t i = 0; (g = judge_at(w->j, i)) != NULL; i++) {
		if (g->kind != kind || (g->ended_ns != 0 && !ended))
			continue;
		if (n++ == 0 && ret)
			*ret = g;
	}
	return n;
}

uint32_t world_judged(const struct world *w, enum judgment_kind kind,
		      const struct judgment **ret)
{
	return count(w, kind, false, ret);
}

uint32_t world_ever(const struct world *w, enum judgment_kind kind)
{
	return count(w, kind, true, NULL);
}

struct picture_row sim_row(const struct world *w, uint32_t host)
{
	struct picture_row row = { 0 };

	assert_true(
		picture_row(w->p, picture_find(w->p, w->hosts[host].id), &row));
	return row;
}
