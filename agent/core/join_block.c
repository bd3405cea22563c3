/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed block requests: of each there is a tracepoint, and a line of the log
 * unless the log left it out. Decides which line is which request, how many of
 * the lines left out are not told by the other side, and that one disk's fault
 * is one finding, whichever of the two knew the closer reason. Must never count
 * a request twice, nor drop one that only one side has told.
 */
#include "join.h"

#include "pool.h"

static uint64_t sector_of(uint64_t key)
{
	return key & HALE_SECTOR_UNKNOWN;
}

static bool is_wild(uint64_t key)
{
	return sector_of(key) == HALE_SECTOR_UNKNOWN;
}

static bool same_key(uint64_t a, uint64_t b)
{
	uint64_t op_a = a >> 60, op_b = b >> 60;

	return sector_of(a) == sector_of(b) &&
	       (op_a == op_b || op_a == HALE_OP_UNKNOWN ||
		op_b == HALE_OP_UNKNOWN);
}

/* How an entry is looked for. */
enum wanted {
	EXACT, /* this sector and operation */
	WILD,  /* whatever sector; the line did not say */
	ANY,   /* any at all: it is the asker who does not know */
	TAKEN, /* one that a line without a sector took */
	LINE,  /* one whose block line the other side has not told */
};

struct query {
	uint64_t part, key;
	uint64_t until_ns; /* told of a time not later; 0: of any */
	bool log, warns;   /* warns: of what is no failed request */
	enum wanted wanted;
};

/* A disk that did not answer in time, or a transfer that had to be repeated, is
 * no failed request; one that failed because of it is told as well. */
static bool only_warns(enum hale_condition c)
{
	const struct hale_condition_info *info = hale_condition_info(c);

	return info->life != HALE_LIFE_STATE &&
	       info->effect != HALE_EFFECT_BLOCKS;
}

static bool fits(const struct join_entry *e, const struct query *q)
{
	if (e->join != HALE_JOIN_BLOCK || e->log != q->log ||
	    e->part != q->part || (q->until_ns && e->time_ns > q->until_ns))
		return false;
	if (q->wanted == LINE)
		return e->lines > 0 && same_key(e->key, q->key);
	if (only_warns((enum hale_condition)e->condition) != q->warns)
		return false;
	switch (q->wanted) {
	case EXACT:
		return e->count > 0 && same_key(e->key, q->key);
	case WILD:
		return e->count > 0 && is_wild(e->key);
	case ANY:
		return e->count > 0;
	case TAKEN:
		return e->wild > 0;
	case LINE:
		break;
	}
	return false;
}

/* The oldest one. */
static struct join_entry *find(struct join *j, const struct query *q)
{
	for (uint32_t i = 0; i < JOIN_MAX; i++) {
		struct join_entry *e = &j->entries[(j->next + i) % JOIN_MAX];

		if (fits(e, q))
			return e;
	}
	return NULL;
}

static bool seen_by_witness(const struct join *j,
			    const struct hale_observation *o)
{
	const struct join_driver *w = join_witness(j);

	return w && o->time_ns >= w->began_ns;
}

static void keep(struct join *j, const struct query *q,
		 const struct hale_observation *o, uint32_t lines,
		 uint64_t now_ns)
{
	const struct join_entry e = { .join = HALE_JOIN_BLOCK,
				      .log = !q->log,
				      .condition = (uint16_t)o->condition,
				      .count = o->count,
				      .lines = lines,
				      .part = q->part,
				      .key = q->key,
				      .time_ns = o->time_ns,
				      .heard_ns = now_ns };

	if (o->count > 0 || lines > 0)
		join_add(j, &e);
}

/* Which block line is about which request goes by the key alone, whoever was
 * counted. Return: how many of @n the other side has not told. */
static uint32_t match_lines(struct join *j, struct query *q, uint32_t n)
{
	struct join_entry *e;

	q->wanted = LINE;
	while (n > 0 && (e = find(j, q)) != NULL) {
		uint32_t m = e->lines < n ? e->lines : n;

		e->lines -= m;
		n -= m;
	}
	return n;
}

/* Takes from what the other side told. Return: the condition it was counted
 * as, NONE where nothing was found. */
static enum hale_condition match(struct join *j, const struct query *q,
				 struct hale_observation *o)
{
	enum hale_condition condition = HALE_CONDITION_NONE;
	struct join_entry *e;

	while (o->count > 0 && (e = find(j, q)) != NULL) {
		uint32_t n = e->count < o->count ? e->count : o->count;

		e->count -= n;
		o->count -= n;
		if (q->wanted == ANY)
			e->wild = (uint16_t)(e->wild + n);
		condition = (enum hale_condition)e->condition;
	}
	return condition;
}

/* A line counted nothing because one before it did, which named no sector. Now
 * it is known which request that was. */
static enum hale_condition settle(struct join *j, struct query q)
{
	struct join_entry *mine, *taken, *line;

	q.wanted = EXACT;
	mine = find(j, &q);
	q.wanted = TAKEN;
	taken = find(j, &q);
	q.log = true;
	q.wanted = WILD;
	line = find(j, &q);
	if (taken && mine && !same_key(taken->key, q.key)) {
		taken->wild--, taken->count++;
		mine->count--;
	} else if (taken) {
		taken->wild--;
	} else if (line) {
		line->key = q.key;
	}
	return mine    ? (enum hale_condition)mine->condition
	       : taken ? (enum hale_condition)taken->condition
		       : HALE_CONDITION_NONE;
}

static enum hale_condition match_line(struct join *j, struct query *q,
				      struct hale_observation *o,
				      uint64_t now_ns)
{
	enum hale_condition condition = HALE_CONDITION_NONE;
	bool wild = is_wild(q->key);
	uint32_t lines = 0;

	if (!wild)
		j->last_line_ns = j->logged_ns = o->time_ns;
	/* printed before anybody else was there */
	if (!seen_by_witness(j, o) || (o->count == 0 && wild))
		return condition;
	if (!wild)
		lines = match_lines(j, q, 1);
	q->wanted = wild ? ANY : EXACT;
	condition = o->count > 0 ? match(j, q, o) : settle(j, *q);
	keep(j, q, o, lines, now_ns);
	return condition;
}

/* Was it counted with the lines that the log left out? */
static void pay(struct join *j, const struct query *q,
		struct hale_observation *o)
{
	for (size_t i = 0; i < JOIN_DEBTS; i++) {
		struct join_debt *d = &j->debts[i];
		uint32_t n =
			d->count < o->count ? (uint32_t)d->count : o->count;

		if (o->time_ns >= d->time_ns || d->warns != q->warns)
			continue;
		d->count -= n;
		o->count -= n;
	}
}

static enum hale_condition match_event(struct join *j, struct query *q,
				       struct hale_observation *o,
				       uint64_t now_ns)
{
	enum hale_condition exact, wild, late;
	uint32_t lines = o->count;

	/* both read one clock, and the line is printed first: a later one is
	 * about another request, unless there is nothing else to explain this
	 */
	q->until_ns = o->time_ns;
	lines = match_lines(j, q, lines);
	q->wanted = EXACT;
	exact = match(j, q, o);
	q->wanted = WILD;
	wild = match(j, q, o);
	pay(j, q, o);
	q->until_ns = 0;
	lines = match_lines(j, q, lines);
	q->wanted = EXACT;
	late = match(j, q, o);
	/* the log has gone on: it has said of this one that it was left out */
	keep(j, q, o, o->time_ns >= j->logged_ns ? lines : 0, now_ns);
	exact = exact ? exact : late;
	return exact ? exact : wild;
}

static struct join_follow *follow_of(struct join *j, uint64_t part)
{
	struct join_follow *oldest = &j->follows[0];

	for (size_t i = 0; i < JOIN_FOLLOW; i++) {
		struct join_follow *f = &j->follows[i];

		if (f->part == part)
			return f;
		if (f->part == 0 ||
		    (oldest->part != 0 &&
		     f->closer_ns + f->general_ns <
			     oldest->closer_ns + oldest->general_ns))
			oldest = f;
	}
	*oldest = (struct join_follow){ .part = part };
	return oldest;
}

static bool near(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= JOIN_WINDOW_NS;
}

static bool is_event(enum hale_condition c)
{
	return hale_condition_info(c)->life != HALE_LIFE_STATE;
}

/* One disk, one fault: what is only known to have failed goes with what is
 * known to have failed for a reason that is as bad. @was: what the other side
 * said of it. */
static void agree(struct join *j, const char *part, enum hale_condition was,
		  struct hale_observation *o, struct joined *ret)
{
	struct join_follow *f = follow_of(j, text_key(part));
	bool general = o->condition == HALE_DISK_IO_ERROR;

	if (o->kind != HALE_OBSERVED_EVENT || only_warns(o->condition))
		return;
	if (!general && was != HALE_CONDITION_NONE &&
	    was != HALE_DISK_IO_ERROR && is_event(was))
		o->condition = was; /* the first reason is as good */
	if (general && f->closer && near(f->closer_ns, o->time_ns)) {
		o->condition = (enum hale_condition)f->closer;
		return;
	}
	if (general) {
		if (!near(f->general_ns, o->time_ns))
			f->general = 0;
		if (f->general == 0)
			f->general_ns = o->time_ns;
		f->general += o->count;
		return;
	}
	if (f->general > 0 && near(f->general_ns, o->time_ns)) {
		ret->from = HALE_DISK_IO_ERROR;
		ret->moved = f->general;
		HALE_SET(ret->from_part, part);
		o->count += f->general;
	}
	f->general = 0;
	f->closer = (uint16_t)o->condition;
	f->closer_ns = o->time_ns;
}

bool join_block(struct join *j, const struct join_said *said,
		struct hale_observation *o, struct joined *ret)
{
	bool log = o->seq != 0;
	struct query q = { .part = text_key(said->part),
			   .key = o->join_key,
			   .log = !log,
			   .warns = only_warns(o->condition) };
	enum hale_condition was = log ? match_line(j, &q, o, said->now_ns)
				      : match_event(j, &q, o, said->now_ns);

	agree(j, said->part, was, o, ret);
	/* the log's text is kept where it came first */
	return log || o->count > 0 || o->kind == HALE_OBSERVED_STATE;
}

/* What was told of requests before then (at the same time is what both say of
 * the one that is printed next, while the agent reads), and no line of the log
 * was about; no line will be: the log has gone on. */
static uint64_t take_unlogged(struct join *j, uint64_t time_ns)
{
	uint64_t n = j->unlogged;

	for (size_t i = 0; i < JOIN_MAX; i++) {
		struct join_entry *e = &j->entries[i];

		if (e->join != HALE_JOIN_BLOCK || e->log ||
		    e->time_ns >= time_ns)
			continue;
		n += e->lines;
		e->count = e->lines = 0;
		/* who took it has its block line still to come */
		if (e->wild == 0)
			e->join = HALE_JOIN_NONE;
	}
	j->unlogged = 0;
	j->logged_ns = time_ns;
	return n;
}

bool join_suppressed(struct join *j, const struct join_said *said,
		     struct hale_observation *o, struct joined *ret)
{
	const struct join_driver *w = join_witness(j);
	uint64_t told = take_unlogged(j, o->time_ns);

	/* lines are left out after some were printed: the last of these was
	 * seen by the other side as well, and so all since */
	if (w && j->last_line_ns > w->began_ns && j->last_line_ns > w->lost_ns)
		return false;
	/* nothing was printed since the restart: it is about the time before */
	if (said->told_before && j->last_line_ns == 0)
		return false;
	if (told >= o->count)
		return false;
	o->count -= (uint32_t)told;
	if (w) {
		j->debts[j->next_debt] =
			(struct join_debt){ o->time_ns, o->count,
					    only_warns(o->condition) };
		j->next_debt = (j->next_debt + 1) % JOIN_DEBTS;
	}
	agree(j, said->part, HALE_CONDITION_NONE, o, ret);
	return true;
}
