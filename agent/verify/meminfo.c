/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory there is, and how short of it the host runs. Reads /proc and
 * decides nothing.
 */
#include <fcntl.h>

#include "worker.h"

static bool read_text(const char *path, char *ret, size_t size)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

uint64_t meminfo_read(const char *name)
{
	char text[3072], key[48];
	const char *at;

	if (!read_text("/proc/meminfo", text, sizeof(text)))
		return 0;
	snprintf(key, sizeof(key), "%s:", name);
	at = strstr(text, key);
	return at ? strtoull(at + strlen(key), NULL, 10) * HALE_KIB : 0;
}

static uint64_t number_of(const char *dir, const char *file, const char *key)
{
	char path[768], text[3072];
	const char *at = text;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (!read_text(path, text, sizeof(text)))
		return UINT64_MAX;
	if (key[0])
		at = strstr(text, key);
	/* "max" is no number */
	at = at ? at + strlen(key) : "";
	return *at >= '0' && *at <= '9' ? strtoull(at, NULL, 10) : UINT64_MAX;
}

/* What one group's limit leaves; its idle file pages make room. */
static uint64_t room_of(const char *dir)
{
	uint64_t max = number_of(dir, "memory.max", "");
	uint64_t high = number_of(dir, "memory.high", "");
	uint64_t used = number_of(dir, "memory.current", "");
	uint64_t idle = number_of(dir, "memory.stat", "\ninactive_file ");

	max = high < max ? high : max;
	if (max == UINT64_MAX) { /* version 1 says so by a huge number */
		max = number_of(dir, "memory.limit_in_bytes", "");
		used = number_of(dir, "memory.usage_in_bytes", "");
		idle = number_of(dir, "memory.stat", "\ntotal_inactive_file ");
	}
	if (max == UINT64_MAX || used == UINT64_MAX)
		return UINT64_MAX;
	idle = idle < used ? idle : 0;
	return max > used - idle ? max - (used - idle) : 0;
}

/* "0::/user.slice/…", "4:memory:/docker/…": what follows the second colon. */
static bool group_of(char *text, bool first, char **ret_path)
{
	static const char *const marks[] = { "0::/", ":memory:/" };
	char *at = strstr(text, marks[first]);

	if (!at)
		return false;
	at += strlen(marks[first]) - 1;
	at[strcspn(at, "\n")] = '\0';
	*ret_path = at;
	return true;
}

uint64_t meminfo_group_room(void)
{
	static const char *const roots[] = { "/sys/fs/cgroup",
					     "/sys/fs/cgroup/memory" };
	uint64_t least = UINT64_MAX, room;
	char text[2048], dir[640], *path;

	for (int v1 = 0; v1 < 2; v1++) {
		if (!read_text("/proc/self/cgroup", text, sizeof(text)) ||
		    !group_of(text, v1, &path))
			continue;
		for (char *end = path + strlen(path); end;
		     end = strrchr(path, '/')) {
			*end = '\0';
			snprintf(dir, sizeof(dir), "%s%s", roots[v1], path);
			room = room_of(dir);
			least = room < least ? room : least;
		}
	}
	return least;
}

uint32_t memory_pressure(void)
{
	char text[256];
	const char *at;

	if (!read_text("/proc/pressure/memory", text, sizeof(text)))
		return 0;
	at = strstr(text, "some avg10=");
	return at ? (uint32_t)(strtod(at + strlen("some avg10="), NULL) * 10)
		  : 0;
}
