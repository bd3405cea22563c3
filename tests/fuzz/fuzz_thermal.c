/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the payload of one message of generic netlink, of either family
 * by the first byte: what comes out of it may be printed.
 */
#include <netlink/msg.h>

#include "drivers/thermal_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct thermal_families families = { .thermal = 0x1a,
							  .acpi = 0x1b };
	struct thermal_event e;
	struct nlmsghdr *h;

	if (size == 0 || size > 4096)
		return 0;
	h = malloc(NLMSG_HDRLEN + size - 1);
	if (!h)
		return 0;
	*h = (struct nlmsghdr){
		.nlmsg_type = data[0] & 1 ? families.thermal : families.acpi,
		.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size - 1)
	};
	memcpy(h + 1, data + 1, size - 1);
	if (thermal_event_parse(h, &families, &e) == 0 &&
	    (!hale_text_printable(e.name, sizeof(e.name)) ||
	     e.kind > THERMAL_ACPI_LIMIT))
		abort();
	free(h);
	return 0;
}
