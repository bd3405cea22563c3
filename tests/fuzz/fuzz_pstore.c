/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a crash or the firmware has left, as any bytes: a saved log, a boot
 * error record, a DMI table. Whatever it is, what comes out is bounded and
 * printable.
 */
#include "drivers/edac.h"
#include "drivers/pstore/pstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct pstore_error *errors, unsigned int n)
{
	if (n > PSTORE_FINDINGS_MAX)
		abort();
	for (unsigned int i = 0; i < n; i++) {
		if (!errors[i].part[0] ||
		    !hale_text_printable(errors[i].part,
					 sizeof(errors[i].part)) ||
		    !hale_text_printable(errors[i].line,
					 sizeof(errors[i].line)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hale_rules *rules;
	static struct pstore_story story;
	struct pstore_error errors[PSTORE_FINDINGS_MAX];
	char error[256];

	if (!rules && hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &rules))
		abort();
	if (pstore_read(rules, (const char *)data, size, &story)) {
		check(story.errors, story.n_errors);
		if (story.crashed != (story.reason[0] != '\0') ||
		    !hale_text_printable(story.reason, sizeof(story.reason)))
			abort();
	}
	check(errors, pstore_bert_read(data, size, errors));
	edac_dmi_ecc(data, size);
	return 0;
}
