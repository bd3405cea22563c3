/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacks recorded roots, see tree.h. Everything is made below one temporary
 * folder, by relative paths only.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "tree.h"

enum {
	LINE_MAX_BYTES = 1536
};

static void make_parents(int root_fd, const char *path)
{
	char part[LINE_MAX_BYTES];

	for (const char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
		hale_copy(part, sizeof(part), path, (size_t)(s - path));
		if (part[0] && mkdirat(root_fd, part, 0755) < 0)
			assert_int_equal(errno, EEXIST);
	}
}

static void make_link(int root_fd, const char *path, const char *target)
{
	make_parents(root_fd, path);
	assert_return_code(symlinkat(target, root_fd, path), errno);
}

static void write_file(int root_fd, const char *path, const void *bytes,
		       size_t len, int flags)
{
	int fd;

	make_parents(root_fd, path);
	fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags,
		    0644);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

void tree_file(const struct tree *t, const char *path, const void *bytes,
	       unsigned long len)
{
	write_file(t->root_fd, path, bytes, len, O_TRUNC);
}

static size_t unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		unsigned int byte;

		if (in[0] != '\\') {
			*out++ = *in;
		} else if (in[1] == 'x' && sscanf(in + 2, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			in += 3;
		} else {
			in++;
			*out++ = *in == 'n' ? '\n' : *in == 's' ? ' ' : *in;
		}
	}
	return (size_t)(out - text);
}

/* "PATH = TEXT"; sysfs ends its texts with a newline, and so do we. */
static void add_file(const struct tree *t, const char *prefix, char *rest)
{
	char path[LINE_MAX_BYTES], *text = strstr(rest, " =");
	size_t len;

	assert_non_null(text);
	*text = '\0';
	text += 2;
	text += *text == ' ';
	assert_true(snprintf(path, sizeof(path), "%s%s", prefix, rest) <
		    (int)sizeof(path));
	len = unescape(text);
	text[len++] = '\n';
	tree_file(t, path, text, len);
}

static void folder_of(const struct tree *t, const char *name, char *path,
		      size_t size)
{
	char link[128], target[LINE_MAX_BYTES];
	ssize_t n;

	snprintf(link, sizeof(link), "sys/class/block/%s", name);
	n = readlinkat(t->root_fd, link, target, sizeof(target) - 1);
	assert_true(n > 6);
	target[n] = '\0';
	snprintf(path, size, "sys/%s", target + 6); /* "../../devices/…" */
}

static void add_block(const struct tree *t, char *rest)
{
	char name[64], number[32], devpath[512], path[LINE_MAX_BYTES];
	char target[LINE_MAX_BYTES];

	assert_int_equal(sscanf(rest, "%63s %31s %511s", name, number, devpath),
			 3);
	snprintf(target, sizeof(target), "../..%s", devpath);
	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	make_link(t->root_fd, path, target);
	snprintf(path, sizeof(path), "sys/dev/block/%s", number);
	make_link(t->root_fd, path, target);
	snprintf(path, sizeof(path), "sys%s/dev", devpath);
	strncat(number, "\n", sizeof(number) - strlen(number) - 1);
	tree_file(t, path, number, strlen(number));
}

static void add_attribute(const struct tree *t, char *rest)
{
	char name[64], folder[LINE_MAX_BYTES];
	size_t len = strcspn(rest, "/");

	hale_copy(name, sizeof(name), rest, len);
	folder_of(t, name, folder, sizeof(folder) - 1);
	strcat(folder, "/");
	add_file(t, folder, rest + len + 1);
}

static void add_slave(const struct tree *t, char *rest)
{
	char upper[64], lower[64], folder[512], target[1024], path[1024];
	char up[512] = "";

	assert_int_equal(sscanf(rest, "%63s %63s", upper, lower), 2);
	folder_of(t, upper, folder, sizeof(folder));
	folder_of(t, lower, target, sizeof(target));
	for (const char *s = folder; s; s = strchr(s + 1, '/'))
		strncat(up, "../", sizeof(up) - strlen(up) - 1);
	snprintf(path, sizeof(path), "%s/slaves/%s", folder, lower);
	strncat(up, "../", sizeof(up) - strlen(up) - 1);
	make_parents(t->root_fd, path);
	memmove(target + strlen(up), target, strlen(target) + 1);
	memcpy(target, up, strlen(up));
	assert_return_code(symlinkat(target, t->root_fd, path), errno);
}

static void add_line(const struct tree *t, const char *path, const char *line)
{
	write_file(t->root_fd, path, line, strlen(line), O_APPEND);
	write_file(t->root_fd, path, "\n", 1, O_APPEND);
}

static void add_link(const struct tree *t, char *rest)
{
	char path[512], target[512];

	assert_int_equal(sscanf(rest, "%511s %511s", path, target), 2);
	make_link(t->root_fd, path, target);
}

static void add_dir(const struct tree *t, char *rest)
{
	char path[LINE_MAX_BYTES];

	snprintf(path, sizeof(path), "%s/", rest);
	make_parents(t->root_fd, path);
}

static void add_mount(const struct tree *t, char *rest)
{
	add_line(t, "proc/self/mountinfo", rest);
}

static void add_swap(const struct tree *t, char *rest)
{
	add_line(t, "proc/swaps", rest);
}

static void add_plain(const struct tree *t, char *rest)
{
	add_file(t, "", rest);
}

struct verb {
	const char *word;
	void (*add)(const struct tree *t, char *rest);
};

static const struct verb verbs[] = {
	{ "@", add_attribute },	 { "block ", add_block },
	{ "slave ", add_slave }, { "mount ", add_mount },
	{ "swap ", add_swap },	 { "file ", add_plain },
	{ "dir ", add_dir },	 { "link ", add_link },
};

void tree_line(const struct tree *t, const char *text)
{
	char line[LINE_MAX_BYTES];

	assert_true(HALE_SET(line, text));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(verbs); i++) {
		size_t len = strlen(verbs[i].word);

		if (strncmp(line, verbs[i].word, len) == 0) {
			verbs[i].add(t, line + len);
			return;
		}
	}
	if (line[0] && !strchr("#>!", line[0]))
		fail_msg("no such verb: %s", line);
}

void tree_new(struct tree *ret_tree)
{
	const char *tmp = getenv("HALE_TMP");

	snprintf(ret_tree->path, sizeof(ret_tree->path), "%s/tree-XXXXXX",
		 tmp && strlen(tmp) < 48 ? tmp : "/tmp");
	assert_non_null(mkdtemp(ret_tree->path));
	ret_tree->root_fd =
		open(ret_tree->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_return_code(ret_tree->root_fd, errno);
}

static FILE *open_fixture(const char *fixture)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "tests/fixtures/%s", fixture);
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	return f;
}

/* The next line without its newline; false at the end. */
static bool next_line(FILE *f, char *line, size_t size)
{
	if (!fgets(line, (int)size, f))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

void tree_unpack(const char *fixture, struct tree *ret_tree)
{
	_cleanup_file_ FILE *f = open_fixture(fixture);
	char line[LINE_MAX_BYTES];

	tree_new(ret_tree);
	while (next_line(f, line, sizeof(line)))
		tree_line(ret_tree, line);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_remove(struct tree *t)
{
	close(t->root_fd);
	nftw(t->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool has_line(const char *facts, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = strstr(facts, line); at;
	     at = strstr(at + 1, line)) {
		if ((at == facts || at[-1] == '\n') && at[len] == '\n')
			return true;
	}
	return false;
}

void tree_expect(const char *fixture, const char *facts)
{
	_cleanup_file_ FILE *f = open_fixture(fixture);
	char line[LINE_MAX_BYTES];
	unsigned int n = 0;

	while (next_line(f, line, sizeof(line))) {
		if (strncmp(line, "> ", 2) == 0 && !has_line(facts, line + 2))
			fail_msg("%s: missing: %s\nfacts:\n%s", fixture,
				 line + 2, facts);
		if (strncmp(line, "! ", 2) == 0 && strstr(facts, line + 2))
			fail_msg("%s: unwanted: %s\nfacts:\n%s", fixture,
				 line + 2, facts);
		n += line[0] == '>' || line[0] == '!';
	}
	if (n == 0)
		fail_msg("%s expects nothing", fixture);
}
