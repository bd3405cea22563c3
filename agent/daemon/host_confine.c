/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the probe's rights to one driver's. Decides nothing: what a driver needs
 * stands in its row (hale_driver.capabilities), what a role may not do in
 * agent/sandbox. Must never let a driver run with more because less could not
 * be had. What this kernel lacks is the probe's to tell, once.
 */
#include "hale/base.h"

#include "agent/daemon/host.h"
#include "agent/daemon/host_exec.h"

uint64_t host_capabilities(const struct hale_driver *const *drivers)
{
	uint64_t all = 0;

	for (size_t i = 0; drivers[i]; i++) {
		if (drivers[i]->may_block)
			all |= drivers[i]->capabilities;
	}
	return all;
}

int host_confine(const struct hale_driver *driver,
		 const struct sandbox_user *user)
{
	const struct sandbox_setup setup = {
		.user = user,
		.capabilities = driver->capabilities,
	};
	char lacks[SANDBOX_TEXT_MAX];

	if (!user)
		return 0;
	return sandbox_enter(driver->helper ? SANDBOX_HELPER : SANDBOX_DRIVER,
			     &setup, lacks);
}
