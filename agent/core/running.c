/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One core's knowledge to the next one's. Decides which kinds of notes there
 * are, and when what was taken over has been confirmed. Must never believe a
 * note more than a fact: whoever wrote it may have fallen. Invariant: a middle
 * that was saved and loaded gives the answers that the first gave, and goes on
 * as it would have.
 */
#include "running.h"

#include <errno.h>

#include "memory.h"

enum note_made note_put(struct hale_memory_note *n,
			const struct note_content *c)
{
	while (n->n_numbers < c->n_numbers &&
	       n->n_numbers < HALE_NOTE_NUMBERS) {
		n->number[n->n_numbers] = c->numbers[n->n_numbers];
		n->n_numbers++;
	}
	while (n->n_texts < c->n_texts && n->n_texts < HALE_NOTE_TEXTS) {
		n->text[n->n_texts] = c->texts[n->n_texts];
		n->n_texts++;
	}
	return NOTE_MADE;
}

static enum note_made make_head(const struct middle *m, uint32_t i,
				struct hale_memory_note *ret)
{
	const struct map *map = topology_map(&m->topology);

	if (i > 0)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(m->generation, m->topology.ready,
				     map->dropped_mounts, map->dropped_layers,
				     m->inventory.pass, m->inventory.listing_ns,
				     m->inventory.listed_ns,
				     m->inventory.dropped, m->ledger.dropped,
				     m->crashes.raised_ns, m->victims.dropped,
				     m->victims.looks_ns, m->sectors.stamp,
				     m->sectors.lost_ns, m->sectors.lost,
				     m->join.unlogged, m->join.last_line_ns,
				     m->join.logged_ns, m->coverage.full),
			NOTE_TEXTS(m->position_driver, m->map_driver));
}

static void begin_map(struct middle *m, const uint64_t *n)
{
	const struct hale_fact begin = { .kind = HALE_FACT_MAP_BEGIN };
	struct map *map;

	if (n[1] == 0)
		return;
	topology_fact(&m->topology, &m->inventory, &begin);
	map = &m->topology.maps[!m->topology.now];
	map->dropped_mounts = (uint32_t)n[2];
	map->dropped_layers = (uint32_t)n[3];
}

static int take_head(struct middle *m, const struct hale_memory_note *note,
		     uint64_t now_ns)
{
	const uint64_t *n = note->number;

	if (n[2] > UINT32_MAX || n[3] > UINT32_MAX || n[4] > UINT32_MAX ||
	    n[0] > INT64_MAX || n[12] > INT64_MAX || m->topology.building ||
	    (n[14] & ~(uint64_t)HALE_GAPS_ALL) != 0)
		return -EINVAL;
	begin_map(m, n);
	if (m->generation < n[0])
		m->generation = n[0];
	m->inventory.pass = (uint32_t)n[4];
	m->inventory.listing_ns = note_past(n[5], now_ns);
	m->inventory.listed_ns = note_past(n[6], now_ns);
	m->inventory.dropped = n[7];
	m->ledger.dropped = n[8];
	m->crashes.raised_ns = note_past(n[9], now_ns);
	m->victims.dropped = n[10];
	m->victims.looks_ns = n[11] < now_ns ? n[11] : 0;
	m->sectors.stamp = n[12];
	m->sectors.lost_ns = n[13];
	m->sectors.lost = (uint32_t)n[14];
	m->join.unlogged = n[15];
	m->join.last_line_ns = n[16];
	m->join.logged_ns = n[17];
	m->coverage.full = n[18] != 0;
	HALE_SET(m->position_driver, note->text[0]);
	HALE_SET(m->map_driver, note->text[1]);
	return 0;
}

static const struct note_kind note_head = { make_head, take_head };

static const struct note_kind *const kinds[NOTE_ROOMS] = {
	[NOTE_HEAD] = &note_head,	[NOTE_DEVICE] = &note_device,
	[NOTE_MOUNT] = &note_mount,	[NOTE_LAYER] = &note_layer,
	[NOTE_BEARER] = &note_bearer,	[NOTE_RESTS] = &note_rests,
	[NOTE_ROOM] = &note_room,	[NOTE_DRIVER] = &note_driver,
	[NOTE_SENSE] = &note_sense,	[NOTE_ENTRY] = &note_entry,
	[NOTE_SETTLED] = &note_settled, [NOTE_ENDED] = &note_ended,
	[NOTE_COUNTER] = &note_counter, [NOTE_SECTORS] = &note_sectors,
	[NOTE_WITNESS] = &note_witness, [NOTE_JOIN] = &note_join,
	[NOTE_FOLLOW] = &note_follow,	[NOTE_DEATH] = &note_death,
	[NOTE_DEBT] = &note_debt,	[NOTE_VICTIM] = &note_victim,
	[NOTE_HELD] = &note_held,
};

bool middle_save_note(const struct middle *m, struct hale_memory_at *at,
		      struct hale_memory_note *ret_note)
{
	while (at->room < NOTE_ROOMS) {
		const struct note_kind *kind = kinds[at->room];

		ret_note->room = at->room;
		ret_note->n_numbers = ret_note->n_texts = 0;
		switch (kind ? kind->make(m, at->i++, ret_note) : NOTE_OVER) {
		case NOTE_MADE:
			return true;
		case NOTE_SKIPPED:
			continue;
		case NOTE_OVER:
			break;
		}
		at->room++;
		at->i = 0;
	}
	return false;
}

int middle_load_note(struct middle *m, const struct hale_memory_note *note,
		     uint64_t now_ns)
{
	if (note->room >= NOTE_ROOMS || !kinds[note->room])
		return -EINVAL;
	return kinds[note->room]->take(m, note, now_ns);
}

int middle_load_running(struct middle *m, const struct hale_memory_row *row,
			uint64_t now_ns)
{
	int r = ledger_load(&m->ledger, row, true, now_ns);

	m->generation += r == 0;
	return r;
}

/* Nothing is swept: what has come to an end is for the next fact to find. */
void middle_resumed(struct middle *m, uint64_t now_ns)
{
	const struct hale_fact end = { .kind = HALE_FACT_MAP_END };

	if (m->topology.building)
		topology_fact(&m->topology, &m->inventory, &end);
	sweep_mounts(m);
	failing_sweep(m);
	(void)now_ns;
	m->ledger.touched++;
	m->generation++;
}

void middle_doubt(struct middle *m, const char *driver)
{
	coverage_doubt(&m->coverage, driver);
}

void middle_settled(struct middle *m, uint64_t now_ns)
{
	struct hale_coverage c;

	(void)now_ns;
	while (coverage_unsaid(&m->coverage, &c)) {
		join_coverage(&m->join, c.driver, &c);
		m->generation++;
	}
}
