/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether the machine is a virtual one, by what its processor and its
 * firmware say. Never guesses: a hypervisor that hides is not found.
 */
#include <fcntl.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "guest.h"

bool guest_is(int root_fd)
{
	static const char *const signs[] = { "sys/hypervisor/type",
					     "proc/device-tree/hypervisor" };
	char text[3072], *end;

	/* the first processor's flags stand within the first 2 KiB */
	hale_read_at(root_fd, "proc/cpuinfo", text, sizeof(text));
	end = strstr(text, "\n\n");
	if (end)
		*end = '\0';
	if (strstr(text, " hypervisor"))
		return true;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(signs); i++) {
		if (faccessat(root_fd, signs[i], F_OK, 0) == 0)
			return true;
	}
	return false;
}
