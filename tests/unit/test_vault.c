/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault: what is committed is there, whoever dies when; what is torn, lies
 * or is hostile is not. With two processes where two matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/vault.h"

/* As vault.c lays it out: number, length, checksum; bytes on the next page. */
#define SLOT_SIZE (4096 + VAULT_SLOT_MAX)
#define NUMBER	  0
#define LENGTH	  8
#define CHECKSUM  16
#define BYTES	  4096

static struct vault super, core; /* the same file, as each has it */

static int setup(void **state)
{
	(void)state;
	assert_int_equal(vault_new(&super), 0);
	assert_int_equal(vault_open(dup(super.fd), &core), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vault_done(&core);
	vault_done(&super);
	return 0;
}

static void save(struct vault *v, const char *text)
{
	strcpy((char *)vault_next(v), text);
	assert_int_equal(vault_commit(v, strlen(text)), 0);
}

/* "number text" of the newest; "0 " where there is none. */
static const char *newest(const struct vault *v)
{
	static char said[64];
	uint8_t *bytes = NULL;
	size_t len = 0;
	int64_t n = vault_newest(v, &bytes, &len);

	snprintf(said, sizeof(said), "%lld %.*s", (long long)n, (int)len,
		 n > 0 ? (const char *)bytes : "");
	free(bytes);
	return said;
}

static void poke(uint32_t slot, size_t at, uint64_t value)
{
	assert_int_equal(pwrite(super.fd, &value, sizeof(value),
				(off_t)(slot * (size_t)SLOT_SIZE + at)),
			 sizeof(value));
}

static void test_empty(void **state)
{
	(void)state;
	assert_string_equal(newest(&super), "0 ");
	assert_string_equal(newest(&core), "0 ");
}

static void test_newest_counts(void **state)
{
	uint8_t *bytes;
	size_t len;

	(void)state;
	assert_int_equal(
		vault_put(&super, VAULT_FROM_DISK, (const uint8_t *)"disk", 4),
		0);
	assert_string_equal(newest(&core), "1 disk");
	save(&core, "first");
	assert_string_equal(newest(&super), "2 first");
	save(&core, "second");
	save(&core, "third");
	assert_string_equal(newest(&super), "4 third");
	assert_int_equal(vault_before(&super, 4, &bytes, &len), 3);
	assert_memory_equal(bytes, "second", len);
	free(bytes);
	assert_int_equal(vault_before(&super, 3, &bytes, &len), 0);
}

/* The first core's is never taken for the disk's. */
static void test_first_is_not_from_disk(void **state)
{
	(void)state;
	save(&core, "first");
	assert_string_equal(newest(&core), "2 first");
}

static void test_empty_memory_is_one(void **state)
{
	(void)state;
	save(&core, "something");
	save(&core, "");
	assert_string_equal(newest(&super), "3 ");
}

/* Killed anywhere between vault_next() and vault_commit(). */
static void test_dies_while_writing(void **state)
{
	(void)state;
	save(&core, "kept");
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			memset(vault_next(&core), 'x', (size_t)i * 100000);
			raise(SIGKILL);
		}
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_string_equal(newest(&super), "2 kept");
	}
	save(&core, "next");
	assert_string_equal(newest(&super), "3 next");
}

static void test_damage(void **state)
{
	(void)state;
	save(&core, "older");
	save(&core, "newer"); /* in the slot that "older" is not in */
	poke(1, BYTES, 0x4141414141414141);
	assert_string_equal(newest(&super), "2 older");
	assert_string_equal(newest(&core), "2 older");
	poke(0, CHECKSUM, 0);
	assert_string_equal(newest(&super), "0 ");
}

static void test_hostile_lengths(void **state)
{
	static const uint64_t lengths[] = {
		VAULT_SLOT_MAX + 1, 0x7fffffff, UINT32_MAX,
		INT64_MAX,	    UINT64_MAX, UINT64_MAX - 4096
	};

	(void)state;
	save(&core, "older");
	save(&core, "newer");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lengths); i++) {
		poke(1, LENGTH, lengths[i]);
		assert_string_equal(newest(&super), "2 older");
		assert_string_equal(newest(&core), "2 older");
	}
}

/* A core that fell says that its slot is the newest for ever. */
static void test_hostile_numbers(void **state)
{
	static const int64_t numbers[] = { INT64_MAX, INT64_MIN, -1, 0 };

	(void)state;
	save(&core, "older");
	save(&core, "newer");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(numbers); i++) {
		poke(1, NUMBER, (uint64_t)numbers[i]);
		assert_string_equal(newest(&super), "2 older");
	}
	poke(1, NUMBER, INT64_MAX - 1);
	save(&core, "after");
	save(&core, "after that");
	assert_string_not_equal(newest(&super), "0 ");
}

static void test_too_long(void **state)
{
	(void)state;
	save(&core, "kept");
	vault_next(&core);
	assert_int_equal(vault_commit(&core, VAULT_SLOT_MAX + 1), -EFBIG);
	assert_string_equal(newest(&super), "2 kept");
	memset(vault_next(&core), 'y', VAULT_SLOT_MAX);
	assert_int_equal(vault_commit(&core, VAULT_SLOT_MAX), 0);
	assert_memory_equal(newest(&super), "3 yyyy", 6);
}

/* A reader beside a writer that never rests gets whole ones only. */
static void test_reader_beside_writer(void **state)
{
	pid_t pid;
	int64_t last = 0;

	(void)state;
	save(&core, "begin");
	pid = fork();
	if (pid == 0) {
		for (uint32_t i = 0;; i++) {
			size_t len = 1000 + i % 7 * 2000;

			memset(vault_next(&core), 'a' + (int)(i % 26), len);
			vault_commit(&core, len);
		}
	}
	while (last < 500) {
		uint8_t *bytes = NULL;
		size_t len = 0;
		int64_t n = vault_newest(&super, &bytes, &len);

		/* 0: both were taken from under it, which is told, not torn */
		if (n <= 2) {
			free(bytes);
			continue;
		}
		assert_true(n >= last);
		last = n;
		for (size_t k = 1; k < len; k++)
			assert_true(bytes[k] == bytes[0]);
		free(bytes);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_size_is_sealed(void **state)
{
	(void)state;
	assert_int_equal(ftruncate(super.fd, 0), -1);
	assert_int_equal(ftruncate(super.fd, (off_t)1 << 40), -1);
}

static void test_forget(void **state)
{
	(void)state;
	save(&core, "one");
	save(&core, "two");
	vault_forget(&super);
	assert_string_equal(newest(&core), "0 ");
	save(&core, "three");
	assert_string_equal(newest(&super), "2 three");
}

/* --- over the death of the supervisor --- */

static char dir[] = "/dev/shm/hale-vault-XXXXXX";

static int enter_dir(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void leave_dir(int fd)
{
	vault_unlink(fd);
	close(fd);
	assert_int_equal(rmdir(dir), 0);
}

static void test_supervisor_dies(void **state)
{
	int fd = enter_dir();
	struct vault mine, next, old;

	(void)state;
	assert_int_equal(vault_new_in(fd, &mine), 0);
	assert_int_equal(vault_open(dup(mine.fd), &old), 0);
	save(&old, "acknowledged");
	vault_done(&mine);
	assert_int_equal(vault_new_in(fd, &next), 1);
	assert_string_equal(newest(&next), "2 acknowledged");
	/* a core that did not die with it writes to nobody */
	save(&old, "late");
	assert_string_equal(newest(&next), "2 acknowledged");
	vault_done(&old);
	vault_done(&next);
	leave_dir(fd);
}

static void test_orderly_end_leaves_nothing(void **state)
{
	int fd = enter_dir();
	struct vault v;

	(void)state;
	assert_int_equal(vault_new_in(fd, &v), 0);
	vault_put(&v, 7, (const uint8_t *)"x", 1);
	vault_done(&v);
	vault_unlink(fd);
	assert_int_equal(vault_new_in(fd, &v), 0);
	vault_done(&v);
	leave_dir(fd);
}

/* Cut short, a link, or open to others: not ours. */
static void test_what_was_left_is_not_trusted(void **state)
{
	int fd = enter_dir(), other;
	struct vault v;

	(void)state;
	assert_int_equal(vault_new_in(fd, &v), 0);
	vault_put(&v, 7, (const uint8_t *)"x", 1);
	assert_int_equal(fchmod(v.fd, 0644), 0);
	vault_done(&v);
	assert_int_equal(vault_new_in(fd, &v), 0);
	vault_put(&v, 7, (const uint8_t *)"x", 1);
	assert_int_equal(ftruncate(v.fd, 100), 0);
	vault_done(&v);
	assert_int_equal(vault_new_in(fd, &v), 0);
	vault_done(&v);
	vault_unlink(fd);
	assert_int_equal(symlinkat("/etc/passwd", fd, "vault"), 0);
	assert_int_equal(vault_new_in(fd, &v), 0);
	assert_string_equal(newest(&v), "0 ");
	vault_done(&v);
	other = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	assert_true(lseek(other, 0, SEEK_END) < SLOT_SIZE);
	close(other);
	leave_dir(fd);
}

static void test_core_has_no_descriptor(void **state)
{
	(void)state;
	assert_int_equal(core.fd, -1);
}

int main(void)
{
#define VAULT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		VAULT_TEST(test_empty),
		VAULT_TEST(test_newest_counts),
		VAULT_TEST(test_first_is_not_from_disk),
		VAULT_TEST(test_empty_memory_is_one),
		VAULT_TEST(test_dies_while_writing),
		VAULT_TEST(test_damage),
		VAULT_TEST(test_hostile_lengths),
		VAULT_TEST(test_hostile_numbers),
		VAULT_TEST(test_too_long),
		VAULT_TEST(test_reader_beside_writer),
		VAULT_TEST(test_size_is_sealed),
		VAULT_TEST(test_forget),
		VAULT_TEST(test_core_has_no_descriptor),
		cmocka_unit_test(test_supervisor_dies),
		cmocka_unit_test(test_orderly_end_leaves_nothing),
		cmocka_unit_test(test_what_was_left_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
