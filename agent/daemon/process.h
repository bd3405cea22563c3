/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PROCESS_H
#define HALE_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

/* What the agent asks of the system for its own process, once, at start. */

/* Name, allocator, priority, out-of-memory score. What is not permitted is
 * left. */
void process_prepare(void);
/* In a child: takes back what only the loop should have. */
void process_in_child(void);

/* Once, at start, before anything else: where the command line lies, and what
 * is in its place is moved. */
void process_init_name(int argc, char **argv);
/* How this process is called from now on, by ps(1) and pidof(8). */
void process_set_name(const char *name);
/* In a child of many descriptors: @keep become 3, 4, …, in their order; all
 * others but the first three are closed. 0 or negative errno. */
int process_keep_fds(const int keep[], size_t n);
/* A terminal and systemd send signals to all of us; the supervisor decides what
 * follows. */
void process_leave_signals(void);
/* Keeps what is in use in memory, so that a dead disk stops nothing. Call it
 * when everything has been set up. Negative errno where it is not permitted. */
int process_lock_memory(void);

/**
 * process_run_dir() - open, and make if need be, a directory of ours
 * Return: its descriptor, or negative errno.
 */
int process_open_dir(const char *path);

/* Whoever may write there could say FIT in our name: what is wrong with a
 * directory of ours, "it belongs to another user"; NULL: nothing. */
const char *process_dir_wrong(int fd);
/* The same of one that @user may write to, too. */
const char *process_dir_wrong_for(int fd, uid_t user);

/* Makes a folder of ours, and the plain files in it, another user's: what an
 * agent of root's left there is to be written on. Follows no link. */
void process_give_dir(int fd, uid_t uid, gid_t gid);

/**
 * process_lock() - be the only agent in a run directory
 * @ret_pid: of the other, where there is one; 0 not known.
 *
 * Return: a descriptor to keep; -EEXIST: another agent has it; else of open(2).
 */
int process_lock(int run_fd, int *ret_pid);

/* SIGTERM, SIGINT and SIGHUP as a descriptor; SIGPIPE ignored, SIGCHLD not. */
int process_signals(void);

#endif
