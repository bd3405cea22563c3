/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CRASH_TOOL_H
#define HALE_RUN_CRASH_TOOL_H

/*
 * The command of a compiler that crashed: found in a build's output, and made
 * safe to be run again. Pure but for memory. See crash_run.c for what may run.
 */

#include <stdbool.h>
#include <stddef.h>

#include "hale/observation.h"

/* "cc1plus", "x86_64-linux-gnu-gcc-12", "/usr/bin/ld.gold", "rustc"; a comm cut
 * at 15 bytes as well. crash_tool.c */
bool crash_tool_is_known(const char *name);
/* Does an output tell of a crashed compiler or linker? */
bool crash_is_told(const char *text, size_t len);

struct crash_found {
	char **words;		     /* words_free(); NULL: none was found */
	char cwd[HALE_PATH_MAX];     /* as the output says; "": not said */
	bool passed;		     /* gcc ran it again itself: no crash */
	char why[HALE_EVIDENCE_MAX]; /* there are no words: why not */
};

/**
 * crash_find() - the command that crashed, out of a build's output
 * @text: @len bytes, which anybody may have written.
 *
 * Return: 0, also where there is none; -ENOMEM.
 */
int crash_find(const char *text, size_t len, struct crash_found *ret);

/* Is word @i known to do nothing but compile? @cwd: absolute. crash_allow.c */
bool crash_word_allowed(char *const *words, size_t i, const char *cwd);

/**
 * crash_rewrite() - the same, but all that it writes goes to a folder
 * @words: as crash_find() gave them.
 * @dir: absolute; what it makes goes there.
 * @cwd: absolute; libraries that a compiler loads come from below it.
 * @ret_words: words_free().
 *
 * Return: 0, -ENOMEM, or -EPERM: it could run something else, or write
 * elsewhere; @ret_why names the word.
 */
int crash_rewrite(char *const *words, const char *dir, const char *cwd,
		  char ret_why[HALE_EVIDENCE_MAX], char ***ret_words);

#endif
