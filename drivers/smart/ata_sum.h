/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_ATA_SUM_H
#define DRIVERS_SMART_ATA_SUM_H

#include "pages.h"

/* ATA's checksum: the bytes of a sector add up to zero. */
static inline bool ata_sum_right(const uint8_t *sector)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < ATA_SECTOR; i++)
		sum += sector[i];
	return (sum & 0xff) == 0;
}

#endif
