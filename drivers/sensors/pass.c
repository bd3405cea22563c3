/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the sensors, in a process of its own (hale/helper.h). Decides
 * what is said: a state of each sensor that has a limit, good or bad; a bad one
 * only after a second look, for one reading may be a glitch of the bus. Chips
 * measure anew every second or two, so that is how long it waits, and only
 * then. Where all is well it says so of each, so that what was bad ends.
 */
#include <errno.h>
#include <time.h>

#include "../guest.h"
#include "sensors.h"

#include "hale/helper.h"

#define AGAIN_NS 1600000000L
/* Sensors that cannot be read are named up to here. */
#define UNREADABLE_MAX 8

struct pass {
	struct hale_probe *p;
	uint32_t judged, unreadable;
	char blind[UNREADABLE_MAX][HALE_PART_MAX];
	char why[UNREADABLE_MAX][HALE_EVIDENCE_MAX];
};

void sensor_part(const char *chip, const char *label,
		 char ret_part[HALE_PART_MAX])
{
	char *at = ret_part + strlen("sensor/");

	snprintf(ret_part, HALE_PART_MAX, "sensor/%s.%s", chip, label);
	for (; *at; at++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._:",
			    *at))
			*at = '_';
	}
}

static void say_state(struct pass *pass, const struct sensor *s,
		      const struct sensor_judgment *j)
{
	bool bad = j->word == SENSOR_BAD;
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = j->condition,
				      .holds = bad,
				      .count = bad,
				      .time_ns = pass->p->now_ns };

	sensor_part(s->chip, s->label, o.part);
	if (bad)
		HALE_SET(o.evidence, j->text);
	hale_emit_observation(pass->p, &o);
}

static void say(struct pass *pass, const struct sensor *s,
		const struct sensor_judgment *j)
{
	uint32_t n = pass->unreadable;

	switch (j->word) {
	case SENSOR_GOOD:
	case SENSOR_BAD:
		say_state(pass, s, j);
		pass->judged++;
		break;
	case SENSOR_BETWEEN:
		pass->judged++;
		break;
	case SENSOR_UNREADABLE:
		pass->unreadable++;
		if (n >= UNREADABLE_MAX)
			break;
		sensor_part(s->chip, s->label, pass->blind[n]);
		HALE_SET(pass->why[n], j->text);
		break;
	case SENSOR_IGNORED:
		break;
	}
}

static bool any_bad(const struct sensors *all)
{
	struct sensor_judgment j;

	for (uint32_t i = 0; i < all->n; i++) {
		sensor_judge(&all->all[i], &j);
		if (j.word == SENSOR_BAD)
			return true;
	}
	return false;
}

static const struct sensor *same(const struct sensors *all,
				 const struct sensor *s)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct sensor *o = &all->all[i];

		if (o->kind == s->kind && strcmp(o->chip, s->chip) == 0 &&
		    strcmp(o->label, s->label) == 0)
			return o;
	}
	return NULL;
}

/* Both looks agree, or nothing is said. */
static void say_second(struct pass *pass, const struct sensors *first,
		       const struct sensor *s)
{
	const struct sensor *before = same(first, s);
	struct sensor_judgment now, then = { .word = SENSOR_BETWEEN };

	sensor_judge(s, &now);
	if (before)
		sensor_judge(before, &then);
	if ((now.word == SENSOR_BAD) != (then.word == SENSOR_BAD))
		now.word = SENSOR_BETWEEN;
	say(pass, s, &now);
}

static int look_again(struct pass *pass, const struct sensors *first)
{
	const struct timespec wait = { .tv_sec = AGAIN_NS / 1000000000L,
				       .tv_nsec = AGAIN_NS % 1000000000L };
	_cleanup_free_ struct sensors *second = malloc(sizeof(*second));
	int r;

	if (!second)
		return -ENOMEM;
	nanosleep(&wait, NULL);
	r = sensors_read(second);
	for (uint32_t i = 0; r == 0 && i < second->n; i++)
		say_second(pass, first, &second->all[i]);
	return r;
}

static int look(struct pass *pass, const struct sensors *all)
{
	struct sensor_judgment j;

	if (any_bad(all))
		return look_again(pass, all);
	for (uint32_t i = 0; i < all->n; i++) {
		sensor_judge(&all->all[i], &j);
		say(pass, &all->all[i], &j);
	}
	return 0;
}

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_SENSORS, sight, why, remedy);
}

static void nothing_judged(struct hale_probe *p, const struct sensors *all)
{
	if (all->disks_only)
		cover(p, HALE_SIGHT_PARTIAL,
		      "only disks have sensors here: see disk_health",
		      guest_is(p->root_fd) ? ""
					   : "run sensors-detect to find the "
					     "board's chip");
	else if (all->n == 0)
		cover(p, HALE_SIGHT_BLIND, "no hardware sensors",
		      guest_is(p->root_fd)
			      ? "none to expect in a virtual machine"
			      : "run sensors-detect to find the board's chip");
	else
		cover(p, HALE_SIGHT_PARTIAL,
		      "no sensor has limits that mean anything",
		      "set them in /etc/sensors.d, then sensors -s");
}

/* The sense as a whole is said before its parts. */
static void cover_parts(const struct pass *pass)
{
	for (uint32_t i = 0; i < pass->unreadable && i < UNREADABLE_MAX; i++)
		hale_emit_part_coverage(
			pass->p, HALE_SENSE_SENSORS,
			&(struct hale_part_sight){ .part = pass->blind[i],
						   .sight = HALE_SIGHT_BLIND,
						   .why = pass->why[i] });
}

static void tell_coverage(const struct pass *pass, const struct sensors *all,
			  uint32_t supplies)
{
	char why[128];

	if (pass->judged + supplies == 0 && pass->unreadable == 0) {
		nothing_judged(pass->p, all);
		return;
	}
	snprintf(why, sizeof(why), "%u sensor%s cannot be read%s",
		 pass->unreadable, pass->unreadable == 1 ? "" : "s",
		 all->n_lost ? ", and there are more than fit" : "");
	if (pass->unreadable || all->n_lost)
		cover(pass->p, HALE_SIGHT_PARTIAL, why, "");
	else
		cover(pass->p, HALE_SIGHT_LIVE, "", "");
	cover_parts(pass);
}

static int sensors_sample(struct hale_probe *p)
{
	_cleanup_free_ struct sensors *all = malloc(sizeof(*all));
	struct pass pass = { .p = p };
	uint32_t supplies;
	int r;

	if (!all)
		return -ENOMEM;
	supplies = sensors_say_supplies(p);
	r = sensors_read(all);
	if (r == 0)
		r = look(&pass, all);
	if (r == 0)
		tell_coverage(&pass, all, supplies);
	return r;
}

const struct hale_helper hale_helper = { .name = "sensors",
					 .sample = sensors_sample };
