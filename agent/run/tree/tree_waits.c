/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where does a stalled tree wait? Decides which thread of which process is the
 * one to name: not the make that waits for a child, not the pool of threads
 * that has nothing to do, but the leaf that all of them wait for. What each
 * does is tree_act.c's, what that means to people tree_place.c's. Must never
 * take long: it looks at so many threads, no more. Invariant: with any member
 * alive one is named, if only with its state.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"
#include "hale/text.h"

#include "tree_proc.h"
#include "tree_wait.h"

/* Of one process, and of all: some 50 us each. */
#define THREADS_MAX	64
#define THREADS_ALL_MAX 2048

/* --- one thread
 * -------------------------------------------------------------------- */

static void plain(struct tree_wait *ret, enum tree_rank rank,
		  enum run_wait wait, const char *what)
{
	ret->rank = rank;
	ret->wait = wait;
	HALE_SET(ret->what, what);
}

/* poll(2) and the like: the most telling of what it waits for. With a socket
 * among others a terminal is what a person could stop it by, not a prompt. */
static void wait_set(const struct tree_look *l, const struct tree_act_of *a,
		     struct tree_wait *ret)
{
	struct tree_wait best = { 0 };
	bool socket = false;

	if (a->n == 0 && a->called)
		plain(ret, TREE_RANK_TIMER, RUN_WAIT_TIMER,
		      "waits for a timer");
	for (uint32_t i = 0; i < a->n; i++) {
		struct tree_wait one = { 0 };

		tree_wait_fd(l, a->fds[i], false, &one);
		socket |= one.rank == TREE_RANK_SOCKET;
		if (one.rank > best.rank &&
		    (one.wait != RUN_WAIT_TERMINAL || !socket))
			best = one;
		if (one.rank == TREE_RANK_SOCKET &&
		    best.wait == RUN_WAIT_TERMINAL)
			best = one;
	}
	if (best.rank == TREE_RANK_SOCKET)
		best.rank = TREE_RANK_POLLED;
	if (best.rank > ret->rank)
		*ret = best;
}

/* read(2) of a file that the wait of a call is not known for: of the terminal,
 * if its input is one. */
static void wait_read(const struct tree_look *l, const struct tree_act_of *a,
		      struct tree_wait *ret)
{
	bool tty = strncmp(a->wchan, "n_tty", 5) == 0;

	if (a->fd >= 0)
		tree_wait_fd(l, a->fd, a->act == TREE_ACT_WRITE, ret);
	else if (a->act == TREE_ACT_READ)
		tree_wait_fd(l, 0, false, ret);
	if (a->fd < 0 && tty && ret->wait != RUN_WAIT_TERMINAL)
		plain(ret, TREE_RANK_TERMINAL, RUN_WAIT_TERMINAL,
		      "waits to read its terminal: does it ask something?");
}

static void wait_path(const struct tree_act_of *a, struct tree_wait *ret)
{
	char text[160];

	snprintf(text, sizeof(text), "waits for somebody to open %.96s",
		 a->path[0] ? a->path : "a FIFO");
	ret->rank = TREE_RANK_INPUT;
	ret->wait = RUN_WAIT_INPUT;
	hale_print_text(ret->what, sizeof(ret->what), text, strlen(text));
}

static void wait_of(const struct tree_look *l, const struct tree_act_of *a,
		    struct tree_wait *ret)
{
	switch (a->act) {
	case TREE_ACT_NONE:
	case TREE_ACT_COUNT:
		break;
	case TREE_ACT_READ:
	case TREE_ACT_WRITE:
		wait_read(l, a, ret);
		break;
	case TREE_ACT_SET:
		wait_set(l, a, ret);
		break;
	case TREE_ACT_LOCK:
		tree_wait_lock(l, a->fd, ret);
		break;
	case TREE_ACT_FUTEX:
		plain(ret, TREE_RANK_PARKED, RUN_WAIT_LOCK,
		      "waits for a lock inside of the program (futex)");
		break;
	case TREE_ACT_CHILD:
		plain(ret, TREE_RANK_MEMBER, RUN_WAIT_CHILD,
		      "waits for a child");
		break;
	case TREE_ACT_TIMER:
		plain(ret, TREE_RANK_TIMER, RUN_WAIT_TIMER,
		      "waits for a timer: it sleeps");
		break;
	case TREE_ACT_PATH:
		wait_path(a, ret);
		break;
	case TREE_ACT_DISK:
		tree_wait_disk(l, a, ret);
		break;
	case TREE_ACT_SOCKET:
		plain(ret, TREE_RANK_SOCKET, RUN_WAIT_SOCKET,
		      "waits for a socket");
		if (a->fd >= 0)
			tree_wait_fd(l, a->fd, false, ret);
		break;
	}
}

/* --- one process
 * -------------------------------------------------------------------- */

static void look_at_thread(const struct tree_look *l, const char *tid,
			   struct tree_wait *best)
{
	struct tree_wait one = { 0 };
	struct tree_act_of a;
	char path[32];
	int task;

	snprintf(path, sizeof(path), "task/%.16s", tid);
	task = openat(l->dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (task < 0)
		return;
	tree_act_of(l, task, &a);
	close(task);
	wait_of(l, &a, &one);
	one.pid = l->pid;
	if (one.rank > best->rank)
		*best = one;
}

static void look_at_threads(const struct tree_look *l, int *left,
			    struct tree_wait *best)
{
	int fd = openat(l->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!d && fd >= 0)
		close(fd);
	for (int n = 0; d && n<THREADS_MAX && * left> 0 && (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		look_at_thread(l, e->d_name, best);
		n++;
		(*left)--;
	}
	if (d)
		closedir(d);
}

/* A job in the background that reads its terminal is stopped by it. */
static void look_at_stopped(const struct tree_process *e,
			    struct tree_wait *best)
{
	if (e->state != 'T' || best->rank >= TREE_RANK_TERMINAL)
		return;
	if (e->background)
		plain(best, TREE_RANK_TERMINAL, RUN_WAIT_TERMINAL,
		      "is stopped in the background: does it want the "
		      "terminal?");
	else
		plain(best, TREE_RANK_POLLED, RUN_WAIT_UNKNOWN,
		      "is stopped by a signal");
	best->pid = e->pid;
}

static void look_at(const struct tree *t, const struct tree_process *e,
		    int *left, struct tree_wait *best)
{
	struct tree_look l = { .tree = t, .pid = e->pid };
	char name[16];

	snprintf(name, sizeof(name), "%d", e->pid);
	l.dir = openat(t->proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l.dir < 0)
		return;
	look_at_threads(&l, left, best);
	close(l.dir);
	look_at_stopped(e, best);
}

void tree_waits(const struct tree *t, struct run_stall *ret_stall)
{
	struct tree_wait best = { 0 };
	const struct tree_process *named = NULL;
	int left = THREADS_ALL_MAX;
	char text[HALE_EVIDENCE_MAX];

	for (uint32_t i = 0; i < t->n; i++) {
		const struct tree_process *e = &t->processes[i];

		if (!e->seen || e->state == 'Z')
			continue;
		/* of those that say nothing, the latest: a leaf */
		if (best.rank == TREE_RANK_NOTHING)
			named = e;
		look_at(t, e, &left, &best);
	}
	if (best.rank != TREE_RANK_NOTHING)
		named = tree_find(t, best.pid);
	if (!named)
		return;
	ret_stall->wait = best.wait;
	ret_stall->pid = named->pid;
	ret_stall->major = best.major;
	ret_stall->minor = best.minor;
	HALE_SET(ret_stall->comm, named->comm);
	snprintf(text, sizeof(text), "%.32s (pid %d) %s", named->comm,
		 named->pid,
		 best.what[0] ? best.what : "waits, it is not known for what");
	hale_print_text(ret_stall->what, sizeof(ret_stall->what), text,
			strlen(text));
}
