/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the middle survives a restart: findings, running totals, disks'
 * counters. Decides nothing; each room says what it keeps and what of a row
 * still holds. Invariant: what was saved and is loaded in the same boot gives
 * the same answers.
 */
#include "memory.h"
#include "core.h"

bool middle_save(const struct middle *m, size_t i,
		 struct hale_memory_row *ret_row)
{
	const struct inventory_device *d;
	const struct ledger_entry *e;

	if (i >= m->ledger.n)
		return false;
	e = &m->ledger.entries[i];
	d = inventory_by_part(&m->inventory, e->part);
	ledger_save(&m->ledger, e, ret_row);
	report_finding(m, e, &ret_row->finding);
	if (d)
		ret_row->seat = inventory_seat(&m->inventory, d);
	return true;
}

int middle_load(struct middle *m, const struct hale_memory_row *row,
		bool same_boot, uint64_t now_ns)
{
	int r = ledger_load(&m->ledger, row, same_boot, now_ns);

	if (r < 0)
		return r;
	sweep(m, now_ns);
	m->generation++;
	return 0;
}

bool middle_save_counter(const struct middle *m, size_t i,
			 struct hale_memory_counter *ret_row)
{
	return counter_save(&m->counters, i, ret_row);
}

int middle_load_counter(struct middle *m, const struct hale_memory_counter *row,
			bool same_boot, uint64_t now_ns)
{
	return counter_load(&m->counters, row, same_boot, now_ns);
}

bool middle_save_disk(const struct middle *m, size_t i,
		      struct hale_memory_disk *ret_row)
{
	return readings_save(&m->readings, i, ret_row);
}

int middle_load_disk(struct middle *m, const struct hale_memory_disk *row,
		     uint64_t now_ns)
{
	return readings_load(&m->readings, row, now_ns);
}

bool middle_save_sectors(const struct middle *m, size_t i,
			 struct hale_memory_sectors *ret_row)
{
	return sectors_save(&m->sectors, i, ret_row);
}

int middle_load_sectors(struct middle *m, const struct hale_memory_sectors *row)
{
	int r = sectors_load(&m->sectors, row);

	failing_sweep(m);
	return r;
}
