/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is told at length, and when: why, all there is, the way down to the
 * metal. That takes milliseconds where the ledger is full, in the loop that
 * answers checks: so one such question is answered in a turn of the loop, and
 * each user may spend a share of its time and no more. What is beyond that
 * waits, and is told so when it has waited long enough. Invariant: no user's
 * questions keep another's, nor a check, from its answer for longer than one
 * answer takes.
 */
#include <errno.h>

#include "agent/daemon/agent.h"
#include "hale/base.h"

#define BURST_NS    (200 * HALE_NS_PER_MS)
#define SHARE	    20 /* a user's, beyond that: one part in so many */
#define PATIENCE_NS (700 * HALE_NS_PER_MS) /* libhale waits longer */
#define TOO_MANY    "too many questions of this user at once: ask again later"

/* --- what users spend --- */

static uint64_t left_of(const struct agent_spender *s, uint64_t now_ns)
{
	uint64_t paid_ns = (now_ns - s->at_ns) / SHARE;

	return s->spent_ns > paid_ns ? s->spent_ns - paid_ns : 0;
}

/* The user's own place, or that of who owes least. */
static struct agent_spender *spender(struct agent *a, uid_t uid,
				     uint64_t now_ns)
{
	struct agent_spender *least = &a->spenders[0];

	for (size_t i = 0; i < AGENT_SPENDERS; i++) {
		struct agent_spender *s = &a->spenders[i];

		if (s->at_ns != 0 && s->uid == uid)
			return s;
		if (left_of(s, now_ns) < left_of(least, now_ns))
			least = s;
	}
	return least;
}

/* How long until this user may ask again; 0: now. */
static uint64_t owes_ns(struct agent *a, uid_t uid, uint64_t now_ns)
{
	const struct agent_spender *s = spender(a, uid, now_ns);
	uint64_t left_ns = s->uid == uid ? left_of(s, now_ns) : 0;

	return left_ns > BURST_NS ? (left_ns - BURST_NS) * SHARE : 0;
}

static void spend(struct agent *a, uid_t uid, uint64_t from_ns)
{
	uint64_t now_ns = clock_boot_ns();
	struct agent_spender *s = spender(a, uid, now_ns);
	uint64_t left_ns = s->uid == uid ? left_of(s, now_ns) : 0;

	*s = (struct agent_spender){ .uid = uid,
				     .at_ns = now_ns,
				     .spent_ns = left_ns + (now_ns - from_ns) };
}

/* --- who waits --- */

static void answer(struct agent *a, struct gate_client *c)
{
	_cleanup_free_ uint8_t *bytes = c->request;
	_cleanup_free_ uint8_t *mem = malloc(CODEC_ARENA_UNPACK);
	struct codec_arena arena = { .mem = mem, .size = CODEC_ARENA_UNPACK };
	uint64_t from_ns = clock_boot_ns();
	uid_t uid = c->uid;
	Hale__V1__Request *m;

	c->request = NULL;
	c->wait = GATE_IDLE;
	answer_to(&a->answer, c->may_read_log);
	if (!mem || codec_unpack_request(&arena, bytes, c->request_len, &m) < 0)
		agent_refuse(a, c, ENOMEM, "out of memory");
	else
		agent_answer(a, c, m);
	spend(a, uid, from_ns);
}

/* The one that has waited longest of those that may ask. *ret_ns: when there
 * will be another one; UINT64_MAX: nobody waits. */
static struct gate_client *next(struct agent *a, uint64_t now_ns,
				uint64_t *ret_ns)
{
	struct gate_client *first = NULL;
	uint64_t wait_ns = UINT64_MAX;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &a->gate.clients[i];
		uint64_t owes, late_ns = now_ns - c->active_ns;

		if (!gate_client_here(c) || c->wait != GATE_PACED)
			continue;
		owes = owes_ns(a, c->uid, now_ns);
		if (owes == 0 && (!first || c->active_ns < first->active_ns))
			first = c;
		if (late_ns < PATIENCE_NS && PATIENCE_NS - late_ns < owes)
			owes = PATIENCE_NS - late_ns;
		wait_ns = owes < wait_ns ? owes : wait_ns;
	}
	*ret_ns = wait_ns;
	return first;
}

static void send_away_late(struct agent *a, uint64_t now_ns)
{
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &a->gate.clients[i];

		if (!gate_client_here(c) || c->wait != GATE_PACED ||
		    now_ns - c->active_ns < PATIENCE_NS)
			continue;
		free(c->request);
		c->request = NULL;
		c->wait = GATE_IDLE;
		agent_refuse(a, c, EBUSY, TOO_MANY);
	}
}

void agent_explain_due(void *data)
{
	struct agent *a = data;
	uint64_t now_ns = clock_boot_ns(), wait_ns;
	struct gate_client *c = next(a, now_ns, &wait_ns);

	if (c)
		answer(a, c);
	send_away_late(a, clock_boot_ns());
	next(a, clock_boot_ns(), &wait_ns);
	if (wait_ns != UINT64_MAX)
		loop_timer_set(&a->loop, &a->why, wait_ns);
}

void agent_later(struct agent *a, struct gate_client *c, const uint8_t *bytes,
		 size_t len)
{
	c->request = malloc(len);
	if (!c->request) {
		agent_refuse(a, c, ENOMEM, "out of memory");
		return;
	}
	memcpy(c->request, bytes, len);
	c->request_len = len;
	c->wait = GATE_PACED;
	loop_timer_hasten(&a->loop, &a->why,
			  owes_ns(a, c->uid, clock_boot_ns()));
}
