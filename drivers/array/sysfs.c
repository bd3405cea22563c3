/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads /sys/class/block for the driver array. Devices come and go meanwhile:
 * what is missing or torn is no number and no text, never zero.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "array.h"

int array_attr(const struct array *a, const char *name, const char *attr,
	       char *buf, size_t size)
{
	char path[HALE_PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", name, attr);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return hale_read_at(a->block_fd, path, buf, size);
}

bool array_count(const struct array *a, const char *name, const char *attr,
		 uint64_t *ret_count)
{
	char text[32], *end;
	uint64_t n;

	if (array_attr(a, name, attr, text, sizeof(text)) <= 0 ||
	    text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	/* raid_disks says "3 (2)" while it grows */
	if (errno || (*end && *end != ' '))
		return false;
	*ret_count = n;
	return true;
}

int array_each(int dirfd, const char *path, unsigned int max,
	       void (*see)(void *ctx, const char *name), void *ctx)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	unsigned int n = 0;

	if (!dir) {
		int r = -errno;

		hale_cleanup_fd(&fd);
		return r;
	}
	while (n < max && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		see(ctx, entry->d_name);
		n++;
	}
	closedir(dir);
	return (int)n;
}

void array_block_name(const struct array *a, const char *dev, char *name,
		      size_t size)
{
	char path[64], target[HALE_PATH_MAX];
	const char *base;
	ssize_t n;

	hale_copy(name, size, dev, strlen(dev));
	snprintf(path, sizeof(path), "sys/dev/block/%.40s", dev);
	n = readlinkat(a->p->root_fd, path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	base = strrchr(target, '/');
	if (base)
		hale_print_text(name, size, base + 1, strlen(base + 1));
}
