/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core dumps: any bytes are refused or told of within their bounds. The seeds
 * (seeds_coredump.py) are small dumps that are whole.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/unit/core_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct core_bytes core;
	struct hale_coredump d;
	const struct hale_coredump_source s = { core_read, &core };

	core.len = size < sizeof(core.bytes) ? size : sizeof(core.bytes);
	memcpy(core.bytes, data, core.len);
	if (hale_coredump_read(&s, &d) != 0)
		return 0;
	if (d.victim.n_files > HALE_VICTIM_FILES_MAX || d.victim.signal > 64 ||
	    d.victim.signal == 0 ||
	    strnlen(d.args, sizeof(d.args)) == sizeof(d.args))
		abort();
	for (uint32_t i = 0; i < d.victim.n_files; i++) {
		if (strnlen(d.victim.files[i].path, HALE_VICTIM_PATH_MAX) ==
		    HALE_VICTIM_PATH_MAX)
			abort();
	}
	hale_coredump_is_truncated(&d, size);
	return 0;
}
