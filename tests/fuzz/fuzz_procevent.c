/* SPDX-License-Identifier: Apache-2.0 */
/* Any netlink message: it is taken for a death by a fault only if it is one;
 * and a name ends. */
#include "hale/base.h"

#include "drivers/procevent_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct procevent_recent recent;
	struct procevent_name name;
	struct procevent_event e;

	if (procevent_name_parse(data, size, &name) == 0 &&
	    !memchr(name.comm, 0, sizeof(name.comm)))
		abort();
	if (procevent_parse(data, size, &e) < 0)
		return 0;
	if (e.kind == PROCEVENT_DEATH && !procevent_is_fault(e.signal))
		abort();
	procevent_is_first(&recent, &e);
	if (e.time_ns != 0 && procevent_is_first(&recent, &e))
		abort();
	return 0;
}
