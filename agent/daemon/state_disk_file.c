/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file as bytes. Only for children and tests: each of these may block
 * for as long as the disk does. Decides what is too large to be a memory, and
 * under which name a bad one is kept. Invariant: a file under its final name
 * was written whole and reached the disk.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/state_disk.h"

#define NEW_NAME ".state.pb.new"

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int state_disk_store(int dir_fd, const uint8_t *bytes, size_t len)
{
	_cleanup_fd_ int fd = openat(
		dir_fd, NEW_NAME,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	int r = fd < 0 ? -errno : write_all(fd, bytes, len);

	if (r < 0)
		return r;
	if (renameat(dir_fd, NEW_NAME, dir_fd, STATE_DISK_NAME) < 0)
		return -errno;
	return fsync(dir_fd) < 0 ? -errno : 0;
}

static int read_whole(int fd, off_t size, uint8_t **ret_bytes)
{
	uint8_t *bytes = malloc((size_t)size);
	ssize_t n = bytes ? pread(fd, bytes, (size_t)size, 0) : 0;
	int r = !bytes ? -ENOMEM : n < 0 ? -errno : n != size ? -EBADMSG : 0;

	if (r < 0)
		free(bytes);
	else
		*ret_bytes = bytes;
	return r;
}

int state_disk_bytes(int dir_fd, uint8_t **ret_bytes, size_t *ret_len)
{
	_cleanup_fd_ int fd =
		openat(dir_fd, STATE_DISK_NAME,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	int r;

	if (size < 0)
		return -errno;
	if (size == 0 || size > VAULT_SLOT_MAX)
		return -EBADMSG;
	r = read_whole(fd, size, ret_bytes);
	if (r == 0)
		*ret_len = (size_t)size;
	return r;
}

int state_disk_load(int dir_fd, struct vault *v)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t len = 0;
	int r = state_disk_bytes(dir_fd, &bytes, &len);

	return r < 0 ? r : vault_put(v, VAULT_FROM_DISK, bytes, len);
}

const char *state_disk_set_aside(int dir_fd)
{
	static const char *const names[] = {
		"state.pb.bad",	  "state.pb.bad.2", "state.pb.bad.3",
		"state.pb.bad.4", "state.pb.bad.5",
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		if (renameat2(dir_fd, STATE_DISK_NAME, dir_fd, names[i],
			      RENAME_NOREPLACE) == 0)
			return names[i];
		if (errno == ENOENT)
			return STATE_DISK_NONE;
	}
	return NULL;
}
