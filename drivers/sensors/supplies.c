/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uninterruptible power supplies that the kernel knows as such
 * (Documentation/ABI/testing/sysfs-class-power). Decides that one which is
 * discharging has lost its feed. Leaves batteries and mains of laptops alone:
 * that somebody pulled the plug of one is no fault.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "sensors.h"

#define SUPPLIES_MAX 32

static int attribute(struct hale_probe *p, const char *name, const char *what,
		     char *text, size_t size)
{
	char path[HALE_PATH_MAX];

	snprintf(path, sizeof(path), "sys/class/power_supply/%.64s/%s", name,
		 what);
	return hale_read_at(p->root_fd, path, text, size);
}

static bool say_supply(struct hale_probe *p, const char *name)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_POWER_SUPPLY,
				      .time_ns = p->now_ns };
	char type[16], status[24];

	if (attribute(p, name, "type", type, sizeof(type)) <= 0 ||
	    strcmp(type, "UPS") != 0 ||
	    attribute(p, name, "status", status, sizeof(status)) <= 0 ||
	    strcmp(status, "Unknown") == 0)
		return false;
	o.holds = strcmp(status, "Discharging") == 0;
	o.count = o.holds;
	sensor_part("ups", name, o.part);
	if (o.holds)
		snprintf(o.evidence, sizeof(o.evidence),
			 "the UPS runs on its battery");
	hale_emit_observation(p, &o);
	return true;
}

uint32_t sensors_say_supplies(struct hale_probe *p)
{
	int fd = openat(p->root_fd, "sys/class/power_supply",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	uint32_t n = 0;

	while (dir && n < SUPPLIES_MAX && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] != '.')
			n += say_supply(p, e->d_name);
	}
	if (dir)
		closedir(dir);
	else
		hale_cleanup_fd(&fd);
	return n;
}
