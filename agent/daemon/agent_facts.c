/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts in, consequences out. Decides what a change sets going: the fit link
 * first, then kept answers, watchers and the state file; and which drivers have
 * to look again. Must never be slower than the facts come: in a storm only the
 * link is kept up each turn, the rest follows at its pace. Invariant: after a
 * turn, the link says what a check would say.
 */
#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/daemon/agent.h"
#include "agent/daemon/agent_look.h"
#include "agent/daemon/log.h"

/* A disk that comes brings a dozen uevents: one new map for all of them. */
#define SETTLE_NS (50 * HALE_NS_PER_MS)
/* Containers mount all day long: once in so long is enough. */
#define LOOK_AGAIN_NS (30 * HALE_NS_PER_S)
/* How long after a change the middle is asked what falls due next. */
#define TICK_NS	 HALE_NS_PER_S
#define WATCH_NS (100 * HALE_NS_PER_MS)

static const char *const sight_names[HALE_SIGHT_COUNT] = {
	[HALE_SIGHT_BLIND] = "blind",
	[HALE_SIGHT_PARTIAL] = "partial",
	[HALE_SIGHT_LIVE] = "live",
};

static int driver_index(const char *name)
{
	for (int i = 0; i < AGENT_DRIVERS_MAX && hale_drivers[i]; i++) {
		if (strcmp(hale_drivers[i]->name, name) == 0)
			return i;
	}
	return -1;
}

/* What is worth a new line: another sight, or another reason for it. Numbers in
 * a reason grow; that alone is none. */
static uint32_t gist_of(const struct hale_coverage *c)
{
	uint32_t gist = 0x811c9dc5U + (uint32_t)c->sight; /* FNV-1a */

	for (const char *p = c->why; *p; p++) {
		if (*p < '0' || *p > '9')
			gist = (gist ^ (uint8_t)*p) * 0x01000193U;
	}
	return gist;
}

static bool is_news(struct agent *a, int driver, const struct hale_coverage *c)
{
	uint32_t *said = &a->gists[driver][c->sense];
	uint32_t now = gist_of(c);
	bool news = *said != now && (*said != 0 || c->sight != HALE_SIGHT_LIVE);

	*said = now;
	return news;
}

/* One line where a driver begins or ceases to see something; of a part, where
 * the middle found it @changed. */
static void log_coverage(struct agent *a, int driver,
			 const struct hale_coverage *c, bool changed)
{
	bool part = c->part[0] != '\0';

	if (strcmp(c->why, HOST_NOT_YET) == 0)
		return;
	if (part ? changed : is_news(a, driver, c))
		log_line(c->sight == HALE_SIGHT_BLIND ? LOG_LEVEL_WARNING
						      : LOG_LEVEL_NOTICE,
			 "driver=%s sense=%s%s%s sight=%s%s%s%s%s",
			 hale_drivers[driver]->name, hale_sense_name(c->sense),
			 part ? " part=" : "", c->part, sight_names[c->sight],
			 c->why[0] ? " why=" : "", c->why,
			 c->remedy[0] ? " remedy=" : "", c->remedy);
}

/*
 * Did a driver of devices lose some of their events, or does the log say that
 * an array lost a member, which no device event tells? Then look at them all.
 */
static bool changes_map(int driver, const struct hale_observation *o)
{
	uint32_t senses = hale_drivers[driver]->senses;

	if ((senses & 1U << HALE_SENSE_STORAGE_MAP) != 0)
		return false;
	if (o->condition == HALE_ARRAY_DEGRADED ||
	    o->condition == HALE_ARRAY_FAILED)
		return true;
	return o->condition == HALE_AGENT_BLIND &&
	       (senses & 1U << HALE_SENSE_IDENTITY) != 0;
}

static void follow_up(struct agent *a, int driver, const struct hale_fact *f,
		      bool changed)
{
	uint32_t map = 1U << HALE_SENSE_STORAGE_MAP;

	switch (f->kind) {
	case HALE_FACT_DEVICE:
		if ((hale_drivers[driver]->senses & map) == 0)
			agent_trigger(a, map, SETTLE_NS);
		break;
	case HALE_FACT_MAP_END:
		if (changed) {
			agent_trigger(a, 1U << HALE_SENSE_FS_STATE, SETTLE_NS);
			/* tracefs among what is mounted now, perhaps */
			host_look_again(a->host, LOOK_AGAIN_NS);
		}
		break;
	case HALE_FACT_COVERAGE:
		log_coverage(a, driver, &f->u.coverage, changed);
		/* perhaps for want of files or of processes: then that is said
		 * beside it, and not a minute later */
		if (changed && f->u.coverage.sight == HALE_SIGHT_BLIND)
			agent_trigger(a, 1U << HALE_SENSE_LIMITS, SETTLE_NS);
		break;
	case HALE_FACT_OBSERVATION:
		if (changes_map(driver, &f->u.observation))
			agent_trigger(a, map, SETTLE_NS);
		if (changed && !hale_drivers[driver]->may_block)
			agent_confirm(a, &f->u.observation);
		break;
	case HALE_FACT_MAP_BEGIN:
	case HALE_FACT_MOUNT:
	case HALE_FACT_LAYER:
	case HALE_FACT_POSITION:
	case HALE_FACT_BEARER:
	case HALE_FACT_DISK_READING:
	case HALE_FACT_RESTS:
		break;
	case HALE_FACT_VICTIM:
		if (!hale_drivers[driver]->may_block)
			agent_look(a, &f->u.victim);
		break;
	case HALE_FACT_KIND_END:
		break;
	}
}

void agent_sink(void *data, const char *driver, const struct hale_fact *f,
		uint64_t now_ns)
{
	struct agent *a = data;
	bool changed = middle_fact(a->middle, driver, f, now_ns);
	int index = driver_index(driver);

	if (index >= 0)
		follow_up(a, index, f, changed);
}

static void log_fitness(struct agent *a)
{
	static const char *const names[HALE_FITNESS_COUNT] = {
		[HALE_UNKNOWN] = "UNKNOWN",
		[HALE_FIT] = "FIT",
		[HALE_DEGRADED] = "DEGRADED",
		[HALE_UNFIT] = "UNFIT",
	};
	const struct hale_verdict *v = &a->answer.verdict;
	const struct hale_finding *f = &v->reasons[0].finding;

	if (v->fitness == a->fitness)
		return;
	a->fitness = v->fitness;
	if (v->n_reasons == 0)
		log_line(LOG_LEVEL_NOTICE, "host is %s", names[v->fitness]);
	else
		log_line(LOG_LEVEL_WARNING,
			 "host is %s part=%s condition=%s reasons=%u "
			 "evidence=%s",
			 names[v->fitness], f->part[0] ? f->part : "-",
			 f->condition ? hale_condition_info(f->condition)->name
				      : "-",
			 v->n_reasons_total, f->evidence);
}

/* For the log, which is for those who read the kernel's, too: with its words,
 * whoever asked last. */
static bool judge_host(struct agent *a)
{
	bool withhold = a->answer.withhold, fit;

	a->answer.withhold = false;
	fit = answer_host(&a->answer) == HALE_EXIT_OK;
	a->answer.withhold = withhold;
	return fit;
}

static void update_fit(struct agent *a)
{
	bool fit = judge_host(a) && a->ready;

	a->fit_generation = middle_generation(a->middle);
	if (fit != a->fit_shown || a->wire_failed)
		agent_tell(a, WIRE_FIT, fit);
	a->fit_shown = fit;
	if (a->ready)
		log_fitness(a);
}

static bool anybody_watches(const struct agent *a)
{
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		if (gate_client_here(&a->gate.clients[i]) &&
		    a->gate.clients[i].wait == GATE_WATCHING)
			return true;
	}
	return false;
}

static void act_on_change(struct agent *a)
{
	uint64_t generation = middle_generation(a->middle);

	if (generation == a->generation && !a->wire_failed)
		return;
	a->generation = generation;
	if (generation != a->fit_generation || a->wire_failed)
		update_fit(a);
	answer_refresh(&a->answer);
	keep_touch(&a->keep);
	loop_timer_hasten(&a->loop, &a->tick, TICK_NS);
	if (anybody_watches(a))
		loop_timer_hasten(&a->loop, &a->watch, WATCH_NS);
}

/* A fault is often told twice in one turn, by its tracepoint and by the log:
 * the link does not wait for the second. */
static void hasten(void *data)
{
	struct agent *a = data;

	if (a->fit_shown && middle_generation(a->middle) != a->fit_generation)
		update_fit(a);
}

static void become_ready(struct agent *a)
{
	a->ready = true;
	a->answer.note = NULL;
	a->wire_failed = true; /* of the last core's word this is the end */
	a->generation = 0; /* kept answers carry a note: compute them anew */
	update_fit(a);
	agent_tell(a, WIRE_READY, 0);
	log_line(LOG_LEVEL_INFO, "ready");
}

/* Of what the last core knew, only what was said again is still so. */
static void become_settled(struct agent *a)
{
	a->settled = true;
	loop_timer_stop(&a->patience);
	middle_settled(a->middle, clock_now_ns(&a->clock));
}

void agent_turn(void *data)
{
	struct agent *a = data;

	act_on_change(a);
	if (!a->ready && agent_informed(a))
		become_ready(a);
	if (a->ready && !a->settled && agent_settled(a))
		become_settled(a);
	if (a->n_deferred > 0)
		agent_serve_deferred(a);
}

static void on_tick(void *data)
{
	struct agent *a = data;
	uint64_t now = clock_now_ns(&a->clock);
	uint64_t next;

	agent_look_late(a);
	next = middle_tick(a->middle, now);
	if (next != UINT64_MAX)
		loop_timer_set(&a->loop, &a->tick,
			       next > now + TICK_NS ? next - now : TICK_NS);
}

static void on_watch(void *data)
{
	struct agent *a = data;
	struct gate_client *next = NULL;
	uint32_t behind = 0, left = 0;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &a->gate.clients[i];

		if (!gate_client_here(c) || c->wait != GATE_WATCHING ||
		    c->told == middle_generation(a->middle))
			continue;
		/* One that still reads the last report gets the next later. */
		behind += c->first != NULL;
		left += !c->first;
		if (!c->first && (!next || c->told < next->told))
			next = c;
	}
	/* One a turn: to tell many takes longer than a check should wait. */
	if (next)
		agent_report_to(a, next);
	if (left > 1 || behind > 0)
		loop_timer_set(&a->loop, &a->watch, left > 1 ? 0 : WATCH_NS);
}

static void on_patience(void *data)
{
	struct agent *a = data;

	log_line(LOG_LEVEL_WARNING,
		 "some drivers have not answered yet, going on");
	if (!a->ready)
		become_ready(a);
	probe_missed(&a->probe);
	become_settled(a);
}

/* Being woken is enough: the turn's end serves who waits. */
static void on_wait(void *data)
{
	(void)data;
}

void agent_init_timers(struct agent *a)
{
	a->tick = (struct loop_timer){ .due = on_tick, .data = a };
	a->watch = (struct loop_timer){ .due = on_watch, .data = a };
	a->wait = (struct loop_timer){ .due = on_wait, .data = a };
	a->why = (struct loop_timer){ .due = agent_explain_due, .data = a };
	a->room = (struct loop_timer){ .due = agent_room_due, .data = a };
	a->patience = (struct loop_timer){ .due = on_patience, .data = a };
	a->loop.fact = hasten;
	loop_timer_set(&a->loop, &a->patience, AGENT_PATIENCE_NS);
}
