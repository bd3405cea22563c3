/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a pressure file or as its limit: what comes out is in range. */
#include "drivers/pressure_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pressure_reading r;
	struct pressure_memory m;
	struct pressure_limit l;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (pressure_parse(text, &r) == 0 &&
	    (r.avg10_permille[PRESSURE_SOME] > 1009 ||
	     r.avg10_permille[PRESSURE_FULL] > 1009))
		abort();
	if (pressure_limit_parse(text, &l) == 0 && !l.off &&
	    (l.percent < 1 || l.percent > 99 || l.window_s < 2 ||
	     l.window_s > 10))
		abort();
	pressure_memory_parse(text, &m);
	free(text);
	return 0;
}
