/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is seen of a process that is dying: the texts of /proc, which of its
 * files are told of, and a real process, held in the state in which it is
 * looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "hale/base.h"

#include "drivers/victim.h"

static struct hale_victim said;
static unsigned int n_said;

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	assert_true(hale_fact_valid(f));
	assert_int_equal(f->kind, HALE_FACT_VICTIM);
	said = f->u.victim;
	n_said++;
}

static bool map(const char *text, struct victim_map *ret)
{
	static char line[512];

	HALE_SET(line, text);
	return victim_map_parse(line, ret);
}

static void test_a_mapping(void **state)
{
	struct victim_map m;

	(void)state;
	assert_true(map("7f10a000-7f10c000 rw-s 00003000 fd:0a 4711       "
			"/srv/a b (deleted)",
			&m));
	assert_int_equal(m.start, 0x7f10a000);
	assert_int_equal(m.end, 0x7f10c000);
	assert_int_equal(m.offset, 0x3000);
	assert_int_equal(m.major, 253);
	assert_int_equal(m.minor, 10);
	assert_int_equal(m.inode, 4711);
	assert_true(m.shared && m.usable && !m.executable);
	assert_string_equal(m.path, "/srv/a b (deleted)");
	assert_true(map("1000-2000 ---p 00000000 00:00 0 ", &m));
	assert_false(m.usable);
	assert_string_equal(m.path, "");
}

static void test_what_is_no_mapping(void **state)
{
	static const char *const texts[] = {
		"",
		"1000",
		"1000-",
		"1000-2000",
		"1000-2000 rw-p",
		"1000-2000 rw-p 0 0",
		"1000-2000 rw-p 0 0:0",
		"2000-1000 rw-p 0 0:0 0",
		"-1000-2000 rw-p 0 0:0 0",
		"1000-2000 rw 0 0:0 0",
		"1000-2000 rw-p 0 ffffff:0 0",
		"Size: 4 kB",
	};
	struct victim_map m;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(texts); i++)
		assert_false(map(texts[i], &m));
}

static void test_names_that_look_like_the_rest(void **state)
{
	struct hale_victim v = { .pid = 1 };
	uint32_t n = 0;

	(void)state;
	assert_true(victim_stat_parse("7 (a) b (c) D 5 6 4 0 -1 4194560", &v));
	assert_string_equal(v.comm, "a) b (c");
	assert_int_equal(v.parent, 5);
	assert_int_equal(v.group, 6);
	assert_int_equal(v.session, 4);
	assert_false(victim_stat_parse("", &v));
	assert_false(victim_stat_parse("7 )a( R 1 2 3", &v));
	assert_false(victim_stat_parse("7 (a", &v));
	assert_true(victim_status_number("Name:\tUid: 5\nTgid:\t7\nUid:\t8\t9",
					 "Uid:", &n));
	assert_int_equal(n, 8);
	assert_false(victim_status_number("Name:\tx\n", "Uid:", &n));
}

static void test_a_cgroup(void **state)
{
	char path[32];

	(void)state;
	victim_cgroup_parse("3:memory:/x\n0::/ci.slice/build 7\n", path,
			    sizeof(path));
	assert_string_equal(path, "/ci.slice/build 7");
	victim_cgroup_parse("0::/gone (deleted)\n", path, sizeof(path));
	assert_string_equal(path, "/gone");
	victim_cgroup_parse("1:name=systemd:/x\n", path, sizeof(path));
	assert_string_equal(path, "");
	victim_cgroup_parse("", path, sizeof(path));
	assert_string_equal(path, "");
}

static void hold(struct victim_holds *h, const struct hale_victim *v,
		 uint32_t minor, uint64_t inode, const char *path)
{
	const struct victim_map m = { .start = inode << 20,
				      .end = (inode << 20) + 8192,
				      .major = 8,
				      .minor = minor,
				      .inode = inode,
				      .usable = true,
				      .path = path };

	victim_hold_map(h, &m, v);
}

/* A linker with a thousand inputs on one disk, and one file on another. */
static void test_no_filesystem_is_left_out(void **state)
{
	static struct victim_holds h;
	struct hale_victim v = { .pid = 7 };
	char path[32];

	(void)state;
	memset(&h, 0, sizeof(h));
	HALE_SET(v.exe, "/usr/bin/ld");
	hold(&h, &v, 1, 1, "/usr/bin/ld");
	for (uint64_t i = 0; i < 60; i++) {
		snprintf(path, sizeof(path), "/build/%u.o", (unsigned int)i);
		hold(&h, &v, 2, 100 + i, path);
	}
	hold(&h, &v, 3, 500, "/mnt/other");
	victim_choose(&h, &v);
	assert_int_equal(v.files[0].held, HALE_HELD_EXE);
	assert_int_equal(v.n_files, 3);
	assert_int_equal(v.files[1].minor, 2);
	assert_string_equal(v.files[2].path, "/mnt/other");
}

static void test_where_the_fault_was_comes_first(void **state)
{
	static struct victim_holds h;
	struct hale_victim v = { .pid = 7, .address_known = true };

	(void)state;
	memset(&h, 0, sizeof(h));
	v.address = (UINT64_C(90) << 20) + 4097;
	for (uint64_t i = 1; i < 100; i++)
		hold(&h, &v, (uint32_t)i, i, "/some/file");
	assert_int_equal(h.n, VICTIM_HELD_MAX);
	victim_choose(&h, &v);
	assert_int_equal(v.n_files, HALE_VICTIM_FILES_MAX);
	assert_true(v.files[0].faulted);
	assert_int_equal(v.files[0].minor, 90);
}

/* Without an end: told to end by the test. */
static _Noreturn void be_looked_at(const char *folder, int ready)
{
	char *p;
	int fd;

	if (chdir(folder) < 0)
		_exit(1);
	fd = open("data", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 8192) < 0)
		_exit(2);
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || ftruncate(fd, 100) < 0)
		_exit(3);
	if (write(ready, "x", 1) != 1)
		_exit(4);
	for (;;)
		pause();
}

static pid_t start(const char *folder)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_looked_at(folder, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static const struct hale_victim_file *file_held(enum hale_held how)
{
	for (uint32_t i = 0; i < said.n_files; i++) {
		if (said.files[i].held == how)
			return &said.files[i];
	}
	return NULL;
}

static void test_a_process(void **state)
{
	char folder[] = "/tmp/hale-victim-XXXXXX", exe[256] = "", path[64];
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct hale_probe p = { .root_fd = root_fd, .emit = emit };
	struct hale_victim v = { .time_ns = 1, .signal = SIGBUS };
	const struct hale_victim_file *data, *program, *cwd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	v.pid = (uint32_t)start(folder);
	n_said = 0;
	victim_look(&p, &v);
	kill((pid_t)v.pid, SIGKILL);
	waitpid((pid_t)v.pid, NULL, 0);
	snprintf(path, sizeof(path), "%s/data", folder);
	unlink(path);
	rmdir(folder);
	close(root_fd);
	assert_true(n_said >= 2);
	assert_int_equal(said.signal, SIGBUS);
	assert_int_equal(said.parent, getpid());
	assert_true(said.uid_known);
	assert_int_equal(said.uid, getuid());
	assert_int_equal(said.witnesses, HALE_WITNESS_PROC);
	assert_memory_equal(said.exe, exe, strnlen(exe, 100));
	program = file_held(HALE_HELD_EXE);
	data = file_held(HALE_HELD_MAPPED);
	cwd = file_held(HALE_HELD_CWD);
	assert_non_null(program);
	assert_non_null(data);
	assert_string_equal(data->path, path);
	assert_false(data->faulted);
	assert_non_null(cwd);
	assert_string_equal(cwd->path, folder);
	assert_int_equal(cwd->major, data->major);
	assert_int_equal(cwd->minor, data->minor);
	assert_false(program->truncated);
	if (geteuid() == 0) /* map_files is for root */
		assert_true(data->truncated);
}

/* Nothing is made up of what is gone; its parent is who is left. */
static void test_one_that_is_gone(void **state)
{
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct hale_probe p = { .root_fd = root_fd, .emit = emit };
	struct hale_victim v = { .time_ns = 1, .signal = SIGBUS };
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	v.pid = (uint32_t)pid;
	v.parent = (uint32_t)getpid();
	victim_look(&p, &v);
	close(root_fd);
	assert_int_equal(said.pid, pid);
	assert_int_equal(said.witnesses, 0);
	assert_string_equal(said.exe, "");
	assert_int_equal(said.uid, getuid());
	assert_int_equal(said.n_files, 1);
	assert_int_equal(said.files[0].held, HALE_HELD_PARENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mapping),
		cmocka_unit_test(test_what_is_no_mapping),
		cmocka_unit_test(test_names_that_look_like_the_rest),
		cmocka_unit_test(test_a_cgroup),
		cmocka_unit_test(test_no_filesystem_is_left_out),
		cmocka_unit_test(test_where_the_fault_was_comes_first),
		cmocka_unit_test(test_a_process),
		cmocka_unit_test(test_one_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
