/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool as a whole: which messages wait where, and how it is. Decides when
 * the disk is tried, what memory does in its place, and what is said of that.
 * Must never say that a message is on the disk before it is, nor wait for a
 * disk more often than TRY_NS while that is in trouble. Invariant: a message is
 * on the disk, in memory, acknowledged or counted as dropped.
 */
#include "agent/report/spool.h"

#include <errno.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/report/spool_own.h"

#define TRY_NS (10 * HALE_NS_PER_S)

static bool fill(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) == (ssize_t)len;
}

/* --- how it is --- */

static void judge(struct spool *s, int r, uint64_t now_ns)
{
	s->trouble = r;
	s->tried_ns = now_ns;
	/* damaged in use, or no longer where it was: opened anew the next
	 * time, and set aside if need be */
	if (s->db && (r == -EBADMSG || r == -ESTALE))
		spool_db_close(s);
	if (r == -EBADMSG)
		s->setup.check = DB_CHECK_WHOLE;
	if (r == 0)
		s->setup.check = DB_CHECK_QUICK;
}

/* May the disk be asked for something? Where it was in trouble, not each time.
 * A clock that was set back is no reason to wait. */
static bool may_try(const struct spool *s, uint64_t now_ns)
{
	return s->trouble == 0 || s->trouble == -ESTALE ||
	       now_ns < s->tried_ns || now_ns - s->tried_ns >= TRY_NS;
}

static int reopen(struct spool *s)
{
	char said[SPOOL_SAID_MAX] = "";
	int r = s->db ? 0 : spool_db_open(s, said);

	if (r == 0 && said[0])
		HALE_SET(s->aside, said);
	return r;
}

static int put_on_disk(struct spool *s, const struct spool_item *items,
		       size_t n, uint64_t now_ns)
{
	int r = s->db ? 0 : reopen(s);

	if (r == 0)
		r = spool_db_put(s, items, n, now_ns);
	if (r == -ESTALE) {
		/* another file bears its name now, or none */
		judge(s, r, now_ns);
		r = reopen(s);
		if (r == 0)
			r = spool_db_put(s, items, n, now_ns);
	}
	judge(s, r, now_ns);
	return r;
}

static const char *words(int trouble)
{
	return trouble == -ENOSPC ? "the disk is full"
				  : strerrordesc_np(-trouble);
}

bool spool_news(struct spool *s, char said[SPOOL_SAID_MAX])
{
	if (s->aside[0]) {
		memcpy(said, s->aside, SPOOL_SAID_MAX);
		s->aside[0] = '\0';
		return true;
	}
	if (s->trouble == s->told)
		return false;
	if (s->trouble < 0)
		snprintf(said, SPOOL_SAID_MAX,
			 "the fleet's spool %.160s cannot be written: %s; "
			 "what comes waits in memory",
			 s->setup.path, words(s->trouble));
	else
		snprintf(said, SPOOL_SAID_MAX,
			 "the fleet's spool is written again; %llu messages "
			 "waited, %llu found no room",
			 (unsigned long long)s->waited,
			 (unsigned long long)s->refused);
	if (s->trouble == 0)
		s->waited = s->refused = 0;
	s->told = s->trouble;
	return true;
}

/* --- open, close --- */

int spool_open(const struct spool_setup *setup, char said[SPOOL_SAID_MAX],
	       struct spool **ret_spool)
{
	struct spool *s = calloc(1, sizeof(*s));
	uint64_t size = setup->size_bytes;

	said[0] = '\0';
	if (!s)
		return -ENOMEM;
	if (size == 0)
		size = SPOOL_SIZE;
	s->setup = (struct db_setup){
		.path = setup->path,
		.size_bytes = size < SPOOL_SIZE_MIN ? SPOOL_SIZE_MIN : size,
	};
	s->age_ns = setup->age_ns ? setup->age_ns : SPOOL_AGE_NS;
	s->trouble = s->told = fill(&s->own.id, sizeof(s->own.id))
				       ? spool_db_open(s, said)
				       : -ENOSYS;
	if (!s->db)
		s->last_at = SPOOL_MEMORY_AT;
	*ret_spool = s;
	return 0;
}

struct spool *spool_close(struct spool *s)
{
	if (!s)
		return NULL;
	spool_memory_clear(s);
	if (s->db)
		spool_db_close(s);
	free(s);
	return NULL;
}

/* --- messages --- */

/* Numbers that no disk can keep are of a spool of their own: this process. */
static struct spool_numbers *numbers(struct spool *s)
{
	if (!s->file_known)
		return &s->own;
	if (s->file.seq < s->file.reserved)
		return &s->file;
	return s->db && s->trouble == 0 && spool_db_reserve(s) == 0 ? &s->file
								    : &s->own;
}

int spool_mark(struct spool *s, struct spool_mark *ret_mark)
{
	struct spool_numbers *from = numbers(s);
	struct spool_mark mark;

	if (!fill(&mark.id, sizeof(mark.id)))
		return -ENOSYS;
	mark.seq = ++from->seq;
	mark.spool_id = from->id;
	*ret_mark = mark;
	return 0;
}

static int check(const struct spool_item *items, size_t n)
{
	if (n > SPOOL_BATCH)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned int)items[i].kind >= FLEET_KINDS ||
		    items[i].len == 0)
			return -EINVAL;
		if (items[i].len > (items[i].kind == FLEET_STATE
					    ? FLEET_STATE_MAX
					    : FLEET_EVENT_MAX))
			return -EMSGSIZE;
	}
	return 0;
}

static void keep_state(struct spool *s, const struct spool_item *item,
		       uint64_t now_ns)
{
	s->state = *item;
	memcpy(s->state_bytes, item->bytes, item->len);
	s->state.bytes = s->state_bytes;
	s->state.created_ns = now_ns;
	s->state_waits = true;
}

int spool_put(struct spool *s, const struct spool_item *items, size_t n,
	      uint64_t now_ns)
{
	struct spool_item rest[SPOOL_BATCH];
	size_t n_rest = 0;
	int r = check(items, n);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (items[i].kind == FLEET_STATE)
			keep_state(s, &items[i], now_ns);
		else
			rest[n_rest++] = items[i];
	}
	if (n_rest == 0 ||
	    (may_try(s, now_ns) && put_on_disk(s, rest, n_rest, now_ns) == 0))
		return 0;
	for (size_t i = 0; i < n_rest; i++)
		spool_memory_add(s, &rest[i], now_ns);
	return 1;
}

size_t spool_peek(struct spool *s, uint64_t after, struct spool_item *ret_items,
		  size_t max)
{
	size_t n = 0;
	int r = 0;

	if (max > SPOOL_BATCH)
		max = SPOOL_BATCH;
	if (s->db)
		r = spool_db_peek(s, after, ret_items, max, &n);
	if (r < 0)
		judge(s, r, s->tried_ns);
	if (r <= 0)
		n += spool_memory_peek(s, after, ret_items + n, max - n);
	return n;
}

bool spool_peek_state(struct spool *s, struct spool_item *ret_item)
{
	if (s->state_waits)
		*ret_item = s->state;
	return s->state_waits;
}

static void forget(struct spool *s, const struct spool_id *ids, size_t n,
		   bool dropped)
{
	struct spool_id rest[SPOOL_BATCH];
	size_t n_rest = 0;

	for (size_t i = 0; i < n; i++) {
		if (s->state_waits &&
		    memcmp(&s->state.id, &ids[i], sizeof(ids[i])) == 0)
			s->state_waits = false;
		else if (!spool_memory_ack(s, &ids[i], dropped))
			rest[n_rest++] = ids[i];
	}
	/* one that cannot be written there is sent again, under its id */
	if (n_rest > 0 && s->db)
		spool_db_ack(s, rest, n_rest, dropped);
}

void spool_ack(struct spool *s, const struct spool_id *ids, size_t n)
{
	for (size_t at = 0; at < n; at += SPOOL_BATCH)
		forget(s, ids + at, n - at < SPOOL_BATCH ? n - at : SPOOL_BATCH,
		       false);
}

void spool_drop(struct spool *s, const struct spool_id *id, uint64_t now_ns)
{
	s->count.dropped_ns = now_ns;
	forget(s, id, 1, true);
}

/* --- as a whole --- */

void spool_tidy(struct spool *s, uint64_t now_ns)
{
	int r = s->db ? 0 : reopen(s);

	/* what waits in memory; with nothing, a try */
	if (r == 0 && (s->memory.n > 0 || s->trouble < 0))
		r = spool_db_put(s, NULL, 0, now_ns);
	if (r == 0)
		r = spool_db_age(s, now_ns);
	judge(s, r, now_ns);
}

void spool_tell(struct spool *s, Hale__Fleet__V1__Spool *ret_m)
{
	const struct spool_memory *m = &s->memory;
	uint64_t n[FLEET_KINDS] = { 0, s->count.n[FLEET_FINDING],
				    s->count.n[FLEET_BUILD] };
	uint64_t oldest = s->db ? spool_db_oldest_ns(s) : 0;

	for (size_t i = 0; i < m->n; i++)
		n[m->rows[i].item.kind]++;
	if (oldest == 0 && m->n > 0)
		oldest = m->rows[0].item.created_ns;
	hale__fleet__v1__spool__init(ret_m);
	ret_m->findings_waiting = n[FLEET_FINDING];
	ret_m->builds_waiting = n[FLEET_BUILD];
	ret_m->bytes = s->count.bytes[FLEET_FINDING] +
		       s->count.bytes[FLEET_BUILD] + m->bytes;
	ret_m->oldest_ns = oldest;
	ret_m->findings_dropped = s->count.dropped[FLEET_FINDING];
	ret_m->builds_dropped = s->count.dropped[FLEET_BUILD];
	ret_m->dropped_ns = s->count.dropped_ns;
	HALE_SET(s->trouble_text, s->trouble < 0 ? words(s->trouble) : "");
	ret_m->trouble = s->trouble_text;
}
