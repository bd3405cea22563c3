/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which paths a role looks up on its way into the sandbox. One on a disk is one
 * more way to hang on it: a driver that only asks the kernel has none.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/sandbox/room.h"

#define RIGHT(cap) (UINT64_C(1) << (cap))
#define PATHS_MAX  64

static char paths[PATHS_MAX][64];
static size_t n_paths;
static bool no_files; /* at fs.file-max: only for who has CAP_SYS_ADMIN */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);

int __wrap_open(const char *path, int flags, ...)
{
	if (no_files && (sandbox_permitted() & RIGHT(CAP_SYS_ADMIN)) == 0) {
		errno = ENFILE;
		return -1;
	}
	assert_int_equal(flags & O_PATH, O_PATH);
	assert_true(n_paths < PATHS_MAX);
	HALE_SET(paths[n_paths], path);
	n_paths++;
	return __real_open("/", flags);
}

/* A kernel with landlock, whatever this one is; nobody is confined. */
long __wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number == SYS_capget || number == SYS_capset)
		return __real_syscall(number, a, b, c, d);
	if (number != SYS_landlock_create_ruleset)
		return 0;
	if (a != 0 && no_files &&
	    (sandbox_permitted() & RIGHT(CAP_SYS_ADMIN)) == 0) {
		errno = ENFILE;
		return -1;
	}
	return a == 0 ? 1 : __real_open("/", O_PATH | O_CLOEXEC);
}

static void enter(enum sandbox_role role, uint64_t rights)
{
	const struct sandbox_setup s = { .capabilities = rights };

	int fd = -1;

	n_paths = 0;
	assert_int_equal(sandbox_landlock(role, &s, &fd), 0);
	assert_int_equal(sandbox_landlock_enter(fd), 0);
	assert_true(n_paths > 0);
}

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

/* What the kernel or a boot makes anew; the root itself is always at hand. */
static bool is_in_memory(const char *path)
{
	return is_below(path, "/proc") || is_below(path, "/sys") ||
	       is_below(path, "/dev") || is_below(path, "/run") ||
	       strcmp(path, "/") == 0;
}

static bool looked_up(const char *path)
{
	for (size_t i = 0; i < n_paths; i++) {
		if (strcmp(paths[i], path) == 0)
			return true;
	}
	return false;
}

static void assert_all_in_memory(void)
{
	for (size_t i = 0; i < n_paths; i++) {
		if (!is_in_memory(paths[i]))
			fail_msg("%s is looked up", paths[i]);
	}
}

static void test_a_driver_needs_no_disk(void **state)
{
	(void)state;
	enter(SANDBOX_DRIVER, RIGHT(CAP_DAC_READ_SEARCH));
	assert_all_in_memory();
	assert_true(looked_up("/proc"));
	assert_true(looked_up("/sys"));
	enter(SANDBOX_DRIVER,
	      RIGHT(CAP_DAC_READ_SEARCH) | RIGHT(CAP_SYS_ADMIN));
	assert_all_in_memory();
	enter(SANDBOX_DRIVER, 0);
	assert_all_in_memory();
}

static void test_kept_logs_are_for_who_may_read_logs(void **state)
{
	(void)state;
	enter(SANDBOX_DRIVER, RIGHT(CAP_DAC_READ_SEARCH) | RIGHT(CAP_SYSLOG));
	assert_true(looked_up("/var/lib/systemd/pstore"));
	assert_false(looked_up("/usr"));
}

static void test_a_helper_has_its_programs(void **state)
{
	(void)state;
	enter(SANDBOX_HELPER, RIGHT(CAP_DAC_OVERRIDE));
	assert_true(looked_up("/usr"));
	assert_true(looked_up("/etc/docker"));
	assert_true(looked_up("/proc"));
	assert_true(sandbox_sanitized || !looked_up("/"));
}

/* In a process of its own, which gives its rights up; its exit status. */
static int writer_at_the_last_file(void)
{
	static const char *const folder[] = { "/tmp", NULL };
	const struct sandbox_user nobody = { true, 65534, 65534 };
	const struct sandbox_setup s = { .user = &nobody, .writable = folder };
	char lacks[SANDBOX_TEXT_MAX];
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		no_files = true;
		n_paths = 0;
		_exit(sandbox_enter(SANDBOX_WRITER, &s, lacks) == 0 &&
				      n_paths >= 1
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void where_there_is_no_file_left(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(writer_at_the_last_file(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_driver_needs_no_disk),
		cmocka_unit_test(test_kept_logs_are_for_who_may_read_logs),
		cmocka_unit_test(test_a_helper_has_its_programs),
		cmocka_unit_test(where_there_is_no_file_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
