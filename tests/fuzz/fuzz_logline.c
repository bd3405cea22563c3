/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines of any bytes: what is taken for the kernel's text lies inside the
 * line, whatever the line pretends to be.
 */
#include <stdlib.h>

#include "agent/rules/logline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	struct logline l;

	logline_parse(line, size, &l);
	if (l.text < line || l.text + l.len > line + size)
		abort();
	if (l.stamp && (l.stamp < line || l.stamp + l.stamp_len > line + size))
		abort();
	return 0;
}
