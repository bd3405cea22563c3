/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a path could not be followed to its mount, in words. Decides what each
 * errno of a lookup means to the person who named the path. Must never call a
 * filesystem slow that has answered: only no answer at all is said to be one.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/verdict.h"

#define ERRNO_MAX 4095 /* include/linux/err.h */

static const char *why(uint32_t error)
{
	switch (error) {
	case 0:
		return "its filesystem did not answer in time";
	case EACCES:
	case EPERM:
		return "permission denied";
	case ENOENT:
		return "a symbolic link on the way leads nowhere";
	case ELOOP:
		return "too many symbolic links on the way";
	case ENAMETOOLONG:
		return "the path is too long";
	case ENODATA:
		return "its mount is not in /proc/self/mountinfo";
	default:
		return error <= ERRNO_MAX ? strerror((int)error)
					  : "it cannot be looked up";
	}
}

void hale_unresolved_text(const struct hale_scope_path *p, char *ret_text,
			  size_t size)
{
	snprintf(ret_text, size, "%.200s: %s", p->path, why(p->error));
}
