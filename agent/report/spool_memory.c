/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits where there is no disk to wait on. Must never hold more than its
 * bounds: the oldest give way. Invariant: a row that gives way is counted.
 */
#include "hale/base.h"

#include "agent/report/spool_own.h"

static void take_out(struct spool_memory *m, size_t i)
{
	m->bytes -= m->rows[i].item.len;
	free(m->rows[i].bytes);
	m->n--;
	memmove(&m->rows[i], &m->rows[i + 1], (m->n - i) * sizeof(m->rows[0]));
}

static void drop(struct spool *s, size_t i, uint64_t now_ns)
{
	s->count.dropped[s->memory.rows[i].item.kind]++;
	s->count.dropped_ns = now_ns;
	s->refused++;
	take_out(&s->memory, i);
}

void spool_memory_add(struct spool *s, const struct spool_item *item,
		      uint64_t now_ns)
{
	struct spool_memory *m = &s->memory;
	struct spool_row *row;
	uint8_t *copy = malloc(item->len);

	if (!copy) {
		s->count.dropped[item->kind]++;
		s->count.dropped_ns = now_ns;
		s->refused++;
		return;
	}
	while (m->n == SPOOL_ROWS_MAX ||
	       (m->n > 0 && m->bytes + item->len > SPOOL_MEMORY_MAX))
		drop(s, 0, now_ns);
	memcpy(copy, item->bytes, item->len);
	row = &m->rows[m->n++];
	row->item = *item;
	row->item.at = ++s->last_at;
	row->item.created_ns = now_ns;
	row->item.bytes = row->bytes = copy;
	m->bytes += item->len;
	s->waited++;
}

bool spool_memory_ack(struct spool *s, const struct spool_id *id, bool dropped)
{
	struct spool_memory *m = &s->memory;

	for (size_t i = 0; i < m->n; i++) {
		if (memcmp(&m->rows[i].item.id, id, sizeof(*id)) != 0)
			continue;
		if (dropped)
			s->count.dropped[m->rows[i].item.kind]++;
		take_out(m, i);
		return true;
	}
	return false;
}

size_t spool_memory_peek(struct spool *s, uint64_t after,
			 struct spool_item *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s->memory.n && n < max; i++) {
		if (s->memory.rows[i].item.at > after)
			ret[n++] = s->memory.rows[i].item;
	}
	return n;
}

void spool_memory_renumber(struct spool *s, uint64_t file_at)
{
	if (s->memory.n == 0 || s->memory.rows[0].item.at > file_at)
		return;
	for (size_t i = 0; i < s->memory.n; i++)
		s->memory.rows[i].item.at = ++s->last_at;
}

void spool_memory_clear(struct spool *s)
{
	while (s->memory.n > 0)
		take_out(&s->memory, s->memory.n - 1);
}
