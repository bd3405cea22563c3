/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_MEMORY_H
#define HALE_CORE_MEMORY_H

/* What survives a restart, beside the findings (middle_save(), middle_load()).
 * Saving gives false past the end. */

#include "hale/memory.h"
#include "hale/verify.h"

#include "middle.h"

/* Running totals; rows whose key is 0 need not be kept. */
bool middle_save_counter(const struct middle *m, size_t i,
			 struct hale_memory_counter *ret_row);
int middle_load_counter(struct middle *m, const struct hale_memory_counter *row,
			bool same_boot, uint64_t now_ns);

/* What disks have counted; likewise. */
bool middle_save_disk(const struct middle *m, size_t i,
		      struct hale_memory_disk *ret_row);
int middle_load_disk(struct middle *m, const struct hale_memory_disk *row,
		     uint64_t now_ns);

/* Which sectors failed; likewise. */
bool middle_save_sectors(const struct middle *m, size_t i,
			 struct hale_memory_sectors *ret_row);
/* After the findings. Of those that are not open any more: nothing. */
int middle_load_sectors(struct middle *m,
			const struct hale_memory_sectors *row);

/* Which build tools crashed; likewise. */
bool middle_save_crash(const struct middle *m, size_t i,
		       struct hale_memory_crash *ret_row);
int middle_load_crash(struct middle *m, const struct hale_memory_crash *row,
		      uint64_t now_ns);

/*
 * From one core to the next, within a boot and without a gap: what is not the
 * findings, and is known anew only when all drivers have spoken. The rows above
 * first, by middle_load_running() instead of middle_load(); then the notes;
 * then middle_resumed().
 */
bool middle_save_note(const struct middle *m, struct hale_memory_at *at,
		      struct hale_memory_note *ret_note);
int middle_load_note(struct middle *m, const struct hale_memory_note *note,
		     uint64_t now_ns);
int middle_load_running(struct middle *m, const struct hale_memory_row *row,
			uint64_t now_ns);
/* All is loaded: from now on it answers as the one before it did. */
void middle_resumed(struct middle *m, uint64_t now_ns);
/* Who ran @driver is gone, and another will: what it said of what it sees
 * counts until then. */
void middle_doubt(struct middle *m, const char *driver);
/* All drivers have spoken: what only the core before this one knew of them is
 * given up. */
void middle_settled(struct middle *m, uint64_t now_ns);

#endif
