/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_BYTES_H
#define DRIVERS_SMART_BYTES_H

/* Numbers in pages: ATA and NVMe put the lowest byte first, SCSI the highest.
 */

#include <stddef.h>
#include <stdint.h>

static inline uint64_t bytes_le(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | p[n];
	return value;
}

static inline uint64_t bytes_be(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[i];
	return value;
}

/* Nothing but zeros, or nothing but ones: what a device that is not there, or
 * a transfer that did not happen, leaves in a buffer. */
static inline int bytes_blank(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (p[i] != p[0])
			return 0;
	}
	return n == 0 || p[0] == 0 || p[0] == 0xff;
}

#endif
