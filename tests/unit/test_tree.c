/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who belongs to a process tree and what all of it used: a /proc of our own, in
 * which processes come, go, and come again under the same number.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/tree/tree.h"
#include "agent/run/tree/tree_proc.h"

#define PIDS 1200

struct world {
	char dir[64];
	struct tree *tree;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/hale-tree-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->tree = calloc(1, sizeof(*w->tree));
	w->tree->proc_fd = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	w->tree->cgroup_fd = -1;
	w->tree->root = 10;
	*state = w;
	return 0;
}

static void gone(struct world *w, int pid)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%d/stat", w->dir, pid);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%d/io", w->dir, pid);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%d/cgroup.procs", w->dir, pid);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%d", w->dir, pid);
	rmdir(path);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	for (int pid = 1; pid < PIDS; pid++)
		gone(w, pid);
	rmdir(w->dir);
	close(w->tree->proc_fd);
	free(w->tree);
	free(w);
	return 0;
}

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

struct process {
	int pid, parent, group, start, cpu, children, io;
};

static void put(const struct world *w, struct process p)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "%d (a) (b) S %d %d 1 0 -1 0 0 0 0 0 %d 0 %d 0 20 0 1 0 %d "
		 "0 2 0\n",
		 p.pid, p.parent, p.group ? p.group : 10, p.cpu, p.children,
		 p.start ? p.start : 5);
	put_file(w, p.pid, "stat", text);
	snprintf(text, sizeof(text),
		 "rchar: %d\nwchar: 0\nread_bytes: %d\nwrite_bytes: 0\n", p.io,
		 p.io);
	put_file(w, p.pid, "io", text);
}

static void sample(struct world *w)
{
	assert_int_equal(tree_sample(w->tree), 0);
}

static void descendants_belong_and_others_do_not(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 1, .group = 1 });
	put(w, (struct process){ .pid = 10, .parent = 1 });
	/* a number below its parent's, in another group */
	put(w, (struct process){ .pid = 9, .parent = 11, .group = 9 });
	put(w, (struct process){ .pid = 11, .parent = 10, .group = 11 });
	put(w, (struct process){ .pid = 12, .parent = 1, .group = 12 });
	sample(w);
	assert_int_equal(w->tree->alive, 3);
	assert_non_null(tree_find(w->tree, 9));
	assert_null(tree_find(w->tree, 12));
	assert_null(tree_find(w->tree, 1));
	assert_string_equal(tree_find(w->tree, 11)->comm, "a) (b");
}

static void what_a_parent_inherits_counts_once(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 10, .cpu = 5, .io = 100 });
	put(w, (struct process){ .pid = 11, .parent = 10, .cpu = 50, .io = 7 });
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 55);
	assert_int_equal(w->tree->read_bytes, 107);
	/* it went on for 20 and ended; its parent waited for it */
	gone(w, 11);
	put(w,
	    (struct process){ .pid = 10, .cpu = 6, .children = 70, .io = 110 });
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 76);
	assert_int_equal(w->tree->read_bytes, 110);
	assert_false(tree_find(w->tree, 11)->seen);
}

/* Child and grandchild end within one interval. */
static void a_whole_branch_counts_once(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 10 });
	put(w, (struct process){ .pid = 11, .parent = 10, .cpu = 30 });
	put(w, (struct process){ .pid = 12, .parent = 11, .cpu = 40 });
	sample(w);
	gone(w, 11);
	gone(w, 12);
	put(w, (struct process){ .pid = 10, .children = 75 });
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 75);
}

static void totals_never_run_back(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 10 });
	put(w, (struct process){ .pid = 11, .parent = 10, .cpu = 90, .io = 9 });
	sample(w);
	/* nobody waited for it: SIGCHLD is ignored */
	gone(w, 11);
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 90);
	gone(w, 10);
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 90);
	assert_int_equal(w->tree->read_bytes, 9);
	assert_int_equal(w->tree->alive, 0);
}

static void a_daemon_stays_a_member(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 1, .group = 1 });
	put(w, (struct process){ .pid = 10, .parent = 1 });
	put(w, (struct process){ .pid = 11, .parent = 10, .group = 11 });
	sample(w);
	put(w,
	    (struct process){ .pid = 11, .parent = 1, .group = 11, .cpu = 9 });
	put(w, (struct process){ .pid = 12, .parent = 11, .group = 11 });
	gone(w, 10);
	sample(w);
	assert_int_equal(w->tree->alive, 2);
	assert_int_equal(w->tree->cpu_ticks, 9);
}

static void a_number_that_comes_again_is_another(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 1, .group = 1 });
	put(w, (struct process){ .pid = 10, .parent = 1 });
	put(w, (struct process){ .pid = 11, .parent = 10, .cpu = 80 });
	sample(w);
	/* somebody else's now */
	put(w, (struct process){ .pid = 11,
				 .parent = 1,
				 .group = 77,
				 .start = 99,
				 .cpu = 1000 });
	sample(w);
	assert_int_equal(w->tree->alive, 1);
	assert_int_equal(w->tree->cpu_ticks, 80);
	/* and one of the tree's own again */
	put(w, (struct process){
		       .pid = 11, .parent = 10, .start = 120, .cpu = 3 });
	sample(w);
	assert_int_equal(w->tree->alive, 2);
	assert_int_equal(w->tree->cpu_ticks, 83);
}

static void too_many_are_cut_and_the_dead_make_room(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 10 });
	for (int pid = 100; pid < 100 + TREE_MAX; pid++)
		put(w, (struct process){ .pid = pid, .parent = 10 });
	sample(w);
	assert_true(w->tree->cut);
	assert_int_equal(w->tree->n, TREE_MAX);
	for (int pid = 100; pid < 100 + TREE_MAX; pid++)
		gone(w, pid);
	sample(w);
	sample(w);
	put(w, (struct process){ .pid = 99, .parent = 10 });
	sample(w);
	assert_int_equal(w->tree->alive, 2);
	assert_non_null(tree_find(w->tree, 99));
}

/* Its cgroup names the command, too. */
static void a_cgroup_s_members_count_once(void **state)
{
	struct world *w = *state;

	put(w, (struct process){ .pid = 10, .cpu = 5 });
	put(w, (struct process){ .pid = 11, .parent = 10, .group = 11 });
	/* a pid of our own /proc serves as the cgroup's folder */
	put_file(w, 1000, "cgroup.procs", "10\n11\n");
	w->tree->cgroup_fd = openat(w->tree->proc_fd, "1000",
				    O_PATH | O_DIRECTORY | O_CLOEXEC);
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 5);
	put(w, (struct process){ .pid = 10, .cpu = 9 });
	sample(w);
	assert_int_equal(w->tree->cpu_ticks, 9);
	assert_int_equal(w->tree->alive, 2);
	put_file(w, 1000, "cgroup.procs", "");
	gone(w, 10);
	sample(w);
	/* it left the cgroup, and is still a member */
	assert_int_equal(w->tree->alive, 1);
	close(w->tree->cgroup_fd);
}

static void broken_files_are_no_processes(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"12",
		"12 (a",
		"12 (a)",
		"12 (a) ",
		"12 (a) S 1 2 3",
		") 12 (",
		"0 (a) S 1 1 1",
		"99999999999 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
	};
	struct tree_process p;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(texts); i++)
		assert_true(tree_parse_stat(texts[i], &p) < 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(descendants_belong_and_others_do_not),
		CASE(what_a_parent_inherits_counts_once),
		CASE(a_whole_branch_counts_once),
		CASE(totals_never_run_back),
		CASE(a_daemon_stays_a_member),
		CASE(a_number_that_comes_again_is_another),
		CASE(too_many_are_cut_and_the_dead_make_room),
		CASE(a_cgroup_s_members_count_once),
		CASE(broken_files_are_no_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
