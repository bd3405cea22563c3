/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any page of the trace buffer, read by any layout of fields: the walk ends,
 * nothing outside the page is read, and what is said is well formed. The first
 * bytes choose the layout, the rest is the page.
 */
#include "hale/base.h"

#include "drivers/trace_event.h"
#include "drivers/trace_page.h"
#include "drivers/trace_stack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	if (!hale_fact_valid(f))
		abort();
}

static void choose(struct trace_formats *f, const uint8_t *data)
{
	static const uint16_t sizes[] = { 1, 2, 4, 8, 16, 0, 3, UINT16_MAX };

	*f = (struct trace_formats){ .type_size = 2, .commit_size = 8 };
	for (int i = 0; i < TRACE_EVENT_COUNT; i++) {
		f->layouts[i].known = true;
		f->layouts[i].id = (uint16_t)i;
		for (int k = 0; k < TRACE_FIELDS_MAX; k++) {
			struct trace_field *field = &f->layouts[i].fields[k];
			uint8_t byte = data[(i * 5 + k) % 16];

			field->offset = (uint16_t)(8 + byte / 4 + 4 * k);
			field->size = sizes[(byte + k) % 8];
			field->indirect = byte % 3 == 0;
			field->is_signed = byte % 2 == 0;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct trace_symbol cgroup = { 0x1000, 0x2000 };
	struct hale_probe p = { .emit = emit, .now_ns = UINT64_MAX / 2 };
	struct trace_formats formats;
	struct trace_page page;
	struct trace_raw raw;
	size_t steps = 0;

	if (size < 16)
		return 0;
	choose(&formats, data);
	data += 16;
	size -= 16;
	if (trace_page_open(data, size, data[-1] % 2 ? 8 : 4, &page) < 0)
		return 0;
	while (trace_page_next(&page, &raw)) {
		enum trace_event event = trace_event_of(&formats, &raw);

		if (raw.data < data || raw.data + raw.len > data + size ||
		    ++steps > size)
			abort();
		trace_event_say(&p, &formats, event, &raw);
		trace_oom_say(&p, &formats, &raw,
			      trace_stack_scope(&cgroup, &formats, &raw));
	}
	return 0;
}
