/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files of any bytes compile or are refused; what compiles, and the
 * built-in rules, match any record. The first half of the input is the file,
 * the second the record.
 */
#include <stdlib.h>
#include <string.h>

#include "hale/rules_group.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hale_rules *built_in(void)
{
	static struct hale_rules *rules;
	char error[256];

	if (!rules && hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &rules))
		abort();
	return rules;
}

static void read_record(const struct hale_rules *rules, const char *text,
			size_t len)
{
	static struct hale_group group;
	static uint64_t now_ns;
	struct hale_grouped grouped;
	struct hale_match m;

	if (!hale_rules_match(rules, text, len, &m))
		return;
	if (hale_rules_find(rules, text, len, 0) > len ||
	    memchr(m.part, '\0', sizeof(m.part)) == NULL)
		abort();
	now_ns += 1000000;
	hale_group_add(&group, &m, now_ns, &grouped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	const char *text = (const char *)data;
	struct hale_rules_source src = { "f", text, half };
	struct hale_rules *rules = NULL;
	char error[256];

	if (hale_rules_new(&src, 1, NULL, error, &rules) == 0)
		read_record(rules, text + half, size - half);
	hale_rules_free(rules);
	read_record(built_in(), text, size);
	return 0;
}
