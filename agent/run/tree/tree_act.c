/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one thread waits. Decides from its system call and that one's arguments,
 * which tell a file by its number; where they may not be read (a setuid
 * program, another user's), from the kernel function that it sleeps in. Must
 * never stop or trace it. Numbers of system calls are those that this program
 * was built for: a 32-bit program on a 64-bit kernel is seen by wchan only as
 * far as its numbers mean nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "hale/base.h"
#include "hale/text.h"

#include "tree_proc.h"
#include "tree_wait.h"

struct call {
	long number;
	enum tree_act act;
	int arg; /* which one is the file, the path or the set */
};

static const struct call calls[] = {
	{ SYS_read, TREE_ACT_READ, 0 },
	{ SYS_readv, TREE_ACT_READ, 0 },
	{ SYS_pread64, TREE_ACT_READ, 0 },
	{ SYS_preadv, TREE_ACT_READ, 0 },
	{ SYS_getdents64, TREE_ACT_READ, 0 },
	{ SYS_splice, TREE_ACT_READ, 0 },
	{ SYS_sendfile, TREE_ACT_READ, 1 },
	{ SYS_copy_file_range, TREE_ACT_READ, 0 },
	{ SYS_ioctl, TREE_ACT_READ, 0 },
	{ SYS_fstat, TREE_ACT_READ, 0 },
	{ SYS_write, TREE_ACT_WRITE, 0 },
	{ SYS_writev, TREE_ACT_WRITE, 0 },
	{ SYS_pwrite64, TREE_ACT_WRITE, 0 },
	{ SYS_pwritev, TREE_ACT_WRITE, 0 },
	{ SYS_fsync, TREE_ACT_WRITE, 0 },
	{ SYS_fdatasync, TREE_ACT_WRITE, 0 },
	{ SYS_sync_file_range, TREE_ACT_WRITE, 0 },
	{ SYS_syncfs, TREE_ACT_WRITE, 0 },
	{ SYS_ftruncate, TREE_ACT_WRITE, 0 },
	{ SYS_fallocate, TREE_ACT_WRITE, 0 },
	{ SYS_close, TREE_ACT_WRITE, 0 },
	{ SYS_connect, TREE_ACT_SOCKET, 0 },
	{ SYS_accept, TREE_ACT_SOCKET, 0 },
	{ SYS_accept4, TREE_ACT_SOCKET, 0 },
	{ SYS_recvfrom, TREE_ACT_SOCKET, 0 },
	{ SYS_recvmsg, TREE_ACT_SOCKET, 0 },
	{ SYS_sendto, TREE_ACT_SOCKET, 0 },
	{ SYS_sendmsg, TREE_ACT_SOCKET, 0 },
	{ SYS_flock, TREE_ACT_LOCK, 0 },
	{ SYS_fcntl, TREE_ACT_LOCK, 0 },
	{ SYS_futex, TREE_ACT_FUTEX, 0 },
	{ SYS_wait4, TREE_ACT_CHILD, 0 },
	{ SYS_waitid, TREE_ACT_CHILD, 0 },
	{ SYS_clone, TREE_ACT_CHILD, 0 },
	{ SYS_clone3, TREE_ACT_CHILD, 0 },
	{ SYS_nanosleep, TREE_ACT_TIMER, 0 },
	{ SYS_clock_nanosleep, TREE_ACT_TIMER, 0 },
	{ SYS_openat, TREE_ACT_PATH, 1 },
	{ SYS_newfstatat, TREE_ACT_PATH, 1 },
	{ SYS_statx, TREE_ACT_PATH, 1 },
	{ SYS_unlinkat, TREE_ACT_PATH, 1 },
	{ SYS_mkdirat, TREE_ACT_PATH, 1 },
	{ SYS_renameat2, TREE_ACT_PATH, 1 },
	{ SYS_faccessat, TREE_ACT_PATH, 1 },
	{ SYS_execve, TREE_ACT_PATH, 0 },
	{ SYS_ppoll, TREE_ACT_SET, 0 },
	{ SYS_pselect6, TREE_ACT_SET, 0 },
	{ SYS_epoll_pwait, TREE_ACT_SET, 0 },
/* of older architectures only */
#ifdef SYS_open
	{ SYS_open, TREE_ACT_PATH, 0 },
	{ SYS_stat, TREE_ACT_PATH, 0 },
	{ SYS_lstat, TREE_ACT_PATH, 0 },
	{ SYS_access, TREE_ACT_PATH, 0 },
	{ SYS_unlink, TREE_ACT_PATH, 0 },
	{ SYS_mkdir, TREE_ACT_PATH, 0 },
	{ SYS_rename, TREE_ACT_PATH, 0 },
	{ SYS_vfork, TREE_ACT_CHILD, 0 },
	{ SYS_poll, TREE_ACT_SET, 0 },
	{ SYS_select, TREE_ACT_SET, 0 },
	{ SYS_epoll_wait, TREE_ACT_SET, 0 },
#endif
};

/* Kernel functions that a thread sleeps in: the beginning of their names, from
 * 4.19 to 6.18. */
static const struct sleep {
	const char *begins;
	enum tree_act act;
} sleeps[] = {
	{ "n_tty_read", TREE_ACT_READ },
	{ "tty_read", TREE_ACT_READ },
	{ "pipe_read", TREE_ACT_READ },
	{ "anon_pipe_read", TREE_ACT_READ },
	{ "pipe_write", TREE_ACT_WRITE },
	{ "anon_pipe_write", TREE_ACT_WRITE },
	{ "do_wait", TREE_ACT_CHILD },
	{ "kernel_wait", TREE_ACT_CHILD },
	{ "kernel_clone", TREE_ACT_CHILD },
	{ "_do_fork", TREE_ACT_CHILD },
	{ "wait_for_vfork", TREE_ACT_CHILD },
	{ "futex_", TREE_ACT_FUTEX },
	{ "flock_lock", TREE_ACT_LOCK },
	{ "locks_lock", TREE_ACT_LOCK },
	{ "posix_lock", TREE_ACT_LOCK },
	{ "fcntl_setlk", TREE_ACT_LOCK },
	{ "do_lock_file_wait", TREE_ACT_LOCK },
	{ "hrtimer_nanosleep", TREE_ACT_TIMER },
	{ "do_nanosleep", TREE_ACT_TIMER },
	{ "sk_wait", TREE_ACT_SOCKET },
	{ "tcp_", TREE_ACT_SOCKET },
	{ "inet_", TREE_ACT_SOCKET },
	{ "unix_", TREE_ACT_SOCKET },
	{ "__skb_wait", TREE_ACT_SOCKET },
	{ "wait_for_partner", TREE_ACT_PATH },
	{ "ep_poll", TREE_ACT_SET },
	{ "do_epoll_wait", TREE_ACT_SET },
	{ "do_sys_poll", TREE_ACT_SET },
	{ "poll_schedule", TREE_ACT_SET },
	{ "do_select", TREE_ACT_SET },
};

static enum tree_act act_of_sleep(const char *wchan)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sleeps); i++) {
		if (strncmp(wchan, sleeps[i].begins,
			    strlen(sleeps[i].begins)) == 0)
			return sleeps[i].act;
	}
	return TREE_ACT_NONE;
}

/* --- what a call points to
 * ------------------------------------------------------- */

static size_t read_memory(const struct tree_look *l, uint64_t address,
			  void *buf, size_t size)
{
	struct iovec to = { buf, size };
	struct iovec from = { .iov_len = size };
	ssize_t n;

	memcpy(&from.iov_base, &address, sizeof(from.iov_base));
	n = process_vm_readv(l->pid, &to, 1, &from, 1, 0);
	return n > 0 ? (size_t)n : 0;
}

static void read_path(const struct tree_look *l, uint64_t address,
		      struct tree_act_of *ret)
{
	char text[HALE_VICTIM_PATH_MAX] = "";
	/* it may end with its page, and a read over it gives nothing */
	size_t page = 4096 - (size_t)(address & 4095), n;

	n = read_memory(l, address, text,
			page < sizeof(text) ? page : sizeof(text));
	hale_copy(ret->path, sizeof(ret->path), text, n);
}

static void add_fd(struct tree_act_of *ret, int fd)
{
	if (fd >= 0 && ret->n < TREE_FDS_MAX)
		ret->fds[ret->n++] = fd;
}

static void read_poll(const struct tree_look *l, const uint64_t args[6],
		      struct tree_act_of *ret)
{
	struct pollfd fds[TREE_FDS_MAX];
	size_t n = args[1] < TREE_FDS_MAX ? (size_t)args[1] : TREE_FDS_MAX;

	n = read_memory(l, args[0], fds, n * sizeof(fds[0])) / sizeof(fds[0]);
	for (size_t i = 0; i < n; i++) {
		if (fds[i].events & (POLLIN | POLLOUT))
			add_fd(ret, fds[i].fd);
	}
}

static void read_select(const struct tree_look *l, const uint64_t args[6],
			struct tree_act_of *ret)
{
	int max = args[0] < FD_SETSIZE ? (int)args[0] : FD_SETSIZE;

	for (int k = 1; k <= 2; k++) {
		fd_set set;
		size_t want = ((size_t)max + 63) / 64 * 8;

		FD_ZERO(&set);
		if (args[k] == 0 || read_memory(l, args[k], &set, want) != want)
			continue;
		for (int fd = 0; fd < max; fd++) {
			if (FD_ISSET(fd, &set))
				add_fd(ret, fd);
		}
	}
}

/* "tfd:       5 events:       19 data: …", a line each. */
static void read_epoll(const struct tree_look *l, int fd,
		       struct tree_act_of *ret)
{
	char path[32], text[1536];
	const char *at = text;

	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	if (tree_read(l->dir, path, text, sizeof(text)) < 0)
		return;
	while ((at = strstr(at, "tfd:")) != NULL) {
		at += 4;
		add_fd(ret, (int)strtol(at, NULL, 10));
	}
}

static void read_set(const struct tree_look *l, long number,
		     const uint64_t args[6], struct tree_act_of *ret)
{
	switch (number) {
	case SYS_pselect6:
#ifdef SYS_select
	case SYS_select:
#endif
		read_select(l, args, ret);
		break;
	case SYS_epoll_pwait:
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
		read_epoll(l, (int)args[0], ret);
		break;
	default:
		read_poll(l, args, ret);
	}
}

/* --- the call
 * --------------------------------------------------------------------- */

/* "202 0x7f… 0x80 …": number and six arguments, then two pointers. "running",
 * or -1 where it is in no call (a page of memory that comes from a disk). */
static bool parse_call(const char *text, long *ret_number, uint64_t ret_args[6])
{
	char *end;

	*ret_number = strtol(text, &end, 10);
	if (end == text || *ret_number < 0)
		return false;
	for (int i = 0; i < 6; i++)
		ret_args[i] = strtoull(end, &end, 16);
	return true;
}

static void take_call(const struct tree_look *l, const char *text,
		      struct tree_act_of *ret)
{
	uint64_t args[6];
	long number;

	if (!parse_call(text, &number, args))
		return;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(calls); i++) {
		if (calls[i].number != number)
			continue;
		ret->called = true;
		ret->act = calls[i].act;
		if (ret->act == TREE_ACT_SET)
			read_set(l, number, args, ret);
		else if (ret->act == TREE_ACT_PATH)
			read_path(l, args[calls[i].arg], ret);
		else if (args[calls[i].arg] <= INT32_MAX)
			ret->fd = (int)args[calls[i].arg];
	}
}

void tree_act_of(const struct tree_look *l, int task, struct tree_act_of *ret)
{
	char text[1024];
	struct tree_process p = { 0 };

	*ret = (struct tree_act_of){ .fd = -1 };
	if (tree_read(task, "stat", text, sizeof(text)) < 0 ||
	    tree_parse_stat(text, &p) < 0)
		return;
	ret->state = p.state;
	if (tree_read(task, "wchan", text, sizeof(text)) > 1)
		hale_print_text(ret->wchan, sizeof(ret->wchan), text,
				strlen(text));
	if (tree_read(task, "syscall", text, sizeof(text)) > 0)
		take_call(l, text, ret);
	if (!ret->called)
		ret->act = act_of_sleep(ret->wchan);
	/* killable waits are shown as D as well: a parent in vfork(2) */
	if (ret->state == 'D' && ret->act != TREE_ACT_CHILD)
		ret->act = TREE_ACT_DISK;
}
