/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a driver's child to its helper. Decides where the program is looked for,
 * and how its job is told: on the command line, so that a person can do what
 * the agent did. Must never hand over a descriptor but the one for facts.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/host.h"
#include "agent/daemon/host_exec.h"

#define FACTS_FD 3
/* An option's key and value with their "=". */
#define OPTION_TEXT_MAX 320
#define SKIPS_MAX	16
/* A name, six words, and pairs for options and parts. */
#define ARGS_MAX (8 + 2 * HOST_OPTIONS_MAX + 2 * SKIPS_MAX)

struct args {
	char *list[ARGS_MAX + 1];
	size_t n;
	char clock[24];
	char options[HOST_OPTIONS_MAX][OPTION_TEXT_MAX];
	char skips[SKIPS_MAX][HALE_PART_MAX];
};

static void add(struct args *a, const char *text)
{
	if (a->n < ARGS_MAX)
		a->list[a->n++] = (char *)(uintptr_t)text;
}

static void add_pair(struct args *a, const char *name, const char *value)
{
	add(a, name);
	add(a, value);
}

static void tell_job(struct args *a, const struct hale_probe *p)
{
	add_pair(a, "--fd", "3");
	snprintf(a->clock, sizeof(a->clock), "%lld",
		 (long long)p->boot_to_agent_ns);
	add_pair(a, "--boot-to-agent", a->clock);
	if (p->once)
		add(a, "--once");
	if (p->asked)
		add(a, "--asked");
	for (size_t i = 0; i < p->n_skip && i < SKIPS_MAX; i++) {
		HALE_SET(a->skips[i], p->skip[i]);
		add_pair(a, "--skip", a->skips[i]);
	}
	for (size_t i = 0; i < p->n_options && i < HOST_OPTIONS_MAX; i++) {
		snprintf(a->options[i], sizeof(a->options[i]), "%s=%s",
			 p->options[i].key, p->options[i].value);
		add_pair(a, "--option", a->options[i]);
	}
}

/* Whatever a library prints must not get into the stream of a scan's answer,
 * whose socket is stdin and stdout. */
static int take_descriptors(int fd)
{
	int null;

	if (fd == FACTS_FD) {
		if (fcntl(fd, F_SETFD, 0) < 0)
			return -errno;
	} else if (dup2(fd, FACTS_FD) < 0) {
		return -errno;
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC); /* 3 is taken now */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	return 0;
}

/* The folder that this program lies in; false where it cannot be told. */
static bool own_folder(char *ret_dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", ret_dir, size - 1);
	char *slash;

	if (n <= 0)
		return false;
	ret_dir[n] = '\0';
	slash = strrchr(ret_dir, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* What a helper's libraries are not to hear of: whom to ask (http_proxy), what
 * to load (LD_PRELOAD), where to write (SSLKEYLOGFILE), in which language. */
static const char *const clean[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
				     "LC_ALL=C", "HOME=/", NULL };

static int open_in(const char *dir, const char *below, const char *name)
{
	char path[1200];
	int n = snprintf(path, sizeof(path), "%s%s/%s", dir, below, name);
	int fd;

	if ((size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Its descriptor, or negative errno: -ENOENT where there is none. */
static int open_program(const char *name, char *ret_dir, size_t size)
{
	static const char *const below[] = { "", "/libexec", "/../libexec/hale",
					     "/../libexec" };
	const char *given = secure_getenv("HALE_EXEC_PATH");
	int r = -ENOENT;

	if (given && given[0]) {
		hale_copy(ret_dir, size, given, strlen(given));
		return open_in(ret_dir, "", name);
	}
	if (!own_folder(ret_dir, size))
		return -ENOENT;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(below) && r == -ENOENT; i++)
		r = open_in(ret_dir, below[i], name);
	return r;
}

/* Returns only where it cannot be run. */
static int become(int fd, char *const *argv)
{
	execveat(fd, "", argv, (char *const *)(uintptr_t)clean, AT_EMPTY_PATH);
	return -errno;
}

int host_exec_program(const char *name, char *const *argv, char *ret_dir,
		      size_t size)
{
	_cleanup_fd_ int fd = open_program(name, ret_dir, size);

	return fd < 0 ? fd : become(fd, argv);
}

/* "/usr/local/sbin" to "/usr/local/libexec/hale", for people. */
static void name_folder(char *dir, size_t size)
{
	static const char installed[] = "libexec/hale";
	char *last = strrchr(dir, '/');

	if (last && (strcmp(last, "/sbin") == 0 || strcmp(last, "/bin") == 0))
		hale_copy(last + 1, size - (size_t)(last + 1 - dir), installed,
			  sizeof(installed));
}

static void tell_missing(const struct hale_driver *driver, struct hale_probe *p,
			 const char *dir)
{
	char why[128];

	snprintf(why, sizeof(why), "%.90s/hale-probe-%s is missing", dir,
		 driver->name);
	for (int i = 0; i < HALE_SENSE_COUNT; i++) {
		if ((driver->senses & 1U << i) != 0)
			hale_emit_coverage(p, (enum hale_sense)i,
					   HALE_SIGHT_BLIND, why,
					   "install all of hale's programs, "
					   "also those of libexec");
	}
}

int host_exec(const struct hale_driver *driver, struct hale_probe *p,
	      const struct sandbox_user *user, int fd)
{
	static struct args a; /* a child has one job */
	_cleanup_fd_ int program = -1;
	char dir[1024] = "";
	char name[64];
	int r;

	snprintf(name, sizeof(name), "hale-probe-%s", driver->name);
	add(&a, name);
	tell_job(&a, p);
	r = take_descriptors(fd);
	/* Before the rights go: it may lie below a folder of root's own. */
	program = r < 0 ? r : open_program(name, dir, sizeof(dir));
	if (program == -ENOENT) {
		name_folder(dir, sizeof(dir));
		tell_missing(driver, p, dir);
	}
	r = program < 0 ? program : host_confine(driver, user);
	return r < 0 ? r : become(program, a.list);
}
