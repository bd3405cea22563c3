/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities, by the kernel's own calls: libcap would be mapped into the core
 * for four of them. Decides nothing. Invariant: nothing is ever added to what
 * the process has (capabilities(7)).
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "room.h"

#define CAPS_MAX 64

static int get(struct __user_cap_data_struct ret_data[2])
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};

	return syscall(SYS_capget, &head, ret_data) < 0 ? -errno : 0;
}

uint64_t sandbox_permitted(void)
{
	struct __user_cap_data_struct data[2] = { 0 };

	if (get(data) < 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

int sandbox_bound(uint64_t keep)
{
	for (int cap = 0; cap < CAPS_MAX; cap++) {
		if ((keep & UINT64_C(1) << cap) != 0)
			continue;
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 1)
			continue; /* not there, or no capability of this kernel
				   */
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

static int raise_ambient(uint64_t keep)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	for (int cap = 0; cap < CAPS_MAX; cap++) {
		if ((keep & UINT64_C(1) << cap) != 0 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int sandbox_keep(uint64_t keep)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];

	keep &= sandbox_permitted();
	for (int i = 0; i < 2; i++) {
		uint32_t half = (uint32_t)(keep >> 32 * i);

		data[i] = (struct __user_cap_data_struct){
			.permitted = half,
			.effective = half,
			.inheritable = half,
		};
	}
	if (syscall(SYS_capset, &head, data) < 0)
		return -errno;
	return raise_ambient(keep);
}
