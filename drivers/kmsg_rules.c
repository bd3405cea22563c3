/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the operator's rule files and compiles them with the built-in ones.
 * Decides what becomes of a file that cannot be used: it alone is left out, and
 * one line says which and why. The built-in rules always work; an agent must
 * not go blind over a typing error.
 */
#include "kmsg_rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#define FILES_MAX 32	      /* more than one a hardware vendor */
#define FILE_MAX  (64 * 1024) /* the built-in rules are a quarter of it */

struct rule_file {
	char name[256];
	char *text;
};

struct rule_files {
	struct rule_file files[FILES_MAX];
	struct hale_rules_source sources[FILES_MAX + 1];
	size_t n, n_good;
	char *error; /* the first, KMSG_RULES_ERROR bytes */
};

static void complain(struct rule_files *all, const char *where,
		     const char *what)
{
	if (all->error[0] == '\0')
		snprintf(all->error, KMSG_RULES_ERROR, "%.100s: %s", where,
			 what);
}

static int by_name(const void *a, const void *b)
{
	const struct rule_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool is_rule_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 6 &&
	       strcmp(name + len - 6, ".rules") == 0;
}

static void list(struct rule_files *all, DIR *dir)
{
	const struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (!is_rule_file(entry->d_name))
			continue;
		if (all->n == FILES_MAX) {
			complain(all, entry->d_name, "more than 32 files");
			return;
		}
		HALE_SET(all->files[all->n].name, entry->d_name);
		all->n++;
	}
	qsort(all->files, all->n, sizeof(all->files[0]), by_name);
}

/* Do the files so far compile, together with this one? */
static bool compiles(struct rule_files *all, const struct hale_rules_source *s)
{
	char error[256];
	struct hale_rules *rules = NULL;
	int r;

	all->sources[all->n_good] = *s;
	r = hale_rules_new(all->sources, all->n_good + 1, NULL, error, &rules);
	hale_rules_free(rules);
	if (r < 0 && all->error[0] == '\0')
		snprintf(all->error, KMSG_RULES_ERROR, "%s",
			 error[0] ? error : strerrordesc_np(-r));
	return r == 0;
}

static int load_file(struct rule_files *all, int dirfd, struct rule_file *f)
{
	struct hale_rules_source source = { .name = f->name };
	int r;

	f->text = malloc(FILE_MAX);
	if (!f->text)
		return -ENOMEM;
	r = hale_read_at(dirfd, f->name, f->text, FILE_MAX);
	if (r < 0) {
		complain(all, f->name,
			 r == -EMSGSIZE ? "larger than 64 KiB"
					: strerrordesc_np(-r));
		return 0;
	}
	source.text = f->text;
	source.len = (size_t)r;
	if (compiles(all, &source))
		all->n_good++;
	return 0;
}

/* The path below the root that the driver was given. */
static const char *relative(const char *path)
{
	path += strspn(path, "/");
	return path[0] ? path : ".";
}

static int load_dir(struct rule_files *all, int root_fd, const char *path)
{
	int fd = openat(root_fd, relative(path),
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	int r = 0;

	if (!dir) {
		if (errno != ENOENT)
			complain(all, path, strerrordesc_np(errno));
		if (fd >= 0)
			close(fd);
		return 0;
	}
	list(all, dir);
	for (size_t i = 0; i < all->n && r == 0; i++)
		r = load_file(all, dirfd(dir), &all->files[i]);
	closedir(dir);
	return r;
}

int kmsg_rules_load(int root_fd, const char *dir,
		    char ret_error[KMSG_RULES_ERROR],
		    struct hale_rules **ret_rules)
{
	_cleanup_free_ struct rule_files *all = calloc(1, sizeof(*all));
	char error[256];
	int r;

	if (!all)
		return -ENOMEM;
	ret_error[0] = '\0';
	all->error = ret_error;
	r = load_dir(all, root_fd, dir);
	if (r == 0) {
		all->sources[all->n_good] = hale_rules_kmsg;
		r = hale_rules_new(all->sources, all->n_good + 1, NULL, error,
				   ret_rules);
	}
	for (size_t i = 0; i < all->n; i++)
		free(all->files[i].text);
	return r;
}
