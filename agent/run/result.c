/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --result FILE: what happened, as JSON, for the script around `hale run`. The
 * file is whole or not there at all: it is written beside its place and renamed
 * into it, so that nobody reads half of one. Must never touch the build's
 * status: a file that cannot be written is the caller's one line.
 */
#include "result.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "proto/json.h"

/* No message is larger; see result_message(). */
#define MESSAGE_BYTES_MAX (256 * 1024)

static int print_message(const Hale__V1__BuildResult *m, FILE *f)
{
	int r;

	errno = 0; /* stdio tells why only there, and only once */
	r = json_print_file(m, JSON_PRETTY | JSON_DEFAULTS, f);
	if (fflush(f) != 0 || ferror(f))
		return errno ? -errno : -EIO;
	return r;
}

static int print_to(const struct run_story *s, FILE *f)
{
	struct codec_arena a = { .mem = malloc(RESULT_ARENA),
				 .size = RESULT_ARENA };
	Hale__V1__BuildResult *m =
		a.mem ? result_message(&a, s, MESSAGE_BYTES_MAX) : NULL;
	int r = m ? print_message(m, f) : -ENOMEM;

	free(a.mem);
	return r;
}

/* A pipe, a terminal or /dev/stdout has no place to be renamed into. */
static bool special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int write_through(const struct run_story *s, const char *path)
{
	/* a pipe that nobody reads must not hold the build's status back */
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_file_ FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		int e = errno;

		hale_cleanup_fd(&fd);
		return -e;
	}
	return print_to(s, f);
}

/* As the umask has it: mkstemp(3) makes files that only their owner reads. */
static int open_beside(char *temporary)
{
	size_t len = strlen(temporary);

	for (unsigned int i = 0; i < 100; i++) {
		int fd;

		snprintf(temporary + len - 6, 7, "%04x%02u",
			 (unsigned int)getpid() & 0xffff, i);
		fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  0666);
		if (fd >= 0 || errno != EEXIST)
			return fd < 0 ? -errno : fd;
	}
	return -EEXIST;
}

static int write_beside(const struct run_story *s, const char *path,
			char *temporary)
{
	int fd = open_beside(temporary), r;
	FILE *f;

	if (fd < 0)
		return fd;
	f = fdopen(fd, "w");
	if (!f) {
		close(fd);
		r = -ENOMEM;
	} else {
		r = print_to(s, f);
		if (fclose(f) != 0 && r == 0)
			r = -errno;
	}
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

int result_write(const struct run_story *s, const char *path)
{
	_cleanup_free_ char *temporary = NULL;

	if (special(path))
		return write_through(s, path);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	return write_beside(s, path, temporary);
}
