/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says why the kernel has no memory controller to show, in the order in which
 * it can be known: no /sys, a virtual machine, memory without ECC, no module.
 * Guesses nothing beyond what is read.
 */
#include <fcntl.h>

#include "edac.h"
#include "guest.h"

/* Tables of large servers: some 20 KiB. */
#define DMI_MAX 65536

static enum edac_ecc firmware_says(const struct hale_probe *p)
{
	_cleanup_free_ uint8_t *table = malloc(DMI_MAX);
	_cleanup_fd_ int fd = openat(p->root_fd, "sys/firmware/dmi/tables/DMI",
				     O_RDONLY | O_CLOEXEC);
	ssize_t n = table && fd >= 0 ? pread(fd, table, DMI_MAX, 0) : -1;

	return n > 0 ? edac_dmi_ecc(table, (size_t)n) : EDAC_ECC_UNKNOWN;
}

static void by_firmware(const struct hale_probe *p, const char **ret_why,
			const char **ret_remedy)
{
	switch (firmware_says(p)) {
	case EDAC_ECC_NONE:
		*ret_why = "memory without ECC, says the firmware: its errors "
			   "are seen by nobody";
		*ret_remedy = "";
		return;
	case EDAC_ECC_PRESENT:
		*ret_why = "the memory has ECC, but no EDAC driver is loaded "
			   "for its controller";
		break;
	case EDAC_ECC_UNKNOWN:
		*ret_why = "no EDAC driver for this platform is loaded";
		break;
	}
	*ret_remedy = "load the EDAC module of this processor (amd64_edac, "
		      "skx_edac, i10nm_edac, ie31200_edac, ...)";
}

void edac_why(const struct hale_probe *p, const char **ret_why,
	      const char **ret_remedy)
{
	if (faccessat(p->root_fd, "sys/devices/system", F_OK, 0) < 0) {
		*ret_why = "there is no /sys: a container?";
		*ret_remedy = "run haled on the host, or give it /sys";
	} else if (guest_is(p->root_fd)) {
		*ret_why = "no EDAC driver for this platform: in a virtual "
			   "machine only its host sees ECC";
		*ret_remedy = "run hale on the host of this machine, too";
	} else {
		by_firmware(p, ret_why, ret_remedy);
	}
}
