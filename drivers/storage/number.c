/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as sysfs and device-mapper write them. Decimal, unsigned, nothing in
 * front; what does not fit is no number, never a smaller one.
 */
#include <errno.h>

#include "storage.h"

const char *storage_parse_count(const char *text, uint32_t *ret_count)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || n > UINT32_MAX)
		return NULL;
	*ret_count = (uint32_t)n;
	return end;
}

const char *storage_parse_dev(const char *text, struct storage_dev *ret_dev)
{
	struct storage_dev dev;
	const char *end = storage_parse_count(text, &dev.major);

	if (!end || *end != ':')
		return NULL;
	end = storage_parse_count(end + 1, &dev.minor);
	if (end)
		*ret_dev = dev;
	return end;
}
