/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's standing in the system. Decides what it asks for; works with
 * whatever it is given, since an agent without root is still an agent. Must
 * never touch another process. Invariant: one run directory, one agent, told by
 * a lock that the kernel drops with the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/prefault.h"
#include "agent/daemon/process.h"

/* When memory runs out the agent is what explains it: nearly last to go. */
#define OOM_SCORE "-900"
/* The CPUs of a build host are busy by trade; an answer takes microseconds and
 * should not queue behind a compiler. */
#define AHEAD_OF_BUILDS -10
/* Larger pieces are given back to the kernel when they are freed, instead of
 * staying in the heap for the next long answer. */
#define MAP_THRESHOLD (64 * 1024)
#define FILES_MAX     1024

/* Where one of the first three is closed, the next that is opened takes its
 * place, and what is meant for stderr is written to a lock or a socket. */
static void hold_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Drivers, clients and children: 32 would be too few, 1024 are enough. */
static void allow_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= FILES_MAX)
		return;
	r.rlim_cur = r.rlim_max < FILES_MAX ? r.rlim_max : FILES_MAX;
	setrlimit(RLIMIT_NOFILE, &r);
}

void process_prepare(void)
{
	_cleanup_fd_ int fd = -1;

	allow_files();
	hold_stdio();
	prctl(PR_SET_NAME, "haled");
	setpriority(PRIO_PROCESS, 0, AHEAD_OF_BUILDS);
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, MAP_THRESHOLD);
	mallopt(M_TRIM_THRESHOLD, MAP_THRESHOLD);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, OOM_SCORE, strlen(OOM_SCORE)) < 0)
		return; /* not permitted: the score stays as it is */
}

void process_in_child(void)
{
	setpriority(PRIO_PROCESS, 0, 0);
}

void process_leave_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int process_lock_memory(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	int what = MCL_CURRENT | MCL_ONFAULT;

	malloc_trim(0);
	prefault_code();
	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		getrlimit(RLIMIT_MEMLOCK, &limit);
	/* Below a limit the next answer would find no memory to lock, and so
	 * none at all: what comes later is then left to the kernel. */
	if (limit.rlim_cur == RLIM_INFINITY)
		what |= MCL_FUTURE;
	/* On fault: what was used stays; what never was costs nothing. */
	if (mlockall(what) < 0)
		return -errno;
	return 0;
}

int process_open_dir(const char *path)
{
	int fd;

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

const char *process_dir_wrong(int fd)
{
	return process_dir_wrong_for(fd, geteuid());
}

const char *process_dir_wrong_for(int fd, uid_t user)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (st.st_uid != geteuid() && st.st_uid != 0 && st.st_uid != user)
		return "it belongs to another user";
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others may write to it";
	return NULL;
}

int process_lock(int run_fd, int *ret_pid)
{
	char text[16] = "";
	int fd = openat(run_fd, "lock",
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int n;

	if (fd < 0)
		return -errno;
	/* who may open it may lock it, and so keep the next agent out; one
	 * that an earlier version left was open to all. Where it is not ours
	 * this fails: whoever made it has the same say. */
	fchmod(fd, 0600);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		n = (int)pread(fd, text, sizeof(text) - 1, 0);
		*ret_pid = n > 0 ? (int)strtol(text, NULL, 10) : 0;
		close(fd);
		return -EEXIST;
	}
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) < 0)
		return fd; /* the number is for people; the lock holds */
	return fd;
}

int process_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* how a child ended is ours to read */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}
