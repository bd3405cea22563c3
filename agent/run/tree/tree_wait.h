/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TREE_WAIT_H
#define HALE_RUN_TREE_WAIT_H

/*
 * What one thread waits for, and what that is to people. Reads /proc only:
 * links, fdinfo, mountinfo, locks, net; never the files themselves.
 */

#include "tree.h"

/* How a thread waits, as the kernel shows it. */
enum tree_act {
	TREE_ACT_NONE = 0, /* it runs, or nothing is known */
	TREE_ACT_READ,
	TREE_ACT_WRITE,
	TREE_ACT_SET,  /* for one of several, as poll(2) */
	TREE_ACT_LOCK, /* of a file */
	TREE_ACT_FUTEX,
	TREE_ACT_CHILD,
	TREE_ACT_TIMER,
	TREE_ACT_PATH, /* looks up, makes, removes a name */
	TREE_ACT_DISK, /* the kernel's own wait for a disk */
	TREE_ACT_SOCKET,
	TREE_ACT_COUNT
};

#define TREE_FDS_MAX 64

struct tree_act_of {
	enum tree_act act;
	int fd;	    /* of READ, WRITE, LOCK, SOCKET; -1: not known */
	uint32_t n; /* of SET */
	int fds[TREE_FDS_MAX];
	char path[HALE_VICTIM_PATH_MAX]; /* of PATH; "" */
	char wchan[48];			 /* "" */
	char state;
	bool called; /* known from its system call */
};

/* How telling a wait is: of all threads of a tree the one that ranks highest is
 * named, because the others wait for it or are idle. */
enum tree_rank {
	TREE_RANK_NOTHING = 0,
	TREE_RANK_IDLE,	  /* a server that nobody calls */
	TREE_RANK_MEMBER, /* waits for another of the tree */
	TREE_RANK_PARKED, /* a futex: threads that have nothing to do, too */
	TREE_RANK_TIMER,
	TREE_RANK_INPUT,
	TREE_RANK_POLLED, /* one of several things it could go on with */
	TREE_RANK_SOCKET,
	TREE_RANK_LOCK,
	TREE_RANK_TERMINAL,
	TREE_RANK_DISK,
};

struct tree_wait {
	enum tree_rank rank;
	enum run_wait wait;
	pid_t pid;
	uint32_t major, minor; /* of DISK, the superblock's; or 0 */
	char what[160];	       /* "waits to read the terminal /dev/pts/3" */
};

/* A process whose files are looked at. */
struct tree_look {
	const struct tree *tree;
	pid_t pid;
	int dir; /* /proc/PID */
};

/* tree_act.c: of one thread; @task is its folder. */
void tree_act_of(const struct tree_look *l, int task, struct tree_act_of *ret);
/* tree_place.c: what its fd is. */
void tree_wait_fd(const struct tree_look *l, int fd, bool writes,
		  struct tree_wait *ret);
void tree_wait_lock(const struct tree_look *l, int fd, struct tree_wait *ret);
/* Of which filesystem is it: by an fd, or else by a path. */
void tree_wait_disk(const struct tree_look *l, const struct tree_act_of *a,
		    struct tree_wait *ret);
/* tree_peer.c: @inode of the link "socket:[…]". */
void tree_wait_socket(const struct tree_look *l, unsigned long long inode,
		      struct tree_wait *ret);

#endif
