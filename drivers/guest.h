/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_GUEST_H
#define DRIVERS_GUEST_H

/* Shared by drivers: is this a virtual machine, which has no hardware of its
 * own to be watched? Reads /proc/cpuinfo and /sys/hypervisor. */

#include <stdbool.h>

bool guest_is(int root_fd);

#endif
