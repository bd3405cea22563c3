/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks that nobody made. Decides what a healthy one of each protocol tells at
 * least, so that a test adds only what it is about.
 */
#include "disks.h"

struct hale_disk_assessment said;

struct hale_disk_reading disk_spinning(void)
{
	struct hale_disk_reading d = { .protocol = HALE_DISK_ATA,
				       .rotational = true,
				       .time_ns = DISKS_NOW };

	hale_disk_set(&d, HALE_DISK_PASSED, 1);
	hale_disk_set(&d, HALE_DISK_POWER_ON_HOURS, 20000);
	return d;
}

struct hale_disk_reading disk_flash(void)
{
	struct hale_disk_reading d = disk_spinning();

	d.rotational = false;
	return d;
}

struct hale_disk_reading disk_nvme(void)
{
	struct hale_disk_reading d = { .protocol = HALE_DISK_NVME,
				       .time_ns = DISKS_NOW };

	hale_disk_set(&d, HALE_DISK_CRITICAL_WARNING, 0);
	hale_disk_set(&d, HALE_DISK_SPARE, 100);
	hale_disk_set(&d, HALE_DISK_SPARE_LIMIT, 10);
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 3);
	hale_disk_set(&d, HALE_DISK_MEDIA_ERRORS, 0);
	return d;
}

struct hale_disk_reading disk_scsi(void)
{
	struct hale_disk_reading d = { .protocol = HALE_DISK_SCSI,
				       .rotational = true,
				       .time_ns = DISKS_NOW };

	hale_disk_set(&d, HALE_DISK_IE_ASC, 0);
	hale_disk_set(&d, HALE_DISK_IE_ASCQ, 0);
	hale_disk_set(&d, HALE_DISK_READ_UNCORRECTED, 0);
	return d;
}

struct hale_disk_attribute *disk_attribute(struct hale_disk_reading *d,
					   uint8_t id, uint8_t value,
					   uint64_t raw)
{
	struct hale_disk_attribute *a = &d->attributes[d->n_attributes++];

	*a = (struct hale_disk_attribute){ .id = id,
					   .value = value,
					   .worst = value,
					   .threshold_known = true,
					   .raw = raw };
	return a;
}

enum hale_assessment judge(const struct hale_disk_reading *d)
{
	hale_disk_judge(d, NULL, &said);
	return said.worst;
}

void says(const char *piece)
{
	for (uint32_t i = 0; i < said.n_reasons; i++) {
		if (strstr(said.reasons[i].text, piece))
			return;
	}
	fail_msg("no reason says \"%s\"; the first is \"%s\"", piece,
		 said.n_reasons ? said.reasons[0].text : "");
}
