/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of strategies, from the disk. Decides nothing but what is too big or
 * no text to be one. Must never wait for input that does not come: what is
 * opened may be a pipe of the shell (/dev/fd/63), and is read to its end.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "retry.h"

/* Sixteen strategies of a screen each are 32 KiB. */
#define FILE_MAX (64 * 1024)

static int read_file(const char *path, char *text, size_t size, size_t *ret_len)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (n != 0 && len < size) {
		n = read(fd, text + len, size - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	if (len == size)
		return -EFBIG;
	text[len] = '\0';
	*ret_len = len;
	return 0;
}

static int line_at(const char *text, const char *at)
{
	int line = 1;

	while ((text = memchr(text, '\n', (size_t)(at - text))) != NULL) {
		line++;
		text++;
	}
	return line;
}

int strategies_load(const char *path, char *const *command,
		    struct strategies *ret, char ret_error[256])
{
	_cleanup_free_ char *text = malloc(FILE_MAX);
	size_t len = 0;
	const char *nul;
	int r = text ? read_file(path, text, FILE_MAX, &len) : -ENOMEM;

	if (!text || r < 0) {
		snprintf(ret_error, 256, "%.160s: %s", path,
			 r == -EFBIG ? "more than 64 KiB" : strerror(-r));
		return r == -EFBIG ? -EINVAL : r;
	}
	nul = memchr(text, '\0', len);
	if (nul) {
		snprintf(ret_error, 256, "%.160s:%d: a NUL byte: is it a text?",
			 path, line_at(text, nul));
		return -EINVAL;
	}
	return strategies_parse(text, path, command, ret, ret_error);
}
