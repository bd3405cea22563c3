/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file, whole, up to a bound. Decides nothing about what is in it; must never
 * wait for one: a pipe without a writer is no configuration.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/doors/doors.h"

static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, buf + len, size - len, (off_t)len);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	return len == size ? -EFBIG : (ssize_t)len;
}

ssize_t setup_load(const char *path, size_t max, char **ret_text)
{
	_cleanup_fd_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : setup_load_fd(fd, max, ret_text);
}

ssize_t setup_load_fd(int fd, size_t max, char **ret_text)
{
	struct stat st;
	char *text;
	ssize_t len;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	text = malloc(max);
	if (!text)
		return -ENOMEM;
	len = read_all(fd, text, max);
	if (len < 0) {
		free(text);
		return len;
	}
	text[len] = '\0';
	*ret_text = text;
	return len;
}
