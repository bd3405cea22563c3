/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_BUILD_RULES_H
#define HALE_RUN_BUILD_RULES_H

/*
 * Rule files for build output beside the built-in ones: those that are named,
 * then those of a folder in the order of their names. They are asked before
 * drivers/build.rules, so that a host can teach hale its own tools.
 */

#include "hale/rules.h"

#define BUILD_RULES_DIR	  "/etc/hale/build.rules.d"
#define BUILD_RULES_FILES 64

struct build_rules {
	struct hale_rules_source sources[BUILD_RULES_FILES];
	size_t n;
};

/**
 * build_rules_load() - read rule files for classify_new()
 * @dir: NULL or a folder that need not be there; its files end in ".rules"
 * @ret_error: where it fails, one line that names the file
 *
 * Files of more than 1 MiB, more than BUILD_RULES_FILES of them, and what is
 * no file are refused. Names and texts are the caller's until _done().
 *
 * Return: 0 or negative errno, then there is nothing to free.
 */
int build_rules_load(struct build_rules *rules, const char *dir,
		     const char *const *files, size_t n, char ret_error[256]);
void build_rules_done(struct build_rules *rules);

#endif
