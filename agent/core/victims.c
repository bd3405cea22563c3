/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which words of several witnesses are about one death, and whose deaths have
 * to go when there is no room. Never judges why a process died. Must not let a
 * witness take back what another one knew: a field that is known stays, and of
 * two that differ the closer witness's holds. Invariants: one entry a death;
 * @order names each entry in use once, the latest death first; a user loses an
 * entry to another user only while holding more of them than each other one.
 */
#include "victims.h"

#include <signal.h>

#define NOBODY UINT64_MAX /* owner of those whose user is not known */

static uint64_t owner_of(const struct hale_victim *d)
{
	return d->uid_known ? d->uid : NOBODY;
}

/* One that knew only a thread has it as its pid as well. */
static bool same_process(const struct hale_victim *a,
			 const struct hale_victim *b)
{
	if (a->thread != 0 && a->thread == b->thread)
		return true;
	return a->pid == b->pid || a->pid == b->thread || a->thread == b->pid;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* A further thread of a process dies with it, by its signal. */
static bool same_death(const struct victims_entry *e,
		       const struct hale_victim *told, uint64_t now_ns)
{
	const struct hale_victim *d = &e->victim;

	return same_process(d, told) &&
	       (d->signal == 0 || told->signal == 0 ||
		d->signal == told->signal) &&
	       (distance(d->time_ns, told->time_ns) <= VICTIMS_SAME_NS ||
		distance(e->heard_ns, now_ns) <= VICTIMS_SAME_NS);
}

/* The latest first: pids come again. Index into @order, or @n. */
static uint32_t find(const struct victims *v, const struct hale_victim *told,
		     uint64_t now_ns)
{
	uint32_t i = 0;

	while (i < v->n && !same_death(&v->entries[v->order[i]], told, now_ns))
		i++;
	return i;
}

/* --- room --- */

static uint32_t count_of(const struct victims *v, uint64_t owner)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->n; i++)
		n += owner_of(&v->entries[v->order[i]].victim) == owner;
	return n;
}

/* What there is to be said about it later. */
static uint32_t worth(const struct hale_victim *d)
{
	bool fault = d->oom || (d->code_known && d->code > 0);

	return (d->signal == SIGBUS || d->oom ? 4U : 0U) + (fault ? 2U : 0U) +
	       (d->n_files > 0 ? 1U : 0U);
}

static void forget(struct victims *v, uint32_t at)
{
	v->entries[v->order[at]].heard_ns = 0;
	v->n--;
	memmove(&v->order[at], &v->order[at + 1], v->n - at);
}

/* Of whom there are most; of several such, who died last is safe longest. */
static uint64_t largest_owner(const struct victims *v)
{
	uint64_t owner = NOBODY;
	uint32_t most = 0;

	for (uint32_t i = v->n; i-- > 0;) {
		uint64_t o = owner_of(&v->entries[v->order[i]].victim);
		uint32_t n = count_of(v, o);

		if (n > most) {
			most = n;
			owner = o;
		}
	}
	return owner;
}

/* The least telling one of the user who has most, the oldest of those. */
static void make_room(struct victims *v)
{
	uint64_t owner = largest_owner(v);
	uint32_t worst = v->n - 1;
	bool any = false;

	for (uint32_t i = v->n; i-- > 0;) {
		const struct hale_victim *d = &v->entries[v->order[i]].victim;

		if (owner_of(d) != owner)
			continue;
		if (!any ||
		    worth(d) < worth(&v->entries[v->order[worst]].victim))
			worst = i;
		any = true;
	}
	forget(v, worst);
	v->dropped++;
}

static uint8_t free_place(const struct victims *v)
{
	uint8_t i = 0;

	while (i < VICTIMS_MAX - 1 && v->entries[i].heard_ns != 0)
		i++;
	return i;
}

/* In its place by time of death; @order has room for it. */
static void insert(struct victims *v, uint8_t place)
{
	uint64_t time_ns = v->entries[place].victim.time_ns;
	uint32_t at = 0;

	while (at < v->n && v->entries[v->order[at]].victim.time_ns > time_ns)
		at++;
	memmove(&v->order[at + 1], &v->order[at], v->n - at);
	v->order[at] = place;
	v->n++;
}

/* --- what the witnesses know --- */

#define TAKE(field)                                                            \
	do {                                                                   \
		if (d->field == 0 && told->field != 0) {                       \
			d->field = told->field;                                \
			news = true;                                           \
		}                                                              \
	} while (0)

static bool take_text(char *dst, size_t size, const char *src)
{
	if (dst[0] || !src[0])
		return false;
	hale_copy(dst, size, src, strlen(src));
	return true;
}

static bool take_process(struct hale_victim *d, const struct hale_victim *told)
{
	bool news = false;

	/* the process is known at last, not just its thread */
	if (d->pid == d->thread && told->pid != told->thread &&
	    told->pid != d->pid) {
		d->pid = told->pid;
		news = true;
	}
	TAKE(thread);
	TAKE(parent);
	TAKE(group);
	TAKE(session);
	if (!d->uid_known && told->uid_known) {
		d->uid_known = true;
		d->uid = told->uid;
		news = true;
	}
	/* /proc has it whole; of a thread it is the thread's own name */
	news |= take_text(d->comm, sizeof(d->comm), told->comm);
	news |= take_text(d->exe, sizeof(d->exe), told->exe);
	news |= take_text(d->cgroup, sizeof(d->cgroup), told->cgroup);
	return news;
}

static bool take_signal(struct hale_victim *d, const struct hale_victim *told)
{
	bool news = false;

	TAKE(signal);
	TAKE(dumped);
	TAKE(oom);
	TAKE(oom_limit);
	if (!d->code_known && told->code_known) {
		d->code_known = true;
		d->code = told->code;
		news = true;
	}
	if (!d->address_known && told->address_known) {
		d->address_known = true;
		d->address = told->address;
		news = true;
	}
	return news;
}

static struct hale_victim_file *same_file(struct hale_victim *d,
					  const struct hale_victim_file *f)
{
	for (uint32_t i = 0; i < d->n_files; i++) {
		struct hale_victim_file *g = &d->files[i];

		if (g->held == f->held && strcmp(g->path, f->path) == 0 &&
		    (f->major | f->minor | g->major | g->minor) != 0 &&
		    (g->major == 0 || f->major == 0 ||
		     (g->major == f->major && g->minor == f->minor)))
			return g;
	}
	return NULL;
}

static bool is_known(const struct hale_victim_file *f)
{
	return f->major != 0 || f->minor != 0;
}

/* One more thing is known of a file that was told of before. */
static bool take_more(struct hale_victim_file *g,
		      const struct hale_victim_file *f)
{
	bool news = (f->faulted && !g->faulted) ||
		    (f->truncated && !g->truncated) || (f->full && !g->full);

	if (!is_known(g) && is_known(f)) {
		g->major = f->major;
		g->minor = f->minor;
		news = true;
	}
	g->faulted |= f->faulted;
	g->truncated |= f->truncated;
	g->full |= f->full;
	return news;
}

/* Where the fault was must not go missing for want of room. */
static struct hale_victim_file *file_room(struct hale_victim *d,
					  const struct hale_victim_file *f)
{
	if (d->n_files < HALE_VICTIM_FILES_MAX)
		return &d->files[d->n_files++];
	return f->faulted ? &d->files[HALE_VICTIM_FILES_MAX - 1] : NULL;
}

static bool take_files(struct hale_victim *d, const struct hale_victim *told)
{
	bool news = false;

	for (uint32_t i = 0; i < told->n_files && i < HALE_VICTIM_FILES_MAX;
	     i++) {
		const struct hale_victim_file *f = &told->files[i];
		struct hale_victim_file *g = same_file(d, f);

		if (g) {
			news |= take_more(g, f);
			continue;
		}
		g = file_room(d, f);
		if (g) {
			*g = *f;
			news = true;
		}
	}
	return news;
}

static bool merge(struct hale_victim *d, const struct hale_victim *told)
{
	bool news = (told->witnesses & ~d->witnesses) != 0;

	d->witnesses |= told->witnesses;
	news |= take_process(d, told);
	news |= take_signal(d, told);
	news |= take_files(d, told);
	return news;
}

bool victims_take(struct victims *v, const struct hale_victim *told,
		  uint64_t now_ns)
{
	struct hale_victim d = *told;
	uint8_t place;
	uint32_t at;

	if (d.pid == 0)
		return false;
	if (d.time_ns == 0 || d.time_ns > now_ns)
		d.time_ns = now_ns;
	victims_age(v, now_ns);
	if (now_ns - d.time_ns > VICTIMS_KEEP_NS)
		return false;
	at = find(v, &d, now_ns);
	if (at < v->n)
		return merge(&v->entries[v->order[at]].victim, &d);
	if (v->n == VICTIMS_MAX)
		make_room(v);
	place = free_place(v);
	v->entries[place] =
		(struct victims_entry){ .heard_ns = now_ns, .victim = d };
	insert(v, place);
	return true;
}

bool victims_look(struct victims *v, const struct hale_victim *told,
		  uint64_t now_ns)
{
	uint64_t spent = v->looks_ns > now_ns ? v->looks_ns : now_ns;
	uint32_t at = find(v, told, now_ns);
	struct victims_entry *e;

	if (at >= v->n)
		return false;
	e = &v->entries[v->order[at]];
	if (e->victim.time_ns + VICTIMS_FRESH_NS < now_ns || e->looked ||
	    (e->victim.witnesses & HALE_WITNESS_PROC) != 0 ||
	    spent + VICTIMS_LOOK_EACH_NS >
		    now_ns + VICTIMS_LOOKS * VICTIMS_LOOK_EACH_NS)
		return false;
	e->looked = true;
	v->looks_ns = spent + VICTIMS_LOOK_EACH_NS;
	return true;
}

const struct hale_victim *victims_late(struct victims *v, uint64_t now_ns)
{
	for (uint32_t i = 0; i < v->n; i++) {
		struct victims_entry *e = &v->entries[v->order[i]];

		if (e->asked || e->judged || e->victim.parent <= 1 ||
		    now_ns < e->heard_ns + VICTIMS_LATE_NS)
			continue;
		e->asked = true;
		if ((e->victim.witnesses & HALE_WITNESS_PROC) == 0)
			return &e->victim;
	}
	return NULL;
}

uint64_t victims_age(struct victims *v, uint64_t now_ns)
{
	while (v->n > 0) {
		const struct victims_entry *e = &v->entries[v->order[v->n - 1]];
		uint64_t due = e->victim.time_ns + VICTIMS_KEEP_NS;

		if (now_ns <= due)
			return due + 1;
		forget(v, v->n - 1);
	}
	return UINT64_MAX;
}

const struct hale_victim *victims_at(const struct victims *v, size_t i)
{
	return i < v->n ? &v->entries[v->order[i]].victim : NULL;
}
