/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver sensors, as the agent sees it: is there any chip to ask? What
 * asks them is libexec/hale-probe-sensors (drivers/sensors). Where there is
 * none, nothing is ever started, and the coverage says so. Opens no chip.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "guest.h"

/* Modules come one by one after a boot, and the agent may be there first. */
#define BOOT_NS (5 * 60 * (int64_t)HALE_NS_PER_S)

static bool has_entry(int root_fd, const char *path)
{
	int fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e = NULL;

	while (dir && (e = readdir(dir)) != NULL && e->d_name[0] == '.')
		;
	if (dir)
		closedir(dir);
	else
		hale_cleanup_fd(&fd);
	return e != NULL;
}

static int sensors_probe(struct hale_probe *p)
{
	if (has_entry(p->root_fd, "sys/class/hwmon") ||
	    has_entry(p->root_fd, "sys/class/power_supply"))
		return 0;
	hale_emit_coverage(
		p, HALE_SENSE_SENSORS, HALE_SIGHT_BLIND, "no hardware sensors",
		guest_is(p->root_fd) ? "none to expect in a virtual machine"
				     : "run sensors-detect to find the board's "
				       "chip");
	if ((int64_t)p->now_ns - p->boot_to_agent_ns < BOOT_NS)
		return -EAGAIN;
	return -ENODEV;
}

HALE_DRIVER(sensors) = {
	.name = "sensors",
	.about = "temperatures, fans, voltages and power supplies",
	.period_ms = 3 * 60 * 1000,
	.deadline_ms = 8000,
	.senses = 1U << HALE_SENSE_SENSORS,
	.may_block = true,
	.helper = true,
	.probe = sensors_probe,
};
