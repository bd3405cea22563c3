/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a forked process does to be one of its own: its name, what it keeps
 * open, and whose files it will write. Decides nothing. Must never leave it a
 * descriptor that was not meant for it: what a process cannot reach cannot be
 * taken from it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "agent/daemon/process.h"

#define FIRST_FD 3
/* Above all that are kept, below what allow_files() asks for. */
#define ASIDE_FD 64

static char *title;
static size_t title_size;

/* The kernel shows what lies where the arguments lay at exec, and goes on into
 * the environment behind them (fs/proc/base.c, get_mm_cmdline): both are one
 * stretch of memory. */
void process_init_name(int argc, char **argv)
{
	char *end = argv[0] + strlen(argv[0]) + 1;

	for (int i = 1; i < argc; i++) {
		char *copy = strdup(argv[i]);

		if (!copy)
			return;
		if (argv[i] == end)
			end += strlen(argv[i]) + 1;
		argv[i] = copy;
	}
	for (size_t i = 0; environ[i]; i++) {
		char *copy;

		if (environ[i] != end)
			continue;
		end += strlen(environ[i]) + 1;
		copy = strdup(environ[i]);
		if (!copy)
			return;
		environ[i] = copy;
	}
	title = argv[0];
	title_size = (size_t)(end - title);
}

void process_set_name(const char *name)
{
	size_t len = strlen(name);
	char comm[16]; /* TASK_COMM_LEN */

	HALE_SET(comm, name);
	prctl(PR_SET_NAME, comm);
	if (len >= title_size)
		return;
	memset(title, 0, title_size);
	memcpy(title, name, len);
}

static void close_from(int first)
{
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
	for (int i = first; i < 1024; i++) /* before Linux 5.9 */
		close(i);
}

int process_keep_fds(const int keep[], size_t n)
{
	int aside[8];

	if (n > HALE_ARRAY_SIZE(aside))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		aside[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, ASIDE_FD);
		if (aside[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < n; i++) {
		if (dup3(aside[i], FIRST_FD + (int)i, O_CLOEXEC) < 0)
			return -errno;
	}
	close_from(FIRST_FD + (int)n);
	return 0;
}

static void give_file(int dir_fd, const char *name, uid_t uid, gid_t gid)
{
	_cleanup_fd_ int fd = openat(dir_fd, name,
				     O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					     O_CLOEXEC | O_NOCTTY);
	struct stat st;

	/* with a second name it may be a file of anybody's */
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_nlink == 1 && st.st_uid == 0 && fchown(fd, uid, gid) < 0)
		return; /* it cannot be written then, which is told */
}

void process_give_dir(int fd, uid_t uid, gid_t gid)
{
	int list_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = list_fd < 0 ? NULL : fdopendir(list_fd);
	const struct dirent *e;
	struct stat st;

	/* once it is theirs, whatever they put there stays as it is */
	if (dir && fstat(fd, &st) == 0 && st.st_uid != uid) {
		while ((e = readdir(dir)) != NULL)
			give_file(fd, e->d_name, uid, gid);
		if (fchown(fd, uid, gid) < 0)
			errno = 0; /* read-only: told when it is written */
	}
	if (dir)
		closedir(dir);
	else if (list_fd >= 0)
		close(list_fd);
}
