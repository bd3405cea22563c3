/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SMARTCTL_H
#define HALE_SMARTCTL_H

/*
 * What `smartctl --json -x` (or -a) prints, as a reading: for disks that hide
 * behind a RAID controller or a USB bridge, and for `hale triage smart`.
 * smartmontools 7.0 and later. Links jansson (drivers/smartctl.c).
 */

#include <stddef.h>

#include "hale/disk_reading.h"

/* -x of a disk with full logs is about 200 KiB. */
#define SMARTCTL_JSON_MAX  (1024 * 1024)
#define SMARTCTL_ERROR_MAX 160

/**
 * smartctl_read() - one JSON object of smartctl as a reading
 * @json: @len bytes that may hold anything.
 * @ret_reading: @part is smartctl's device name ("sda") with HALE_REF_DISK;
 *	time_ns is the caller's to set.
 * @ret_error: one line that names the field; printable. Set where it fails.
 *
 * Return: 0; -EINVAL where it is not JSON, not smartctl's, or a field that
 * matters is of another type; -ENODATA where smartctl could read nothing of the
 * disk; -E2BIG; -ENOMEM.
 */
int smartctl_read(const char *json, size_t len,
		  struct hale_disk_reading *ret_reading,
		  char ret_error[SMARTCTL_ERROR_MAX]);

#endif
