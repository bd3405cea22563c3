/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of /proc about a process, whose names are its own choice: any bytes
 * are taken apart within their bounds. The first byte chooses the text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "hale/base.h"

#include "drivers/victim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lines(char *text)
{
	static struct victim_holds holds;
	struct hale_victim v = { .pid = 1, .address_known = true };
	char *save = NULL;

	holds.n = 0;
	for (char *at = strtok_r(text, "\n", &save); at;
	     at = strtok_r(NULL, "\n", &save)) {
		struct victim_map m;

		if (victim_map_parse(at, &m))
			victim_hold_map(&holds, &m, &v);
		else
			victim_hold_path(&holds, at, HALE_HELD_OPEN);
	}
	victim_choose(&holds, &v);
	if (v.n_files > HALE_VICTIM_FILES_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hale_victim v = { .pid = 1 };
	char text[2048], path[HALE_VICTIM_PATH_MAX];
	uint32_t n;

	if (size < 1)
		return 0;
	hale_copy(text, sizeof(text), (const char *)data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		lines(text);
		break;
	case 1:
		victim_stat_parse(text, &v);
		break;
	case 2:
		victim_status_number(text, "Uid:", &n);
		break;
	default:
		victim_cgroup_parse(text, path, sizeof(path));
		break;
	}
	return 0;
}
