/* SPDX-License-Identifier: Apache-2.0 */
/* What a filesystem's type says about it, and what an unknown one does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/fs_type.h"

static void classes(void **state)
{
	static const struct {
		const char *type;
		uint32_t major;
		enum hale_fs_class class;
		bool diskless;
	} cases[] = {
		{ "ext4", 8, HALE_FSTYPE_BLOCK, false },
		{ "squashfs", 7, HALE_FSTYPE_BLOCK, false },
		{ "tmpfs", 0, HALE_FSTYPE_MEMORY, true },
		{ "proc", 0, HALE_FSTYPE_PSEUDO, true },
		{ "nfs4", 0, HALE_FSTYPE_REMOTE, true },
		{ "fuse.portal", 0, HALE_FSTYPE_PSEUDO, false },
		{ "fuse.vmhgfs-fuse", 0, HALE_FSTYPE_REMOTE, true },
		{ "overlay", 0, HALE_FSTYPE_OVERLAY, false },
		{ "btrfs", 0, HALE_FSTYPE_POOL, false },
		{ "zfs", 0, HALE_FSTYPE_OPAQUE, false },
		{ "fuse.mine", 0, HALE_FSTYPE_OPAQUE, false },
		{ "fuseblk", 8, HALE_FSTYPE_BLOCK, false },
		{ "nfs5", 0, HALE_FSTYPE_OPAQUE, false },
		{ "", 0, HALE_FSTYPE_OPAQUE, false },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		assert_int_equal(hale_fs_class(cases[i].type, cases[i].major),
				 cases[i].class);
		assert_int_equal(hale_fs_diskless(cases[i].type),
				 cases[i].diskless);
	}
}

static void images(void **state)
{
	(void)state;
	assert_true(hale_fs_image("squashfs"));
	assert_true(hale_fs_image("erofs"));
	assert_false(hale_fs_image("udf")); /* on a stick one writes to it */
	assert_false(hale_fs_image("ext4"));
	assert_false(hale_fs_image(""));
}

/* Nobody may be made to wait for another host, nor for one unheard of. */
static void who_answers_at_once(void **state)
{
	(void)state;
	assert_int_equal(hale_fs_statfs("ext4"), HALE_STATFS_QUICK);
	assert_int_equal(hale_fs_statfs("tmpfs"), HALE_STATFS_QUICK);
	assert_int_equal(hale_fs_statfs("btrfs"), HALE_STATFS_WAITS);
	assert_int_equal(hale_fs_statfs("bcachefs"), HALE_STATFS_WAITS);
	assert_int_equal(hale_fs_statfs("newfs"), HALE_STATFS_WAITS);
	assert_int_equal(hale_fs_statfs("nfs4"), HALE_STATFS_HANGS);
	assert_int_equal(hale_fs_statfs("ocfs2"), HALE_STATFS_HANGS);
	assert_int_equal(hale_fs_statfs("autofs"), HALE_STATFS_NEVER);
	assert_int_equal(hale_fs_statfs("fuseblk"), HALE_STATFS_HANGS);
	assert_int_equal(hale_fs_statfs("fuse.mine"), HALE_STATFS_HANGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(images),
		cmocka_unit_test(who_answers_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
