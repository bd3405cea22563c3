/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs what a build's output says was a compiler's command. Decides whether it
 * may: an output is text that a test, a download or a container may have
 * printed, so nothing of it runs but a compiler by name, from a file that root
 * or this user owns and nobody else may write, without a shell, as this user,
 * from a folder and on a source that are there. Its outputs go to a folder of
 * its own (crash_rewrite.c); where the kernel has Landlock it can write nowhere
 * else, whatever its options say. Must never touch what the build made.
 */
#include "crash_run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hale/base.h"
#include "hale/text.h"

#include "words.h"

/* The biggest translation units that were seen take minutes. */
#define TIME_NS (10 * 60 * HALE_NS_PER_S)
/* What one may write: debug information of the biggest is 2 GiB. */
#define FILE_BYTES (4 * HALE_GIB)

static int refuse(char ret_why[HALE_EVIDENCE_MAX], const char *what,
		  const char *name)
{
	char text[HALE_EVIDENCE_MAX];

	snprintf(text, sizeof(text), "%s %.96s", what, name);
	hale_print_text(ret_why, HALE_EVIDENCE_MAX, text, strlen(text));
	return -EPERM;
}

/* --- which program
 * ------------------------------------------------------------------ */

static bool is_trusted(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       (st.st_mode & (S_IWGRP | S_IWOTH | S_ISUID | S_ISGID)) == 0 &&
	       access(path, X_OK) == 0;
}

static bool find_in_path(const char *name, char ret[HALE_PATH_MAX])
{
	const char *at = getenv("PATH");

	while (at && *at) {
		size_t len = strcspn(at, ":");

		/* relative folders are the output's word against ours */
		if (at[0] == '/' && len + strlen(name) + 2 <= HALE_PATH_MAX) {
			snprintf(ret, HALE_PATH_MAX, "%.*s/%s", (int)len, at,
				 name);
			if (access(ret, X_OK) == 0)
				return is_trusted(ret);
		}
		at += len + (at[len] == ':');
	}
	return false;
}

static bool find_program(const char *name, char ret[HALE_PATH_MAX])
{
	if (!crash_tool_is_known(name))
		return false;
	if (!strchr(name, '/'))
		return find_in_path(name, ret);
	return name[0] == '/' &&
	       hale_copy(ret, HALE_PATH_MAX, name, strlen(name)) &&
	       is_trusted(ret);
}

/* --- on what
 * -------------------------------------------------------------------------- */

static bool is_source(const char *word)
{
	static const char *const ends[] = {
		".c",  ".cc", ".cpp", ".cxx", ".C",   ".i",   ".ii",
		".s",  ".S",  ".m",   ".mm",  ".f",   ".f90", ".rs",
		".go", ".o",  ".a",   ".d",   ".adb", ".F90"
	};
	const char *dot = strrchr(word, '.');

	for (size_t i = 0; dot && i < HALE_ARRAY_SIZE(ends); i++) {
		if (strcmp(dot, ends[i]) == 0)
			return word[0] != '-';
	}
	return false;
}

/* Is all of its input there? Intermediate files of /tmp are gone by now. */
static bool has_input(char *const *words, const char *cwd)
{
	char path[2 * HALE_PATH_MAX];
	bool any = false;

	for (size_t i = 1; words[i]; i++) {
		if (!is_source(words[i]) || strcmp(words[i - 1], "-o") == 0)
			continue;
		snprintf(path, sizeof(path), "%s%s%s",
			 words[i][0] == '/' ? "" : cwd,
			 words[i][0] == '/' ? "" : "/", words[i]);
		if (access(path, R_OK) < 0)
			return false;
		any = true;
	}
	return any;
}

static int make_folder(char ret[HALE_PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || tmp[0] != '/' || strlen(tmp) > HALE_PATH_MAX - 40)
		tmp = "/tmp";
	snprintf(ret, HALE_PATH_MAX, "%s/hale-retest-XXXXXX", tmp);
	return mkdtemp(ret) ? 0 : -errno;
}

static int prepare(const struct crash_found *found, const char *here,
		   char *ret_why, struct crash_run *ret)
{
	HALE_SET(ret->cwd, found->cwd[0] == '/' ? found->cwd : here);
	if (!find_program(found->words[0], ret->program))
		return refuse(ret_why,
			      "not a compiler that may be run from an output:",
			      found->words[0]);
	if (!has_input(found->words, ret->cwd))
		return refuse(ret_why, "its input is not there, below",
			      ret->cwd);
	return crash_rewrite(found->words, ret->dir, here, ret_why,
			     &ret->words);
}

int crash_run_new(const struct crash_found *found,
		  char ret_why[HALE_EVIDENCE_MAX], struct crash_run *ret)
{
	char here[HALE_PATH_MAX];
	int r;

	*ret = (struct crash_run){ 0 };
	if (!getcwd(here, sizeof(here)) || make_folder(ret->dir) < 0) {
		ret->dir[0] = '\0';
		return refuse(ret_why, "there is no room for its output:",
			      strerror(errno));
	}
	r = prepare(found, here, ret_why, ret);
	if (r < 0)
		crash_run_done(ret);
	return r;
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path) < 0 ? -errno : 0;
}

void crash_run_done(struct crash_run *r)
{
	if (r->dir[0] != '\0')
		nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	r->words = words_free(r->words);
	r->dir[0] = '\0';
}

/* --- in the child
 * ------------------------------------------------------------------------ */

#define WRITES                                                                 \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |       \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |           \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |         \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static void allow(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr a = { .allowed_access = access };
	int fd = open(path, O_PATH | O_CLOEXEC);

	a.parent_fd = fd;
	if (fd >= 0)
		syscall(SYS_landlock_add_rule, rules,
			LANDLOCK_RULE_PATH_BENEATH, &a, 0);
	if (fd >= 0)
		close(fd);
}

/* Kernels from 5.13 that were told to; without it the options alone bar. */
static void bar_writes(const char *dir)
{
	struct landlock_ruleset_attr a = { .handled_access_fs = WRITES };
	_cleanup_fd_ int rules =
		(int)syscall(SYS_landlock_create_ruleset, &a, sizeof(a), 0);

	if (rules < 0)
		return;
	allow(rules, dir, WRITES);
	allow(rules, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
	syscall(SYS_landlock_restrict_self, rules, 0);
}

static int confine(void *data)
{
	const struct crash_run *r = data;
	struct rlimit none = { 0, 0 }, file = { FILE_BYTES, FILE_BYTES };

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &file);
	if (setenv("TMPDIR", r->dir, 1) < 0 || unsetenv("GCC_EXEC_PREFIX") < 0)
		return -ENOMEM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	bar_writes(r->dir);
	return 0;
}

void crash_run_once(const struct crash_run *r, char *output, size_t room,
		    struct aside_end *ret)
{
	struct crash_run copy = *r;
	struct aside a = { .command = r->words,
			   .program = r->program,
			   .cwd = r->cwd,
			   .timeout_ns = TIME_NS,
			   .output = output,
			   .room = room,
			   .confine = confine,
			   .data = &copy };

	aside_run(&a, ret);
}
