/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths to mounts, in a mount namespace of the test's own: bind, tmpfs,
 * overlay, names with spaces, what does not exist yet, links that lead
 * nowhere, and a filesystem that never answers. Every case by every way: what
 * a new kernel offers, and what older ones leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/resolve.h"

static char top[] = "/tmp/hale-resolve.XXXXXX";

static const struct resolve_how ways[] = {
	{ .no_openat2 = false },
	{ .no_statmount = true },
	{ .no_openat2 = true },
	{ .no_statmount = true, .no_statx = true },
	{ .no_statmount = true, .no_openat2 = true, .no_statx = true },
};

/* Good until the fourth call after it. */
static const char *below(const char *name)
{
	static char paths[4][4096];
	static size_t next;
	char *path = paths[next++ % HALE_ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	return path;
}

static void resolve(const struct resolve_how *how, const char *name,
		    struct hale_scope_path *p)
{
	memset(p, 0, sizeof(*p));
	assert_int_equal(resolve_paths(how, &name, p, 1), 0);
}

/* The superblock of @name as stat(2) has it, where that is the same thing. */
static void assert_device(const struct hale_scope_path *p, const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(p->major, (st.st_dev >> 8) & 0xfff);
	assert_int_equal(p->minor,
			 (st.st_dev & 0xff) | ((st.st_dev >> 12) & 0xfff00));
}

static void assert_on(const char *name, const char *type, const char *mount)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ways); i++) {
		struct hale_scope_path p;

		resolve(&ways[i], name, &p);
		assert_false(p.unresolved);
		assert_string_equal(p.type, type);
		assert_string_equal(p.mountpoint, mount);
	}
}

static void test_tmpfs_is_measured(void **state)
{
	struct hale_scope_path p;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ways); i++) {
		resolve(&ways[i], below("t"), &p);
		assert_false(p.unresolved);
		assert_device(&p, below("t"));
		assert_true(p.measured);
		assert_int_equal(p.total_bytes, 1 << 20);
		assert_true(p.avail_bytes <= p.total_bytes);
		assert_true(p.avail_bytes > p.total_bytes / 2);
		assert_int_equal(p.total_inodes, 100);
		assert_false(p.read_only);
		assert_string_equal(p.source, "hale-test");
	}
}

static void test_bind_mount(void **state)
{
	(void)state;
	assert_on(below("bind/x"), "tmpfs", below("bind"));
}

static void test_read_only_bind_mount(void **state)
{
	struct hale_scope_path p;

	(void)state;
	resolve(NULL, below("ro"), &p);
	assert_true(p.read_only);
	resolve(NULL, below("t"), &p);
	assert_false(p.read_only);
}

static void test_name_with_space_and_newline(void **state)
{
	(void)state;
	assert_on(below("a b\n\\c/deep"), "tmpfs", below("a b\n\\c"));
}

static void test_mount_over_mount(void **state)
{
	(void)state;
	assert_on(below("over"), "ramfs", below("over"));
}

static void test_not_yet_existing(void **state)
{
	struct hale_scope_path p;

	(void)state;
	assert_on(below("t/not/yet/there"), "tmpfs", below("t"));
	assert_on(below("t/not/yet/there///"), "tmpfs", below("t"));
	assert_on(below("t/x/below-a-file"), "tmpfs", below("t"));
	resolve(NULL, "/no-such-folder-here/a", &p);
	assert_false(p.unresolved);
	assert_string_equal(p.mountpoint, "/");
}

static void test_relative(void **state)
{
	char before[4096];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(below("t")), 0);
	assert_on(".", "tmpfs", below("t"));
	assert_on("x", "tmpfs", below("t"));
	assert_on("nothing/yet", "tmpfs", below("t"));
	assert_on("nothing", "tmpfs", below("t"));
	assert_on("../bind/x", "tmpfs", below("bind"));
	assert_int_equal(chdir(before), 0);
}

/* A build would be written who knows where. */
static void test_link_to_nowhere(void **state)
{
	struct hale_scope_path p;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ways); i++) {
		resolve(&ways[i], below("t/dangling"), &p);
		assert_true(p.unresolved);
		assert_int_equal(p.error, ENOENT);
		resolve(&ways[i], below("t/loop"), &p);
		assert_true(p.unresolved);
		assert_int_equal(p.error, ELOOP);
	}
}

static void test_link_is_followed(void **state)
{
	(void)state;
	assert_on(below("link/x"), "tmpfs", below("t"));
}

static void test_longer_than_any_name(void **state)
{
	char name[5000];
	struct hale_scope_path p;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	resolve(NULL, name, &p);
	assert_true(p.unresolved);
	assert_int_equal(p.error, ENAMETOOLONG);
}

static void test_overlay(void **state)
{
	struct hale_scope_path p;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ways); i++) {
		resolve(&ways[i], below("merged/file"), &p);
		assert_false(p.unresolved);
		assert_string_equal(p.type, "overlay");
		assert_string_equal(p.mountpoint, below("merged"));
		assert_true(p.measured);
	}
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* The other end of this FUSE mount is held by us, who never answer. */
static void test_filesystem_that_hangs(void **state)
{
	char options[100];
	_cleanup_fd_ int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	struct hale_scope_path p;
	const char *in = below("hung/some/file");
	uint64_t start;

	(void)state;
	assert_true(fuse >= 0);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	assert_int_equal(
		mount("hale-hung", below("hung"), "fuse.hale", 0, options), 0);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ways); i++) {
		start = now_ms();
		resolve(&ways[i], in, &p);
		assert_true(p.unresolved);
		assert_int_equal(p.error, 0);
		assert_true(now_ms() - start < 1000);
	}
	/* Where no name below it is asked for, its mount is known at once;
	 * that nobody answers behind it is not good news all the same. */
	start = now_ms();
	resolve(NULL, below("hung"), &p);
	assert_true(p.unresolved);
	assert_string_equal(p.type, "fuse.hale");
	assert_false(p.measured);
	assert_true(now_ms() - start < 1000);
	umount2(below("hung"), MNT_DETACH);
}

/* One that hangs keeps no answer from the others. */
static void test_others_beside_one_that_hangs(void **state)
{
	char options[100], hung[4096], fine[4096];
	_cleanup_fd_ int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	const char *names[] = { hung, fine };
	struct hale_scope_path p[2];
	const struct resolve_how how = { .no_openat2 = true };

	(void)state;
	strcpy(hung, below("hung/x"));
	strcpy(fine, below("t/x"));
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	assert_int_equal(
		mount("hale-hung", below("hung"), "fuse.hale", 0, options), 0);
	memset(p, 0, sizeof(p));
	assert_int_equal(resolve_paths(&how, names, p, 2), 0);
	assert_true(p[0].unresolved);
	assert_false(p[1].unresolved);
	assert_true(p[1].measured);
	umount2(below("hung"), MNT_DETACH);
}

static void make_mount(const char *name, const char *type, unsigned long flags,
		       const char *options)
{
	assert_int_equal(mkdir(below(name), 0755), 0);
	if (type)
		assert_int_equal(
			mount("hale-test", below(name), type, flags, options),
			0);
}

static void make_bind(const char *name, bool read_only)
{
	char from[4096];

	strcpy(from, below("t"));
	make_mount(name, NULL, 0, NULL);
	assert_int_equal(mount(from, below(name), NULL, MS_BIND, NULL), 0);
	if (read_only)
		assert_int_equal(mount(NULL, below(name), NULL,
				       MS_BIND | MS_REMOUNT | MS_RDONLY, NULL),
				 0);
}

static void write_file(const char *path, const char *text)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Root needs a mount namespace only; others become root of their own. */
static void enter_namespace(void)
{
	char map[32], group_map[32];

	snprintf(map, sizeof(map), "0 %u 1", geteuid());
	snprintf(group_map, sizeof(group_map), "0 %u 1", getegid());
	if (geteuid() == 0) {
		assert_int_equal(unshare(CLONE_NEWNS), 0);
		return;
	}
	assert_int_equal(unshare(CLONE_NEWNS | CLONE_NEWUSER), 0);
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", map);
	write_file("/proc/self/gid_map", group_map);
}

static int make_mounts(void **state)
{
	char options[8192];

	(void)state;
	enter_namespace();
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_non_null(mkdtemp(top));
	make_mount("t", "tmpfs", 0, "size=1m,nr_inodes=100");
	assert_true(creat(below("t/x"), 0644) >= 0);
	assert_int_equal(symlink("/nowhere/at-all", below("t/dangling")), 0);
	assert_int_equal(symlink("loop", below("t/loop")), 0);
	assert_int_equal(symlink("t", below("link")), 0);
	make_bind("bind", false);
	make_bind("ro", true);
	make_mount("a b\n\\c", "tmpfs", 0, "");
	make_mount("over", "tmpfs", 0, "");
	assert_int_equal(mount("hale-test", below("over"), "ramfs", 0, ""), 0);
	make_mount("layers", "tmpfs", 0, "");
	make_mount("layers/lower", NULL, 0, NULL);
	make_mount("layers/upper", NULL, 0, NULL);
	make_mount("layers/work", NULL, 0, NULL);
	snprintf(options, sizeof(options),
		 "lowerdir=%s/layers/lower,upperdir=%s/layers/upper,"
		 "workdir=%s/layers/work",
		 top, top, top);
	make_mount("merged", "overlay", 0, options);
	make_mount("hung", NULL, 0, NULL);
	return 0;
}

/* The namespace takes the mounts with it; what is below them was in memory. */
static int remove_mounts(void **state)
{
	static const char *const names[] = { "t",	 "bind",   "ro",
					     "a b\n\\c", "over",   "over",
					     "merged",	 "layers", "hung" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++)
		umount2(below(names[i]), MNT_DETACH);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++)
		rmdir(below(names[i]));
	unlink(below("link"));
	return rmdir(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tmpfs_is_measured),
		cmocka_unit_test(test_bind_mount),
		cmocka_unit_test(test_read_only_bind_mount),
		cmocka_unit_test(test_name_with_space_and_newline),
		cmocka_unit_test(test_mount_over_mount),
		cmocka_unit_test(test_not_yet_existing),
		cmocka_unit_test(test_relative),
		cmocka_unit_test(test_link_to_nowhere),
		cmocka_unit_test(test_link_is_followed),
		cmocka_unit_test(test_longer_than_any_name),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_filesystem_that_hangs),
		cmocka_unit_test(test_others_beside_one_that_hangs),
	};

	return cmocka_run_group_tests(tests, make_mounts, remove_mounts);
}
