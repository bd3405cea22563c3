/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which crashes are signs of bad memory. Decides it by leaving out what is more
 * likely something else: programs that people wrote here (tests crash on
 * purpose, fuzzers by design), signals that somebody sent, a death that a disk,
 * a full filesystem or an empty memory explains; the second crash of a program
 * (its own bug), crashes of one job or within ten minutes of another (a broken
 * library, LD_PRELOAD), programs that crash whenever they run, more than one
 * SIGILL (built for another processor) or SIGBUS (a small /dev/shm), more than
 * one interpreter (their extensions are anybody's code). What is left has to be
 * five different tools. A new kernel, processor firmware or library since then
 * is no evidence either way: it takes nothing back. A user's processes alone
 * are no proof to others: who may run programs here can make any tool crash.
 * Pure. Must never grow with the number of crashes.
 */
#include "crashes.h"

#include <errno.h>
#include <signal.h>

#include "pool.h"

#define UNKNOWN UINT32_MAX /* uid */
#define HOUR_NS (3600 * HALE_NS_PER_S)

/* The kernel found a fault: nobody sent it. */
/* Without the code, somebody may have sent it; but not to what went well when
 * it was run again. */
static bool is_fault(const struct crashes_death *d)
{
	const struct hale_victim *v = d->victim;

	return (v->signal == SIGSEGV || v->signal == SIGILL ||
		v->signal == SIGBUS) &&
	       (v->code_known ? v->code > 0 : d->retested);
}

static bool file_explains(const struct hale_victim *v)
{
	for (uint32_t i = 0; i < v->n_files; i++) {
		if (v->files[i].truncated || v->files[i].full)
			return true;
	}
	return false;
}

static bool is_container(const char *cgroup)
{
	static const char *const engines[] = { "docker",   "libpod",
					       "kubepods", "buildkit",
					       "lxc",	   "containerd" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(engines); i++) {
		if (strstr(cgroup, engines[i]))
			return true;
	}
	return false;
}

/* What ran together: a container, or a session. */
static uint64_t place_of(const struct hale_victim *v)
{
	return is_container(v->cgroup) ? text_key(v->cgroup) : v->session;
}

static bool is_old(const struct hale_memory_crash *p, uint64_t now_ns)
{
	return p->last_ns + CRASHES_KEEP_NS < now_ns;
}

/* Its own row, a free one, or that of the one that crashed longest ago. */
static struct hale_memory_crash *program_of(struct crashes *c, const char *name)
{
	uint64_t key = text_key(name);
	struct hale_memory_crash *oldest = &c->programs[0];

	for (size_t i = 0; i < CRASHES_PROGRAMS; i++) {
		struct hale_memory_crash *p = &c->programs[i];

		if (p->key == key)
			return p;
		if (p->key == 0 ||
		    (oldest->key != 0 && p->last_ns < oldest->last_ns))
			oldest = oldest->key == 0 ? oldest : p;
	}
	*oldest = (struct hale_memory_crash){ .key = key };
	HALE_SET(oldest->name, name);
	return oldest;
}

static void count(struct hale_memory_crash *p, uint64_t now_ns)
{
	if (p->hour_ns == 0 || now_ns - p->hour_ns >= HOUR_NS) {
		p->hour_ns = now_ns;
		p->in_hour = 0;
	}
	p->in_hour++;
	p->last_ns = now_ns;
	p->each_time |= p->in_hour > CRASHES_AN_HOUR;
}

/* Did another program give a sign in this job, or just now? */
static bool is_alone(const struct crashes *c, uint64_t key, uint64_t place,
		     uint64_t now_ns)
{
	for (size_t i = 0; i < CRASHES_PROGRAMS; i++) {
		const struct hale_memory_crash *p = &c->programs[i];

		if (p->key == 0 || p->key == key || p->sign_ns == 0 ||
		    is_old(p, now_ns))
			continue;
		if (now_ns - p->sign_ns <
		    (p->place == place ? CRASHES_JOB_NS : CRASHES_APART_NS))
			return false;
	}
	return true;
}

static bool sign(struct hale_memory_crash *p, const struct crashes_death *d,
		 uint64_t now_ns)
{
	bool news = p->sign_ns == 0 || (d->retested && !p->retested) ||
		    (d->trusted && !p->trusted);

	if (p->sign_ns == 0) {
		p->signal = d->victim->signal;
		p->uid = d->victim->uid_known ? d->victim->uid : UNKNOWN;
		p->place = place_of(d->victim);
	}
	if (news)
		p->sign_ns = now_ns;
	p->retested |= d->retested;
	p->trusted |= d->trusted;
	return news;
}

bool crashes_take(struct crashes *c, const struct crashes_death *death,
		  uint64_t now_ns)
{
	const struct hale_victim *v = death->victim;
	const char *name = crashes_tool(v->exe[0] ? v->exe : v->comm);
	struct hale_memory_crash *p;

	if (!name || !is_fault(death))
		return false;
	p = program_of(c, name);
	if (p->last_ns != 0 && is_old(p, now_ns)) {
		*p = (struct hale_memory_crash){ .key = p->key };
		HALE_SET(p->name, name);
	}
	if (p->sign_ns != 0 && p->sign_ns <= death->over_ns) {
		p->sign_ns = 0;
		p->retested = p->trusted = false;
	}
	if (!death->retested || p->last_ns == 0)
		count(p, now_ns);
	p->last_ns = now_ns;
	if (death->explained || file_explains(v) || p->each_time)
		return false;
	/* that the same input went well is no matter of neighbours */
	if (!death->retested && p->sign_ns == 0 &&
	    !is_alone(c, p->key, place_of(v), now_ns))
		return false;
	return sign(p, death, now_ns);
}

/* --- what it comes to --- */

struct tally {
	uint32_t ill, bus, interpreters;
	bool trusted, own;
};

/* One that stands for itself, as far as chance goes. */
static bool is_one_more(struct tally *t, const struct hale_memory_crash *p)
{
	bool interprets = crashes_interprets(p->name);

	t->ill += p->signal == SIGILL;
	t->bus += p->signal == SIGBUS;
	t->interpreters += interprets;
	return !(p->signal == SIGILL && t->ill > 1) &&
	       !(p->signal == SIGBUS && t->bus > 1) &&
	       !(interprets && t->interpreters > 1);
}

static void add_name(struct crashes_suspicion *s, const char *name)
{
	size_t len = strlen(s->names);

	snprintf(s->names + len, sizeof(s->names) - len, "%s%s",
		 len ? ", " : "", name);
}

static void add(struct crashes_suspicion *s, struct tally *t,
		const struct hale_memory_crash *p, bool own)
{
	bool first = s->signs == 0;

	/* that the same input gave another result weighs as much as two that
	 * crashed; by the operator's word as much as all */
	s->signs += p->trusted && p->retested ? CRASHES_SIGNS
		    : p->retested	      ? 2
					      : 1;
	s->retested |= p->retested;
	t->trusted |= p->trusted;
	t->own |= own;
	/* one that nobody knows may be anybody's */
	if (s->uid == UNKNOWN)
		s->uid = p->uid;
	s->single &= p->uid == s->uid || p->uid == UNKNOWN;
	if (first || p->sign_ns < s->since_ns)
		s->since_ns = p->sign_ns;
	add_name(s, p->name);
}

/* Of a user who is not everybody: who runs the host has made it or named it. */
static bool is_own(const struct hale_uids *builders, uint32_t uid)
{
	return uid < CRASHES_OWN_UID ||
	       (uid != UNKNOWN && hale_uids_have(builders, uid));
}

bool crashes_judge(const struct crashes *c, const struct hale_uids *builders,
		   uint64_t cleared_ns, uint64_t now_ns,
		   struct crashes_suspicion *ret)
{
	struct crashes_suspicion s = { .single = true, .uid = UNKNOWN };
	struct tally t = { .ill = 0 };

	for (size_t i = 0; i < CRASHES_PROGRAMS; i++) {
		const struct hale_memory_crash *p = &c->programs[i];

		if (p->key != 0 && p->sign_ns > cleared_ns && !p->each_time &&
		    !is_old(p, now_ns) && is_one_more(&t, p))
			add(&s, &t, p, is_own(builders, p->uid));
	}
	s.single &= !t.trusted && !t.own;
	*ret = s;
	return s.signs >= CRASHES_SIGNS;
}

/* --- memory --- */

bool crashes_save(const struct crashes *c, size_t i,
		  struct hale_memory_crash *ret_row)
{
	if (i >= CRASHES_PROGRAMS)
		return false;
	*ret_row = c->programs[i];
	return true;
}

int crashes_load(struct crashes *c, const struct hale_memory_crash *row,
		 uint64_t now_ns)
{
	struct hale_memory_crash *p;
	uint64_t key;

	/* from a clock that was ahead: it would never grow old */
	if (row->last_ns == 0 || row->last_ns > now_ns ||
	    row->sign_ns > row->last_ns || row->hour_ns > row->last_ns ||
	    row->signal > 64 || !crashes_tool(row->name) ||
	    strchr(row->name, '/'))
		return -EINVAL;
	p = program_of(c, row->name);
	key = p->key;
	*p = *row;
	p->key = key;
	return 0;
}
