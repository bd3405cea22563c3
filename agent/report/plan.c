/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the reporter does what. Decides that a change is told at once, but not
 * another within PLAN_CHANGE_NS; that a heartbeat comes within a fifth of its
 * period; and that ten thousand hosts whose server was away do not come back in
 * one moment. Must never set a due time that has no end or lies in the past by
 * itself: a loop that asks would spin. Invariant: connect_ns is 0 exactly while
 * there is a connection.
 */
#include "agent/report/plan.h"

#include "hale/base.h"

/* A share of @span by lot, below it. */
static uint64_t share(uint64_t span, uint32_t dice)
{
	return (span >> 32) * dice + (((span & UINT32_MAX) * dice) >> 32);
}

void plan_init(struct plan *p, uint64_t heartbeat_ns, uint32_t phase,
	       uint64_t now)
{
	*p = (struct plan){ .heartbeat_ns = heartbeat_ns };
	p->connect_ns = now + 1 + share(PLAN_FIRST_NS, phase);
	p->state_ns = now + 1 + share(heartbeat_ns, phase);
}

/* @apart_ns behind the last one, but at once where that is past. */
static void send_by(struct plan *p, uint64_t now, uint64_t apart_ns)
{
	uint64_t due = p->sent_ns == 0 || now - p->sent_ns >= apart_ns
			       ? now
			       : p->sent_ns + apart_ns;

	p->state_ns = plan_sooner(p->state_ns, due);
}

void plan_change(struct plan *p, uint64_t now)
{
	send_by(p, now, PLAN_CHANGE_NS);
}

void plan_touch(struct plan *p, uint64_t now)
{
	send_by(p, now, PLAN_TOUCH_NS);
}

bool plan_state_due(const struct plan *p, uint64_t now)
{
	return p->connect_ns == 0 && p->state_ns <= now;
}

/* 0.8 to 1.2 of the period. */
void plan_state_sent(struct plan *p, uint64_t now, uint32_t dice)
{
	uint64_t fifth = p->heartbeat_ns / 5;

	p->sent_ns = now;
	p->state_ns = now + p->heartbeat_ns - fifth + share(2 * fifth, dice);
}

uint32_t plan_heartbeat_s(const struct plan *p)
{
	uint64_t longest = p->heartbeat_ns + p->heartbeat_ns / 5;

	return (uint32_t)((longest + HALE_NS_PER_S - 1) / HALE_NS_PER_S);
}

uint64_t plan_backoff(uint32_t failed, uint32_t dice)
{
	uint64_t span = PLAN_FIRST_NS;

	for (uint32_t i = 1; i < failed && span < PLAN_LONGEST_NS; i++)
		span *= 2;
	if (span > PLAN_LONGEST_NS)
		span = PLAN_LONGEST_NS;
	return span / 2 + share(span / 2, dice);
}

bool plan_connect_due(const struct plan *p, uint64_t now)
{
	return p->connect_ns != 0 && p->connect_ns <= now;
}

/* What the server knows of us may be from before a restart of it; and what
 * another one refused is not its fault. */
void plan_connected(struct plan *p, uint64_t now)
{
	p->connect_ns = 0;
	p->connected_ns = now;
	p->again_ns = 0;
	p->refused = p->vain = 0;
	p->trouble_ns = 0;
	p->proven = false;
	plan_change(p, now);
}

/* Whoever takes us in and throws us out at once is as one that never did. */
void plan_disconnected(struct plan *p, uint32_t servers, uint64_t now,
		       uint32_t dice)
{
	uint32_t round;

	if (p->connect_ns == 0 && p->proven &&
	    now - p->connected_ns >= PLAN_GOOD_NS)
		p->failed = 0;
	if (p->failed < UINT32_MAX)
		p->failed++;
	round = 1 + (p->failed - 1) / (servers > 0 ? servers : 1);
	p->connect_ns = now + plan_backoff(round, dice);
	p->again_ns = 0;
}

bool plan_in_vain(const struct plan *p)
{
	return p->failed >= 12;
}

static void in_trouble(struct plan *p, uint64_t now)
{
	if (p->trouble_ns == 0)
		p->trouble_ns = now;
}

void plan_not_taken(struct plan *p, uint64_t now, uint32_t dice)
{
	in_trouble(p, now);
	if (p->again_ns != 0)
		return;
	if (p->refused < UINT32_MAX)
		p->refused++;
	p->again_ns = now + plan_backoff(p->refused, dice);
}

void plan_state_not_taken(struct plan *p, uint64_t now, uint32_t dice)
{
	in_trouble(p, now);
	if (p->vain < UINT32_MAX)
		p->vain++;
	p->state_ns =
		plan_sooner(p->state_ns, now + plan_backoff(p->vain, dice));
}

/* Is it one stream, or the server? A state tells. */
void plan_again(struct plan *p, uint64_t now)
{
	p->again_ns = 0;
	p->state_ns = now;
}

void plan_taken(struct plan *p, bool event)
{
	p->proven = true;
	p->vain = 0;
	p->trouble_ns = 0;
	if (event)
		p->refused = 0;
}

void plan_heard(struct plan *p, uint64_t now)
{
	p->heard_ns = now;
}

bool plan_silent(const struct plan *p, uint64_t oldest_ns, uint64_t now)
{
	uint64_t due = oldest_ns + PLAN_ACK_NS;

	return oldest_ns != 0 && p->heard_ns < oldest_ns && now >= due &&
	       now - due < PLAN_LATE_NS;
}

bool plan_gives_up(const struct plan *p, uint64_t now)
{
	return p->vain >= PLAN_VAIN && now - p->trouble_ns >= PLAN_ACK_NS;
}

uint64_t plan_sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

uint64_t plan_next(const struct plan *p, bool state)
{
	if (p->connect_ns != 0)
		return p->connect_ns;
	return plan_sooner(state ? p->state_ns : 0, p->again_ns);
}
