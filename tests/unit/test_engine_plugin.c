/* SPDX-License-Identifier: Apache-2.0 */
/* The CLI plugins of the engine: which of their ends are faults, and what they
 * are given when they are started. */
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "hale/base.h"

#include "fake_engine.h"

struct plugin_case {
	const char *text;
	const char *says;
};

#define BUILDX "usr/libexec/docker/cli-plugins/docker-buildx"

static void plugins(void **state)
{
	static const struct plugin_case cases[] = {
		{ "[ $1 = docker-cli-plugin-metadata ]", "holds=0" },
		{ "kill -BUS $$",
		  "holds=1 value=0 total=0 evidence=\"docker-buildx "
		  "(/usr/libexec/docker/cli-plugins) died by SIGBUS when "
		  "started\"" },
		{ "kill -SEGV $$", "died by SIGSEGV" },
		{ "echo what; exit 1", "holds=0" },
		{ "kill -TERM $$", "holds=0" },
		/* it has nobody's rights, and no way back to ours */
		{ "id -u | grep -q 65534 || kill -BUS $$", "holds=0" },
		{ "[ $(id -u) = 65534 ] && kill -BUS $$", "holds=1" },
		/* Go reserves more address space than a probe may */
		{ "[ $(ulimit -v) = unlimited ] || kill -BUS $$", "holds=0" },
		{ "[ ! -e /proc/$$/fd/50 ] || kill -BUS $$", "holds=0" },
		{ "read x && kill -BUS $$; [ -z \"$TMPDIR$USER\" ] || kill "
		  "-BUS $$",
		  "holds=0" },
	};

	/* the probe's budget: soft, and far above what a sanitizer maps */
	const struct rlimit budget = { RLIM_INFINITY >> 14, RLIM_INFINITY };

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_AS, &budget), 0);
	assert_int_equal(dup2(0, 50), 50); /* not its business */
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		const char *want = cases[i].says;
		struct tree t;
		char *facts, *at;

		if (geteuid() != 0 && strstr(cases[i].text, "65534"))
			continue;
		engine_root_new(&t);
		engine_program(&t, BUILDX, cases[i].text);
		facts = engine_look(&t, false, true);
		at = strstr(facts, "plugin_broken part=engine/docker ");
		assert_non_null(at);
		if (!strstr(at, want))
			fail_msg("%s: not %s: %s", cases[i].text, want, at);
		free(facts);
		tree_remove(&t);
	}
}

/* Effective capabilities, the other sets stay; returns those that were. */
static uint32_t set_effective(uint32_t effective)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];
	uint32_t before;

	assert_int_equal(syscall(SYS_capget, &head, data), 0);
	before = data[0].effective;
	data[0].effective = effective;
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
	return before;
}

/* As in a service that may not set user ids: no plugin gets root's rights, and
 * nobody claims that they start. */
static void without_the_right_to_be_nobody(void **state)
{
	struct tree t;
	char *facts;
	uint32_t before;

	(void)state;
	if (geteuid() != 0)
		skip();
	engine_root_new(&t);
	engine_program(&t, BUILDX, "kill -BUS $$");
	tree_line(&t, "file usr/bin/podman = x");
	before = set_effective(0); /* says which they are */
	set_effective(before & ~(1U << CAP_SETUID | 1U << CAP_SETGID));
	facts = engine_look(&t, false, true);
	set_effective(before);
	engine_says_not(facts, "plugin_broken");
	engine_says(facts, "coverage engine of engine/docker partial why=\"its "
			   "plugins are not tried");
	free(facts);
	tree_remove(&t);
}

/* The helper is ended at its deadline, and what it has started with it, though
 * that has changed its user since. */
static void a_plugin_ends_with_us(void **state)
{
	char text[160], number[16] = "";
	const char *tmp = getenv("HALE_TMP");
	struct pollfd gone = { .events = POLLIN };
	struct tree t;
	pid_t helper;
	int fd;

	(void)state;
	engine_root_new(&t);
	assert_int_equal(chmod(t.path, 0755), 0);
	if (tmp) /* nobody has to get to the fifo in it */
		assert_int_equal(chmod(tmp, 0711), 0);
	assert_int_equal(mkfifoat(t.root_fd, "fifo", 0666), 0);
	assert_int_equal(fchmodat(t.root_fd, "fifo", 0666, 0), 0);
	snprintf(text, sizeof(text), "echo $$ >%s/fifo; exec sleep 30", t.path);
	engine_program(&t, BUILDX, text);
	helper = fork();
	if (helper == 0) {
		free(engine_look(&t, false, true));
		_exit(0);
	}
	fd = openat(t.root_fd, "fifo", O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, number, sizeof(number) - 1) > 0);
	close(fd);
	gone.fd = (int)syscall(SYS_pidfd_open, atoi(number), 0);
	assert_true(gone.fd >= 0);
	kill(helper, SIGKILL);
	waitpid(helper, NULL, 0);
	assert_int_equal(poll(&gone, 1, 2500), 1);
	close(gone.fd);
	tree_remove(&t);
}

/* A file that is no program any more: its blocks were lost. */
static void a_plugin_without_contents(void **state)
{
	struct tree t;
	char *facts;

	(void)state;
	engine_root_new(&t);
	tree_file(&t, BUILDX, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(fchmodat(t.root_fd, BUILDX, 0755, 0), 0);
	facts = engine_look(&t, false, true);
	engine_says(facts,
		    "plugin_broken part=engine/docker holds=1 value=0 total=0 "
		    "evidence=\"docker-buildx "
		    "(/usr/libexec/docker/cli-plugins) cannot be started: Exec "
		    "format error\"");
	free(facts);
	/* one that may not be executed is somebody's choice */
	assert_int_equal(fchmodat(t.root_fd, BUILDX, 0644, 0), 0);
	facts = engine_look(&t, false, true);
	engine_says(facts, "plugin_broken part=engine/docker holds=0");
	free(facts);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plugins),
		cmocka_unit_test(a_plugin_without_contents),
		cmocka_unit_test(without_the_right_to_be_nobody),
		cmocka_unit_test(a_plugin_ends_with_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
