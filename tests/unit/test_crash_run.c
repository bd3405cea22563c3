/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiler that crashed is run again: compilers of our own, found in PATH,
 * that crash always, never, or now and then.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/again/crash.h"
#include "agent/run/launch/tail.h"

struct world {
	char dir[64], was[HALE_PATH_MAX];
	struct tail *tail;
	struct run_options options;
	struct run_attempt attempt;
	struct run_text text;
	struct crash_retest got;
};

static void put_file(const struct world *w, const char *name, mode_t mode,
		     const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int set_up(void **state)
{
	static char program[] = "true";
	static char *command[] = { program, NULL };
	struct world *w = calloc(1, sizeof(*w));
	char path[256];

	strcpy(w->dir, "/tmp/hale-crash-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_non_null(getcwd(w->was, sizeof(w->was)));
	assert_int_equal(chdir(w->dir), 0);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", w->dir);
	setenv("PATH", path, 1);
	put_file(w, "a.c", 0644, "int a;\n");
	w->tail = calloc(1, sizeof(*w->tail));
	w->attempt = (struct run_attempt){ .command = command,
					   .tail = w->tail,
					   .end = RUN_EXITED,
					   .status = 1,
					   .wall_ns = HALE_NS_PER_S };
	w->text.cause = HALE_CAUSE_TOOLCHAIN_CRASH;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "a.c", "gcc", "a.o", "ran" };
	struct world *w = *state;
	char path[128];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, files[i]);
		unlink(path);
	}
	assert_int_equal(chdir(w->was), 0);
	/* nothing of a retest is left, here or elsewhere */
	assert_int_equal(rmdir(w->dir), 0);
	free(w->tail);
	free(w);
	return 0;
}

static bool is_there(const struct world *w, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	return access(path, F_OK) == 0;
}

static void retest(struct world *w, const char *gcc, const char *output)
{
	put_file(w, "gcc", 0755, gcc);
	tail_put(w->tail, output, strlen(output));
	assert_true(crash_happened(&w->attempt, &w->text));
	assert_int_equal(
		crash_retest(&w->options, &w->attempt, &w->text, &w->got), 0);
}

#define OUTPUT                                                                 \
	"gcc -c a.c -o a.o\na.c:1:1: internal compiler error: Segmentation "   \
	"fault\n"

static void it_passes_now(void **state)
{
	struct world *w = *state;

	retest(w, "#!/bin/sh\n: >\"$4\"\n", OUTPUT);
	assert_int_equal(w->got.verdict, CRASH_DIFFERENT);
	assert_false(w->got.whole);
	assert_int_equal(w->got.runs, 3);
	assert_int_equal(w->got.crashed, 0);
	assert_string_equal(w->got.command, "gcc -c a.c -o a.o");
	/* the build's own output is not touched */
	assert_false(is_there(w, "a.o"));
}

static void it_always_crashes(void **state)
{
	struct world *w = *state;

	retest(w, "#!/bin/sh\nkill -SEGV $$\n", OUTPUT);
	assert_int_equal(w->got.verdict, CRASH_SAME);
	assert_int_equal(w->got.crashed, 3);
}

static void a_driver_tells_of_the_crash(void **state)
{
	struct world *w = *state;

	retest(w,
	       "#!/bin/sh\necho 'a.c:1:1: internal compiler error: oh' >&2\n"
	       "exit 4\n",
	       OUTPUT);
	assert_int_equal(w->got.verdict, CRASH_SAME);
}

static void it_crashes_now_and_then(void **state)
{
	struct world *w = *state;

	retest(w,
	       "#!/bin/sh\n[ -e \"$TMPDIR/n\" ] && kill -SEGV $$\n"
	       ": >\"$TMPDIR/n\"\n",
	       OUTPUT);
	assert_int_equal(w->got.verdict, CRASH_DIFFERENT);
	assert_int_equal(w->got.crashed, 2);
}

static void an_error_is_not_another_result(void **state)
{
	struct world *w = *state;

	retest(w, "#!/bin/sh\necho 'a.c:1:1: error: no' >&2\nexit 1\n", OUTPUT);
	assert_int_equal(w->got.verdict, CRASH_NOT_RETESTED);
	assert_int_equal(w->got.runs, 1);
	assert_true(w->got.note[0] != '\0');
}

static void all_of_it_where_the_command_is_not_shown(void **state)
{
	struct world *w = *state;

	retest(w, "#!/bin/sh\n", "a.c:1:1: internal compiler error: oh\n");
	assert_true(w->got.whole);
	assert_int_equal(w->got.verdict, CRASH_DIFFERENT);
	assert_non_null(strstr(w->got.note, "all of the build"));
}

/* A program that others may write is not run because an output names it; nor
 * is the compiler of a container run here. */
static void what_is_not_trusted_is_not_run(void **state)
{
	static const char evil[] = "#!/bin/sh\n: >ran\n";
	struct world *w = *state;

	retest(w, evil,
	       "gcc -fplugin=x.so -c a.c\na.c:1:1: internal compiler "
	       "error: oh\n");
	assert_true(w->got.whole);
	assert_non_null(strstr(w->got.note, "-fplugin"));
	memset(w->tail, 0, sizeof(*w->tail));
	tail_put(w->tail, OUTPUT, strlen(OUTPUT));
	put_file(w, "gcc", 0777, evil);
	assert_int_equal(
		crash_retest(&w->options, &w->attempt, &w->text, &w->got), 0);
	assert_true(w->got.whole);
	HALE_SET(w->text.tool, "docker-buildx");
	put_file(w, "gcc", 0755, evil);
	assert_int_equal(
		crash_retest(&w->options, &w->attempt, &w->text, &w->got), 0);
	assert_true(w->got.whole);
	assert_false(is_there(w, "ran"));
}

/* A compiler's name is no compiler: links, and folders of others. */
static void a_name_that_leads_elsewhere_is_not_run(void **state)
{
	static const char say[] = "a.c:1:1: internal compiler error: oh\n";
	struct world *w = *state;
	char output[512];

	/* a shell by the name of gcc would take its options for a script */
	put_file(w, "gcc", 0755, "");
	snprintf(output, sizeof(output), "%s/gcc", w->dir);
	unlink(output);
	assert_int_equal(symlink("/bin/sh", output), 0);
	snprintf(output, sizeof(output), "%s/gcc -c a.c\n%s", w->dir, say);
	tail_put(w->tail, output, strlen(output));
	assert_int_equal(
		crash_retest(&w->options, &w->attempt, &w->text, &w->got), 0);
	assert_true(w->got.whole);
	/* our own file, but of a folder that is searched for no program */
	memset(w->tail, 0, sizeof(*w->tail));
	setenv("PATH", "/usr/bin:/bin", 1);
	snprintf(output, sizeof(output), "%s/gcc", w->dir);
	unlink(output);
	retest(w, "#!/bin/sh\n: >ran\n", "");
	snprintf(output, sizeof(output), "%s/gcc -c a.c\n%s", w->dir, say);
	tail_put(w->tail, output, strlen(output));
	assert_int_equal(
		crash_retest(&w->options, &w->attempt, &w->text, &w->got), 0);
	assert_true(w->got.whole);
	assert_false(is_there(w, "ran"));
}

static void a_folder_that_anyone_writes_is_no_place(void **state)
{
	struct world *w = *state;

	assert_int_equal(chmod(w->dir, 0777), 0);
	retest(w, "#!/bin/sh\n", OUTPUT);
	assert_true(w->got.whole);
}

/* The kernel's bar: needs Landlock, without which nothing is run. */
static void it_writes_nowhere_else(void **state)
{
	struct world *w = *state;
	struct stat st;
	char path[128];

	put_file(w, "a.o", 0644, "made by the build");
	retest(w,
	       "#!/bin/sh\n: >ran\n: >a.o\ntruncate -s 0 a.o\nrm a.o\n"
	       "mv a.o b.o\nmkdir d\nkill -SEGV $$\n",
	       OUTPUT);
	assert_false(is_there(w, "ran"));
	assert_false(is_there(w, "d"));
	snprintf(path, sizeof(path), "%s/a.o", w->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, strlen("made by the build"));
}

static void no_crash_no_retest(void **state)
{
	struct world *w = *state;
	struct run_text code = { .cause = HALE_CAUSE_CODE };

	assert_false(crash_happened(&w->attempt, &code));
	assert_false(crash_happened(&w->attempt, NULL));
	w->attempt.n_deaths = 1;
	w->attempt.deaths[0].signal = 11;
	HALE_SET(w->attempt.deaths[0].comm, "cc1plus");
	assert_true(crash_happened(&w->attempt, &code));
	HALE_SET(w->attempt.deaths[0].comm, "my-test");
	assert_false(crash_happened(&w->attempt, &code));
	w->attempt.status = 0;
	assert_false(crash_happened(&w->attempt, &w->text));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_passes_now),
		CASE(it_always_crashes),
		CASE(a_driver_tells_of_the_crash),
		CASE(it_crashes_now_and_then),
		CASE(an_error_is_not_another_result),
		CASE(all_of_it_where_the_command_is_not_shown),
		CASE(what_is_not_trusted_is_not_run),
		CASE(a_name_that_leads_elsewhere_is_not_run),
		CASE(a_folder_that_anyone_writes_is_no_place),
		CASE(it_writes_nowhere_else),
		CASE(no_crash_no_retest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
