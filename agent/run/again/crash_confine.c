/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock around a command that was found in an output. Decides by what the
 * running kernel knows: writing, cutting, the network, others' sockets. Must
 * never let it run where the bar did not take. Invariant: 0 means that nothing
 * below this process writes outside of the folder any more.
 */
#include "crash_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "hale/base.h"

/* linux/landlock.h is of the machine that hale was built on; the kernel that it
 * runs on may know more (Documentation/userspace-api/landlock.rst). */
struct landlock_wish {
	uint64_t fs, net, scoped;
};

#define WRITES                                                                 \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |       \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |           \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |         \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
#define TRUNCATE   (UINT64_C(1) << 14) /* ABI 3 */
#define TCP	   UINT64_C(3)	       /* ABI 4: bind, connect */
#define SCOPES	   UINT64_C(3)	       /* ABI 6: abstract sockets, signals */
#define ABI_TRUNC  3
#define ABI_TCP	   4
#define ABI_SCOPES 6

static long landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		       LANDLOCK_CREATE_RULESET_VERSION);
}

static int allow(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr a = { .allowed_access = access };
	_cleanup_fd_ int fd = open(path, O_PATH | O_CLOEXEC);

	a.parent_fd = fd;
	if (fd < 0 || syscall(SYS_landlock_add_rule, rules,
			      LANDLOCK_RULE_PATH_BENEATH, &a, 0) < 0)
		return -errno;
	return 0;
}

bool crash_can_confine(void)
{
	return landlock_abi() >= 1;
}

int crash_confine(const char *dir)
{
	long abi = landlock_abi();
	uint64_t cut = abi >= ABI_TRUNC ? TRUNCATE : 0;
	const struct landlock_wish wish = { WRITES | cut, TCP, SCOPES };
	size_t size = abi >= ABI_SCOPES ? sizeof(wish)
		      : abi >= ABI_TCP	? offsetof(struct landlock_wish, scoped)
					: offsetof(struct landlock_wish, net);
	_cleanup_fd_ int rules =
		(int)syscall(SYS_landlock_create_ruleset, &wish, size, 0);
	int r;

	if (rules < 0)
		return -errno;
	r = allow(rules, dir, WRITES | cut);
	if (r == 0)
		r = allow(rules, "/dev/null",
			  LANDLOCK_ACCESS_FS_WRITE_FILE | cut);
	if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		r = -errno;
	return r;
}
