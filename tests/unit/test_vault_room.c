/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault where memory is short: nobody is ended for what there is no page
 * for, on kernels that can be asked beforehand and on those that cannot.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/vault.h"

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

/* As before Linux 5.14. */
static bool old_kernel;
int __real_madvise(void *at, size_t len, int advice);
int __wrap_madvise(void *at, size_t len, int advice);

int __wrap_madvise(void *at, size_t len, int advice)
{
	if (!old_kernel || advice != 23 /* MADV_POPULATE_WRITE */)
		return __real_madvise(at, len, advice);
	errno = EINVAL;
	return -1;
}

static int enter_tmpfs(char *place, const char *options)
{
	assert_non_null(mkdtemp(place));
	if (mount("tmpfs", place, "tmpfs", 0, options) < 0) {
		rmdir(place);
		skip();
	}
	return open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* All that there is. */
static int fill(int dir_fd)
{
	static const char much[64 * 1024];
	int fd =
		openat(dir_fd, "ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (write(fd, much, sizeof(much)) > 0)
		;
	return fd;
}

static void leave_tmpfs(const char *place, int dir_fd)
{
	close(dir_fd);
	assert_int_equal(umount2(place, MNT_DETACH), 0);
	assert_int_equal(rmdir(place), 0);
}

static void write_both(int fd)
{
	struct vault mapped = VAULT_NULL;

	assert_int_equal(vault_open(dup(fd), &mapped), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(vault_reserve(&mapped, VAULT_SLOT_MAX), 0);
		memset(vault_next(&mapped), 'a' + i, VAULT_SLOT_MAX);
		assert_int_equal(vault_commit(&mapped, VAULT_SLOT_MAX), 0);
	}
	vault_done(&mapped);
}

/* Where a core cannot ask whether there is memory for what it writes, all of it
 * is there before the first. */
static void test_an_old_kernel_has_it_all(void **state)
{
	char place[] = "/tmp/hale-vault-XXXXXX";
	struct vault held = VAULT_NULL;
	int dir_fd = enter_tmpfs(place, "size=10m,mode=700"), fd;

	(void)state;
	old_kernel = true;
	assert_int_equal(vault_new_in(dir_fd, &held), 0);
	fd = fill(dir_fd);
	write_both(held.fd);
	close(fd);
	vault_done(&held);
	old_kernel = false;
	leave_tmpfs(place, dir_fd);
}

/* Nor does a run folder that is full already cost it the vault; only a
 * supervisor that is killed takes it along. */
static void test_an_old_kernel_and_no_room(void **state)
{
	char place[] = "/tmp/hale-vault-XXXXXX";
	struct vault held = VAULT_NULL, next = VAULT_NULL;
	int dir_fd = enter_tmpfs(place, "size=256k,mode=700"), fd;

	(void)state;
	assert_int_equal(vault_new_in(dir_fd, &held), 0);
	assert_int_equal(vault_put(&held, 7, (const uint8_t *)"left", 4), 0);
	vault_done(&held);
	fd = fill(dir_fd);
	old_kernel = true;
	assert_int_equal(vault_new_in(dir_fd, &next), 1);
	assert_string_equal(newest(&next), "7 left");
	assert_int_equal(faccessat(dir_fd, VAULT_NAME, F_OK, 0), -1);
	write_both(next.fd);
	close(fd);
	vault_done(&next);
	old_kernel = false;
	leave_tmpfs(place, dir_fd);
}

/* A run folder that has no room left: with what to write there a core would be
 * ended by SIGBUS, and so would the next. */
static void test_where_memory_runs_out_nobody_dies(void **state)
{
	char place[] = "/tmp/hale-vault-XXXXXX";
	struct vault held = VAULT_NULL, mapped = VAULT_NULL;
	int dir_fd = enter_tmpfs(place, "size=256k,mode=700"), fd;

	(void)state;
	assert_int_equal(vault_new_in(dir_fd, &held), 0);
	fd = fill(dir_fd);
	assert_int_equal(vault_open(dup(held.fd), &mapped), 0);
	assert_string_equal(newest(&mapped), "0 ");
	assert_int_equal(vault_reserve(&mapped, 32 * 1024), -ENOSPC);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(vault_reserve(&mapped, 32 * 1024), 0);
	memset(vault_next(&mapped), 'x', 32 * 1024);
	assert_int_equal(vault_commit(&mapped, 32 * 1024), 0);
	vault_done(&mapped);
	vault_done(&held);
	close(fd);
	leave_tmpfs(place, dir_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_memory_runs_out_nobody_dies),
		cmocka_unit_test(test_an_old_kernel_has_it_all),
		cmocka_unit_test(test_an_old_kernel_and_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
