/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks, and which of them wait: a moment for the storage map or the engine,
 * longer where the client wants everything asked first. Must never let one that
 * waits hold up another. Invariant: a mount that was there before the question
 * is in its answer, or the answer says that the map is late.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/agent.h"

/* libhale gives up after 250 ms and calls the agent blind. */
#define DEFER_NS (120 * HALE_NS_PER_MS)
/* Who asks a core that has just begun has perhaps waited for it already. */
#define BEGIN_NS (80 * HALE_NS_PER_MS)
/* Who wants the hardware asked first has said that it waits longer. */
#define FRESH_NS     (5 * HALE_NS_PER_S)
#define DEFERRED_MAX 32
/* What was asked as long before the question is worth a word. */
#define FRESH_OLD_NS (2 * HALE_NS_PER_S)

#define ENGINE_SENSE (1U << HALE_SENSE_ENGINE)
/* To start an engine's plugins costs 60 ms of processor time. */
#define PLUGINS_NS (60 * HALE_NS_PER_S)
#define MAP_SENSES (1U << HALE_SENSE_STORAGE_MAP | 1U << HALE_SENSE_FS_STATE)

/* Names a filesystem that the map does not hold: mounted a moment ago? */
static bool names_unknown(const struct agent *a,
			  const struct hale_scope_request *req)
{
	for (uint32_t i = 0; i < req->n_paths; i++) {
		const struct hale_scope_path *p = &req->paths[i];

		if (!p->unresolved && !middle_knows(a->middle, p))
			return true;
	}
	return false;
}

uint64_t agent_map_until(struct agent *a)
{
	return probe_seen_until(&a->probe, 1U << HALE_SENSE_STORAGE_MAP);
}

/* May this question cause a new map? Few may, however many ask. */
static bool demand(struct agent *a)
{
	uint64_t now = clock_boot_ns();
	uint64_t *oldest = &a->demands[a->next_demand];

	if (*oldest != 0 && now - *oldest < AGENT_DEMAND_NS)
		return false;
	*oldest = now;
	a->next_demand = (a->next_demand + 1) % AGENT_DEMANDS;
	agent_trigger(a, MAP_SENSES, 0);
	return true;
}

/* How long an answer may wait for what is being looked at. */
static uint64_t patience_ns(const struct agent *a, const struct gate_client *c)
{
	uint64_t end = a->began_ns + BEGIN_NS;

	if (c->fresh != 0)
		return FRESH_NS;
	if (!a->resumed || c->active_ns >= end + DEFER_NS)
		return DEFER_NS;
	return c->active_ns + DEFER_NS / 4 < end ? end - c->active_ns
						 : DEFER_NS / 4;
}

static bool defer(struct agent *a, struct gate_client *c, const uint8_t *bytes,
		  size_t len)
{
	if (a->n_deferred >= DEFERRED_MAX)
		return false;
	c->request = malloc(len);
	if (!c->request)
		return false;
	memcpy(c->request, bytes, len);
	c->request_len = len;
	c->wait = GATE_DEFERRED;
	a->n_deferred++;
	loop_timer_hasten(&a->loop, &a->wait, patience_ns(a, c));
	return true;
}

/* A build in a container is about to begin: looks at the engine now, since in
 * its own time that is looked at seldom. Few questions may cause that. */
static bool ask_engine(struct agent *a)
{
	uint64_t now = clock_boot_ns();

	if (a->engine_ns == 0 || now - a->engine_ns >= AGENT_DEMAND_NS) {
		bool all =
			a->plugins_ns == 0 || now - a->plugins_ns >= PLUGINS_NS;

		a->engine_ns = now;
		if (all)
			a->plugins_ns = now;
		probe_trigger(&a->probe, ENGINE_SENSE, 0, all);
	}
	return agent_busy(a, ENGINE_SENSE);
}

static bool worth_waiting(struct agent *a, const struct hale_scope_request *req)
{
	if (req->container && ask_engine(a))
		return true;
	if (!a->ready || agent_map_until(a) != UINT64_MAX)
		return true;
	return names_unknown(a, req) && demand(a);
}

/* The client found a filesystem full, or no longer: the host's own word, and
 * the fit link, need not wait for its period. A look at all of them takes 2 ms
 * of processor time, and who asks may lie, or have a quota of his own. */
static void look_at_room(struct agent *a)
{
	uint64_t now = clock_boot_ns(), begin = a->room_ns + AGENT_DEMAND_NS;

	if (a->room_ns == 0 || begin <= now)
		agent_room_due(a);
	else
		loop_timer_hasten(&a->loop, &a->room, begin - now);
}

/* Not as a delayed trigger: a run that goes on just now would be followed by
 * another at once, and what fills up after that one would wait. */
void agent_room_due(void *data)
{
	struct agent *a = data;

	a->room_ns = clock_boot_ns();
	loop_timer_stop(&a->room);
	probe_trigger(&a->probe, 1U << HALE_SENSE_FS_STATE, 0, false);
}

static void send_check(struct agent *a, struct gate_client *c,
		       const uint8_t *bytes, size_t len)
{
	struct hale_scope_request *req = &a->answer.request;
	const uint8_t *reply;
	size_t n = 0;

	req->map_late = agent_map_until(a) < c->active_ns;
	reply = answer_check(&a->answer, bytes, len, req, &n);
	if (reply)
		gate_send(c, reply, n);
	else
		agent_refuse(a, c, ENOMEM,
			     "the answer does not fit into memory");
	if (middle_doubts_room(a->middle, req))
		look_at_room(a);
}

/* What the answer says of itself, where it has nothing to say already. */
static void send_noted(struct agent *a, struct gate_client *c,
		       const uint8_t *bytes, size_t len, const char *note)
{
	const char *usual = a->answer.note;

	if (!usual)
		a->answer.note = note;
	send_check(a, c, bytes, len);
	a->answer.note = usual;
}

/* Why is this answer less fresh than it was asked for? NULL: it is not. */
static const char *staleness(struct agent *a, const struct gate_client *c,
			     char *note, size_t size)
{
	uint64_t age = c->active_ns - a->fresh_ns;
	char names[128];

	if (c->fresh == 0)
		return NULL;
	if (probe_pending(&a->probe, c->fresh, names, sizeof(names)))
		snprintf(note, size,
			 "no answer within %u s from: %s; what they said "
			 "before counts",
			 (unsigned int)(FRESH_NS / HALE_NS_PER_S), names);
	else if (c->active_ns > a->fresh_ns && age >= FRESH_OLD_NS)
		snprintf(note, size,
			 "asked too often: the hardware was last asked %llu s "
			 "ago",
			 (unsigned long long)(age / HALE_NS_PER_S));
	else
		return NULL;
	return note;
}

/* Decodes into the answer's scratch; refuses what is wrong. */
static bool read_check(struct agent *a, struct gate_client *c,
		       const Hale__V1__CheckRequest *m)
{
	const char *why = "";

	if (codec_read_check(m, &a->answer.request, &why) == 0)
		return true;
	agent_refuse(a, c, EBADMSG, why);
	return false;
}

void agent_check(struct agent *a, struct gate_client *c,
		 const Hale__V1__CheckRequest *m, const uint8_t *bytes,
		 size_t len)
{
	if (!read_check(a, c, m))
		return;
	c->fresh = 0;
	c->awaits = a->answer.request.container ? ENGINE_SENSE : 0;
	if (a->answer.request.fresh) {
		c->fresh = agent_ask_all(a, c);
		if (!defer(a, c, bytes, len))
			send_noted(a, c, bytes, len,
				   "too many wait for a fresh answer: what was "
				   "found before counts");
		return;
	}
	if (worth_waiting(a, &a->answer.request) && defer(a, c, bytes, len))
		return;
	send_check(a, c, bytes, len);
}

static void serve_deferred(struct agent *a, struct gate_client *c)
{
	uint8_t arena_mem[2048];
	char note[192];
	_cleanup_free_ uint8_t *bytes = c->request;
	_cleanup_free_ uint8_t *more = NULL;
	struct codec_arena arena = { .mem = arena_mem,
				     .size = sizeof(arena_mem) };
	Hale__V1__Request *m;
	int r;

	c->request = NULL;
	c->wait = GATE_IDLE;
	answer_to(&a->answer, c->may_read_log);
	keep_before_answer(&a->keep);
	r = codec_unpack_request(&arena, bytes, c->request_len, &m);
	if (r == -ENOMEM && (more = malloc(CODEC_ARENA_UNPACK)) != NULL) {
		arena = (struct codec_arena){ .mem = more,
					      .size = CODEC_ARENA_UNPACK };
		r = codec_unpack_request(&arena, bytes, c->request_len, &m);
	}
	if (r < 0)
		agent_refuse(a, c, ENOMEM, "out of memory");
	else if (read_check(a, c, m->check))
		send_noted(a, c, bytes, c->request_len,
			   staleness(a, c, note, sizeof(note)));
}

/* Is there nothing left to wait for? */
static bool is_ripe(const struct agent *a, const struct gate_client *c,
		    uint64_t map_until_ns)
{
	if (!a->ready || agent_busy(a, MAP_SENSES | c->awaits) ||
	    c->active_ns > map_until_ns)
		return false;
	return c->fresh == 0 || !probe_pending(&a->probe, c->fresh, NULL, 0);
}

void agent_serve_deferred(struct agent *a)
{
	uint64_t until = agent_map_until(a);
	uint64_t now = clock_boot_ns();

	a->n_deferred = 0;
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &a->gate.clients[i];

		if (!gate_client_here(c) || c->wait != GATE_DEFERRED ||
		    !c->request)
			continue;
		if (is_ripe(a, c, until) ||
		    now - c->active_ns >= patience_ns(a, c)) {
			serve_deferred(a, c);
			continue;
		}
		a->n_deferred++;
		loop_timer_hasten(&a->loop, &a->wait,
				  c->active_ns + patience_ns(a, c) - now);
	}
}
