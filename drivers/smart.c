/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver smart, as the agent knows it: its row. Everything that asks disks
 * is in drivers/smart/, in a program of its own (libexec/hale-probe-smart),
 * because of its libraries. Must never touch a device here.
 *
 * Options: wake = yes|no, smartctl = yes|no|/path.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>

#include "hale/base.h"
#include "hale/driver.h"

static int smart_probe(struct hale_probe *p)
{
	if (faccessat(p->root_fd, "sys/class/block", F_OK, 0) == 0)
		return 0;
	hale_emit_coverage(p, HALE_SENSE_DISK_HEALTH, HALE_SIGHT_BLIND,
			   "there is no /sys/class/block", "mount /sys");
	return -ENODEV;
}

static int wrong(char ret_error[HALE_CHECK_ERROR_MAX], const char *key,
		 const char *expected, const char *value)
{
	snprintf(ret_error, HALE_CHECK_ERROR_MAX, "%s: %s expected, not \"%s\"",
		 key, expected, value);
	return -EINVAL;
}

static bool yes_or_no(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
}

static int smart_check(const struct hale_probe *p,
		       char ret_error[HALE_CHECK_ERROR_MAX])
{
	for (size_t i = 0; i < p->n_options; i++) {
		const char *key = p->options[i].key;
		const char *value = p->options[i].value;

		if (strcmp(key, "wake") == 0) {
			if (!yes_or_no(value))
				return wrong(ret_error, key, "yes or no",
					     value);
		} else if (strcmp(key, "smartctl") == 0) {
			if (!yes_or_no(value) && value[0] != '/')
				return wrong(ret_error, key,
					     "yes, no or an absolute path",
					     value);
		} else {
			snprintf(ret_error, HALE_CHECK_ERROR_MAX,
				 "unknown key %s", key);
			return -EINVAL;
		}
	}
	return 0;
}

/*
 * Disks change over hours. A run takes some ten milliseconds a disk, a second
 * where it works hard; the deadline leaves room for a command that times out
 * (10 s) in a run that has just used up its budget (12 s).
 */
HALE_DRIVER(smart) = {
	.name = "smart",
	.about = "what disks say of their own health",
	.period_ms = 30 * 60 * 1000,
	.deadline_ms = 30 * 1000,
	.senses = 1 << HALE_SENSE_DISK_HEALTH,
	/* nodes of disks; ATA pass-through; NVMe admin commands */
	.capabilities = UINT64_C(1) << CAP_DAC_OVERRIDE |
			UINT64_C(1) << CAP_SYS_RAWIO |
			UINT64_C(1) << CAP_SYS_ADMIN,
	.may_block = true,
	.helper = true,
	.scans = true,
	.probe = smart_probe,
	.check = smart_check,
};
