/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs what a build's output says was a compiler's command. Decides whether it
 * may: an output is text that a test, a download or a container may have
 * printed, so nothing of it runs but a compiler by name and in truth, from a
 * file that root owns, or this user where PATH leads to it, and nobody else may
 * write, without a shell, as this user, from a folder and on a source that are
 * there. Its outputs go to a folder of its own (crash_rewrite.c); by Landlock
 * (Linux 5.13 that was told to) it can write nowhere else, whatever its options
 * say, and without that nothing runs. Must never touch what the build made.
 */
#include "crash_run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/text.h"

#include "crash_confine.h"
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

static bool is_trusted(const char *path, bool also_ours)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_uid == 0 || (also_ours && st.st_uid == geteuid())) &&
	       (st.st_mode & (S_IWGRP | S_IWOTH | S_ISUID | S_ISGID)) == 0 &&
	       access(path, X_OK) == 0;
}

/* Does a compiler's name lead to a compiler? A link of that name to a shell is
 * a shell; one to ccache would answer from its cache. rustup runs rustc. */
static bool leads_to_tool(const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	const char *slash;

	if (!real)
		return false;
	slash = strrchr(real, '/');
	if (strcmp(slash, "/rustup") == 0)
		return strcmp(strrchr(path, '/'), "/rustc") == 0;
	return crash_tool_is_known(real);
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
			if (access(ret, X_OK) == 0 && leads_to_tool(ret))
				return is_trusted(ret, true);
		}
		at += len + (at[len] == ':');
	}
	return false;
}

/* Where systems put what is installed, and builds nothing. */
static bool is_installed(const char *path)
{
	static const char *const places[] = { "/usr/", "/opt/", "/nix/store/",
					      "/gnu/store/" };
	_cleanup_free_ char *real = realpath(path, NULL);

	for (size_t i = 0; real && i < HALE_ARRAY_SIZE(places); i++) {
		if (strncmp(real, places[i], strlen(places[i])) == 0)
			return true;
	}
	return false;
}

/* A file that PATH does not lead to may be what an archive brought along: by
 * its path alone only what is installed is run. */
static bool find_program(const char *name, char ret[HALE_PATH_MAX])
{
	const char *slash = strrchr(name, '/');

	if (!crash_tool_is_known(name))
		return false;
	if (!slash)
		return find_in_path(name, ret);
	if (name[0] != '/' ||
	    !hale_copy(ret, HALE_PATH_MAX, name, strlen(name)))
		return false;
	if (leads_to_tool(name) && is_installed(name) &&
	    is_trusted(name, false))
		return true;
	return find_in_path(slash + 1, ret) && strcmp(ret, name) == 0;
}

/* What it reads there unasked (a toolchain's file, a specs file) is ours. */
static bool is_our_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       (st.st_mode & S_IWOTH) == 0;
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
	if (!is_our_folder(ret->cwd))
		return refuse(ret_why, "not a folder of this user:", ret->cwd);
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
	if (!crash_can_confine())
		return refuse(ret_why, "to run it again safely needs",
			      "Landlock");
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
	return crash_confine(r->dir);
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
