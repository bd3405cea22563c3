/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which repository does a folder belong to? Decides by the files that git
 * itself reads, without running it: what lies in a build's folder may be
 * hostile, and a config that git obeys can name commands. Must never follow
 * more than it says here nor read more than its bounds; a fifo or a device in
 * the place of a file is none. Invariant: only the text of a URL comes out.
 */
#include "hale/repo.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#define CONFIG_BYTES (64 * 1024)
#define FOLDERS_UP   64	  /* folders above a build that are looked at */
#define FOLDER_MAX   2048 /* a path in a file of git */

/* --- the text of a config --- */

struct config_text {
	const char *at, *end;
	bool origin; /* within [remote "origin"] */
};

static void skip_blanks(struct config_text *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
		c->at++;
}

static void skip_line(struct config_text *c)
{
	const char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));

	c->at = nl ? nl + 1 : c->end;
}

/* "[remote "origin"]": the name has no case, the part in quotes has. */
static void take_section(struct config_text *c)
{
	static const char name[] = "[remote", part[] = "\"origin\"";
	size_t left = (size_t)(c->end - c->at);

	c->origin = false;
	if (left > sizeof(name) - 1 &&
	    strncasecmp(c->at, name, sizeof(name) - 1) == 0) {
		c->at += sizeof(name) - 1;
		skip_blanks(c);
		left = (size_t)(c->end - c->at);
		c->origin = left >= sizeof(part) &&
			    memcmp(c->at, part, sizeof(part) - 1) == 0 &&
			    c->at[sizeof(part) - 1] == ']';
	}
	while (c->at < c->end && *c->at != ']' && *c->at != '\n')
		c->at++;
	c->at += c->at < c->end;
}

static bool take_key(struct config_text *c, const char *key)
{
	const char *begin = c->at;
	size_t len;

	while (c->at < c->end &&
	       (isalnum((unsigned char)*c->at) || *c->at == '-'))
		c->at++;
	len = (size_t)(c->at - begin);
	skip_blanks(c);
	if (len != strlen(key) || strncasecmp(begin, key, len) != 0 ||
	    c->at == c->end || *c->at != '=')
		return false;
	c->at++;
	skip_blanks(c);
	return true;
}

/* Its value, unquoted, up to a comment or the line's end. */
static void take_value(struct config_text *c, char *ret, size_t size)
{
	size_t n = 0;
	bool quoted = false;

	while (c->at < c->end && *c->at != '\n') {
		char b = *c->at++;

		if (b == '"') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && (b == '#' || b == ';'))
			break;
		if (b == '\\' && c->at < c->end && *c->at != '\n')
			b = *c->at++;
		if (n + 1 < size && b != '\0')
			ret[n++] = b;
	}
	while (n > 0 && isspace((unsigned char)ret[n - 1]))
		n--;
	ret[n] = '\0';
}

bool hale_repo_origin(const char *text, size_t len, char *ret_url, size_t size)
{
	struct config_text c = { .at = text, .end = text + len };
	bool found = false;

	while (c.at < c.end) {
		skip_blanks(&c);
		if (c.at < c.end && *c.at == '[') {
			take_section(&c);
			continue;
		}
		/* as git does, the last one counts */
		if (c.origin && take_key(&c, "url")) {
			take_value(&c, ret_url, size);
			found = ret_url[0] != '\0';
		}
		skip_line(&c);
	}
	return found;
}

/* --- files --- */

/* A plain file's first bytes; -ENOENT for anything else. */
static ssize_t read_at(int dir, const char *name, char *buf, size_t size)
{
	_cleanup_fd_ int fd =
		openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

static int open_folder(int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The folder that a file of one line points to: "gitdir: ../x", "../..". */
static int follow(int dir, const char *name, const char *prefix)
{
	char text[FOLDER_MAX];
	ssize_t n = read_at(dir, name, text, sizeof(text));
	size_t skip = strlen(prefix);

	if (n < 0)
		return (int)n;
	text[strcspn(text, "\r\n")] = '\0';
	if (strncmp(text, prefix, skip) != 0)
		return -ENOENT;
	skip += strspn(text + skip, " \t");
	return text[skip] ? open_folder(dir, text + skip) : -ENOENT;
}

/* The folder that holds the config: .git, or where .git points, or, of a
 * worktree, what it has in common with others. */
static int open_git(int dir)
{
	_cleanup_fd_ int git = open_folder(dir, ".git");
	int common;

	if (git == -ENOTDIR)
		git = follow(dir, ".git", "gitdir:");
	if (git < 0)
		return git;
	common = follow(git, "commondir", "");
	return common >= 0 ? common : fcntl(git, F_DUPFD_CLOEXEC, 0);
}

static int name_of(int git, char ret_name[HALE_REPO_MAX])
{
	_cleanup_free_ char *text = calloc(1, CONFIG_BYTES);
	char url[2048] = "";
	ssize_t n;

	if (!text)
		return -ENOMEM;
	n = read_at(git, "config", text, CONFIG_BYTES);
	if (n < 0)
		return (int)n;
	if (!hale_repo_origin(text, (size_t)n, url, sizeof(url)) ||
	    strlen(url) + 1 == sizeof(url) || !hale_repo_name(url, ret_name))
		return -ENOENT;
	return 0;
}

static bool same_folder(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) < 0 || fstat(b, &y) < 0 ||
	       (x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

int hale_repo_find(const char *dir, char ret_name[HALE_REPO_MAX])
{
	int at = open_folder(AT_FDCWD, dir), r = at < 0 ? at : -ENOENT;

	ret_name[0] = '\0';
	for (int i = 0; i < FOLDERS_UP && at >= 0; i++) {
		_cleanup_fd_ int here = at;
		_cleanup_fd_ int git = open_git(here);

		if (git >= 0)
			return name_of(git, ret_name);
		at = open_folder(here, "..");
		if (at >= 0 && same_folder(here, at)) {
			close(at);
			at = -1;
		}
	}
	if (at >= 0)
		close(at);
	return r;
}
