/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts that a driver did not come back from. Decides what the next runs leave
 * out, and for how long: while the child sits there, and for one run where it
 * could be ended, so that one dead disk does not blind a driver to the others.
 * Must never send a second child after a stuck one. Invariant: while a part is
 * left out, each good run says again that it hangs.
 */
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/host_slot.h"

static bool is_parked(const struct slot *s, const char *part)
{
	for (size_t i = 0; i < SLOT_PARKED_MAX; i++) {
		const struct slot_parked *p = &s->parked[i];

		if (p->used && strcmp(p->fact.u.observation.part, part) == 0)
			return true;
	}
	return false;
}

static struct slot_parked *free_place(struct slot *s)
{
	for (size_t i = 0; i < SLOT_PARKED_MAX; i++) {
		if (!s->parked[i].used)
			return &s->parked[i];
	}
	return NULL;
}

/* There are as many children as places and one more. */
static struct child *free_child(struct slot *s)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(s->children); i++) {
		if (s->children[i].state == CHILD_NONE)
			return &s->children[i];
	}
	return NULL;
}

/* It has come back at last: the part is asked again. */
static void on_parked_ended(void *data, int status)
{
	struct slot_parked *p = data;
	struct slot *s = p->slot;

	(void)status;
	p->child = NULL;
	if (s->state != SLOT_LIVE)
		return;
	if (p->skipped)
		p->used = false;
	if (s->child->state == CHILD_NONE)
		loop_timer_hasten(s->host->setup.loop, &s->timer, 0);
	else
		s->again = true;
}

bool slot_park(struct slot *s, bool stuck)
{
	struct slot_parked *p = free_place(s);

	if (!p || is_parked(s, s->asked.u.observation.part))
		return false;
	*p = (struct slot_parked){ .slot = s,
				   .used = true,
				   .since_ns = slot_now_ns(s),
				   .fact = s->asked };
	if (!stuck)
		return true;
	p->child = s->child;
	child_abandon(s->child, on_parked_ended, p);
	s->child = free_child(s);
	return true;
}

void slot_list_skips(struct slot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < SLOT_PARKED_MAX; i++) {
		struct slot_parked *p = &s->parked[i];

		if (!p->used)
			continue;
		p->skipped = true;
		HALE_SET(s->skip[n], p->fact.u.observation.part);
		n++;
	}
	s->probe.skip = (const char(*)[HALE_PART_MAX])s->skip;
	s->probe.n_skip = n;
}

/* The part is seen by nobody: a row of it, behind those of the senses that the
 * driver itself has spoken of. */
static void say_unseen(struct slot *s, const struct slot_parked *p)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;
	time_t since = (time_t)(p->since_ns / HALE_NS_PER_S);
	char when[32] = "?";
	struct tm tm;

	if (gmtime_r(&since, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
	c->sight = HALE_SIGHT_BLIND;
	c->since_ns = p->since_ns;
	HALE_SET(c->part, p->fact.u.observation.part);
	if (p->child)
		snprintf(c->why, sizeof(c->why),
			 "its last probe has not returned since %s", when);
	else
		snprintf(c->why, sizeof(c->why),
			 "its last probe, at %s, was given up", when);
	for (int sense = 0; sense < HALE_SENSE_COUNT; sense++) {
		c->sense = (enum hale_sense)sense;
		if ((s->kept & 1U << sense) != 0)
			slot_emit(s, &f);
	}
}

void slot_say_parked(struct slot *s)
{
	for (size_t i = 0; i < SLOT_PARKED_MAX; i++) {
		struct slot_parked *p = &s->parked[i];

		if (!p->used || !p->skipped)
			continue;
		p->used = p->child != NULL;
		p->fact.u.observation.time_ns = slot_now_ns(s);
		slot_give(s, &p->fact);
		say_unseen(s, p);
	}
}

void slot_retry_parked(struct slot *s)
{
	for (size_t i = 0; i < SLOT_PARKED_MAX; i++) {
		struct slot_parked *p = &s->parked[i];

		if (p->skipped && !p->child)
			p->used = false;
	}
}

uint32_t slot_count_parked(const struct slot *s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < SLOT_PARKED_MAX; i++)
		n += s->parked[i].used && s->parked[i].child != NULL;
	return n;
}
