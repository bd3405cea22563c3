/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns readings of running totals into events, and keeps those and the events
 * that others tell from being counted twice. Decides only how many are new.
 * Each event that was counted is a credit against the growth to come, each
 * growth that was counted a debt against events that come late; both are
 * matched by time alone, for a counter tells no more. Must never count less
 * than the larger of the two. Invariant: a row's value is what was last read.
 */
#include "counter.h"

#include <errno.h>

#include "pool.h"

/* How much later than its pass began a counter may have been read. */
#define SLACK_NS (2 * HALE_NS_PER_S)
#define SHARED	 UINT32_MAX
/* Rows a bucket: with half of all in use, hardly one in a thousand is full. */
#define PLACES 16

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* FNV-1a goes on over the two numbers. */
static uint64_t key_of(const char *part, enum hale_condition condition,
		       uint32_t counter)
{
	const uint64_t number = (uint64_t)condition << 32 | counter;
	uint64_t key = text_key(part);

	for (unsigned int i = 0; i < 64; i += 8) {
		key ^= number >> i & 0xff;
		key *= UINT64_C(1099511628211);
	}
	return key ? key : 1;
}

/* The rows where a key may be: a storm of events looks at no more. */
static struct counter_row *places(struct counters *c, uint64_t key)
{
	return &c->rows[key % (COUNTERS_MAX / PLACES) * PLACES];
}

static struct counter_row *find(struct counters *c, uint64_t key)
{
	struct counter_row *rows = places(c, key);

	for (size_t i = 0; i < PLACES; i++) {
		if (rows[i].key == key)
			return &rows[i];
	}
	return NULL;
}

/* Events of what nobody reads a counter of are many, and their row is needed
 * only if one turns up; a counter that is forgotten is counted a second time.
 */
static bool is_read(const struct counter_row *row)
{
	return !row->shared || row->pass_ns != 0;
}

static bool matters_less(const struct counter_row *a,
			 const struct counter_row *b)
{
	if (!a->key || !b->key)
		return b->key != 0;
	if (is_read(a) != is_read(b))
		return is_read(b);
	return a->time_ns < b->time_ns;
}

/* A free row, or that which was heard of least recently. */
static struct counter_row *make(struct counters *c, uint64_t key)
{
	struct counter_row *rows = places(c, key), *row = rows;

	for (size_t i = 1; i < PLACES; i++) {
		if (matters_less(&rows[i], row))
			row = &rows[i];
	}
	*row = (struct counter_row){ .key = key };
	return row;
}

static struct counter_row *shared_row(struct counters *c, const char *part,
				      enum hale_condition condition,
				      uint64_t time_ns)
{
	uint64_t key = key_of(part, condition, SHARED);
	struct counter_row *row = find(c, key);

	if (!row)
		row = make(c, key);
	row->shared = true;
	if (row->time_ns < time_ns)
		row->time_ns = time_ns;
	return row;
}

/* All counters of a part are read in one pass, which has one time. */
static void begin_pass(struct counter_row *row, uint64_t time_ns)
{
	if (time_ns <= row->pass_ns)
		return;
	for (unsigned int i = COUNTER_PASSES; i > 0; i--)
		row->credit[i] = row->credit[i - 1];
	row->credit[0] = 0;
	row->pass_ns = time_ns;
}

/* Takes up to @want out of the credits, the oldest first. */
static uint64_t spend(struct counter_row *row, uint64_t want)
{
	uint64_t spent = 0;

	for (unsigned int i = COUNTER_PASSES + 1; i-- > 0;) {
		uint64_t n = lesser(row->credit[i], want - spent);

		row->credit[i] -= n;
		spent += n;
	}
	return spent;
}

static uint64_t growth(const struct counter_row *row,
		       const struct hale_observation *o)
{
	if (row && !row->anew && o->value >= row->value)
		return o->value - row->value;
	/* it began anew; or it is read for the first time, or in this boot */
	if (o->total == UINT64_MAX || o->value < o->total)
		return 0;
	return o->value - o->total;
}

static bool remember(struct counters *c, uint64_t key,
		     const struct hale_observation *o)
{
	struct counter_row *row = find(c, key);
	bool first = !row;

	if (first)
		row = make(c, key);
	row->value = o->value;
	row->time_ns = o->time_ns;
	row->from_zero = !o->holds;
	row->anew = false;
	return first;
}

bool counter_take(struct counters *c, const char *part,
		  const struct hale_observation *o, uint64_t backdate_ns,
		  struct hale_observation *ret_event)
{
	uint64_t key = key_of(part, o->condition, o->counter), grown, count;
	struct counter_row *row = find(c, key), *shared;
	bool first;

	/* a look that was overtaken by a later one */
	if (o->counter == SHARED || (row && o->time_ns < row->time_ns))
		return false;
	grown = growth(row, o);
	first = remember(c, key, o);
	shared = shared_row(c, part, o->condition, o->time_ns);
	shared->from_zero = !o->holds;
	begin_pass(shared, o->time_ns);
	count = grown - spend(shared, grown);
	if (count == 0)
		return false;
	shared->debt = add_capped(shared->debt, count);
	*ret_event = *o;
	ret_event->kind = HALE_OBSERVED_EVENT;
	ret_event->total = 0;
	ret_event->count = (uint32_t)lesser(count, UINT32_MAX);
	if (first && o->time_ns > backdate_ns)
		ret_event->time_ns = o->time_ns - backdate_ns;
	return true;
}

uint32_t counter_told(struct counters *c, const char *part,
		      const struct hale_observation *o)
{
	struct counter_row *row = find(c, key_of(part, o->condition, SHARED));
	uint32_t told;

	if (!row || row->pass_ns == 0 || o->time_ns > row->pass_ns + SLACK_NS)
		return 0;
	told = (uint32_t)lesser(row->debt, o->count);
	row->debt -= told;
	return told;
}

void counter_heard(struct counters *c, const char *part,
		   const struct hale_observation *o, uint64_t count)
{
	struct counter_row *row;

	if (count == 0)
		return;
	row = shared_row(c, part, o->condition, o->time_ns);
	row->credit[0] = add_capped(row->credit[0], count);
}

bool counter_save(const struct counters *c, size_t i,
		  struct hale_memory_counter *ret_row)
{
	const struct counter_row *row;

	if (i >= COUNTERS_MAX)
		return false;
	row = &c->rows[i];
	*ret_row = (struct hale_memory_counter){
		.key = row->anew ? 0 : row->key, /* it is still unread */
		.value = row->value,
		.time_ns = row->shared ? row->pass_ns : row->time_ns,
		.debt = row->debt,
		.from_zero = row->from_zero,
		.shared = row->shared,
	};
	for (size_t k = 0; k <= COUNTER_PASSES; k++)
		ret_row->credit = add_capped(ret_row->credit, row->credit[k]);
	return true;
}

int counter_load(struct counters *c, const struct hale_memory_counter *saved,
		 bool same_boot, uint64_t now_ns)
{
	bool anew = !same_boot && saved->from_zero;
	struct counter_row *row;

	if (saved->key == 0)
		return -EINVAL;
	row = find(c, saved->key);
	if (!row)
		row = make(c, saved->key);
	*row = (struct counter_row){
		.key = saved->key,
		.value = anew ? 0 : saved->value,
		/* a clock set back over the restart must not silence it */
		.time_ns = lesser(saved->time_ns, now_ns),
		.from_zero = saved->from_zero,
		.anew = anew && !saved->shared,
		.shared = saved->shared,
	};
	if (!saved->shared || anew)
		return 0;
	row->credit[0] = saved->credit;
	row->debt = saved->debt;
	row->pass_ns = row->time_ns;
	return 0;
}
