/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle's door: takes facts in, hands each to the room that keeps it, and
 * lets time pass. Decides only what a fact is about and when an answer may have
 * changed. Takes no memory after middle_new() and no time but its caller's.
 * Invariant: the generation grows whenever an answer may be another.
 */
#include <errno.h>

#include "hale/fs_type.h"

#include "core.h"

int middle_new(const struct hale_policy *policy, struct middle **ret_m)
{
	struct middle *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->policy = *policy;
	m->ledger.policy = &m->policy;
	inventory_init(&m->inventory);
	topology_init(&m->topology);
	*ret_m = m;
	return 0;
}

struct middle *middle_free(struct middle *m)
{
	free(m);
	return NULL;
}

static bool grew(struct middle *m, bool changed)
{
	if (changed)
		m->generation++;
	return changed;
}

void middle_set_policy(struct middle *m, const struct hale_policy *policy)
{
	m->policy = *policy;
	m->ledger.touched++;
	grew(m, true);
}

/* A name that means nobody known: what it said of its bearer before this one
 * must not be added up with what it says now. */
static void forget_former(struct middle *m, const char *part, uint64_t time_ns)
{
	const char *token = naming_unresolved(part);
	uint64_t since_ns =
		token ? bearers_since(&m->inventory.bearers, token) : 0;

	if (since_ns && since_ns <= time_ns)
		ledger_forget(&m->ledger, part, since_ns);
}

static uint64_t counted(struct middle *m, const char *part,
			enum hale_condition c)
{
	const struct ledger_entry *e = ledger_find(&m->ledger, part, c);

	return e && e->open ? e->count : 0;
}

/* An event that a counter may tell of as well. Its time is set. */
static bool count_event(struct middle *m, struct hale_observation *o,
			struct ledger_input *in)
{
	uint64_t before = counted(m, in->part, o->condition), after;
	uint32_t told = counter_told(&m->counters, in->part, o);
	bool changed;

	o->count -= told;
	changed = ledger_take(&m->ledger, in);
	after = counted(m, in->part, o->condition);
	if (after > before)
		counter_heard(&m->counters, in->part, o,
			      after - before < o->count ? after - before
							: o->count);
	return changed;
}

static bool take_event(struct middle *m, const char *driver,
		       const struct hale_observation *o, uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	struct ledger_input in = { .o = o,
				   .driver = driver,
				   .level = HALE_EFFECT_BLOCKS,
				   .now_ns = now_ns };
	struct hale_observation event;
	struct join_said said;
	struct joined joined;
	struct name name;
	bool changed;

	if (o->condition == HALE_CONDITION_NONE)
		return false;
	event = *o;
	if (event.time_ns == 0 || event.time_ns > now_ns)
		event.time_ns = now_ns;
	naming_resolve(&s, o->ref, o->part, event.time_ns, &name);
	in.part = name.part;
	in.alias = name.alias;
	in.log = !m->position_driver[0] ||
		 strcmp(driver, m->position_driver) == 0;
	forget_former(m, name.part, o->time_ns ? event.time_ns : 0);
	/* the kernel's clock may be ahead; its order of things is the true one
	 */
	if (o->time_ns > now_ns && o->time_ns - now_ns <= JOIN_WINDOW_NS)
		event.time_ns = o->time_ns;
	said = (struct join_said){
		driver, name.part, now_ns,
		event.join == HALE_JOIN_SUPPRESSED &&
			ledger_told_before(&m->ledger, name.part, driver)
	};
	if (!join_take(&m->join, &said, &event, &joined)) {
		event.count = 0;
		failing_heard(m, &said, o, &event);
		return false;
	}
	if (event.time_ns > now_ns)
		event.time_ns = now_ns;
	if (joined.moved > 0)
		ledger_take_back(&m->ledger, joined.from_part, joined.from,
				 joined.moved);
	if (joined.part[0])
		in.part = joined.part;
	in.o = &event;
	changed = event.kind == HALE_OBSERVED_EVENT
			  ? count_event(m, &event, &in)
			  : ledger_take(&m->ledger, &in);
	failing_heard(m, &said, o, &event);
	return changed;
}

/* How long ago at the latest something was that nobody saw happen: of what
 * goes by its rate so long that it says nothing of today's. */
static uint64_t backdate(const struct middle *m, enum hale_condition c)
{
	const struct hale_rate *rate = &m->policy.rate[c];
	uint64_t keep_ns = m->policy.expires_ns[c];
	uint64_t ns = rate->limit ? DECAY_WINDOWS_MAX * rate->window_ns : 0;

	return keep_ns && ns >= keep_ns ? keep_ns / 2 : ns;
}

bool middle_counter(struct middle *m, const char *driver,
		    const struct hale_observation *o, uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	struct hale_observation reading = *o, event;
	struct ledger_input in = { .o = &event,
				   .driver = driver,
				   .level = HALE_EFFECT_BLOCKS,
				   .now_ns = now_ns };
	struct name name;

	if (o->quality != HALE_QUALITY_GOOD ||
	    o->condition == HALE_CONDITION_NONE)
		return false;
	if (reading.time_ns == 0 || reading.time_ns > now_ns)
		reading.time_ns = now_ns;
	naming_resolve(&s, o->ref, o->part, reading.time_ns, &name);
	if (!counter_take(&m->counters, name.part, &reading,
			  backdate(m, o->condition), &event))
		return false;
	in.part = name.part;
	in.alias = name.alias;
	return ledger_take(&m->ledger, &in);
}

static bool is_image(const struct middle *m, const char *part)
{
	const struct map *map = topology_map(&m->topology);
	uint64_t key = text_key(part);

	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (m->mount_keys[i] == key)
			return map->mounts[i].read_only ||
			       hale_fs_image(map_type(map, &map->mounts[i]));
	}
	return false;
}

static bool take_measure(struct middle *m, const char *driver,
			 const struct hale_observation *o, uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	struct hale_observation state = *o;
	struct ledger_input in = { .o = &state,
				   .driver = driver,
				   .now_ns = now_ns };
	struct ledger_entry *e;
	struct name name;

	if (o->quality != HALE_QUALITY_GOOD || o->metric == HALE_METRIC_NONE)
		return false;
	rests_measure(&m->rests, o, now_ns);
	naming_resolve(&s, o->ref, o->part, now_ns, &name);
	state.kind = HALE_OBSERVED_STATE;
	state.condition = space_condition(o->metric);
	state.seq = 0;
	e = ledger_find(&m->ledger, name.part, state.condition);
	in.part = name.part;
	in.alias = name.alias;
	in.level = space_level(&m->policy, o->metric, o->value, o->total,
			       e && e->open ? (enum hale_effect)e->level
					    : HALE_EFFECT_NONE);
	if (is_image(m, name.part))
		in.level = HALE_EFFECT_NONE;
	state.holds = in.level != HALE_EFFECT_NONE;
	return ledger_take(&m->ledger, &in);
}

static bool take_device(struct middle *m, const char *driver,
			const struct hale_device *d, uint64_t now_ns)
{
	bool listed = !m->map_driver[0] || strcmp(driver, m->map_driver) == 0;
	const struct storage s = middle_storage(m);
	struct inventory_change change;
	const struct inventory_device *known =
		inventory_by_number(&m->inventory, d->major, d->minor);
	bool nameless = known && !inventory_text(&m->inventory, known,
						 INVENTORY_FS_UUID)[0];
	struct name before, after;

	naming_filesystem(&s, d->major, d->minor, &before);
	inventory_update(&m->inventory, d, listed, now_ns, &change);
	if (!change.changed)
		return false;
	/* its UUID became known: the findings are still this filesystem's */
	naming_filesystem(&s, d->major, d->minor, &after);
	if (nameless && !change.appeared && !change.vanished &&
	    strcmp(before.part, after.part) != 0)
		ledger_rename(&m->ledger, before.part, after.part);
	sweep_device(m, &change, now_ns);
	return true;
}

static bool take_map(struct middle *m, const char *driver,
		     const struct hale_fact *f, uint64_t now_ns)
{
	bool building = m->topology.building;
	bool changed = topology_fact(&m->topology, &m->inventory, f);

	if (f->kind != HALE_FACT_MAP_END || !building)
		return false;
	HALE_SET(m->map_driver, driver);
	return sweep_map(m, now_ns) || changed;
}

/* The map's driver sees all of it: that ends one of its passes. */
static bool take_coverage(struct middle *m, const char *driver,
			  const struct hale_coverage *c, uint64_t now_ns)
{
	bool changed = coverage_take(&m->coverage, driver, c, now_ns);

	join_coverage(&m->join, driver, c);
	if (c->sense == HALE_SENSE_STORAGE_MAP && c->sight == HALE_SIGHT_LIVE &&
	    strcmp(driver, m->map_driver) == 0)
		changed |= sweep_orphans(m, now_ns);
	return changed;
}

static bool take_fact(struct middle *m, const char *driver,
		      const struct hale_fact *f, uint64_t now_ns)
{
	switch (f->kind) {
	case HALE_FACT_OBSERVATION:
		if (f->u.observation.kind == HALE_OBSERVED_MEASURE)
			return take_measure(m, driver, &f->u.observation,
					    now_ns);
		if (f->u.observation.kind == HALE_OBSERVED_COUNTER)
			return middle_counter(m, driver, &f->u.observation,
					      now_ns);
		return take_event(m, driver, &f->u.observation, now_ns);
	case HALE_FACT_DEVICE:
		return take_device(m, driver, &f->u.device, now_ns);
	case HALE_FACT_MAP_BEGIN:
	case HALE_FACT_MOUNT:
	case HALE_FACT_LAYER:
	case HALE_FACT_MAP_END:
		return take_map(m, driver, f, now_ns);
	case HALE_FACT_COVERAGE:
		return take_coverage(m, driver, &f->u.coverage, now_ns);
	case HALE_FACT_BEARER:
		return sweep_bearer(m, driver, &f->u.bearer, now_ns);
	case HALE_FACT_RESTS:
		return rests_take(&m->rests, driver, &f->u.rests, now_ns);
	case HALE_FACT_POSITION:
		m->position = f->u.position;
		HALE_SET(m->position_driver, driver);
		return false;
	case HALE_FACT_DISK_READING:
		return disk_findings(m, driver, &f->u.disk, now_ns);
	case HALE_FACT_VICTIM:
		victims_take(&m->victims, &f->u.victim, now_ns);
		return false;
	case HALE_FACT_KIND_END:
		break;
	}
	return false;
}

bool middle_fact(struct middle *m, const char *driver,
		 const struct hale_fact *f, uint64_t now_ns)
{
	bool changed = coverage_heard(&m->coverage, driver, now_ns);

	changed |= take_fact(m, driver, f, now_ns);
	return grew(m, changed);
}

uint64_t middle_tick(struct middle *m, uint64_t now_ns)
{
	bool changed = false;
	uint64_t due = ledger_age(&m->ledger, now_ns, &changed);
	uint64_t silent =
		coverage_age(&m->coverage, m->policy.stale_s, now_ns, &changed);
	uint64_t stale = middle_judge_deaths(m, now_ns, &changed);

	failing_sweep(m);
	grew(m, changed);
	due = due < silent ? due : silent;
	return due < stale ? due : stale;
}

uint64_t middle_generation(const struct middle *m)
{
	return m->generation;
}

uint64_t middle_position(const struct middle *m)
{
	return m->position;
}

const struct map_mount *middle_mount(const struct middle *m,
				     const struct hale_scope_path *path)
{
	const struct map *map = topology_map(&m->topology);
	const struct map_mount *mount =
		map_mount_by_number(map, path->major, path->minor);

	/* one that does not say its type is taken at its number */
	if (mount && path->type[0] &&
	    strcmp(path->type, map_type(map, mount)) != 0)
		return NULL;
	return mount;
}

bool middle_knows(const struct middle *m, const struct hale_scope_path *path)
{
	const struct map *map = topology_map(&m->topology);
	const struct inventory_device *d;
	uint32_t n;

	if (map_mount_by_number(map, path->major, path->minor))
		return middle_mount(m, path) != NULL;
	map_layers(map, path->major, path->minor, &n);
	if (n > 0)
		return true;
	d = inventory_by_number(&m->inventory, path->major, path->minor);
	return d &&
	       (d->kind == HALE_BLOCK_DISK || d->kind == HALE_BLOCK_PARTITION);
}
