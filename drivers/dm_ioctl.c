/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks device-mapper what a device is made of and how its targets are. It
 * answers from memory, about its own tables, and opens no device; it also still
 * knows of a disk that was pulled, when sysfs has forgotten it. The answer is
 * the kernel's, and its offsets are checked all the same.
 */
#include "dm_ioctl.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "hale/base.h"

static bool ask(int fd, dev_t dev, unsigned long request, uint32_t flags,
		struct dm_answer *a)
{
	const size_t start = offsetof(struct dm_answer, data);

	memset(&a->head, 0, sizeof(a->head));
	a->head.version[0] = DM_VERSION_MAJOR;
	a->head.data_size = sizeof(*a);
	a->head.data_start = start;
	a->head.dev = dev;
	/* without NOFLUSH a thin pool would write its metadata first */
	a->head.flags = DM_NOFLUSH_FLAG | flags;
	return fd >= 0 && ioctl(fd, request, &a->head) == 0 &&
	       !(a->head.flags & DM_BUFFER_FULL_FLAG) &&
	       a->head.data_start == start;
}

bool dm_ask_table(int control_fd, uint32_t major, uint32_t minor, bool status,
		  struct dm_answer *ret_answer)
{
	if (!ask(control_fd, makedev(major, minor), DM_TABLE_STATUS,
		 status ? 0 : DM_STATUS_TABLE_FLAG, ret_answer))
		return false;
	ret_answer->data[sizeof(ret_answer->data) - 1] = '\0';
	return true;
}

bool dm_next(struct dm_walk *walk, struct dm_target *ret_target)
{
	const struct dm_answer *a = walk->answer;
	struct dm_target_spec spec;

	if (walk->n >= a->head.target_count ||
	    walk->at > sizeof(a->data) - sizeof(spec) - 1)
		return false;
	memcpy(&spec, a->data + walk->at, sizeof(spec));
	ret_target->start = spec.sector_start;
	ret_target->length = spec.length;
	hale_copy(ret_target->type, sizeof(ret_target->type), spec.target_type,
		  sizeof(spec.target_type));
	ret_target->params = a->data + walk->at + sizeof(spec);
	walk->n++;
	/* a row that leads nowhere is the last one */
	if (spec.next <= walk->at)
		walk->n = UINT32_MAX;
	walk->at = spec.next;
	return true;
}

int dm_ask_deps(int control_fd, uint32_t major, uint32_t minor,
		uint64_t *ret_deps, uint32_t max)
{
	_cleanup_free_ struct dm_answer *a = calloc(1, sizeof(*a));
	struct dm_target_deps deps;
	uint32_t n;

	if (!a || !ask(control_fd, makedev(major, minor), DM_TABLE_DEPS, 0, a))
		return -1;
	memcpy(&deps, a->data, sizeof(deps));
	for (n = 0; n < deps.count && n < max; n++) {
		size_t at = sizeof(deps) + n * sizeof(uint64_t);

		if (at + sizeof(uint64_t) > sizeof(a->data))
			break;
		memcpy(&ret_deps[n], a->data + at, sizeof(uint64_t));
	}
	return (int)n;
}
