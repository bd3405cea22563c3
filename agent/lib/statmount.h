/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_STATMOUNT_H
#define HALE_LIB_STATMOUNT_H

#include <stdint.h>

#include "hale/verdict.h"

#define STATMOUNT_BUFFER 8192 /* 512 bytes of numbers, then texts */

/**
 * statmount_find() - one mount by statmount(2), Linux 6.8 (its source: 6.13)
 * @unique_id: as statx(2) gives it with STATX_MNT_ID_UNIQUE.
 * @buf: STATMOUNT_BUFFER bytes of scratch memory.
 * @ret_path: device, type, source and mount point are set.
 *
 * Reading mountinfo makes the kernel print every mount that comes before the
 * one that is wanted; on a host of containers that are hundreds.
 *
 * Return: 0, -EOPNOTSUPP: this kernel does not tell all of it, or negative
 * errno. @ret_path is untouched on failure.
 */
int statmount_find(uint64_t unique_id, void *buf,
		   struct hale_scope_path *ret_path);

#endif
