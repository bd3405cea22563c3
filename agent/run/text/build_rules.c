/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the rule files of a host. Decides only their order; what stands in
 * them is the engine's matter. Must never wait: a pipe or a device that lies
 * in the folder is refused. Invariant: all of them, or none and one message.
 */
#include "build_rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#define FILE_MAX_BYTES HALE_MIB

static int read_all(int fd, char *text, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, text + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

/* @path becomes the source's where all goes well. */
static int add(struct build_rules *rules, int dir_fd, const char *name,
	       char **path)
{
	_cleanup_fd_ int fd =
		openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len = 0;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)FILE_MAX_BYTES)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	r = read_all(fd, text, (size_t)st.st_size, &len);
	if (r < 0)
		return r;
	rules->sources[rules->n++] =
		(struct hale_rules_source){ *path, text, len };
	*path = NULL;
	text = NULL;
	return 0;
}

static int add_file(struct build_rules *rules, const char *dir, int dir_fd,
		    const char *name, char ret_error[256])
{
	_cleanup_free_ char *path = NULL;
	int r;

	if (asprintf(&path, "%s%s%s", dir ? dir : "", dir ? "/" : "", name) < 0)
		return -ENOMEM;
	r = rules->n == BUILD_RULES_FILES ? -E2BIG
					  : add(rules, dir_fd, name, &path);
	if (r < 0)
		snprintf(ret_error, 256, "%s: %s", path, strerror(-r));
	return r;
}

static int is_rules(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 6 &&
	       strcmp(d->d_name + n - 6, ".rules") == 0;
}

static int add_folder(struct build_rules *rules, const char *dir,
		      char ret_error[256])
{
	_cleanup_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **names = NULL;
	int n, r = 0;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	n = fd < 0 ? -1 : scandirat(fd, ".", &names, is_rules, alphasort);
	if (n < 0) {
		r = -errno;
		snprintf(ret_error, 256, "%s: %s", dir, strerror(-r));
		return r;
	}
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = add_file(rules, dir, fd, names[i]->d_name,
				     ret_error);
		free(names[i]);
	}
	free(names);
	return r;
}

int build_rules_load(struct build_rules *rules, const char *dir,
		     const char *const *files, size_t n, char ret_error[256])
{
	int r = 0;

	rules->n = 0;
	ret_error[0] = '\0';
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_file(rules, NULL, AT_FDCWD, files[i], ret_error);
	if (r == 0 && dir)
		r = add_folder(rules, dir, ret_error);
	if (r < 0)
		build_rules_done(rules);
	return r;
}

void build_rules_done(struct build_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		union {
			const char *from;
			char *to;
		} name = { rules->sources[i].name },
		  text = { rules->sources[i].text };

		free(name.to);
		free(text.to);
	}
	rules->n = 0;
}
