/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What container engines do for a command that only waits for them: a /proc of
 * our own.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/tree/tree_engine.h"

#define PIDS  100
#define BEGAN 500 /* ticks since the boot: when the command did */

struct world {
	char dir[64];
	int proc_fd;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	HALE_SET(w->dir, "/tmp/hale-engine-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->proc_fd = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char path[128];

	for (int pid = 1; pid < PIDS; pid++) {
		snprintf(path, sizeof(path), "%s/%d/stat", w->dir, pid);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%d/io", w->dir, pid);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%d", w->dir, pid);
		rmdir(path);
	}
	close(w->proc_fd);
	rmdir(w->dir);
	free(w);
	return 0;
}

struct process {
	int pid, parent;
	const char *comm;
	int start, cpu, io;
};

static void put_file(const struct world *w, int pid, const char *name,
		     const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%d", w->dir, pid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%d/%s", w->dir, pid, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static void put(const struct world *w, struct process p)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "%d (%s) S %d %d 1 0 -1 0 0 0 0 0 %d 0 0 0 20 0 1 0 %d 0 2 "
		 "0\n",
		 p.pid, p.comm, p.parent, p.pid, p.cpu, p.start);
	put_file(w, p.pid, "stat", text);
	snprintf(text, sizeof(text),
		 "rchar: %d\nwchar: 0\nread_bytes: 0\nwrite_bytes: 0\n", p.io);
	put_file(w, p.pid, "io", text);
}

static void no_engine_is_no_work(void **state)
{
	struct tree_engine e = { .cpu_ticks = 7 };
	struct world *w = *state;

	put(w, (struct process){ 1, 0, "init", 1, 900, 900 });
	put(w, (struct process){ 10, 1, "make", 600, 50, 60 });
	assert_int_equal(tree_engine(w->proc_fd, BEGAN, &e), 0);
	assert_int_equal(e.cpu_ticks, 0);
	assert_int_equal(e.io_bytes, 0);
}

/* The engine's own reading and writing never ends: only its processor's time
 * tells of work. */
static void what_began_inside_since_counts(void **state)
{
	struct world *w = *state;
	struct tree_engine e;

	put(w, (struct process){ 1, 0, "init", 1, 900, 900 });
	put(w, (struct process){ 5, 1, "dockerd", 2, 3, 1000 });
	put(w, (struct process){ 6, 1, "containerd-shim", 550, 4, 1000 });
	/* a number below its parent's */
	put(w, (struct process){ 4, 6, "sh", 551, 10, 20 });
	put(w, (struct process){ 8, 4, "cc1", 600, 100, 200 });
	put(w, (struct process){ 9, 5, "runc", 560, 1, 2 });
	assert_int_equal(tree_engine(w->proc_fd, BEGAN, &e), 5);
	assert_int_equal(e.cpu_ticks, 3 + 4 + 10 + 100 + 1);
	assert_int_equal(e.io_bytes, 20 + 200 + 2);
}

static void what_ran_before_is_not_this_builds(void **state)
{
	struct world *w = *state;
	struct tree_engine e;

	put(w, (struct process){ 6, 1, "containerd-shim", 20, 4, 1000 });
	put(w, (struct process){ 7, 6, "postgres", 21, 5000, 9000 });
	assert_int_equal(tree_engine(w->proc_fd, BEGAN, &e), 1);
	assert_int_equal(e.cpu_ticks, 4);
	assert_int_equal(e.io_bytes, 0);
}

/* Two processes that name each other, as between two reads. */
static void a_ring_of_parents_ends(void **state)
{
	struct world *w = *state;
	struct tree_engine e;

	put(w, (struct process){ 6, 7, "a", 600, 4, 10 });
	put(w, (struct process){ 7, 6, "b", 600, 4, 10 });
	put_file(w, 8, "stat", "8 (broken");
	assert_int_equal(tree_engine(w->proc_fd, BEGAN, &e), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_engine_is_no_work),
		TEST(what_began_inside_since_counts),
		TEST(what_ran_before_is_not_this_builds),
		TEST(a_ring_of_parents_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
