/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of ZFS's pools, from the one word that OpenZFS gives of each in
 * procfs without being asked to do anything (module/zfs/spa_stats.c).
 */
#include <fcntl.h>

#include "array.h"

static const char *const degraded[] = { "DEGRADED" };
static const char *const failed[] = { "FAULTED", "UNAVAIL", "SUSPENDED",
				      "REMOVED", "OFFLINE" };

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

struct zfs {
	struct array *a;
	int fd;
};

static void see_pool(void *ctx, const char *name)
{
	const struct zfs *z = ctx;
	char path[HALE_PATH_MAX], state[32], part[HALE_PART_MAX], text[160];
	bool is_failed, is_degraded;

	if (snprintf(path, sizeof(path), "%s/state", name) >=
		    (int)sizeof(path) ||
	    hale_read_at(z->fd, path, state, sizeof(state)) <= 0)
		return; /* a file beside the pools */
	is_failed = is_one_of(state, failed, HALE_ARRAY_SIZE(failed));
	is_degraded = is_one_of(state, degraded, HALE_ARRAY_SIZE(degraded));
	snprintf(part, sizeof(part), "array/zfs-%.80s", name);
	snprintf(text, sizeof(text), "ZFS pool %.80s is %s", name, state);
	array_say_condition(z->a, HALE_REF_PART, part, HALE_ARRAY_FAILED,
			    is_failed ? text : "");
	array_say_condition(z->a, HALE_REF_PART, part, HALE_ARRAY_DEGRADED,
			    is_degraded ? text : "");
}

void array_zfs(struct array *a)
{
	struct zfs z = { .a = a };

	z.fd = openat(a->p->root_fd, "proc/spl/kstat/zfs",
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (z.fd < 0)
		return;
	array_each(z.fd, ".", 256, see_pool, &z);
	close(z.fd);
}
