/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of the state file that state_file.c has no room for: setting a damaged
 * one aside, and the rows of the crash history. Decides nothing but names.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/daemon/state.h"
#include "agent/daemon/state_aside.h"
#include "proto/codec_crash.h"

const char *state_set_aside(int dir_fd)
{
	static const char *const names[] = {
		"state.pb.bad",	  "state.pb.bad.2", "state.pb.bad.3",
		"state.pb.bad.4", "state.pb.bad.5",
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		if (renameat2(dir_fd, STATE_NAME, dir_fd, names[i],
			      RENAME_NOREPLACE) == 0)
			return names[i];
	}
	return NULL;
}

int state_crashes(const struct middle *m, struct hale_memory_crash **ret_rows,
		  size_t *ret_n)
{
	struct hale_memory_crash row, *rows;
	size_t n = 0, kept = 0;

	while (middle_save_crash(m, n, &row))
		n++;
	rows = calloc(n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		middle_save_crash(m, i, &rows[kept]);
		kept += rows[kept].key != 0;
	}
	*ret_rows = rows;
	*ret_n = kept;
	return 0;
}

size_t state_load_crashes(struct middle *m, const Hale__V1__Memory *memory,
			  uint64_t now_ns)
{
	struct hale_memory_crash row;
	size_t bad = 0;

	for (size_t i = 0; i < memory->n_crashes; i++) {
		codec_read_memory_crash(memory->crashes[i], &row);
		bad += middle_load_crash(m, &row, now_ns) < 0;
	}
	return bad;
}
