/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smartctl's JSON from anywhere: any bytes, read and judged. A reading that
 * comes out has terminated texts and rows within its table; the word over it
 * agrees with its reasons; what is refused says why in one line.
 */
#include <stdlib.h>
#include <string.h>

#include "hale/base.h"
#include "hale/disk_health.h"
#include "hale/smartctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool terminated(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

static void check_judged(const struct hale_disk_reading *d,
			 const struct hale_disk_counts *before)
{
	struct hale_disk_assessment a;

	hale_disk_judge(d, before, &a);
	check(a.n_reasons <= HALE_DISK_REASONS_MAX);
	check((unsigned int)a.worst < HALE_ASSESSMENT_COUNT);
	check(a.worst > HALE_DISK_HEALTHY ? a.n_reasons > 0 : true);
	for (uint32_t i = 0; i < a.n_reasons; i++) {
		check(a.reasons[i].text[0] != '\0');
		check(terminated(a.reasons[i].text, HALE_EVIDENCE_MAX));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hale_disk_counts before;
	struct hale_disk_reading d;
	char error[SMARTCTL_ERROR_MAX];
	int r = smartctl_read((const char *)data, size, &d, error);

	check(terminated(error, sizeof(error)));
	if (r < 0) {
		check(error[0] != '\0' && !strchr(error, '\n'));
		return 0;
	}
	check(d.n_attributes <= HALE_DISK_ATTRIBUTES_MAX);
	check(terminated(d.part, sizeof(d.part)) &&
	      terminated(d.model, sizeof(d.model)) &&
	      terminated(d.serial, sizeof(d.serial)) &&
	      terminated(d.firmware, sizeof(d.firmware)));
	check_judged(&d, NULL);
	hale_disk_count(&d, &before);
	for (size_t i = 0; i < HALE_DISK_COUNTS; i++)
		before.count[i] /= 2;
	check_judged(&d, &before);
	return 0;
}
