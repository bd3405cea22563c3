/* SPDX-License-Identifier: Apache-2.0 */
/* The CLI plugins of the engine: which of their ends are faults, and what they
 * are given when they are started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

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
		{ "[ ! -e /proc/$$/fd/50 ] || kill -BUS $$", "holds=0" },
		{ "read x && kill -BUS $$; [ -z \"$TMPDIR$USER\" ] || kill "
		  "-BUS $$",
		  "holds=0" },
	};

	(void)state;
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
