/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any output: its progress is the same in whatever pieces it comes, and no step
 * is beyond the last.
 */
#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/text/progress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct progress whole = { 0 }, bytes = { 0 };
	char text[128];

	progress_put(&whole, data, size);
	for (size_t i = 0; i < size; i++)
		progress_put(&bytes, data + i, 1);
	if (whole.step != bytes.step || whole.steps != bytes.steps ||
	    whole.cached != bytes.cached || whole.redraws != bytes.redraws ||
	    whole.step > whole.steps)
		abort();
	progress_print(&whole, size * HALE_NS_PER_S, size, text, sizeof(text));
	if (!hale_text_printable(text, sizeof(text)))
		abort();
	return 0;
}
