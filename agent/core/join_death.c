/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process gets SIGBUS, and dies of it or not: one driver knows what for and
 * what it is called, another that it died. Decides what of both is said, and
 * under which name. Only a death counts where deaths are heard; where they are
 * not, a signal that the kernel sent has to do. Must never count a process
 * twice, whatever number of its threads is told.
 *
 * Keys: the lower half is the process, or a thread where that is all that is
 * known; the upper half a thread of it.
 */
#include "join.h"

static uint32_t process_of(const struct hale_observation *o)
{
	return (uint32_t)(o->join_key & UINT32_MAX);
}

static uint32_t thread_of(const struct hale_observation *o)
{
	return (uint32_t)(o->join_key >> 32);
}

static bool deaths_are_heard(const struct join *j, const char *but)
{
	for (size_t i = 0; i < JOIN_DRIVERS; i++) {
		if (j->drivers[i].deaths &&
		    strcmp(j->drivers[i].name, but) != 0)
			return true;
	}
	return false;
}

static struct join_death *find(struct join *j, uint32_t pid, bool died,
			       uint64_t now_ns)
{
	for (uint32_t i = 0; i < JOIN_DEATHS; i++) {
		/* the newest first: pids come again */
		struct join_death *d =
			&j->deaths[(j->next_death + JOIN_DEATHS - 1 - i) %
				   JOIN_DEATHS];

		if (pid != 0 && (d->pid == pid || d->thread == pid) &&
		    d->died == died && now_ns >= d->heard_ns &&
		    now_ns - d->heard_ns <=
			    (died ? JOIN_WINDOW_NS : JOIN_SIGNAL_NS))
			return d;
	}
	return NULL;
}

static void keep(struct join *j, const struct hale_observation *o, bool died,
		 uint64_t now_ns)
{
	struct join_death *d = &j->deaths[j->next_death];

	j->next_death = (j->next_death + 1) % JOIN_DEATHS;
	*d = (struct join_death){ .pid = process_of(o),
				  .thread = thread_of(o),
				  .died = died,
				  .heard_ns = now_ns };
	HALE_SET(d->part, o->part);
	HALE_SET(d->text, o->evidence);
}

static bool is_unknown(const char *part)
{
	return strcmp(part, "process/unknown") == 0;
}

/* "pid 7 (cc1) died by SIGBUS; pid 7 (cc1) got SIGBUS, code 4 (…)" */
static void explain(struct hale_observation *o, const char *text)
{
	size_t len = strlen(o->evidence);

	snprintf(o->evidence + len, sizeof(o->evidence) - len, "%s%s",
		 len ? "; " : "", text);
}

/* What a thread got. */
static bool take_signal(struct join *j, const char *driver,
			struct hale_observation *o, uint64_t now_ns,
			struct joined *ret)
{
	struct join_death *dead = find(j, process_of(o), true, now_ns);
	bool again = find(j, process_of(o), false, now_ns) != NULL;

	if (!dead) {
		keep(j, o, false, now_ns);
		return o->count > 0 && !again && !deaths_are_heard(j, driver);
	}
	o->count = 0;
	if (is_unknown(dead->part) && !is_unknown(o->part)) {
		ret->from = o->condition;
		ret->moved = o->count = 1;
		HALE_SET(ret->from_part, dead->part);
		HALE_SET(dead->part, o->part);
	}
	HALE_SET(ret->part, dead->part);
	return true;
}

/* It died. @o->count is 0 for a further thread of one that was told. */
static bool take_death(struct join *j, struct hale_observation *o,
		       uint64_t now_ns, struct joined *ret)
{
	struct join_death *got = find(j, thread_of(o), false, now_ns);
	const struct join_death *dead = find(j, process_of(o), true, now_ns);
	bool main_thread;

	if (!got)
		got = find(j, process_of(o), false, now_ns);
	if (dead) {
		if (!got)
			return false;
		o->count = 0;
		HALE_SET(ret->part, dead->part);
		HALE_SET(o->evidence, got->text);
		got->pid = got->thread = 0;
		return true;
	}
	if (o->count == 0)
		return false;
	if (got) {
		main_thread = got->pid == process_of(o);
		if (main_thread || is_unknown(o->part)) {
			HALE_SET(o->part, got->part);
			HALE_SET(ret->part, got->part);
		}
		explain(o, got->text);
		got->pid = got->thread = 0;
	}
	keep(j, o, true, now_ns);
	return true;
}

bool join_death(struct join *j, const struct join_said *said,
		struct hale_observation *o, struct joined *ret)
{
	return thread_of(o) != 0 || o->seq != 0
		       ? take_death(j, o, said->now_ns, ret)
		       : take_signal(j, said->driver, o, said->now_ns, ret);
}
