/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks device-mapper what a device is made of (linux/dm-ioctl.h). It answers
 * from memory, about its own tables, and opens no device; it also still knows
 * of a disk that was pulled, when sysfs has forgotten it. The answer is the
 * kernel's, and its offsets are checked all the same.
 */
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "array.h"

/* What the kernel answers: header, then targets. Tables of 100 segments fit. */
struct dm_answer {
	struct dm_ioctl head;
	char data[16384];
};

static bool ask(const struct storage *s, struct storage_dev dev,
		unsigned long request, struct dm_answer *a)
{
	const size_t start = offsetof(struct dm_answer, data);

	memset(&a->head, 0, sizeof(a->head));
	a->head.version[0] = DM_VERSION_MAJOR;
	a->head.data_size = sizeof(*a);
	a->head.data_start = start;
	a->head.dev = makedev(dev.major, dev.minor);
	/* without NOFLUSH a thin pool would write its metadata first */
	a->head.flags = DM_NOFLUSH_FLAG;
	return s->dm_fd >= 0 && ioctl(s->dm_fd, request, &a->head) == 0 &&
	       !(a->head.flags & DM_BUFFER_FULL_FLAG) &&
	       a->head.data_start == start;
}

bool storage_dm_by_table(const struct storage *s, const struct storage_block *b,
			 struct storage_array *array)
{
	_cleanup_free_ struct dm_answer *a = calloc(1, sizeof(*a));
	struct dm_target_spec spec;
	size_t at = 0;

	if (!a || !ask(s, b->dev, DM_TABLE_STATUS, a))
		return false;
	a->data[sizeof(a->data) - 1] = '\0';
	for (unsigned int n = 0;
	     n < a->head.target_count && at + sizeof(spec) < sizeof(a->data);
	     n++) {
		memcpy(&spec, a->data + at, sizeof(spec));
		spec.target_type[DM_MAX_TYPE_NAME - 1] = '\0';
		storage_dm_target(array, n, spec.target_type,
				  a->data + at + sizeof(spec));
		if (spec.next <= at)
			break;
		at = spec.next;
	}
	return array->via[0] != '\0';
}

int storage_dm_lowers(const struct storage *s, const struct storage_block *b,
		      struct storage_dev *lowers, unsigned int max)
{
	_cleanup_free_ struct dm_answer *a = calloc(1, sizeof(*a));
	struct dm_target_deps deps;
	unsigned int n;

	if (!a || !ask(s, b->dev, DM_TABLE_DEPS, a))
		return -1;
	memcpy(&deps, a->data, sizeof(deps));
	for (n = 0; n < deps.count && n < max; n++) {
		uint64_t dev;

		if (sizeof(deps) + (n + 1) * sizeof(dev) > sizeof(a->data))
			break;
		memcpy(&dev, a->data + sizeof(deps) + n * sizeof(dev),
		       sizeof(dev));
		lowers[n].major = major(dev);
		lowers[n].minor = minor(dev);
	}
	return (int)n;
}
