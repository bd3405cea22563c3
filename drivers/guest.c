/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether the machine is a virtual one, by what its processor says and,
 * where it has no word for it, by its firmware. Never guesses: a hypervisor
 * that hides is not found.
 */
#include <fcntl.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "guest.h"

static bool reads(int root_fd, const char *path, const char *what)
{
	char text[64];

	hale_read_at(root_fd, path, text, sizeof(text));
	return strstr(text, what) != NULL;
}

/* Clouds rent out bare machines under the same name, and call them "metal". */
static bool firmware_is_virtual(int root_fd)
{
	static const char *const vendors[] = { "QEMU",	 "Amazon EC2",
					       "KVM",	 "VMware",
					       "Google", "Alibaba Cloud" };
	static const char vendor[] = "sys/class/dmi/id/sys_vendor";
	static const char product[] = "sys/class/dmi/id/product_name";

	if (reads(root_fd, product, "metal"))
		return false;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(vendors); i++) {
		if (reads(root_fd, vendor, vendors[i]))
			return true;
	}
	return reads(root_fd, product, "Virtual Machine") ||
	       reads(root_fd, product, "Apple Virtualization");
}

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
	/* ARM's have features and no flags, and none for this */
	if (strstr(text, "Features\t") && firmware_is_virtual(root_fd))
		return true;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(signs); i++) {
		if (faccessat(root_fd, signs[i], F_OK, 0) == 0)
			return true;
	}
	return false;
}
