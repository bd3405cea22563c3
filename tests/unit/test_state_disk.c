/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's side: the file into the vault and back, through its children
 * and a real loop. A disk that is full, gone or silent costs a line and nothing
 * else; a file that is no memory is kept under another name.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/state_disk.h"

static char dir[] = "/tmp/hale-disk-XXXXXX";
static struct loop loop;
static struct vault super, core;
static struct state_disk disk;
static int heard, error;

static void on_saved(void *data, int e)
{
	(void)data;
	heard++;
	error = e;
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(loop_init(&loop), 0);
	assert_int_equal(vault_new(&super), 0);
	assert_int_equal(vault_open(dup(super.fd), &core), 0);
	disk = (struct state_disk){
		.loop = &loop,
		.vault = &super,
		.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.dir = dir,
		.saved = on_saved,
	};
	state_disk_init(&disk);
	heard = error = 0;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "state.pb",       ".state.pb.new",
					     "state.pb.bad",   "state.pb.bad.2",
					     "state.pb.bad.3", "state.pb.bad.4",
					     "state.pb.bad.5" };

	(void)state;
	state_disk_done(&disk);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++)
		unlinkat(disk.dir_fd, names[i], 0);
	unlinkat(disk.dir_fd, ".state.pb.new", AT_REMOVEDIR);
	close(disk.dir_fd);
	vault_done(&core);
	vault_done(&super);
	loop_done(&loop);
	return rmdir(dir);
}

static void save(const char *text)
{
	strcpy((char *)vault_next(&core), text);
	assert_int_equal(vault_commit(&core, strlen(text)), 0);
}

static const char *content(const char *name)
{
	static char text[64];
	int fd = openat(disk.dir_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "(none)" : text;
}

static void put(const char *name, const char *text)
{
	int fd = openat(disk.dir_fd, name,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(state_disk_read(&disk, 5000), -ENOENT);
	assert_int_equal(state_disk_flush(&disk, 5000), 0);
	assert_string_equal(content("state.pb"), "(none)");
}

static void test_there_and_back(void **state)
{
	uint8_t *bytes;
	size_t len;

	(void)state;
	put("state.pb", "from the disk");
	assert_int_equal(state_disk_read(&disk, 5000), 0);
	assert_int_equal(vault_newest(&core, &bytes, &len), VAULT_FROM_DISK);
	assert_memory_equal(bytes, "from the disk", len);
	free(bytes);
	save("from a core");
	assert_int_equal(state_disk_flush(&disk, 5000), 0);
	assert_string_equal(content("state.pb"), "from a core");
}

/* A control's write is not put off; it is heard of how it went. */
static void test_now(void **state)
{
	(void)state;
	save("cleared");
	state_disk_touch(&disk, true);
	assert_int_not_equal(disk.writer.state, CHILD_NONE);
	assert_true(child_wait(&disk.writer, 5000));
	assert_int_equal(heard, 1);
	assert_int_equal(error, 0);
	assert_string_equal(content("state.pb"), "cleared");
}

static void test_soon(void **state)
{
	(void)state;
	save("counted");
	state_disk_touch(&disk, false);
	assert_int_equal(disk.writer.state, CHILD_NONE);
	assert_true(disk.timer.due_ns != 0);
}

static void test_bad_is_kept(void **state)
{
	(void)state;
	put("state.pb", "no memory");
	put("state.pb.bad", "an older one");
	assert_int_equal(state_disk_read(&disk, 5000), 0);
	state_disk_bad(&disk, EBADMSG);
	assert_true(child_wait(&disk.writer, 5000));
	assert_string_equal(content("state.pb"), "(none)");
	assert_string_equal(content("state.pb.bad.2"), "no memory");
	save("new");
	assert_int_equal(state_disk_flush(&disk, 5000), 0);
	assert_string_equal(content("state.pb"), "new");
	assert_string_equal(content("state.pb.bad.2"), "no memory");
}

static void test_no_name_left(void **state)
{
	char name[32] = "state.pb.bad";

	(void)state;
	for (int i = 1; i <= 5; i++) {
		if (i > 1)
			snprintf(name, sizeof(name), "state.pb.bad.%d", i);
		put(name, "old");
	}
	put("state.pb", "no memory");
	state_disk_bad(&disk, EPROTONOSUPPORT);
	assert_true(child_wait(&disk.writer, 5000));
	save("new");
	assert_int_equal(state_disk_flush(&disk, 5000), -EIO);
	assert_string_equal(content("state.pb"), "no memory");
	/* an operator makes room: it goes on */
	unlinkat(disk.dir_fd, "state.pb.bad.3", 0);
	assert_int_equal(state_disk_flush(&disk, 5000), 0);
	assert_string_equal(content("state.pb.bad.3"), "no memory");
	assert_string_equal(content("state.pb"), "new");
}

static void test_empty_file(void **state)
{
	(void)state;
	put("state.pb", "");
	assert_int_equal(state_disk_read(&disk, 5000), -EBADMSG);
	assert_true(child_wait(&disk.writer, 5000));
	assert_string_equal(content("state.pb"), "(none)");
	assert_string_equal(content("state.pb.bad"), "");
}

static void test_huge_file(void **state)
{
	int fd = openat(disk.dir_fd, "state.pb", O_WRONLY | O_CREAT | O_CLOEXEC,
			0644);

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
	close(fd);
	assert_int_equal(state_disk_read(&disk, 5000), -EBADMSG);
}

/* What cannot be written is told once, and written when it can be. */
static void test_disk_fails_and_works_again(void **state)
{
	(void)state;
	put("state.pb", "old");
	assert_int_equal(state_disk_read(&disk, 5000), 0);
	assert_int_equal(mkdirat(disk.dir_fd, ".state.pb.new", 0700), 0);
	save("new");
	assert_int_equal(state_disk_flush(&disk, 5000), -EIO);
	assert_true(disk.failed);
	assert_int_equal(error, EISDIR);
	assert_string_equal(content("state.pb"), "old");
	assert_true(disk.timer.due_ns != 0); /* it tries on */
	unlinkat(disk.dir_fd, ".state.pb.new", AT_REMOVEDIR);
	assert_int_equal(state_disk_flush(&disk, 5000), 0);
	assert_false(disk.failed);
	assert_string_equal(content("state.pb"), "new");
}

static int never(void *data)
{
	(void)data;
	for (;;)
		pause();
	return 0;
}

/* Neither at the start nor at the end is a silent disk waited for. */
static void test_silent_disk(void **state)
{
	uint64_t began_ns = clock_boot_ns();

	(void)state;
	put("state.pb", "not read");
	disk.confine = never; /* as in a read(2) that does not return */
	assert_int_equal(state_disk_read(&disk, 100), -ETIMEDOUT);
	save("new");
	assert_int_equal(state_disk_flush(&disk, 100), -ETIMEDOUT);
	assert_true(clock_boot_ns() - began_ns < 5 * HALE_NS_PER_S);
	child_done(&disk.writer);
	child_init(&disk.writer, &loop);
	/* it answers again: what was not read is not written over */
	disk.confine = NULL;
	assert_int_equal(state_disk_flush(&disk, 5000), 0);
	assert_string_equal(content("state.pb.bad"), "not read");
	assert_string_equal(content("state.pb"), "new");
}

static int refuse(void *data)
{
	(void)data;
	return -EPERM;
}

static void test_no_sandbox_no_work(void **state)
{
	(void)state;
	save("new");
	disk.confine = refuse;
	assert_int_equal(state_disk_flush(&disk, 5000), -EIO);
	assert_string_equal(content("state.pb"), "(none)");
}

static void test_no_folder(void **state)
{
	int fd = disk.dir_fd;

	(void)state;
	disk.dir_fd = -1;
	assert_int_equal(state_disk_read(&disk, 100), -ENOENT);
	state_disk_touch(&disk, true);
	state_disk_bad(&disk, EBADMSG);
	assert_int_equal(state_disk_flush(&disk, 100), 0);
	disk.dir_fd = fd;
}

int main(void)
{
#define DISK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		DISK_TEST(test_none),
		DISK_TEST(test_there_and_back),
		DISK_TEST(test_now),
		DISK_TEST(test_soon),
		DISK_TEST(test_bad_is_kept),
		DISK_TEST(test_no_name_left),
		DISK_TEST(test_empty_file),
		DISK_TEST(test_huge_file),
		DISK_TEST(test_disk_fails_and_works_again),
		DISK_TEST(test_silent_disk),
		DISK_TEST(test_no_sandbox_no_work),
		DISK_TEST(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
