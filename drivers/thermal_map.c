/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what thermal zones and cooling devices there are, once, because events
 * name them by number only and no file may be opened later. Decides which trip
 * points mean trouble and which cooling devices slow a processor down. A zone
 * that comes later is not known, and nothing is said of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "thermal_parts.h"

static bool is_hot_trip(int root_fd, uint32_t zone, uint32_t trip)
{
	char path[80], type[16];

	snprintf(path, sizeof(path),
		 "sys/class/thermal/thermal_zone%u/trip_point_%u_type", zone,
		 trip);
	if (hale_read_at(root_fd, path, type, sizeof(type)) <= 0)
		return false;
	return strcmp(type, "hot") == 0 || strcmp(type, "critical") == 0;
}

static void read_zone(int root_fd, uint32_t n, struct thermal_map *m)
{
	struct thermal_zone z = { .present = true };
	char path[64], type[32];

	m->n_zones++;
	if (n >= THERMAL_ZONES_MAX)
		return;
	snprintf(path, sizeof(path), "sys/class/thermal/thermal_zone%u/type",
		 n);
	if (hale_read_at(root_fd, path, type, sizeof(type)) <= 0)
		return;
	hale_print_text(z.type, sizeof(z.type), type, strlen(type));
	for (uint32_t i = 0; i < THERMAL_TRIPS_MAX; i++) {
		if (is_hot_trip(root_fd, n, i))
			z.hot_trips |= (uint16_t)(1U << i);
	}
	m->zones[n] = z;
}

/* "Processor" (ACPI), "thermal-cpufreq-0", "cpufreq-cpu0", "intel_powerclamp"
 * and idle injection; a fan is none. */
static bool is_of_cpu(const char *type)
{
	return strcmp(type, "Processor") == 0 || strstr(type, "cpufreq") ||
	       strstr(type, "powerclamp") || strstr(type, "cpuidle") ||
	       strncmp(type, "idle-", 5) == 0;
}

static void read_cdev(int root_fd, uint32_t n, struct thermal_map *m)
{
	char path[64], type[32];

	if (n >= THERMAL_CDEVS_MAX)
		return;
	snprintf(path, sizeof(path), "sys/class/thermal/cooling_device%u/type",
		 n);
	if (hale_read_at(root_fd, path, type, sizeof(type)) > 0 &&
	    is_of_cpu(type))
		m->slows_cpu[n / 64] |= UINT64_C(1) << n % 64;
}

/* "thermal_zone12" is 12, if @prefix is what stands before it. */
static bool numbered(const char *name, const char *prefix, uint32_t *ret)
{
	size_t len = strlen(prefix);
	char *end;
	unsigned long n;

	if (strncmp(name, prefix, len) != 0 || name[len] < '0' ||
	    name[len] > '9')
		return false;
	n = strtoul(name + len, &end, 10);
	if (*end || n > UINT16_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

void thermal_map_read(int root_fd, struct thermal_map *ret_map)
{
	int fd = openat(root_fd, "sys/class/thermal",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	uint32_t n;

	memset(ret_map, 0, sizeof(*ret_map));
	while (dir && (e = readdir(dir)) != NULL) {
		if (numbered(e->d_name, "thermal_zone", &n))
			read_zone(root_fd, n, ret_map);
		else if (numbered(e->d_name, "cooling_device", &n))
			read_cdev(root_fd, n, ret_map);
	}
	if (dir)
		closedir(dir);
	else
		hale_cleanup_fd(&fd);
}

bool thermal_slows_cpu(const struct thermal_map *m, uint32_t cdev)
{
	return cdev < THERMAL_CDEVS_MAX &&
	       (m->slows_cpu[cdev / 64] >> cdev % 64 & 1) != 0;
}
