/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile log: records separated by NUL bytes, from the frame through the
 * rules and the grouping to facts, which must all be valid whatever came in.
 */
#include "hale/base.h"

#include "drivers/kmsg_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	must(hale_fact_valid(f));
}

static const struct hale_rules *compiled(void)
{
	static struct hale_rules *rules;
	char error[256];

	if (!rules)
		must(hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &rules) ==
		     0);
	return rules;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kmsg_judge judge;
	struct hale_probe p = { .emit = emit, .now_ns = UINT64_MAX / 2 };
	char buf[KMSG_RECORD_MAX];
	struct kmsg_record r;

	memset(&judge, 0, sizeof(judge));
	while (size > 0) {
		const uint8_t *stop = memchr(data, 0, size);
		size_t len = stop ? (size_t)(stop - data) : size;
		size_t used = stop ? len + 1 : len;

		if (len > sizeof(buf))
			len = sizeof(buf);
		memcpy(buf, data, len);
		if (kmsg_record_parse(buf, len, &r) == 0)
			kmsg_judge_record(&judge, &p, compiled(), &r);
		data += used;
		size -= used;
	}
	kmsg_judge_flush(&judge, &p);
	must(!kmsg_judge_close(&judge, &p, UINT64_MAX));
	return 0;
}
